import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { clipLoss } from "braid/losses/clip_loss.ts";
import {
  a,
  b,
  checkGradient,
  close,
  crossEntropy,
  dot,
  exampleA,
  exampleB,
  leavesNothing,
  type Matrix,
  mean,
  unit,
  value,
} from "./reference.ts";

function clipByLoop(a: Matrix, b: Matrix, scale: number): number {
  const logits = a.map((u) => b.map((v) => scale * dot(unit(u), unit(v))));
  const rows = logits.map((row, i) => crossEntropy(row, i));
  const columns = logits.map((_, j) => crossEntropy(logits.map((row) => row[j]), j));
  return (mean(rows) + mean(columns)) / 2;
}

const clip = (x: Matrix, y: Matrix, scale: number) => clipLoss(tf.tensor2d(x), tf.tensor2d(y), tf.scalar(scale));

Deno.test("clipLoss() equals its definition", async () => {
  for (const scale of [1, 1 / 0.07, 100]) close(await value(clip(a, b, scale).value), clipByLoop(a, b, scale));
});

Deno.test("clipLoss() has the values of the worked example", async () => {
  close(await value(clip(exampleA, exampleB, 1).value), 0.601257, 1e-6);
  close(await value(clip(exampleA, exampleB, 1 / 0.07).value), 0.028473, 1e-6);
});

Deno.test("clipLoss() counts how often a row finds its partner", async () => {
  const swapped = [exampleA[1], exampleA[0], exampleA[2]];
  assert.equal(await value(clip(exampleA, exampleA, 1).accuracy), 1);
  close(await value(clip(exampleA, swapped, 1).accuracy), 1 / 3);
  const near = [[1, 0.1], [1, 0.2]], far = [[1, 0], [0, 1]]; // both near ones look for the first far one
  assert.equal(await value(clip(near, far, 1).accuracy), 0.5);
  assert.equal(await value(clip(far, near, 1).accuracy), 1);
});

Deno.test("clipLoss() has the gradient of its definition, in the embeddings and in the scale", async () => {
  const other = tf.tensor2d(b), scale = tf.scalar(3);
  await checkGradient((x) => clipLoss(x, other, scale).value, (x) => clipByLoop(x, b, 3), a);
  await checkGradient((x) => clipLoss(other, x, scale).value, (x) => clipByLoop(b, x, 3), a);
  const inScale = tf.grad((s) => clipLoss(tf.tensor2d(a), other, s as tf.Scalar).value)(scale);
  close(await value(inScale), (clipByLoop(a, b, 3.001) - clipByLoop(a, b, 2.999)) / 0.002, 1e-4);
});

Deno.test("clipLoss() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  assert.throws(() => clipLoss(x, tf.ones([2, 2]), tf.scalar(1)), /same shape/);
  assert.throws(() => clipLoss(tf.ones([1, 2]), tf.ones([1, 2]), tf.scalar(1)), /at least 2 samples/);
  assert.throws(() => clipLoss(x, x, tf.ones([1])), /logitScale to be a scalar, got shape \[1\]/);
});

Deno.test("clipLoss() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]), scale = tf.scalar(1);
  leavesNothing(() => ({ ...clipLoss(x, x, scale) }));
});
