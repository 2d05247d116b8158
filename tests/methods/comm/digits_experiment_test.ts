// CoMM on spoken and written digits: the data on the engine, the learner, and what the answer rests on.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { spokenWrittenDigits } from "braid/datasets/spoken_written_digits.ts";
import { useEngine } from "braid/engine/engine.ts";
import {
  digitsLearner,
  type DigitsOnEngine,
  type DigitSplit,
  openDigits,
  predictDigits,
} from "braid/methods/comm/digits_experiment.ts";
import { type ImagePair, pairOptimizer } from "braid/methods/comm/learners.ts";
import { samplePool, trainOnPairs } from "braid/methods/comm/pair_training.ts";
import { closeTo, numbersOf } from "../../engine/engines.ts";

await useEngine();

const raw = await spokenWrittenDigits({ seed: 1 }), few = await openDigits({ seed: 1, every: 5 });

/** Sums in float64, one number after another. */
function momentsByLoop(values: Float32Array): { mean: number; variance: number } {
  let sum = 0, squares = 0;
  for (const x of values) sum += x;
  const mean = sum / values.length;
  for (const x of values) squares += (x - mean) ** 2;
  return { mean, variance: squares / values.length };
}

const valuesOf = (pool: tf.Variable) => Float32Array.from(pool.dataSync());

Deno.test("openDigits() standardises sounds by the training set, and leaves pictures as they are", async () => {
  const { train, test } = await openDigits({ seed: 1 });
  assert.deepEqual(train.pools.map(({ shape }) => shape), [[2400, 28, 28, 1], [2400, 64, 44, 1]]);
  assert.deepEqual(test.pools.map(({ shape }) => shape), [[300, 28, 28, 1], [300, 64, 44, 1]]);
  const { mean, variance } = momentsByLoop(valuesOf(train.pools[1]));
  assert.ok(Math.abs(mean) < 1e-4 && Math.abs(variance - 1) < 1e-4, `${mean} ${variance}`);

  const training = momentsByLoop(raw.train.sound), deviation = Math.sqrt(training.variance);
  closeTo(valuesOf(test.pools[1]), raw.test.sound.map((level) => (level - training.mean) / deviation), 1e-5);
  assert.deepEqual(valuesOf(train.pools[0]), raw.train.image);
  assert.deepEqual(train.samples.label, raw.train.label);
  tf.dispose([train.pools, test.pools]);
});

Deno.test("openDigits() joins picture i with sound i", () => {
  for (const { pairs, samples } of [few.train, few.test]) {
    const all = Int32Array.from({ length: samples.count }, (_, i) => i);
    assert.deepEqual(pairs, { first: all, second: all });
  }
});

Deno.test("openDigits() takes every n-th sample with its label and speaker: every fifth has all kinds", () => {
  for (const [split, whole, each] of [[few.train, raw.train, 8], [few.test, raw.test, 1]] as const) {
    const { count, image, label, speaker, sound } = split.samples;
    assert.deepEqual([count, split.pools[0].shape[0], split.pools[1].shape[0]], Array(3).fill(whole.count / 5));
    assert.equal(sound.length, count * 64 * 44);
    for (let i = 0; i < count; i++) {
      assert.deepEqual([label[i], speaker[i]], [whole.label[5 * i], whole.speaker[5 * i]]);
      assert.deepEqual(image.subarray(784 * i, 784 * (i + 1)), whole.image.subarray(3920 * i, 3920 * i + 784));
    }
    const kinds = Map.groupBy(label.keys(), (i) => `${label[i]} ${speaker[i]}`);
    assert.deepEqual([...kinds.values()].map(({ length }) => length), Array(60).fill(each));
  }
  const { mean, variance } = momentsByLoop(valuesOf(few.train.pools[1]));
  assert.ok(Math.abs(mean) < 1e-4 && Math.abs(variance - 1) < 1e-4, `${mean} ${variance}`);
});

Deno.test("openDigits() refuses a share that is no count", async () => {
  for (const every of [0, -1, 1.5, NaN]) {
    await assert.rejects(openDigits({ seed: 1, every }), {
      name: "RangeError",
      message: `Expected every to be a positive whole number, got ${every}`,
    });
  }
});

