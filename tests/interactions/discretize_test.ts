import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { discretize } from "braid/interactions/discretize.ts";

await tf.setBackend("cpu");

/** Rows about a few directions, of any length: which direction each row has, and the rows. */
function bundles(samples: number, dim: number, { directions, noise }: { directions: number; noise: number }) {
  const random = randomNumbers(5, "bundles");
  const centres = Array.from({ length: directions }, () => Array.from({ length: dim }, random.normal));
  const truth = Array.from({ length: samples }, () => random.integer(directions));
  const rows = truth.map((k) => {
    const length = 0.1 + 10 * random.uniform();
    return centres[k].map((x) => length * (x + noise * random.normal()));
  });
  return { truth, rows };
}

/** Whether two labellings tell the same rows apart. */
const sameParts = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  new Set(Array.from(a, (state, i) => `${state} ${b[i]}`)).size === new Set(Array.from(a)).size &&
  new Set(Array.from(a)).size === new Set(Array.from(b)).size;

Deno.test("discretize() finds bundles of directions, whatever the rows' lengths, with more or fewer rows than columns", async () => {
  for (const [samples, dim] of [[200, 3], [200, 16], [60, 200]]) {
    const { truth, rows } = bundles(samples, dim, { directions: 4, noise: 0.02 });
    const states = await discretize(tf.tensor2d(rows), { seed: 1, clusters: 4 });
    assert.ok(sameParts(states, truth), `${samples} x ${dim}`);
  }
});

Deno.test("discretize() sees only what the first principal components show", async () => {
  const random = randomNumbers(1, "noise"), noise = () => 0.02 * random.normal();
  const signs = Array.from({ length: 200 }, (_, i) => [i % 2 ? 1 : -1, i % 4 < 2 ? 1 : -1]);
  const rows = tf.tensor2d(signs.map(([a, b]) => [a + noise(), 0.3 * b + noise(), noise()]));
  const states = (components: number) => discretize(rows, { seed: 1, clusters: 4, components });
  assert.ok(sameParts(await states(2), signs.map(([a, b]) => 2 * a + b)));
  assert.ok(
    !sameParts(await states(1), signs.map(([a, b]) => 2 * a + b)),
    "the second sign is in the second component",
  );
});

Deno.test("discretize() repeats itself for a seed, and leaves its features and no other tensor", async () => {
  const features = tf.tensor2d(bundles(100, 8, { directions: 10, noise: 1 }).rows), before = tf.memory().numTensors;
  const states = await discretize(features, { seed: 3 });
  assert.deepEqual(await discretize(features, { seed: 3 }), states);
  assert.ok(!sameParts(await discretize(features, { seed: 4 }), states)); // there is nothing to find in such noise
  assert.ok(Math.max(...states) < 20 && new Set(states).size > 10);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("discretize() gives each different row a state where there are more clusters than rows, and equal rows one", async () => {
  const rows = [[1, 2], [0, 0], [2, 4], [3, 1]];
  assert.deepEqual([...await discretize(tf.tensor2d(rows), { seed: 1 })], [0, 1, 0, 2]);
  assert.deepEqual([...await discretize(tf.tensor2d([[5, 6, 7, 8, 9, 10]]), { seed: 1 })], [0]);
  assert.deepEqual([...await discretize(tf.zeros([3, 8]), { seed: 1, clusters: 2 })], [0, 0, 0]);
});

Deno.test("discretize() bears huge and tiny features", async () => {
  for (const factor of [1e-30, 1e30]) {
    const { truth, rows } = bundles(50, 4, { directions: 3, noise: 0.01 });
    const scaled = tf.tensor2d(rows.map((row) => row.map((x) => factor * x)));
    assert.ok(sameParts(await discretize(scaled, { seed: 1, clusters: 3 }), truth));
  }
});

Deno.test("discretize() says what is wrong with its input", async () => {
  const features = tf.ones<tf.Rank.R2>([3, 2]);
  const fails = (run: Promise<unknown>, message: RegExp) => assert.rejects(run, message);
  await fails(discretize(features, { seed: 1, clusters: 0 }), /clusters to be a positive integer, got 0/);
  await fails(discretize(features, { seed: 1, components: 1.5 }), /components to be a positive integer, got 1.5/);
  await fails(discretize(features, { seed: -1 }), /seed .* got -1/);
  await fails(discretize(tf.zeros([0, 2]), { seed: 1 }), /\[samples, dim\], got \[0,2\]/);
  await fails(discretize(tf.zeros([4]) as tf.Tensor as tf.Tensor2D, { seed: 1 }), /\[samples, dim\], got \[4\]/);
  await fails(discretize(tf.tensor2d([[1, 2], [NaN, 1]]), { seed: 1 }), /finite features, got \[NaN,1\] at sample 1/);
});
