import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { type DataPid, dataPid, type DataPidOptions, type Source } from "braid/interactions/data_pid.ts";
import { brojaPid } from "braid/interactions/partial_information.ts";

await tf.setBackend("cpu");

const near = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);
const ATOMS = ["redundancy", "unique1", "unique2", "synergy", "total"] as const;
const few: DataPidOptions = { seed: 1, shuffles: 39, resamples: 40 };

/** Draws of two independent states and a label, by their number. */
function draws(samples: number, states: number, seed: number) {
  const random = randomNumbers(seed, "draws");
  const of = (below: number) => Array.from({ length: samples }, () => random.integer(below));
  return { x1: of(states), x2: of(states), y: of(2) };
}

/** AND of two bits, 10 % of the labels flipped. */
function noisyAnd(samples: number, seed: number) {
  const { x1, x2 } = draws(samples, 2, seed), random = randomNumbers(seed, "flips");
  return { x1, x2, y: x1.map((bit, i) => (bit & x2[i]) ^ Number(random.uniform() < 0.1)) };
}
const flipped = (right: number) => right ? [0.025, 0.225] : [0.225, 0.025];
const NOISY_AND = brojaPid([0, 1].map((a) => [0, 1].map((b) => flipped(a & b))));

Deno.test("dataPid() of many samples has the atoms of the distribution they are drawn from", async () => {
  const samples = 8000, { x1, x2, y } = noisyAnd(samples, 1), pid = await dataPid([x1, x2], y, few);
  const tolerance = 3 / Math.sqrt(samples); // three standard errors: a sample's information varies by less than 1 bit
  for (const name of ["redundancy", "unique1", "unique2", "synergy"] as const) {
    near(pid[name].plugIn, NOISY_AND[name], tolerance);
  }
  near(pid.total.plugIn, Object.values(NOISY_AND).reduce((sum, bits) => sum + bits), tolerance);
  assert.ok(pid.redundancy.distinguishable && pid.synergy.distinguishable && pid.total.distinguishable);
  assert.deepEqual([pid.samples, pid.states, pid.classes], [samples, [2, 2], 2]);
});

Deno.test("dataPid() shows what chance makes of independent data, and tells it apart from nothing", async () => {
  const { x1, x2, y } = draws(138, 20, 1), pid = await dataPid([x1, x2], y, few);
  near(pid.synergy.plugIn, 0.7, 0.15); // 138 samples in 800 cells: nearly each has a cell of its own
  near(pid.synergy.null.mean, 0.7, 0.1);
  for (const name of ATOMS) {
    const { corrected: { value, low, high }, null: chance, distinguishable } = pid[name];
    assert.equal(distinguishable, false, name);
    near(value, 0, 0.1);
    assert.ok(low! <= value && value <= high!);
    assert.ok(chance.low <= chance.mean && chance.mean <= chance.high);
  }
});

Deno.test("dataPid()'s p-values are uniform when labels are independent of the sources", async () => {
  const repeats = 120, values: number[] = [];
  let distinguished = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { x1, x2, y } = draws(40, 3, repeat);
    const { total, synergy } = await dataPid([x1, x2], y, { seed: repeat, shuffles: 19, resamples: 10 });
    values.push(total.pValue);
    if (synergy.distinguishable) distinguished++;
  }
  values.sort((a, b) => a - b);
  for (let k = 1; k <= 20; k++) { // exact at these points: P(p <= k / 20) = k / 20
    const share = values.filter((p) => p <= k / 20 + 1e-9).length / repeats;
    near(share, k / 20, 1.63 / Math.sqrt(repeats)); // Kolmogorov and Smirnov, 1 %
  }
  assert.ok(distinguished / repeats < 0.12, `${distinguished} of ${repeats}`); // 5 % at most, and three standard errors
});

Deno.test("dataPid()'s intervals cover the true atoms about as often as they say", async () => {
  const chances = [[0.1, 0.3], [0.5, 0.9]], repeats = 60, covered: Record<string, number> = {}; // P(y = 1 | x1, x2)
  const atoms = brojaPid(chances.map((row) => row.map((chance) => [(1 - chance) / 4, chance / 4])));
  const truths = { ...atoms, total: Object.values(atoms).reduce((sum, bits) => sum + bits) };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { x1, x2 } = draws(300, 2, repeat), random = randomNumbers(repeat, "labels");
    const y = x1.map((a, i) => Number(random.uniform() < chances[a][x2[i]]));
    const pid = await dataPid([x1, x2], y, { seed: repeat, shuffles: 19, resamples: 60 });
    for (const [name, truth] of Object.entries(truths)) {
      const { low, high } = pid[name as keyof typeof truths].corrected;
      if (low! <= truth && truth <= high!) covered[name] = (covered[name] ?? 0) + 1;
    }
  }
  for (const name of ["redundancy", "unique1", "synergy", "total"]) { // unique2 is 0, at the edge of what atoms can be
    assert.ok(covered[name] / repeats > 0.83, `${name}: ${covered[name]} of ${repeats}`); // 0.95 less four standard errors
  }
});

