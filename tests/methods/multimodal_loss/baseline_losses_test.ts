// The baselines SUM and NN against their definitions.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { linearFusionLoss } from "braid/methods/multimodal_loss/linear_fusion_loss.ts";
import { sumFusionLoss } from "braid/methods/multimodal_loss/sum_fusion_loss.ts";
import { closeTo, numbersOf } from "../../engine/engines.ts";
import { examples } from "../../losses/decisions.ts";
import { checkGradient, close, crossEntropy, leavesNothing, type Matrix, mean, value } from "../../losses/reference.ts";
import { linearByLoop } from "../../nn/reference.ts";

const int = (labels: number[]) => tf.tensor1d(labels, "int32");

const sums = (e: number[], classes: number, modalities: number) =>
  Array.from({ length: classes }, (_, c) => {
    let sum = 0;
    for (let m = 0; m < modalities; m++) sum += e[m * classes + c];
    return sum;
  });

Deno.test("sumFusionLoss() adds each class's probabilities over the modalities; value, logits, gradient", async () => {
  for (const { probabilities, labels, options: { classes, modalities } } of examples) {
    const layout = { classes, modalities };
    const byLoop = (e: Matrix) => mean(e.map((row, i) => crossEntropy(sums(row, classes, modalities), labels[i])));
    const { value: loss, logits } = sumFusionLoss(tf.tensor2d(probabilities), int(labels), layout);
    close(await value(loss), byLoop(probabilities));
    closeTo(numbersOf(logits), probabilities.flatMap((row) => sums(row, classes, modalities)));
    await checkGradient((x) => sumFusionLoss(x, int(labels), layout).value, byLoop, probabilities);
  }
});

Deno.test("linearFusionLoss() is a linear layer and cross-entropy; value, logits, gradients", async () => {
  const [{ probabilities, labels }] = examples, weight = [[1, -2, 0.5, 0, 3, -1], [0.25, 1, -1, 2, 0, 0.5]];
  const bias = [0.3, -0.2];
  const logits = (e: Matrix, v: Matrix, [b]: Matrix) => e.map((row) => linearByLoop(row, v, b));
  const byLoop = (e: Matrix, v: Matrix, b: Matrix) =>
    mean(logits(e, v, b).map((row, i) => crossEntropy(row, labels[i])));
  const lossOf = (e: tf.Tensor2D, v: tf.Tensor2D, b: tf.Tensor) =>
    linearFusionLoss(e, v, tf.reshape(b, [2]) as tf.Tensor1D, int(labels));
  const [e, v, b] = [tf.tensor2d(probabilities), tf.tensor2d(weight), tf.tensor1d(bias)];
  close(await value(lossOf(e, v, b).value), byLoop(probabilities, weight, [bias]));
  closeTo(numbersOf(lossOf(e, v, b).logits), logits(probabilities, weight, [bias]).flat());
  await checkGradient((x) => lossOf(x, v, b).value, (x) => byLoop(x, weight, [bias]), probabilities);
  await checkGradient((x) => lossOf(e, x, b).value, (x) => byLoop(probabilities, x, [bias]), weight);
  await checkGradient((x) => lossOf(e, v, x).value, (x) => byLoop(probabilities, weight, x), [bias]);
});

Deno.test("sums stay below the number of modalities, so SUM's loss stays above log(1 + (C - 1) exp(-M))", async () => {
  const sure = tf.tensor2d([[1, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 1]]);
  const { value: loss } = sumFusionLoss(sure, int([0, 2]), { classes: 3, modalities: 2 });
  close(await value(loss), Math.log(1 + 2 * Math.exp(-2)));
});

Deno.test("the baselines say what is wrong with their input", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), labels = int([0, 1, 1, 0]), layout = { classes: 2, modalities: 3 };
  assert.throws(() => sumFusionLoss(e, labels, { ...layout, modalities: 2 }), /shape \[batch,4\].*got \[4,6\]/);
  assert.throws(() => sumFusionLoss(e, labels, { ...layout, classes: 1 }), /classes to be an integer of at least 2/);
  assert.throws(() => sumFusionLoss(e, int([0]), layout), /labels of shape \[4\]/);
  assert.throws(() => sumFusionLoss(tf.ones([0, 6]), int([]), layout), /at least 1 sample, got none/);
  const weight = tf.ones<tf.Rank.R2>([2, 6]), bias = tf.ones<tf.Rank.R1>([2]);
  const row = tf.ones([6]) as unknown as tf.Tensor2D;
  assert.throws(() => linearFusionLoss(row, weight, bias, labels), /\[batch, modalities · classes\], got \[6\]/);
  assert.throws(() => linearFusionLoss(e, tf.ones([2, 5]), bias, labels), /5 entries.*got \[4,6\]/);
  assert.throws(() => linearFusionLoss(e, weight, bias, tf.tensor1d([0, 1, 1, 0])), TypeError);
  assert.throws(() => linearFusionLoss(tf.ones([0, 6]), weight, bias, int([])), /at least 1 sample, got none/);
});

Deno.test("the baselines leave no tensor behind", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), labels = int([0, 1, 1, 0]);
  const weight = tf.ones<tf.Rank.R2>([2, 6]), bias = tf.ones<tf.Rank.R1>([2]);
  leavesNothing(() => ({ ...sumFusionLoss(e, labels, { classes: 2, modalities: 3 }) }));
  leavesNothing(() => ({ ...linearFusionLoss(e, weight, bias, labels) }));
});
