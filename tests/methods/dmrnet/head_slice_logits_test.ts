import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { headSliceLogits } from "braid/methods/dmrnet/head_slice_logits.ts";
import { linear } from "braid/nn/linear.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";
import { leavesNothing, unchecked } from "../../losses/reference.ts";

await useEngine();
const features = wave<tf.Rank.R2>([3, 6]), weight = wave<tf.Rank.R2>([4, 6], 1), bias = wave<tf.Rank.R1>([4], 2);

Deno.test("headSliceLogits() is the head on one modality's columns, with its share of the bias", () => {
  const [x, w, b] = [features.arraySync() as number[][], weight.arraySync() as number[][], numbersOf(bias)];
  for (const modalities of [1, 2, 3, 6]) {
    const width = 6 / modalities;
    const want = Array.from({ length: modalities }, (_, m) =>
      x.map((row) =>
        w.map((own, c) => {
          let sum = b[c] / modalities;
          for (let d = m * width; d < (m + 1) * width; d++) sum += row[d] * own[d];
          return sum;
        })
      ));
    const got = headSliceLogits(features, weight, bias, { modalities });
    assert.deepEqual(got.shape, [modalities, 3, 4]);
    closeTo(numbersOf(got), want.flat(2));
    closeTo(numbersOf(got.sum(0)), numbersOf(linear(features, weight, bias))); // they add up to the fused logits
  }
});

Deno.test("headSliceLogits() passes gradients back to features, weight and bias", () => {
  const weights = wave([2, 3, 4], 5);
  const gradients = tf.grads((f, w, b) =>
    headSliceLogits(f as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D, { modalities: 2 }).mul(weights).sum()
  )([features, weight, bias]);
  const g = weights.arraySync() as number[][][],
    x = features.arraySync() as number[][],
    w = weight.arraySync() as number[][];
  const half = (d: number) => d < 3 ? 0 : 1;
  const ofFeatures = x.map((row, i) =>
    row.map((_, d) => w.reduce((sum, own, c) => sum + own[d] * g[half(d)][i][c], 0))
  );
  const ofWeight = w.map((row, c) => row.map((_, d) => x.reduce((sum, own, i) => sum + own[d] * g[half(d)][i][c], 0)));
  const ofBias = w.map((_, c) => g.flat().reduce((sum, row) => sum + row[c] / 2, 0));
  [ofFeatures.flat(), ofWeight.flat(), ofBias].forEach((want, i) => closeTo(numbersOf(gradients[i]), want));
});

Deno.test("headSliceLogits() says what is wrong with its input", () => {
  const run = (f: tf.Tensor, w: tf.Tensor, b: tf.Tensor, modalities = 2) => () =>
    headSliceLogits(f as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D, { modalities });
  assert.throws(run(features, tf.ones([4, 5]), bias), /got \[3,6\], \[4,5\] and \[4\]/);
  assert.throws(run(features, weight, tf.ones([3])), /got \[3,6\], \[4,6\] and \[3\]/);
  assert.throws(run(unchecked([6]), weight, bias), /features \[batch, dim\].*got \[6\]/);
  assert.throws(run(features, unchecked([4]), bias), /a weight \[classes, dim\].*got \[3,6\], \[4\]/);
  for (const modalities of [0, 4, 1.5, -2]) {
    assert.throws(
      run(features, weight, bias, modalities),
      new RegExp(`6 features to be equal slices.*got ${modalities}`),
    );
  }
});

Deno.test("headSliceLogits() leaves no tensor behind", () => {
  leavesNothing(() => headSliceLogits(features, weight, bias, { modalities: 3 }));
});