/** Ten samples a split, one of each digit; a picture or sound shows a digit by the one of ten places that is bright. */
function brightDigits(pictures: number[], sounds: number[]): DigitSplit {
  const count = 10, all = Int32Array.from({ length: count }, (_, i) => i), none = new Float32Array();
  const pool = (digits: number[]) =>
    samplePool(Float32Array.from(digits.flatMap((digit) => [...all].map((k) => 9 * Number(k === digit)))), [
      count,
      1,
      10,
      1,
    ]);
  const samples = { count, image: none, sound: none, trajectory: none, label: Int32Array.from(pictures), speaker: all };
  return { samples, pools: [pool(pictures), pool(sounds)], pairs: { first: all, second: all } };
}

/** A learner that has nothing to learn: its vectors are the samples; that of both is the picture's. */
function transparentLearner(): ReturnType<typeof digitsLearner> {
  const flat = (x: tf.Tensor4D) => x.reshape<tf.Tensor2D>([x.shape[0], 10]);
  const embedMasks = ([picture, sound]: ImagePair) =>
    tf.stack([flat(picture), flat(sound), flat(picture)]) as tf.Tensor3D;
  return { embedMasks } as ReturnType<typeof digitsLearner>;
}

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], shown = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
const spoken = shown.map((digit) => (digit + 3) % 10);
const data: DigitsOnEngine = { speakers: [], train: brightDigits(digits, digits), test: brightDigits(shown, spoken) };

Deno.test("predictDigits() reads each modality from its own vector, and both from the fused one", async () => {
  const { image, sound, both } = await predictDigits(transparentLearner(), data, { seed: 4 });
  assert.deepEqual([[...image], [...sound], [...both]], [shown, spoken, shown]);
});

Deno.test("predictDigits() shuffles one modality by a permutation, so that the answer follows the other", async () => {
  const { both, soundShuffled, imageShuffled } = await predictDigits(transparentLearner(), data, { seed: 4 });
  assert.deepEqual(soundShuffled, both); // nothing rests on the sound
  assert.deepEqual([...imageShuffled].sort(), digits); // each picture is used once
  assert.notDeepEqual(imageShuffled, both);
  const again = await predictDigits(transparentLearner(), data, { seed: 4 });
  assert.deepEqual(again.imageShuffled, imageShuffled);
  const other = await predictDigits(transparentLearner(), data, { seed: 5 });
  assert.notDeepEqual(other.imageShuffled, imageShuffled);
});

Deno.test("predictDigits() leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await predictDigits(transparentLearner(), data, { seed: 4 });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("CoMM trains on digits, and all of its answers are digits", async () => {
  const learner = digitsLearner({ seed: 1 }), optimizer = pairOptimizer(learner), { pools, pairs } = few.train;
  const training = { learner, optimizer, pools, pairs, batchSize: 8, steps: 2, seed: 1, reportEvery: 1 };
  const reports = await Array.fromAsync(trainOnPairs(training));
  for (const { loss, terms } of reports) {
    closeTo([loss], [(terms.first + terms.second + terms.both) / 3], 1e-4);
    assert.ok(loss > 0 && loss < 20, String(loss));
  }
  const predictions = await predictDigits(learner, few, { seed: 1 });
  assert.deepEqual(Object.keys(predictions), ["image", "sound", "both", "soundShuffled", "imageShuffled"]);
  for (const answers of Object.values(predictions)) {
    assert.equal(answers.length, 60);
    assert.ok(answers.every((digit) => Number.isInteger(digit) && digit >= 0 && digit <= 9));
  }
  optimizer.dispose();
  learner.dispose();
});

Deno.test("the fused vector is the last of a pair's vectors, and cosines lie between -1 and 1", () => {
  const learner = digitsLearner({ seed: 2 });
  const [pictures, sounds] = few.test.pools, pair: ImagePair = [pictures.slice(0, 4), sounds.slice(0, 4)];
  const masks = tf.unstack(learner.embedMasks(pair));
  assert.deepEqual(masks.map(({ shape }) => shape), [[4, 128], [4, 128], [4, 128]]);
  closeTo(numbersOf(masks[2]), numbersOf(learner.embed(pair)), 1e-4);
  const cosines = learner.similarities!(pair);
  assert.deepEqual(cosines.shape, [4, 4]);
  assert.ok(numbersOf(cosines).every((cosine) => Math.abs(cosine) <= 1 + 1e-5));
});
