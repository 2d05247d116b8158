// Dropped features and noise: how many, how much, and each feature on its own.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { augmentVectors } from "braid/augment/vector.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { numbersOf, tensorsHeld } from "../engine/engines.ts";

await useEngine("cpu");
const stream = () => new RandomStream(4, "views");
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

Deno.test("features are dropped each on its own, with the probability that is asked for", () => {
  const rows = augmentVectors(tf.ones([500, 20]), { drop: 0.3, noise: 0 }, stream()).arraySync();
  assert.deepEqual(new Set(rows.flat()), new Set([0, 1]));
  const deviation = Math.sqrt(0.3 * 0.7);
  assert.ok(Math.abs(mean(rows.flat()) - 0.7) < 4 * deviation / 100, `${mean(rows.flat())} are kept`);
  const together = mean(rows.map(([a, b]) => a * b)); // of neighbours
  assert.ok(Math.abs(together - 0.49) < 4 * Math.sqrt(0.49 * 0.51 / 500), `${together}`);
});

Deno.test("noise has the deviation that is asked for, on dropped features too", () => {
  const values = numbersOf(augmentVectors(tf.zeros([500, 20]), { drop: 0.5, noise: 0.2 }, stream()));
  assert.ok(values.every((value) => value !== 0));
  const deviation = Math.sqrt(mean(values.map((value) => value ** 2)));
  assert.ok(Math.abs(deviation - 0.2) < 4 * 0.2 / Math.sqrt(2 * values.length), `${deviation}`);
});

Deno.test("nothing asked for changes nothing, all dropped leaves nothing, and no sample is no error", () => {
  const x = tf.tensor2d([[1e30, -2], [0, 3e-30]]);
  assert.deepEqual(numbersOf(augmentVectors(x, { drop: 0, noise: 0 }, stream())), numbersOf(x));
  assert.deepEqual(numbersOf(augmentVectors(x, { drop: 1, noise: 0 }, stream())).map(Math.abs), [0, 0, 0, 0]);
  assert.deepEqual(augmentVectors(tf.zeros([0, 3]), {}, stream()).shape, [0, 3]);
});

Deno.test("augmentVectors() refuses what is no probability or deviation, and leaves no tensor behind", () => {
  const random = stream(), x = tf.ones<tf.Rank.R2>([2, 3]);
  for (const drop of [-0.1, 1.1, NaN]) {
    assert.throws(() => augmentVectors(x, { drop }, random), /drop to be in \[0, 1\]/);
  }
  for (const noise of [-1, NaN]) assert.throws(() => augmentVectors(x, { noise }, random), /noise to be at least 0/);
  const before = tensorsHeld();
  augmentVectors(x, {}, random).dispose();
  assert.deepEqual(tensorsHeld(), before);
});
