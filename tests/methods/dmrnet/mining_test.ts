import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import {
  combinationMeans,
  combinationStatistics,
  HardCombinationMiner,
  mineHardCombinations,
} from "braid/methods/dmrnet/mining.ts";
import { closeTo, numbersOf, testNative, wave } from "../../engine/engines.ts";
import { leavesNothing, unchecked } from "../../losses/reference.ts";

await useEngine();
const order = ["1,0", "0,1", "1,1"];
const rows = [[1, 0], [1, 1], [1, 0], [1, 1], [1, 1]], masks = tf.tensor2d(rows, undefined, "int32");
const int = (values: number[]) => tf.tensor1d(values, "int32");
const mean = (values: number[]) => values.length ? values.reduce((sum, x) => sum + x, 0) / values.length : 0;

/** The mean over the samples of each combination, 0 where there is none. */
const meansByLoop = (values: number[]) =>
  order.map((combination) => mean(values.filter((_, i) => String(rows[i]) === combination)));

Deno.test("combinationMeans() averages over the samples of each combination, and counts them", () => {
  const values = [3, 1, 5, 2, 9], { score, count } = combinationMeans(tf.tensor1d(values), masks);
  closeTo(numbersOf(score), meansByLoop(values));
  assert.deepEqual(numbersOf(count), [2, 0, 3]);
  assert.equal(count.dtype, "int32");
});

Deno.test("combinationMeans() keeps an infinite value out of the other combinations", () => {
  assert.deepEqual(numbersOf(combinationMeans(tf.tensor1d([1, Infinity, 3, 0, 0]), masks).score), [2, 0, Infinity]);
});

Deno.test("combinationMeans() does not count a sample that has no modality", () => {
  const empty = tf.tensor2d([[0, 0], [0, 1]], undefined, "int32");
  assert.deepEqual(numbersOf({ ...combinationMeans(tf.tensor1d([7, 2]), empty) }), [0, 2, 0, 0, 1, 0]);
});

Deno.test("combinationMeans() takes three modalities and one sample", () => {
  const one = combinationMeans(tf.tensor1d([4]), tf.tensor2d([[0, 1, 1]], undefined, "int32"));
  assert.deepEqual(numbersOf({ ...one }), [0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 1, 0]);
});

Deno.test("combinationStatistics() averages variances, or their logarithms, over samples and entries", () => {
  for (const shape of [[5, 3], [5, 2, 2, 3]]) {
    const logVariance = wave(shape), flat = logVariance.reshape([5, -1]).arraySync() as number[][];
    const variance = flat.map((row) => mean(row.map(Math.exp))), logarithm = flat.map(mean);
    closeTo(numbersOf(combinationStatistics(logVariance, masks).score), meansByLoop(variance));
    const { score } = combinationStatistics(logVariance, masks, { statistic: "logVariance" });
    closeTo(numbersOf(score), meansByLoop(logarithm));
  }
});

Deno.test("combinationStatistics() says what is wrong with its input", () => {
  assert.throws(() => combinationStatistics(unchecked([5]), masks), /\[batch, …\].*got \[5\]/);
  assert.throws(() => combinationStatistics(tf.ones([0, 3]), tf.ones([0, 2])), /at least 1 number, got \[0,3\]/);
  assert.throws(() => combinationStatistics(tf.ones([4, 3]), masks), /mask of shape.*got \[4\] and \[5,2\]/);
  assert.throws(() => combinationMeans(tf.ones([4]), masks), /got \[4\] and \[5,2\]/);
  assert.throws(() => combinationMeans(tf.zeros([0]), tf.zeros([0, 2], "int32")), /at least 1 sample, got 0/);
  assert.throws(() => combinationMeans(tf.ones([5]), unchecked([5])), /got \[5\] and \[5\]/);
  const statistic = "sigma" as "variance";
  assert.throws(() => combinationStatistics(tf.ones([5, 3]), masks, { statistic }), /"logVariance", got sigma/);
});

Deno.test("mineHardCombinations() takes the highest scores, in the order of combinations", () => {
  const score = [3, 9, 1, 7, 8, 2, 5];
  for (const [count, hard] of [[0, []], [1, [1]], [2, [1, 4]], [3, [1, 3, 4]], [7, [0, 1, 2, 3, 4, 5, 6]]] as const) {
    assert.deepEqual(mineHardCombinations(score, { modalities: 3, count }), hard);
  }
  assert.deepEqual(mineHardCombinations(score, { modalities: 3, count: 2, size: 2 }), [3, 4]);
  assert.deepEqual(mineHardCombinations(score, { modalities: 3, size: 3 }), [6]);
  assert.deepEqual(mineHardCombinations(Float32Array.from([1, 2, 0]), { modalities: 2 }), [1]);
});

Deno.test("mineHardCombinations() gives ties to the lower index, also infinite ones", () => {
  assert.deepEqual(mineHardCombinations([5, 5, 5], { modalities: 2, count: 2 }), [0, 1]);
  assert.deepEqual(mineHardCombinations([1, Infinity, Infinity], { modalities: 2 }), [1]);
  assert.deepEqual(mineHardCombinations([-Infinity, -Infinity, -1], { modalities: 2, count: 2 }), [0, 2]);
});