Deno.test("dataPid() takes features as well as states, and leaves no tensor", async () => {
  const { x1, x2 } = draws(300, 2, 3), random = randomNumbers(3, "noise");
  const y = x1.map((bit, i) => bit ^ x2[i]);
  const features = (bits: number[]) =>
    tf.tensor2d(bits.map((bit) => [bit, 1 - bit, 0, 0, 0, 0].map((x) => x + 0.05 * random.normal())));
  const f1 = features(x1), f2 = features(x2), before = tf.memory().numTensors;
  const pid = await dataPid([f1, f2], y, { ...few, clusters: 2 });
  assert.equal(tf.memory().numTensors, before);
  const counted = await dataPid([x1, x2], Int32Array.from(y), few);
  for (const name of ATOMS) near(pid[name].plugIn, counted[name].plugIn, 1e-6);
  const mixed = await dataPid([f1, x2], y, { ...few, clusters: 2 });
  near(mixed.synergy.plugIn, counted.synergy.plugIn, 1e-6);
});

Deno.test("dataPid() repeats itself for a seed", async () => {
  const { x1, x2, y } = noisyAnd(60, 1);
  assert.deepEqual(await dataPid([x1, x2], y, few), await dataPid([x1, x2], y, few));
  const other = await dataPid([x1, x2], y, { ...few, seed: 2 });
  assert.notEqual(other.synergy.null.mean, (await dataPid([x1, x2], y, few)).synergy.null.mean);
});

const nothing = (pid: DataPid) => {
  for (const name of ATOMS) {
    near(pid[name].plugIn, 0, 1e-12);
    near(pid[name].null.mean, 0, 1e-12);
    assert.deepEqual([pid[name].pValue, pid[name].distinguishable], [1, false]);
  }
};

Deno.test("dataPid() finds nothing in a constant label, and nothing in one sample, which has no interval", async () => {
  const { x1, x2 } = draws(30, 4, 1);
  nothing(await dataPid([x1, x2], x1.map(() => 1), few));
  const single = await dataPid([[4], [0]], [1], few);
  nothing(single);
  assert.deepEqual(single.total.corrected, { value: 0, confidence: 0.95, n: 1, over: "samples" });
});

Deno.test("dataPid() takes more clusters than samples, and states that never occur", async () => {
  const features = tf.tensor2d([[1, 0], [0, 1], [1, 1], [1, -1]]);
  const pid = await dataPid([features, [0, 1000, 0, 1000]], [0, 1, 0, 1], few);
  assert.deepEqual(pid.states, [4, 2]);
  near(pid.redundancy.plugIn, 1, 1e-4);
  assert.equal(pid.redundancy.distinguishable, false); // four samples prove nothing
});

Deno.test("dataPid() says what is wrong with its input", async () => {
  const bits = [0, 1, 0, 1];
  const fails = (sources: [Source, Source], labels: number[], options: Partial<DataPidOptions>, message: RegExp) =>
    assert.rejects(dataPid(sources, labels, { ...few, ...options }), message);
  await fails([bits, bits], [], {}, /at least one sample in labels, got none/);
  await fails([bits, [0, 1]], bits, {}, /per label, got 4 and 2 for 4 labels/);
  await fails([bits, [0, 1, 0.5, 1]], bits, {}, /x2 to be integers, got 0.5 at sample 2/);
  await fails([bits, bits], bits, { confidence: 95 }, /between 0 and 1, got 95/);
  await fails([bits, bits], bits, { shuffles: 18 }, /at least 19 shuffles for a confidence of 0.95, got 18/);
  await fails([bits, bits], bits, { resamples: 0 }, /resamples .* got 0/);
  await fails([bits, bits], bits, { seed: 0.5 }, /seed .* got 0.5/);
  await fails([tf.zeros([3, 2]), bits], bits, {}, /per label, got 3 and 4 for 4 labels/);
});
