import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mixupTargets } from "braid/losses/mixup_targets.ts";
import { close, leavesNothing, unchecked } from "./reference.ts";
import { identity, int, targetsByLoop } from "./mixtures.ts";

Deno.test("mixupTargets() gives each sample its share and its partner the rest, also where it is its own partner", () => {
  for (const permutation of [[2, 0, 1, 3], [3, 2, 1, 0], [0]]) {
    for (const lambda of [0, 0.3, 1]) {
      const got = mixupTargets(int(permutation), tf.scalar(lambda)).arraySync();
      got.forEach((row, i) => row.forEach((t, j) => close(t, targetsByLoop(permutation, lambda)[i][j], 1e-6)));
    }
  }
  assert.deepEqual(mixupTargets(int([1, 2, 0]), tf.scalar(1)).arraySync(), identity(3));
  assert.deepEqual(mixupTargets(int([]), tf.scalar(1)).shape, [0, 0]);
});

Deno.test("mixupTargets() says what is wrong with its input", () => {
  assert.throws(() => mixupTargets(tf.tensor1d([1, 0]), tf.scalar(1)), /permutation to be int32, got float32/);
  assert.throws(
    () => mixupTargets(unchecked<tf.Tensor1D>([2, 2]).toInt(), tf.scalar(1)),
    /permutation of shape \[2\].*got \[2,2\]/,
  );
  assert.throws(() => mixupTargets(int([1, 0]), unchecked([2])), /lambda to be a scalar, got shape \[2\]/);
});

Deno.test("mixupTargets() leaves no tensor behind", () => {
  const permutation = int([1, 0]), lambda = tf.scalar(0.5);
  leavesNothing(() => mixupTargets(permutation, lambda));
});
