// Dropped steps and noise: how many, where, and what modalities of a sample have in common.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { augmentSequences, dropNoise } from "braid/augment/sequence.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { numbersOf, tensorsHeld } from "../engine/engines.ts";

await useEngine("cpu");
const BATCH = 600, STEPS = 10;
const stream = () => new RandomStream(4, "views");
const ones = (features = 2, steps = STEPS) => tf.ones<tf.Rank.R3>([BATCH, steps, features]);
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** How many steps of each sample are 0 throughout. */
const droppedSteps = (x: tf.Tensor3D) =>
  x.arraySync().map((sample) => sample.filter((step) => step.every((value) => value === 0)).length);

Deno.test("steps are dropped whole, a share that is uniform up to the largest, anywhere in the sequence", () => {
  const [x] = augmentSequences([ones()], { drop: { probability: 1, most: 0.8 } }, stream());
  for (const step of x.arraySync().flat()) assert.ok(step[0] === step[1] && (step[0] === 0 || step[0] === 1));
  const counts = droppedSteps(x); // floor of a number in [0, 8)
  for (let count = 0; count < 8; count++) {
    const share = mean(counts.map((found) => Number(found === count)));
    assert.ok(Math.abs(share - 1 / 8) < 4 * Math.sqrt(7 / 64 / BATCH), `${count} steps: ${share}`);
  }
  assert.ok(counts.every((count) => count < 8));
  const kept = (tf.mean(x, [0, 2]).arraySync() as number[]).map((share) => share - (1 - 3.5 / 10));
  assert.ok(kept.every((difference) => Math.abs(difference) < 4 * Math.sqrt(0.25 / BATCH)), String(kept));
});

Deno.test("coins are one for all modalities of a sample; the steps are each modality's own", () => {
  const [x, y] = augmentSequences([ones(), ones(3)], { drop: { probability: 0.5, most: 1 } }, stream());
  const untouched = [x, y].map((z) => droppedSteps(z).map((count) => count === 0));
  // A share below a tenth drops nothing, too.
  const differing = mean(untouched[0].map((whole, i) => Number(whole !== untouched[1][i])));
  assert.ok(differing < 0.5 * 2 * 0.1 * 0.9 + 4 * Math.sqrt(0.09 * 0.91 / BATCH), String(differing));
  const whole = mean(untouched[0].map(Number));
  assert.ok(Math.abs(whole - 0.55) < 4 * Math.sqrt(0.25 / BATCH), String(whole));
  assert.notDeepEqual(droppedSteps(x), droppedSteps(y));
});

Deno.test("noise comes to half of the samples, on dropped steps too, with the deviation that is asked for", () => {
  const [x] = augmentSequences([tf.zerosLike(ones())], dropNoise, stream());
  const samples = x.reshape([BATCH, -1]).arraySync() as number[][];
  const noisy = samples.filter((sample) => sample.some((value) => value !== 0));
  assert.ok(Math.abs(noisy.length / BATCH - 0.5) < 4 * Math.sqrt(0.25 / BATCH));
  assert.ok(noisy.every((sample) => sample.every((value) => value !== 0)));
  const deviation = Math.sqrt(mean(noisy.flat().map((value) => value ** 2)));
  assert.ok(Math.abs(deviation - 0.1) < 0.1 * 4 / Math.sqrt(2 * noisy.flat().length), String(deviation));
});

Deno.test("nothing asked for changes nothing; one step and no step work; the same seed draws the same", () => {
  const x = ones();
  assert.deepEqual(numbersOf(augmentSequences([x], {}, stream())), numbersOf(x));
  assert.deepEqual(
    numbersOf(augmentSequences([ones(2, 1)], { drop: dropNoise.drop }, stream())),
    numbersOf(ones(2, 1)),
  );
  assert.deepEqual(augmentSequences([tf.ones([2, 0, 3])], dropNoise, stream())[0].shape, [2, 0, 3]);
  const twice = [1, 2].map(() => numbersOf(augmentSequences([x], dropNoise, stream())));
  assert.deepEqual(twice[0], twice[1]);
});

Deno.test("augmentSequences() says what is wrong with its input, and leaves no tensor behind", () => {
  const random = stream(), x = ones();
  assert.throws(() => augmentSequences([], dropNoise, random), /of one batch, got none/);
  assert.throws(() => augmentSequences([x, tf.ones([2, 3, 4])], dropNoise, random), /got \[600,10,2\], \[2,3,4\]/);
  const before = tensorsHeld();
  tf.dispose(augmentSequences([x, x], dropNoise, random));
  assert.deepEqual(tensorsHeld(), before);
});
