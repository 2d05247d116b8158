// Gaussian modalities: what is decomposed of them is what was published, and what was designed.

import * as tf from "@tensorflow/tfjs";
import { PCA } from "ml-pca";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { discretize } from "braid/interactions/discretize.ts";
import { type GaussianDesign, gaussianModalities } from "braid/interactions/gaussian_modalities.ts";
import { jointDistribution } from "braid/interactions/joint_distribution.ts";
import { brojaPid } from "braid/interactions/partial_information.ts";

await useEngine("cpu");

/** R, U1, U2 and S in nats, 20 clusters a modality, as the released notebook prints them. */
const published: Record<GaussianDesign, number[]> = {
  redundancy: [0.167, 0.009, 0.000, 0.054],
  unique1: [0.002, 0.172, 0.000, 0.054],
  unique2: [0.004, 0.000, 0.160, 0.047],
  synergy: [0.074, 0.010, 0.001, 0.138],
};
const designs = Object.keys(published) as GaussianDesign[];

/** The atoms in nats, in the mean of some seeds: as counted, the chance of 3,000 samples included. */
async function atomsOf(design: GaussianDesign, lost: number): Promise<number[]> {
  const seeds = [1, 2, 3], sums = [0, 0, 0, 0];
  for (const seed of seeds) {
    const { x1, x2, labels } = gaussianModalities(design, { samples: 3000, seed, lost });
    const states = await Promise.all([x1, x2].map(async (rows) => {
      const features = tf.tensor2d(rows), clusters = await discretize(features, { seed });
      features.dispose();
      return clusters;
    }));
    const { redundancy, unique1, unique2, synergy } = brojaPid(jointDistribution(states[0], states[1], labels), {
      accuracy: 1e-5,
    });
    [redundancy, unique1, unique2, synergy].forEach((bits, k) => sums[k] += bits * Math.LN2 / seeds.length);
  }
  return sums;
}

for (const design of designs) {
  Deno.test(`the atoms of ${design} are within 0.03 nats of the published ones, at one level of noise for all`, async () => {
    const found = await atomsOf(design, 0.45);
    found.forEach((nats, k) => assert.ok(Math.abs(nats - published[design][k]) < 0.03, `${found}`));
  });
}

Deno.test("designs differ in the label alone, and seeds in everything", () => {
  const options = { samples: 20, seed: 1 },
    [first, ...others] = designs.map((design) => gaussianModalities(design, options));
  for (const { x1, x2, labels } of others) {
    assert.deepEqual([x1, x2], [first.x1, first.x2]);
    assert.notDeepEqual(labels, first.labels);
  }
  assert.notDeepEqual(gaussianModalities("synergy", { ...options, seed: 2 }).x1, first.x1);
});

Deno.test("the shared half of both modalities is of the same numbers: five dimensions for both", () => {
  const { x1, x2 } = gaussianModalities("redundancy", { samples: 40, seed: 3 });
  const rank = (rows: number[][]) => new PCA(rows, { center: false }).getEigenvalues().filter((x) => x > 1e-12).length;
  const halves = (rows: number[][]) => [rows.map((row) => row.slice(0, 32)), rows.map((row) => row.slice(32))];
  const [[own1, shared1], [own2, shared2]] = [halves(x1), halves(x2)];
  const beside = (a: number[][], b: number[][]) => a.map((row, i) => [...row, ...b[i]]);
  assert.deepEqual([own1, own2, shared1, beside(shared1, shared2), beside(own1, own2)].map(rank), [5, 5, 5, 5, 10]);
});

Deno.test("classes are equally frequent, and wrong options are refused", () => {
  const { labels } = gaussianModalities("unique1", { samples: 90, seed: 1, classes: 3 });
  for (const label of [0, 1, 2]) assert.equal(labels.filter((other) => other === label).length, 30);
  const make = (more: Partial<Parameters<typeof gaussianModalities>[1]>) => () =>
    gaussianModalities("synergy", { samples: 10, seed: 1, ...more });
  assert.throws(make({ samples: 1 }), /at least 2 samples for as many classes, got 1/);
  assert.throws(make({ classes: 1 }), /at least 2 classes, got 1/);
  for (const lost of [1, -0.1, NaN]) assert.throws(make({ lost }), /lost to be in \[0, 1\)/);
});
