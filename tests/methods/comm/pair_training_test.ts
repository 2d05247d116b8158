// Training and probing on pairs: the order of pairs, features of all of them, what a probe reads.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import {
  type ImagePair,
  type PairLearner,
  pairLearner,
  pairMethods,
  pairOptimizer,
} from "braid/methods/comm/learners.ts";
import {
  embedPairs,
  probePairs,
  samplePool,
  type SamplePools,
  trainOnPairs,
} from "braid/methods/comm/pair_training.ts";
import { Linear } from "braid/nn/linear.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, numbersOf, tensorsHeld } from "../../engine/engines.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";

await useEngine();
const random = new RandomStream(0, "weights");

Deno.test("samplePool() refuses samples that are no numbers, and a shape that does not hold them", () => {
  assert.throws(() => samplePool(Float32Array.of(0, NaN), [2, 1, 1, 1]), /Expected finite samples, got NaN at place 1/);
  assert.throws(() => samplePool(Float32Array.of(Infinity), [1, 1, 1, 1]), /got Infinity at place 0/);
  assert.throws(() => samplePool(Float32Array.of(1, 2), [3, 1, 1, 1]), /3/);
});

Deno.test("samplePool() keeps pictures as numbers in 0..1, in a variable that is not trained", () => {
  const before = tensorsHeld();
  const bytes = samplePool(Uint8Array.of(0, 51, 255, 102), [2, 2, 1, 1]);
  const numbers = samplePool(Float32Array.of(0.25, 0.5), [2, 1, 1, 1]);
  closeTo(numbersOf(bytes), [0, 0.2, 1, 0.4], 1e-7);
  assert.deepEqual(numbersOf(numbers), [0.25, 0.5]);
  assert.deepEqual([bytes.trainable, bytes.shape], [false, [2, 2, 1, 1]]);
  tf.dispose([bytes, numbers]);
  assert.deepEqual(tensorsHeld(), before);
});

/** Pools whose picture `i` is the number `i`. */
function numberPools(n: number): SamplePools {
  const pool = samplePool(Float32Array.from({ length: n }, (_, i) => i), [n, 1, 1, 1]);
  return [pool, pool];
}

/** Which pairs each step of two pairs sees: a learner whose loss spells their numbers. */
async function pairsSeen(seed: number, steps: number, n = 6): Promise<[first: number, second: number][]> {
  const model = new Linear(1, 1, { random });
  const spell = (pair: ImagePair) =>
    pair.map((x) => tf.sum(tf.mul(tf.reshape(x, [2]), tf.tensor1d([1, 100]))) as tf.Scalar) as [tf.Scalar, tf.Scalar];
  const learner = {
    model,
    loss: (pair: ImagePair) => {
      const [first, second] = spell(pair);
      return { value: tf.add(first, tf.mul(model.weight.sum(), 0)) as tf.Scalar, second };
    },
  } as unknown as PairLearner;
  const optimizer = new Adam(model.parameters()), pools = numberPools(n);
  const pairs = {
    first: Int32Array.from({ length: n }, (_, i) => i),
    second: Int32Array.from({ length: n }, (_, i) => n - 1 - i),
  };
  const seen: [number, number][] = [];
  const training = trainOnPairs({ learner, optimizer, pools, pairs, batchSize: 2, steps, seed, reportEvery: 1 });
  for await (const { loss, terms: { second } } of training) {
    seen.push([loss % 100, second % 100], [Math.floor(loss / 100), Math.floor(second / 100)]);
  }
  optimizer.dispose();
  tf.dispose(pools);
  return seen;
}

Deno.test("trainOnPairs() sees every pair once an epoch, first with its second, in a new order each epoch", async () => {
  const seen = await pairsSeen(4, 9);
  const epochs = [0, 1, 2].map((epoch) => seen.slice(6 * epoch, 6 * epoch + 6));
  for (const epoch of epochs) assert.deepEqual(epoch.map(([first]) => first).sort(), [0, 1, 2, 3, 4, 5]);
  assert.ok(seen.every(([first, second]) => second === 5 - first));
  assert.equal(new Set(epochs.map(String)).size, 3);
});

Deno.test("trainOnPairs() repeats its order for the same seed, and not for another", async () => {
  const first = await pairsSeen(4, 6);
  assert.deepEqual(await pairsSeen(4, 6), first);
  assert.notDeepEqual(await pairsSeen(5, 6), first);
});

Deno.test("trainOnPairs() leaves out the pairs that fill no batch, others in each epoch", async () => {
  const seen = await pairsSeen(1, 60, 7); // 20 epochs of 3 batches
  const counts = Array.from({ length: 7 }, (_, i) => seen.filter(([first]) => first === i).length);
  assert.equal(seen.length, 120);
  assert.ok(counts.every((count) => count < 20 && count > 10), String(counts));
});

