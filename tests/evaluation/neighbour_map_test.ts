import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { neighbourAgreement, neighbourMap } from "braid/evaluation/neighbour_map.ts";

await useEngine();

/** Three tight groups of vectors, far from each other, in random order. */
function groups(count = 60, dim = 6) {
  const { normal, permutation } = randomNumbers(3, "groups");
  const labels = [...permutation(count)].map((i) => i % 3);
  const rows = labels.map((label) => Array.from({ length: dim }, (_, d) => (d === label ? 10 : 0) + 0.1 * normal()));
  return { labels, features: tf.tensor2d(rows) };
}

const distance = (a: number[], b: number[]) => Math.hypot(a[0] - b[0], a[1] - b[1]);

Deno.test("neighbourMap() keeps neighbours together: the nearest point on the map is of the same group", async () => {
  const { features, labels } = groups(), points = await neighbourMap(features, { seed: 1 });
  assert.deepEqual([points.length, points[0].length], [60, 2]);
  assert.ok(points.flat().every(Number.isFinite));
  points.forEach((point, i) => {
    const others = [...points.keys()].filter((k) => k !== i);
    const nearest = others.reduce((best, k) => distance(points[k], point) < distance(points[best], point) ? k : best);
    assert.equal(labels[nearest], labels[i], `point ${i}`);
  });
});

Deno.test("neighbourMap() repeats itself for the same seed, and not for another", async () => {
  const { features } = groups(30), options = { seed: 1, neighbors: 5 };
  const points = await neighbourMap(features, options);
  assert.deepEqual(await neighbourMap(features, options), points);
  assert.notDeepEqual(await neighbourMap(features, { ...options, seed: 2 }), points);
});

Deno.test("neighbourMap() needs more samples than neighbours", async () => {
  const few = tf.randomUniform<tf.Rank.R2>([15, 2]);
  await assert.rejects(neighbourMap(few, { seed: 1 }), /more than 15 samples for as many neighbours, got 15/);
  await assert.rejects(neighbourMap(tf.zeros([0, 2]), { seed: 1 }), /got 0/);
});

/** The definition, one pair at a time. */
function agreementByLoop(rows: number[][], labels: number[]): number {
  const cosine = (a: number[], b: number[]) =>
    a.reduce((sum, x, d) => sum + x * b[d], 0) / (Math.hypot(...a) * Math.hypot(...b));
  const agree = rows.filter((row, i) => {
    const others = [...rows.keys()].filter((k) => k !== i);
    const nearest = others.reduce((best, k) => cosine(rows[k], row) > cosine(rows[best], row) ? k : best);
    return labels[nearest] === labels[i];
  });
  return agree.length / rows.length;
}

Deno.test("neighbourAgreement() equals its definition", async () => {
  const { normal, integer } = randomNumbers(5, "agreement");
  const rows = Array.from({ length: 40 }, () => [3 * normal(), normal(), normal() + 1]);
  const labels = rows.map(() => integer(3)), got = await neighbourAgreement(tf.tensor2d(rows), labels);
  assert.ok(Math.abs(got - agreementByLoop(rows, labels)) < 1e-9);
  assert.ok(got > 0.1 && got < 0.9);
});

Deno.test("neighbourAgreement() is 1 where groups are apart and 0 where each sample is alone", async () => {
  const { features, labels } = groups();
  assert.equal(await neighbourAgreement(features, labels), 1);
  assert.equal(await neighbourAgreement(features, [...labels.keys()]), 0);
  assert.equal(await neighbourAgreement(tf.tensor2d([[1, 0], [0, 1]]), [4, 4]), 1);
});

Deno.test("neighbourAgreement() goes by direction, not by length, and a vector of zeros spoils no other", async () => {
  const rows = [[1, 0.1], [100, 9], [0.1, 1], [9, 100]];
  assert.equal(await neighbourAgreement(tf.tensor2d(rows), [0, 0, 1, 1]), 1);
  assert.equal(await neighbourAgreement(tf.tensor2d([[0, 0], ...rows]), [2, 0, 0, 1, 1]), 0.8);
});

Deno.test("neighbourAgreement() says what is wrong with its input, and leaves no tensor behind", async () => {
  await assert.rejects(neighbourAgreement(tf.ones([1, 2]), [0]), /at least 2 samples with a label each, got 1/);
  await assert.rejects(neighbourAgreement(tf.ones([3, 2]), [0, 1]), /got 3 and 2 labels/);
  const features = tf.ones<tf.Rank.R2>([3, 2]), before = tf.memory().numTensors;
  await neighbourAgreement(features, [0, 1, 2]);
  assert.equal(tf.memory().numTensors, before);
});