Deno.test("mineHardCombinations() leaves out what was not seen", () => {
  assert.deepEqual(mineHardCombinations([NaN, 1, 2], { modalities: 2, count: 2 }), [1, 2]);
  assert.throws(
    () => mineHardCombinations([NaN, NaN, 2], { modalities: 2, count: 2 }),
    /at most 1, as many combinations compete, got 2/,
  );
});

Deno.test("mineHardCombinations() says what is wrong with its input", () => {
  assert.throws(() => mineHardCombinations([1, 2], { modalities: 2 }), /each of 3 combinations, got 2/);
  for (const count of [-1, 1.5, 4, NaN]) {
    assert.throws(
      () => mineHardCombinations([1, 2, 3], { modalities: 2, count }),
      new RegExp(`at most 3.*got ${count}`),
    );
  }
  assert.throws(() => mineHardCombinations([1, 2, 3], { modalities: 2, size: 3 }), /at most 0.*got 1/);
  assert.throws(() => mineHardCombinations([], { modalities: 0 }), /1 to 16 modalities, got 0/);
});

Deno.test("HardCombinationMiner pools samples, not means of batches", async () => {
  const miner = new HardCombinationMiner(2), values = [3, 1, 5, 2, 9];
  const part = (from: number, size: number) =>
    combinationMeans(tf.tensor1d(values.slice(from, from + size)), tf.slice(masks, [from, 0], [size, 2]));
  miner.add(part(0, 4)); // both modalities: 1 and 2
  miner.add(part(4, 1)); // and 9
  const { hard, score, count } = await miner.mine();
  assert.deepEqual([hard, score, count], [[0], [4, NaN, 4], [2, 0, 3]]);
  assert.deepEqual(numbersOf(miner.hard), [1, 0, 0]);
});

Deno.test("HardCombinationMiner marks nothing before it has chosen, and what it is told to", async () => {
  const miner = new HardCombinationMiner(2), indices = int([2, 0, 1, 2]);
  assert.deepEqual(numbersOf(miner.hardSamples(indices)), [0, 0, 0, 0]);
  miner.choose([2, 0]);
  assert.deepEqual(numbersOf(miner.hardSamples(indices)), [1, 1, 0, 1]);
  assert.equal(miner.hardSamples(indices).dtype, "int32");
  miner.add({ score: tf.tensor1d([1, 2, 3]), count: int([4, 4, 4]) });
  await miner.mine({ count: 1, size: 1 });
  assert.deepEqual(numbersOf(miner.hardSamples(indices)), [0, 0, 1, 0]); // no longer what was chosen before
  for (const wrong of [-1, 3, 0.5]) assert.throws(() => miner.choose([wrong]), /indices of 3 combinations, got/);
  assert.deepEqual(numbersOf(miner.hard), [0, 1, 0]);
  await assert.rejects(new HardCombinationMiner(2).mine(), /at most 0, as many combinations compete/);
});

Deno.test("HardCombinationMiner goes on from a saved state", async () => {
  const [first, second] = [new HardCombinationMiner(2), new HardCombinationMiner(2)];
  first.add({ score: tf.tensor1d([1, 5, 0]), count: int([1, 1, 0]) });
  second.loadStateDict(first.stateDict());
  second.add({ score: tf.tensor1d([9, 1, 4]), count: int([3, 1, 1]) });
  assert.deepEqual((await second.mine()).score, [7, 3, 4]);
  assert.deepEqual(first.parameters(), []); // nothing for an optimiser
});

testNative("a compiled step collects, and follows a choice made after it was recorded", async () => {
  const miner = new HardCombinationMiner(2), indices = int([0, 2, 0, 2, 2]);
  const step = compile((values: tf.Tensor, masks: tf.Tensor, indices: tf.Tensor) => {
    miner.add(combinationMeans(values as tf.Tensor1D, masks as tf.Tensor2D));
    return miner.hardSamples(indices as tf.Tensor1D);
  });
  const run = () => numbersOf(step(tf.tensor1d([1, 5, 3, 5, 5]), masks, indices));
  for (let i = 0; i < 3; i++) assert.deepEqual(run(), [0, 0, 0, 0, 0]);
  const { hard, score, count } = await miner.mine();
  assert.deepEqual([hard, score, count], [[2], [2, NaN, 5], [6, 0, 9]]);
  assert.deepEqual(run(), [0, 1, 0, 1, 1]);
  step.dispose();
});

Deno.test("mining leaves no tensor behind", () => {
  const miner = new HardCombinationMiner(2), logVariance = wave([5, 3]), indices = int([0, 1]);
  const statistics = combinationStatistics(logVariance, masks);
  leavesNothing(() => ({ ...combinationStatistics(logVariance, masks) }));
  leavesNothing(() => miner.hardSamples(indices));
  leavesNothing(() => {
    miner.add(statistics);
    miner.choose([1]);
    return [];
  });
});