/** Pairs of pictures of one colour each, and a learner of each method that trains on them. */
function colours() {
  const { uniform } = randomNumbers(2, "colours"), n = 16, size = 8;
  const pixels = new Float32Array(n * size * size * 3);
  for (let i = 0; i < n; i++) {
    const colour = [uniform(), uniform(), uniform()];
    for (let k = 0; k < size * size * 3; k++) pixels[i * size * size * 3 + k] = colour[k % 3];
  }
  const pool = samplePool(pixels, [n, size, size, 3]), all = Int32Array.from({ length: n }, (_, i) => i);
  return { pools: [pool, pool] as SamplePools, pairs: { first: all, second: all } };
}

for (const method of pairMethods) {
  Deno.test(`${method} learns to tell pairs of colours apart, and a step leaves no tensor behind`, async () => {
    const learner = pairLearner(method, { encoder: [3, 6, 8], dim: 16, seed: 3 });
    const optimizer = pairOptimizer(learner, { learningRate: 3e-3 }), { pools, pairs } = colours();
    const losses: number[] = [], held: string[] = [];
    const options = { learner, optimizer, pools, pairs, batchSize: 16, steps: 20, seed: 1, reportEvery: 10 };
    for await (const { loss } of trainOnPairs(options)) {
      losses.push(loss);
      held.push(String(tensorsHeld()));
    }
    assert.ok(losses.at(-1)! < losses[0] - 0.05 * Math.abs(losses[0]), String(losses));
    assert.equal(new Set(held).size, 1, held.join(" "));
    tf.dispose(pools);
  });
}

Deno.test("leaving trainOnPairs() early keeps the weights and gives its memory back", async () => {
  const learner = pairLearner("Cross", { encoder: [3, 4], dim: 8, seed: 3 }), optimizer = pairOptimizer(learner);
  const { pools, pairs } = colours(), options = { learner, optimizer, pools, pairs, batchSize: 8, steps: 50, seed: 1 };
  const held: number[][] = [];
  for (let round = 0; round < 3; round++) {
    for await (const _ of trainOnPairs({ ...options, reportEvery: 2 })) break;
    held.push(tensorsHeld());
  }
  assert.deepEqual(held[2], held[1]);
  assert.ok(learner.model.parameters().every(([, parameter]) => !parameter.isDisposed));
  const controller = new AbortController(), steps: number[] = [];
  for await (const { step } of trainOnPairs({ ...options, reportEvery: 2, signal: controller.signal })) {
    steps.push(step);
    if (step === 4) controller.abort();
  }
  assert.deepEqual(steps, [2, 4, 5]);
});

Deno.test("embedPairs() gives the features of every pair, row by row, for any number of them", () => {
  const pools: SamplePools = [numberPools(9)[0], samplePool(Float32Array.of(10, 20, 30), [3, 1, 1, 1])];
  const embed = ([a, b]: ImagePair) => tf.concat([tf.reshape(a, [-1, 1]), tf.reshape(b, [-1, 1])], 1) as tf.Tensor2D;
  for (const count of [1, 3, 4, 5, 8, 11]) {
    const pairs = {
      first: Int32Array.from({ length: count }, (_, i) => (5 * i) % 9),
      second: Int32Array.from({ length: count }, (_, i) => i % 3),
    };
    const before = tensorsHeld(), features = embedPairs(embed, pools, pairs, { batchSize: 4 });
    assert.deepEqual(features.arraySync(), [...pairs.first].map((first, i) => [first, 10 * (1 + pairs.second[i])]));
    features.dispose();
    assert.deepEqual(tensorsHeld(), before);
  }
  const none = { first: new Int32Array(0), second: new Int32Array(0) };
  assert.throws(() => embedPairs(embed, pools, none), /at least one pair to embed, got none/);
});

Deno.test("probePairs() reads off what features hold and nothing else, task by task", async () => {
  const { uniform, integer } = randomNumbers(7, "tasks");
  const split = (n: number) => {
    const values = Float32Array.from({ length: n }, uniform), all = Int32Array.from({ length: n }, (_, i) => i);
    const pool = samplePool(values, [n, 1, 1, 1]), second = all.map((i) => (i + 3) % n);
    const labels = {
      first: Int32Array.from(values, (v) => Number(v > 0.5)),
      second: second.map((i) => Number(values[i] > 0.3)),
      chance: Int32Array.from(all, () => integer(2)),
    };
    return { pools: [pool, pool] as SamplePools, pairs: { first: all, second, labels } };
  };
  const embed = ([a, b]: ImagePair) =>
    tf.tidy(() => tf.mul(tf.concat([tf.reshape(a, [-1, 1]), tf.reshape(b, [-1, 1])], 1), 10) as tf.Tensor2D);
  const before = tensorsHeld(), [train, test] = [split(300), split(200)];
  const tasks = { first: 2, second: 2, chance: 2 };
  const results = await probePairs(embed, { train, test, tasks, cs: [1e4], seed: 0 });
  assert.deepEqual(Object.keys(results), ["first", "second", "chance"]);
  assert.ok(results.first.accuracy > 0.97 && results.second.accuracy > 0.97);
  assert.ok(Math.abs(results.chance.accuracy - 0.5) < 4 * 0.5 / Math.sqrt(200));
  assert.equal(results.first.n, 200);
  tf.dispose([train.pools[0], test.pools[0]]);
  assert.deepEqual(tensorsHeld(), before);
});
