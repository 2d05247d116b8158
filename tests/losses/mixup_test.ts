import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mixup } from "braid/losses/mixup.ts";
import { a, close, leavesNothing, value } from "./reference.ts";

const int = (values: number[]) => tf.tensor1d(values, "int32");
const x = tf.tensor2d(a), labels = int([5, 6, 7, 70_000]), permutation = [2, 1, 3, 0];

Deno.test("mixup() weighs each sample with its partner and returns the partner's label", async () => {
  const { mixed, labelsB } = mixup(x, labels, int(permutation), tf.scalar(0.25));
  (await mixed.array()).forEach((row, i) =>
    row.forEach((got, d) => close(got, 0.25 * a[i][d] + 0.75 * a[permutation[i]][d], 1e-6))
  );
  assert.deepEqual(await labelsB.array(), [7, 6, 70_000, 5]);
  assert.equal(labelsB.dtype, "int32");
});

Deno.test("mixup() keeps all samples at lambda 1 and swaps them at 0", async () => {
  assert.deepEqual(await mixup(x, labels, int(permutation), tf.scalar(1)).mixed.array(), a);
  assert.deepEqual(await mixup(x, labels, int(permutation), tf.scalar(0)).mixed.array(), permutation.map((i) => a[i]));
});

Deno.test("mixup() takes inputs of any rank and one sample", async () => {
  const images = tf.range(0, 24).reshape([2, 3, 4, 1]);
  const { mixed } = mixup(images, int([0, 1]), int([1, 0]), tf.scalar(0));
  assert.deepEqual(mixed.shape, [2, 3, 4, 1]);
  assert.deepEqual([...await mixed.data()], [...Array(24).keys()].map((i) => (i + 12) % 24));
  assert.deepEqual(await mixup(tf.ones([1, 2]), int([3]), int([0]), tf.scalar(0.4)).mixed.array(), [[1, 1]]);
});

Deno.test("mixup() hands each sample's gradient its two shares", async () => {
  const sumOfFirst = (x: tf.Tensor) => mixup(x, labels, int(permutation), tf.scalar(0.25)).mixed.slice([0], [1]).sum();
  const gradient = await tf.grad(sumOfFirst)(x).array();
  assert.deepEqual(gradient, [[0.25, 0.25, 0.25], [0, 0, 0], [0.75, 0.75, 0.75], [0, 0, 0]]);
  const inLambda = tf.grad((lambda) =>
    mixup(x, labels, int(permutation), lambda as tf.Scalar).mixed.slice([0, 0], [1, 1]).sum()
  );
  close(await value(inLambda(tf.scalar(0.5))), a[0][0] - a[2][0]);
});

Deno.test("mixup() says what is wrong with its input", () => {
  const lambda = tf.scalar(0.5), order = int(permutation);
  assert.throws(() => mixup(tf.scalar(1), labels, order, lambda), /\[batch, …\], got a scalar/);
  assert.throws(() => mixup(x, int([1]), order, lambda), /labels of shape \[4\], one per sample, got \[1\]/);
  assert.throws(() => mixup(x, labels, int([0, 1]), lambda), /permutation of shape \[4\], one per sample, got \[2\]/);
  assert.throws(() => mixup(x, labels, tf.tensor1d(permutation), lambda), /permutation to be int32, got float32/);
  assert.throws(() => mixup(x, labels, order, tf.ones([4])), /lambda to be a scalar, got shape \[4\]/);
});

Deno.test("mixup() leaves no tensor behind", () => {
  const order = int(permutation), lambda = tf.scalar(0.5);
  leavesNothing(() => ({ ...mixup(x, labels, order, lambda) }));
});
