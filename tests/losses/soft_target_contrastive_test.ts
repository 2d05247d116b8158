import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { infoNCE } from "braid/losses/info_nce.ts";
import { softTargetContrastive } from "braid/losses/soft_target_contrastive.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, scaled, unchecked, unit, value } from "./reference.ts";
import { identity, softLossByLoop, symmetricLossByLoop, targetsByLoop } from "./mixtures.ts";

const [q, k] = [a.map(unit), b.map(unit)];
/** Nobody wants the last key. */
const targets: Matrix = [[0.5, 0.25, 0.25, 0], [0, 1, 0, 0], [0.4, 0.2, 0.4, 0], [0, 0, 1, 0]];
const loss = (queries: Matrix, keys: Matrix, targets: Matrix, options = {}) =>
  value(softTargetContrastive(tf.tensor2d(queries), tf.tensor2d(keys), tf.tensor2d(targets), options));

Deno.test("softTargetContrastive() equals its definition, in one direction and in both", async () => {
  for (const temperature of [0.05, 0.5, 5]) {
    for (const wanted of [targets, targetsByLoop([1, 2, 3, 0], 0.3)]) {
      const want = [softLossByLoop(q, k, wanted, temperature), symmetricLossByLoop(q, k, wanted, temperature)];
      close(await loss(q, k, wanted, { temperature, symmetric: false }), want[0]);
      close(await loss(q, k, wanted, { temperature }), want[1]);
    }
  }
  close(await loss(q, k, targets), symmetricLossByLoop(q, k, targets, 0.1));
});

Deno.test("softTargetContrastive() with one key a query is InfoNCE; rows count as they are, not as unit rows", async () => {
  for (const symmetric of [true, false]) {
    const options = { temperature: 0.3, symmetric }, [x, y] = [tf.tensor2d(a), tf.tensor2d(b)];
    close(await loss(a, b, identity(4), options), await value(infoNCE(x, y, { ...options, normalize: false })));
  }
  assert.ok(Math.abs(await loss(scaled(q, 2), k, targets) - await loss(q, k, targets)) > 0.1);
});

Deno.test("softTargetContrastive() of a mixture is the mixture of two losses, and no less than its entropy", async () => {
  const lambda = 0.3, options = { symmetric: false }, order = [1, 2, 3, 0];
  const parts = [
    await loss(q, k, targetsByLoop(order, 1), options),
    await loss(q, k, targetsByLoop(order, 0), options),
  ];
  close(await loss(q, k, targetsByLoop(order, lambda), options), lambda * parts[0] + (1 - lambda) * parts[1]);
  // Two keys that are found as often as they are wanted: scores log λ and log(1 - λ), the others far away.
  const found = targetsByLoop(order, lambda).map((row) => row.map((t) => t > 0 ? Math.log(t) : -50));
  const entropy = -lambda * Math.log(lambda) - (1 - lambda) * Math.log(1 - lambda);
  close(await loss(found, identity(4), targetsByLoop(order, lambda), { temperature: 1, symmetric: false }), entropy);
});

Deno.test("softTargetContrastive() has the gradients of its definition", async () => {
  const [x, y, t] = [tf.tensor2d(q), tf.tensor2d(k), tf.tensor2d(targets)], options = { temperature: 0.5 };
  await checkGradient(
    (x) => softTargetContrastive(x, y, t, options),
    (x) => symmetricLossByLoop(x, k, targets, 0.5),
    q,
  );
  await checkGradient(
    (y) => softTargetContrastive(x, y, t, options),
    (y) => symmetricLossByLoop(q, y, targets, 0.5),
    k,
  );
});

Deno.test("softTargetContrastive() stays exact where a naive softmax overflows", async () => {
  close(await loss(q, k, targets, { temperature: 2e-3 }), symmetricLossByLoop(q, k, targets, 2e-3), 1e-4);
});

Deno.test("softTargetContrastive() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]), t = tf.eye(3);
  assert.throws(() => softTargetContrastive(x, tf.ones([2, 2]), t), /same shape, got \[3,2\] and \[2,2\]/);
  assert.throws(() => softTargetContrastive(unchecked([3]), unchecked([3]), t), /\[batch, dim\], got \[3\]/);
  assert.throws(() => softTargetContrastive(x, x, tf.ones([3, 2])), /targets of shape \[3,3\], got \[3,2\]/);
  assert.throws(() => softTargetContrastive(tf.ones([1, 2]), tf.ones([1, 2]), tf.eye(1)), /at least 2 samples, got 1/);
  assert.throws(() => softTargetContrastive(x, x, t, { temperature: 0 }), /temperature to be positive, got 0/);
});

Deno.test("softTargetContrastive() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]), t = tf.eye(3);
  leavesNothing(() => softTargetContrastive(x, x, t));
  leavesNothing(() => softTargetContrastive(x, x, t, { symmetric: false }));
});
