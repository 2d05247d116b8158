import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { maskedConcat } from "braid/methods/dmrnet/masked_concat.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";
import { leavesNothing } from "../../losses/reference.ts";

await useEngine();
const mask = tf.tensor2d([[1, 0, 1], [0, 1, 0], [1, 1, 1], [0, 0, 0]], undefined, "int32");
const kept = mask.arraySync() as number[][];

Deno.test("maskedConcat() puts vectors of any widths side by side, zeros for what is missing", () => {
  const features = [2, 3, 1].map((width, m) => wave<tf.Rank.R2>([4, width], m));
  const rows = features.map((x) => x.arraySync() as number[][]);
  const want = kept.map((row, i) => row.flatMap((delta, m) => rows[m][i].map((value) => delta ? value : 0)));
  assert.deepEqual(maskedConcat(features, mask).add(0).arraySync(), want); // -0 + 0 is 0
});

Deno.test("maskedConcat() joins maps along their channels", () => {
  const maps = [2, 1, 2].map((channels, m) => wave<tf.Rank.R4>([4, 2, 3, channels], m));
  const want = tf.tidy(() => {
    const perSample = kept.map((row, i) => tf.concat(row.map((delta, m) => maps[m].slice(i, 1).mul(delta)), 3));
    return tf.concat(perSample, 0);
  });
  closeTo(numbersOf(maskedConcat(maps, mask)), numbersOf(want), 1e-6);
  assert.deepEqual(maskedConcat(maps, mask).shape, [4, 2, 3, 5]);
});

Deno.test("a masked modality gets no gradient", () => {
  const features = [2, 2, 2].map((width, m) => wave<tf.Rank.R2>([4, width], m)), weights = wave([4, 6], 9);
  const gradients = tf.grads((...x: tf.Tensor[]) => maskedConcat(x, mask).mul(weights).sum())(features);
  const slices = tf.split(weights, 3, 1).map((slice) => slice.arraySync() as number[][]);
  gradients.forEach((gradient, m) =>
    closeTo(numbersOf(gradient), kept.flatMap((row, i) => slices[m][i].map((w) => w * row[m])), 1e-6)
  );
});

Deno.test("maskedConcat() takes one modality, one sample and none", () => {
  const one = (batch: number) => tf.ones<tf.Rank.R2>([batch, 1], "int32");
  assert.deepEqual(maskedConcat([tf.tensor2d([[5]])], one(1)).arraySync(), [[5]]);
  assert.deepEqual(maskedConcat([tf.zeros<tf.Rank.R2>([0, 2])], one(0)).shape, [0, 2]);
});

Deno.test("maskedConcat() refuses what would broadcast, and says what it got", () => {
  const x = tf.ones<tf.Rank.R2>([4, 2]), two = tf.ones<tf.Rank.R2>([4, 2], "int32");
  assert.throws(() => maskedConcat([], two), /at least one modality, got none/);
  assert.throws(() => maskedConcat([x, x, x], two), /mask of shape \[4,3\], got \[4,2\]/);
  assert.throws(() => maskedConcat([x, x], tf.ones([1, 2])), /mask of shape \[4,2\], got \[1,2\]/);
  assert.throws(() => maskedConcat([x, tf.ones<tf.Rank.R2>([1, 2])], two), /one batch and rank, got \[4,2\], \[1,2\]/);
  assert.throws(() => maskedConcat<tf.Tensor>([x, tf.ones([4, 2, 2])], two), /got \[4,2\], \[4,2,2\]/);
  assert.throws(() => maskedConcat([tf.ones([4]), tf.ones([4])], two), /\[batch, …, dim\].*got \[4\], \[4\]/);
});

Deno.test("maskedConcat() leaves no tensor behind", () => {
  const features = [1, 2, 3].map((width) => wave<tf.Rank.R2>([4, width]));
  leavesNothing(() => maskedConcat(features, mask));
});
