import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mixEmbeddings } from "braid/losses/mix_embeddings.ts";
import { int, mixedByLoop, partners } from "./mixing_reference.ts";
import { a, close, leavesNothing } from "./reference.ts";

const x = tf.tensor2d(a), pi = int(partners), drawn = [0.3, 0.6, 0, 0.85];
const lambda = tf.tensor1d(drawn), uniform = tf.tensor1d([0.2, 0.9, 0.5, 0.51]);

Deno.test("mixEmbeddings() mixes the samples whose draw is at most the threshold, and reports the shares used", async () => {
  for (
    const [threshold, used] of [[0.5, [0.3, 1, 0, 1]], [1, drawn], [0, [1, 1, 1, 1]], [0.2, [0.3, 1, 1, 1]]] as const
  ) {
    const got = mixEmbeddings(x, pi, lambda, tf.tensor1d([0.125, 0.9, 0.5, 0.51]), { threshold });
    (await got.lambda.data()).forEach((share, i) => close(share, used[i], 1e-6));
    const want = mixedByLoop(a, partners, [...used]).flat();
    (await got.mixed.data()).forEach((value, i) => close(value, want[i], 1e-6));
  }
});

Deno.test("mixEmbeddings() mixes about half unless told", async () => {
  assert.deepEqual(await mixEmbeddings(x, pi, tf.zeros([4]), uniform).lambda.array(), [0, 1, 0, 1]);
});

Deno.test("mixEmbeddings() mixes with the partner as it was, not as it is mixed, and leaves its input alone", async () => {
  const { mixed } = mixEmbeddings(x, int([1, 2, 3, 0]), tf.zeros([4]), tf.zeros([4]));
  assert.deepEqual(await mixed.array(), [a[1], a[2], a[3], a[0]]);
  assert.deepEqual(await x.array(), a);
});

Deno.test("mixEmbeddings() takes inputs of any rank, a sample that is its own partner, and one sample", async () => {
  const images = tf.range(0, 24).reshape([2, 3, 4, 1]);
  const { mixed } = mixEmbeddings(images, int([1, 1]), tf.tensor1d([0, 0.5]), tf.zeros([2]));
  assert.deepEqual(mixed.shape, images.shape);
  assert.deepEqual([...await mixed.data()], [...Array(24).keys()].map((i) => i % 12 + 12));
  const one = mixEmbeddings(tf.tensor1d([3]), int([0]), tf.tensor1d([0.25]), tf.zeros([1]));
  assert.deepEqual(await one.mixed.array(), [3]);
});

Deno.test("mixEmbeddings() hands each sample's gradient its two shares", async () => {
  const first = (x: tf.Tensor) => mixEmbeddings(x, pi, tf.fill([4], 0.25), uniform).mixed.slice([0], [1]).sum();
  assert.deepEqual(await tf.grad(first)(x).array(), [[0.25, 0.25, 0.25], [0, 0, 0], [0.75, 0.75, 0.75], [0, 0, 0]]);
});

Deno.test("mixEmbeddings() says what is wrong with its input", () => {
  assert.throws(() => mixEmbeddings(tf.scalar(1), pi, lambda, uniform), /\[batch, …\], got a scalar/);
  assert.throws(
    () => mixEmbeddings(x, int([0]), lambda, uniform),
    /permutation of shape \[4\], one per sample, got \[1\]/,
  );
  assert.throws(() => mixEmbeddings(x, tf.tensor1d(partners), lambda, uniform), TypeError);
  assert.throws(() => mixEmbeddings(x, pi, tf.ones([3]), uniform), /lambda of shape \[4\], one per sample, got \[3\]/);
  assert.throws(() => mixEmbeddings(x, pi, lambda, tf.ones([5])), /uniform of shape \[4\], one per sample, got \[5\]/);
  for (const threshold of [-0.1, 1.1, NaN]) {
    assert.throws(
      () => mixEmbeddings(x, pi, lambda, uniform, { threshold }),
      /threshold to be a share in \[0, 1\], got/,
    );
  }
});

Deno.test("mixEmbeddings() leaves no tensor behind", () => {
  leavesNothing(() => ({ ...mixEmbeddings(x, pi, lambda, uniform) }));
});
