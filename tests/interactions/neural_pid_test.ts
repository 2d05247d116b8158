import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { neuralPid, type NeuralPidOptions, type PairedFeatures } from "braid/interactions/neural_pid.ts";

await useEngine();

type Rule = (a: number, b: number) => [x1: number, x2: number, y: number];

/** Bits as places on a line, blurred, beside a number that means nothing. */
function pairs(samples: number, seed: number, rule: Rule): PairedFeatures {
  const random = randomNumbers(seed, "pairs");
  const drawn = Array.from({ length: samples }, () => rule(random.integer(2), random.integer(2)));
  const blurred = (k: number) =>
    tf.tensor2d(drawn.map((bits) => [2 * bits[k] - 1 + 0.2 * random.normal(), random.normal()]));
  return { x1: blurred(0), x2: blurred(1), labels: Int32Array.from(drawn, ([, , y]) => y) };
}
const free = ({ x1, x2 }: PairedFeatures) => tf.dispose([x1, x2]);

// Fewer and larger steps than published: the features are easy.
const quick = {
  classes: 2,
  seed: 1,
  batchSize: 128,
  learningRate: 5e-3,
  classifierEpochs: 8,
  couplingEpochs: 4,
  rounds: 10,
};
const AND = 0.75 * Math.log2(4 / 3);

/** Three standard errors of I(X; Y) of 2,000 samples are about 0.05 bit; the rest is for the networks. */
const TOLERANCE = 0.08;

for (
  const [name, rule, want] of [
    ["XOR", (a, b) => [a, b, a ^ b], [0, 0, 0, 1]],
    ["AND", (a, b) => [a, b, a & b], [AND, 0, 0, 0.5]],
    ["a unique bit", (a, b) => [a, b, a], [0, 1, 0, 0]],
    ["a redundant bit", (a) => [a, a, a], [1, 0, 0, 0]],
  ] as [string, Rule, number[]][]
) {
  Deno.test(`neuralPid() finds the atoms of ${name} in continuous features, in bits, and leaves no tensor`, async () => {
    const train = pairs(2000, 1, rule), test = pairs(2000, 2, rule), before = tf.memory().numTensors;
    const pid = await neuralPid({ train, test, ...quick });
    assert.equal(tf.memory().numTensors, before);
    [pid.redundancy, pid.unique1, pid.unique2, pid.synergy].forEach((bits, k) =>
      assert.ok(Math.abs(bits - want[k]) < TOLERANCE, `atom ${k}: got ${bits}, want ${want[k]}`)
    );
    const total = pid.redundancy + pid.unique1 + pid.unique2 + pid.synergy;
    assert.ok(Math.abs(total - pid.i12) < 1e-6 && Math.abs(pid.redundancy + pid.unique2 - pid.i2) < 1e-6);
    assert.ok(pid.marginalError < 0.15);
    [train, test].forEach(free);
  });
}

Deno.test("neuralPid() repeats itself for a seed, and takes classes without sample", async () => {
  const train = pairs(64, 1, (a, b) => [a, b, a ^ b]), options = { ...quick, classes: 3, batchSize: 32, rounds: 3 };
  const run = () => neuralPid({ train, test: train, ...options, classifierEpochs: 1, couplingEpochs: 1 });
  const first = await run();
  assert.deepEqual(await run(), first);
  assert.ok(Object.values(first).every(Number.isFinite));
  free(train);
});

Deno.test("neuralPid() of a constant label finds next to nothing", async () => {
  const set = pairs(256, 1, (a, b) => [a, b, 0]);
  const pid = await neuralPid({ train: set, test: set, ...quick, batchSize: 32, couplingEpochs: 1, rounds: 3 });
  for (const bits of [pid.redundancy, pid.unique1, pid.unique2, pid.synergy]) assert.ok(Math.abs(bits) < 0.05);
  free(set);
});

Deno.test("neuralPid() says what is wrong with its input, before long work, and leaves no tensor then", async () => {
  const set = pairs(8, 1, (a, b) => [a, b, a]), ones = (...shape: [number, number]) => tf.ones<tf.Rank.R2>(shape);
  const fails = (change: Partial<NeuralPidOptions>, message: RegExp) =>
    assert.rejects(neuralPid({ train: set, test: set, ...quick, batchSize: 4, ...change }), message);
  const before = tf.memory().numTensors;
  await fails({ batchSize: 9 }, /batchSize to be an integer from 2 to the 8 samples of train, got 9/);
  await fails({ batchSize: 1 }, /batchSize .* got 1/);
  await fails({ classes: 1 }, /at least 2 classes, got 1/);
  await fails({ train: { ...set, labels: set.labels.map(() => 2) } }, /labels of train to be integers in 0 … 1, got 2/);
  await fails({ classifierEpochs: 0 }, /classifierEpochs to be a positive integer, got 0/);
  await fails({ couplingEpochs: 1.5 }, /couplingEpochs to be a positive integer, got 1.5/);
  await fails({ rounds: 0 }, /rounds to be a positive integer, got 0/);
  await fails({ learningRate: 0 }, /learningRate to be positive, got 0/);
  await fails({ seed: 0.5 }, /seed .* got 0.5/);
  assert.equal(tf.memory().numTensors, before);
  await fails({ test: { ...set, x2: ones(8, 3) } }, /x2 of test to be \[samples, 2\] as in training, got \[8,3\]/);
  await fails({ test: { ...set, x1: ones(7, 2) } }, /x1 of test to be .* got \[7,2\]/);
  await fails({ train: { ...set, x1: tf.fill([8, 2], NaN) } }, /x1 of train to be finite, got NaN/);
  free(set);
});
