import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import type { DataPid } from "braid/interactions/data_pid.ts";
import { oneAgainstRestPid, pairwisePid } from "braid/interactions/modality_pids.ts";

await tf.setBackend("cpu");

const options = { seed: 1, shuffles: 19, resamples: 10 };
const samples = [...Array(256).keys()], bit = (k: number) => samples.map((i) => (i >> k) & 1);
const atoms = ({ redundancy, unique1, unique2, synergy }: DataPid) =>
  [redundancy, unique1, unique2, synergy].map(({ plugIn }) => plugIn);
const near = (got: number[], want: number[], tolerance = 1e-4) =>
  got.forEach((bits, k) => assert.ok(Math.abs(bits - want[k]) <= tolerance, `got [${got}], want [${want}]`));

Deno.test("pairwisePid() decomposes every pair, the first source named first", async () => {
  // The label is bit 0 and the exclusive or of bits 1 and 2.
  const label = samples.map((i) => 2 * (i & 1) + (((i >> 1) ^ (i >> 2)) & 1));
  const pairs = await pairwisePid({ a: bit(0), b: bit(1), c: bit(2) }, label, options);
  const found = Object.fromEntries(pairs.map(({ sources, pid }) => [sources.join(), atoms(pid)]));
  assert.deepEqual(Object.keys(found), ["a,b", "a,c", "b,c"]);
  near(found["a,b"], [0, 1, 0, 0]);
  near(found["a,c"], [0, 1, 0, 0]);
  near(found["b,c"], [0, 0, 0, 1]);
});

Deno.test("oneAgainstRestPid() finds the parity of three bits in each with the rest, and no pair of them", async () => {
  const parity = samples.map((i) => (i ^ (i >> 1) ^ (i >> 2)) & 1), bits = { a: bit(0), b: bit(1), c: bit(2) };
  const results = await oneAgainstRestPid(bits, parity, options);
  assert.deepEqual(results.map(({ source, rest }) => [source, rest.join()]), [["a", "b,c"], ["b", "a,c"], [
    "c",
    "a,b",
  ]]);
  for (const { pid } of results) {
    near(atoms(pid), [0, 0, 0, 1]);
    assert.deepEqual(pid.states, [2, 4]);
  }
  for (const { pid } of await pairwisePid(bits, parity, options)) near(atoms(pid), [0, 0, 0, 0]);
});

Deno.test("oneAgainstRestPid() clusters the features of the rest together", async () => {
  const random = randomNumbers(1, "features"), before = tf.memory().numTensors;
  const features = (states: number[], length: number) =>
    tf.tensor2d(states.map((s) => [length * Math.cos(s + 0.01 * random.normal()), length * Math.sin(s)]));
  // The rows of c are long: without their norms divided out they would outvote those of b.
  const modalities = { a: bit(0), b: features(bit(1), 1), c: features(bit(2), 1e4) };
  const label = samples.map((i) => 2 * (i & 1) + ((i >> 1) & 1));
  const [againstBC] = await oneAgainstRestPid(modalities, label, { ...options, clusters: 4 });
  near(atoms(againstBC.pid), [0, 1, 1, 0]);
  assert.deepEqual(againstBC.pid.states[1], 4);
  tf.dispose([modalities.b, modalities.c]);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("states beside features are combined with their clusters", async () => {
  const features = tf.tensor2d(bit(0).map((b) => [b, 1 - b]));
  const [, , last] = await oneAgainstRestPid({ f: features, b: bit(1), c: bit(2) }, bit(0), options);
  near(atoms(last.pid), [0, 0, 1, 0]);
  assert.deepEqual(last.pid.states, [2, 4]);
});

Deno.test("fewer than two modalities, or one of another length, are refused", async () => {
  for (const run of [pairwisePid, oneAgainstRestPid]) {
    await assert.rejects(run({ a: bit(0) }, bit(0), options), /at least two modalities, got 1: \[a\]/);
    await assert.rejects(run({}, bit(0), options), /at least two modalities, got 0/);
    await assert.rejects(run({ a: bit(0), b: [1, 2] }, bit(0), options), /per label, got 256 and 2 for 256 labels/);
    await assert.rejects(run({ a: bit(0), b: [0.5] }, bit(0), options), /b to be integers, got 0.5 at sample 0/);
  }
});
