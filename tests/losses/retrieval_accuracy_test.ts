import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { retrievalAccuracy } from "braid/losses/retrieval_accuracy.ts";
import { close, leavesNothing, type Matrix, scaled, value } from "./reference.ts";

const accuracy = (queries: Matrix, candidates: Matrix) =>
  value(retrievalAccuracy(tf.tensor2d(queries), tf.tensor2d(candidates)));
const basis: Matrix = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

Deno.test("retrievalAccuracy() is 1 for partners, 0 for strangers, and counts in between", async () => {
  assert.equal(await accuracy(basis, basis), 1);
  assert.equal(await accuracy(basis, [basis[1], basis[2], basis[0]]), 0);
  close(await accuracy(basis, [basis[0], basis[2], basis[1]]), 1 / 3);
});

Deno.test("retrievalAccuracy() goes by the angle, not by the length of a candidate", async () => {
  const candidates = [basis[0], [0.5, 100, 0], basis[2]]; // the long one has the larger product with the first query …
  assert.equal(await accuracy(scaled(basis, 3), [[0.1, 0, 0], ...candidates.slice(1)]), 1); // … and is not nearer
});

Deno.test("retrievalAccuracy() asks which row of the second set is nearest to one of the first", async () => {
  const near = [[1, 0.1], [1, 0.2]], far = [[1, 0], [0, 1]];
  assert.equal(await accuracy(near, far), 0.5);
  assert.equal(await accuracy(far, near), 1);
});

Deno.test("retrievalAccuracy() needs two equal shapes and a negative", () => {
  assert.throws(() => retrievalAccuracy(tf.ones([3, 2]), tf.ones([2, 2])), /same shape/);
  assert.throws(() => retrievalAccuracy(tf.ones([1, 2]), tf.ones([1, 2])), /at least 2 samples/);
});

Deno.test("retrievalAccuracy() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  leavesNothing(() => retrievalAccuracy(x, x));
});
