import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mixupCrossEntropy } from "braid/losses/mixup_cross_entropy.ts";
import {
  a,
  checkGradient,
  close,
  crossEntropy,
  leavesNothing,
  type Matrix,
  mean,
  scaled,
  unchecked,
  value,
} from "./reference.ts";

const own = [0, 1, 2, 2], partner = [2, 1, 0, 1];
const int = (values: number[]) => tf.tensor1d(values, "int32");
const byLoop = (logits: Matrix, weight: number) =>
  mean(logits.map((row, i) => weight * crossEntropy(row, own[i]) + (1 - weight) * crossEntropy(row, partner[i])));
const loss = (logits: Matrix, lambda: number, partial?: boolean) =>
  value(mixupCrossEntropy(tf.tensor2d(logits), int(own), int(partner), tf.scalar(lambda), { partial }));

Deno.test("mixupCrossEntropy() weighs the cross-entropies of both labels", async () => {
  for (const lambda of [0, 0.3, 1]) {
    close(await loss(a, lambda), byLoop(a, lambda));
    close(await loss(a, lambda, true), byLoop(a, (1 + lambda) / 2));
  }
});

Deno.test("mixupCrossEntropy() is exact for huge logits", async () => {
  close(await loss(scaled(a, 1000), 0.3), byLoop(scaled(a, 1000), 0.3));
});

Deno.test("mixupCrossEntropy() has the gradient of its definition", async () => {
  await checkGradient(
    (x) => mixupCrossEntropy(x, int(own), int(partner), tf.scalar(0.3), { partial: true }),
    (x) => byLoop(x, 0.65),
    a,
  );
});

Deno.test("mixupCrossEntropy() says what is wrong with its input", () => {
  const logits = tf.tensor2d(a), lambda = tf.scalar(0.5);
  assert.throws(
    () => mixupCrossEntropy(unchecked([3]), int(own), int(partner), lambda),
    /\[batch, classes\], got \[3\]/,
  );
  assert.throws(() => mixupCrossEntropy(tf.ones([4, 1]), int(own), int(partner), lambda), /at least 2 classes, got 1/);
  assert.throws(() => mixupCrossEntropy(logits, int([0]), int(partner), lambda), /labelsA of shape \[4\]/);
  assert.throws(() => mixupCrossEntropy(logits, int(own), int([0]), lambda), /labelsB of shape \[4\]/);
  assert.throws(() => mixupCrossEntropy(logits, tf.tensor1d(own), int(partner), lambda), TypeError);
  assert.throws(() => mixupCrossEntropy(logits, int(own), int(partner), tf.ones([2])), /lambda to be a scalar/);
});

Deno.test("mixupCrossEntropy() leaves no tensor behind", () => {
  const logits = tf.tensor2d(a), labels = int(own), lambda = tf.scalar(0.5);
  leavesNothing(() => mixupCrossEntropy(logits, labels, labels, lambda));
});
