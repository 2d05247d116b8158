import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { crossEntropies } from "braid/losses/cross_entropies.ts";
import { a, checkGradient, close, crossEntropy, leavesNothing, scaled, unchecked } from "./reference.ts";

const targets = [2, 0, 1, 1], labels = tf.tensor1d(targets, "int32");

Deno.test("crossEntropies() is the cross-entropy of each row, however large its logits", async () => {
  for (const scale of [1, 1e-6, 1e4]) {
    const got = await crossEntropies(tf.tensor2d(scaled(a, scale)), labels).data();
    got.forEach((loss, i) => close(loss, crossEntropy(scaled(a, scale)[i], targets[i])));
  }
});

Deno.test("crossEntropies() takes one sample and none", async () => {
  const int = (values: number[]) => tf.tensor1d(values, "int32");
  close((await crossEntropies(tf.tensor2d([[1, 3]]), int([1])).data())[0], Math.log(1 + Math.exp(-2)));
  assert.deepEqual(crossEntropies(tf.zeros([0, 3]), int([])).shape, [0]);
});

Deno.test("crossEntropies() has the gradient of its definition, row by row", async () => {
  const weights = [1, -2, 0, 3];
  await checkGradient(
    (x) => tf.sum(crossEntropies(x, labels).mul(weights)) as tf.Scalar,
    (x) => x.reduce((sum, row, i) => sum + weights[i] * crossEntropy(row, targets[i]), 0),
    a,
  );
});

Deno.test("crossEntropies() says what is wrong with its input", () => {
  assert.throws(() => crossEntropies(unchecked([4]), labels), /\[batch, classes\], got \[4\]/);
  assert.throws(() => crossEntropies(tf.ones([3, 2]), labels), /labels of shape \[3\], one per sample, got \[4\]/);
  assert.throws(() => crossEntropies(tf.ones([4, 2]), tf.ones([4])), {
    name: "TypeError",
    message: /labels to be int32/,
  });
});

Deno.test("crossEntropies() leaves no tensor behind", () => {
  const logits = tf.tensor2d(a);
  leavesNothing(() => crossEntropies(logits, labels));
});
