import assert from "node:assert/strict";
import { samplingBias } from "braid/interactions/sampling_bias.ts";

const only = (clusters: number, samples: number, noise: number, draws = 8) =>
  samplingBias({ clusters: [clusters], samples: [samples], noise, draws, seed: 1 })[0];

Deno.test("where there is nothing to find, counts find more the fewer the samples and the more the clusters", () => {
  const found = ([k, n]: number[]) => only(k, n, 1).plugIn.mean;
  const [few, more, many] = [[6, 40], [6, 160], [6, 640]].map(found);
  assert.ok(few > more && more > many && many < 0.06, `${few}, ${more}, ${many}`);
  assert.ok(found([2, 160]) < more);
});

Deno.test("independent sources of 20 states with 138 samples show the 0.68 bit of an implementation apart", () => {
  const { plugIn, corrected, truth } = only(20, 138, 1);
  assert.ok(Math.abs(plugIn.mean - 0.675) < 0.05, `${plugIn.mean}`);
  assert.ok(Math.abs(corrected.mean) < 0.05, `${corrected.mean}`);
  assert.equal(truth, 0);
});

Deno.test("with many samples, what there is is found: 1 - h(noise / 2)", () => {
  const { plugIn, corrected, chance, truth } = only(4, 5000, 0.4);
  assert.ok(Math.abs(truth - 0.278) < 1e-3, `${truth}`);
  assert.ok(Math.abs(corrected.mean - truth) < 0.02, `${corrected.mean}`);
  assert.ok(chance < 0.01 && plugIn.low <= plugIn.mean && plugIn.mean <= plugIn.high);
  assert.ok(Math.abs(plugIn.high - chance - corrected.high) < 1e-12);
});

Deno.test("every number of clusters meets every number of samples, in order", () => {
  const rows = samplingBias({ clusters: [2, 4], samples: [5, 10], noise: 1, draws: 1, seed: 1 });
  assert.deepEqual(rows.map(({ clusters, samples }) => [clusters, samples]), [[2, 5], [2, 10], [4, 5], [4, 10]]);
  assert.ok(rows.every(({ plugIn }) => plugIn.low === plugIn.high));
});

Deno.test("samplingBias() refuses what it cannot draw", () => {
  const of = (options: object) => () =>
    samplingBias({ clusters: [2], samples: [5], noise: 1, draws: 1, seed: 1, ...options });
  assert.throws(of({ clusters: [3] }), /Expected even numbers of clusters, got 3/);
  assert.throws(of({ clusters: [0] }), RangeError);
  assert.throws(of({ samples: [0] }), /positive numbers of samples and draws, got 0/);
  assert.throws(of({ draws: 1.5 }), RangeError);
  assert.throws(of({ noise: 2 }), /Expected noise to be in 0 … 1, got 2/);
});
