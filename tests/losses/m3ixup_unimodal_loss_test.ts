import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { m3ixupUnimodalLoss } from "braid/losses/m3ixup_unimodal_loss.ts";
import { checkGradient, close, leavesNothing, type Matrix, unchecked, value } from "./reference.ts";
import { int, joint, symmetricLossByLoop, targetsByLoop, unimodal, z, zM } from "./mixtures.ts";

const order = [2, 1, 3, 0], permutation = int(order);
const byLoop = (sets: Matrix[], keys: Matrix, lambda: number, temperature: number) =>
  sets.reduce((sum, rows) => sum + symmetricLossByLoop(rows, keys, targetsByLoop(order, lambda), temperature), 0);

Deno.test("m3ixupUnimodalLoss() equals its definition, summed over the modalities", async () => {
  for (const temperature of [0.05, 0.5, 5]) {
    for (const lambda of [0, 0.3, 1]) {
      const got = await value(m3ixupUnimodalLoss(z, zM, permutation, tf.scalar(lambda), { temperature }));
      close(got, byLoop(unimodal, joint, lambda, temperature));
    }
  }
  close(await value(m3ixupUnimodalLoss(z, zM, permutation, tf.scalar(0.3))), byLoop(unimodal, joint, 0.3, 0.1));
});

Deno.test("m3ixupUnimodalLoss() has the gradients of its definition, in lambda too", async () => {
  const lambda = tf.scalar(0.3), options = { temperature: 0.5 }, others = tf.unstack(z).slice(1);
  await checkGradient(
    (x) => m3ixupUnimodalLoss(tf.stack([x, ...others]) as tf.Tensor3D, zM, permutation, lambda, options),
    (x) => byLoop([x, ...unimodal.slice(1)], joint, 0.3, 0.5),
    unimodal[0],
  );
  await checkGradient(
    (x) => m3ixupUnimodalLoss(z, x, permutation, lambda, options),
    (x) => byLoop(unimodal, x, 0.3, 0.5),
    joint,
  );
  const inLambda = tf.grad((x) => m3ixupUnimodalLoss(z, zM, permutation, x as tf.Scalar, options))(lambda);
  close(
    await value(inLambda),
    (byLoop(unimodal, joint, 0.301, 0.5) - byLoop(unimodal, joint, 0.299, 0.5)) / 0.002,
    1e-4,
  );
});

Deno.test("m3ixupUnimodalLoss() says what is wrong with its input", () => {
  const half = tf.scalar(0.5);
  assert.throws(() => m3ixupUnimodalLoss(unchecked([4, 3]), zM, permutation, half), /mixed embeddings.*got \[4,3\]/);
  assert.throws(() => m3ixupUnimodalLoss(z, tf.ones([4, 2]), permutation, half), /joint.*\[4,3\].*got \[4,2\]/);
  assert.throws(() => m3ixupUnimodalLoss(z, zM, int([0, 1]), half), /permutation of shape \[4\].*got \[2\]/);
  assert.throws(() => m3ixupUnimodalLoss(z, zM, tf.tensor1d(order), half), TypeError);
  assert.throws(() => m3ixupUnimodalLoss(z, zM, permutation, unchecked([4])), /lambda to be a scalar/);
  assert.throws(() => m3ixupUnimodalLoss(tf.ones([3, 1, 2]), tf.ones([1, 2]), int([0]), half), /at least 2 samples/);
  assert.throws(() => m3ixupUnimodalLoss(z, zM, permutation, half, { temperature: 0 }), /temperature to be positive/);
});

Deno.test("m3ixupUnimodalLoss() leaves no tensor behind", () => {
  const half = tf.scalar(0.5);
  leavesNothing(() => m3ixupUnimodalLoss(z, zM, permutation, half));
});
