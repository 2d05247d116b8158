// The controlled experiment on small settings: what is opened, trained, probed and freed.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { linearProbe } from "braid/evaluation/linear_probe.ts";
import type { ImagePair, PairLearner } from "braid/methods/comm/learners.ts";
import { trifeaturePresets } from "braid/methods/comm/settings.ts";
import {
  newLearner,
  openTrifeature,
  picture,
  probeAlone,
  probesOnTheWay,
  probeTrifeature,
  shortRun,
  testBatch,
  testSimilarities,
  trainOnTrifeature,
  trifeatureTasks,
} from "braid/methods/comm/trifeature_experiment.ts";
import type { TrainingReport } from "braid/training/train.ts";
import { closeTo, numbersOf, tensorsHeld } from "../../engine/engines.ts";

await useEngine();

const settings = { ...trifeaturePresets.smoke, size: 16, encoder: [3, 6, 8], dim: 16, batchSize: 4, steps: 2 };
const onEngine = await openTrifeature(settings), { data } = onEngine;

/** Features that tell everything: the mean colour of either picture. */
const colours = ([first, second]: ImagePair) => tf.tidy(() => tf.concat([first, second], 3).mean<tf.Tensor2D>([1, 2]));

/** Counts how often a probe asks for features. */
function counting(): { embed: PairLearner["embed"]; asked: () => number } {
  let count = 0;
  return { embed: (pair) => (count++, colours(pair)), asked: () => count };
}

Deno.test("openTrifeature() has each picture once for both modalities, in 0..1", () => {
  const { train, test } = onEngine, bytes = 16 * 16 * 3;
  assert.deepEqual([train[0].shape, test[0].shape], [[2400, 16, 16, 3], [200, 16, 16, 3]]);
  assert.equal(train[0], train[1]);
  closeTo(numbersOf(train[0].slice(7, 1)), [...data.train.pixels.subarray(7 * bytes, 8 * bytes)].map((x) => x / 255));
});

Deno.test("testBatch() holds the first test pairs, and picture() the same bytes", () => {
  const { first, second } = data.pairs("test", { count: 3 }), batch = testBatch(onEngine, 3);
  for (const [modality, numbers] of [first, second].entries()) {
    assert.deepEqual(batch[modality].shape, [3, 16, 16, 3]);
    const { pixels, height, width, channels } = picture(data.test, 16, numbers[2]);
    assert.deepEqual([height, width, channels, pixels.length], [16, 16, 3, 768]);
    closeTo(numbersOf(batch[modality].slice(2, 1)), [...pixels].map((byte) => byte / 255), 1e-6);
  }
});

Deno.test("testSimilarities() are cosines, between -1 and 1 to the last digit", async () => {
  const before = tensorsHeld();
  const close = { similarities: () => tf.tensor2d([[1 + 1e-6, 0.5], [-1 - 1e-6, 0]]) } as unknown as PairLearner;
  assert.deepEqual(await testSimilarities(close, onEngine, 2), [[1, 0.5], [-1, 0]]);
  assert.deepEqual(tensorsHeld(), before);
  for (const method of ["Cross", "CoMM"] as const) {
    const rows = await testSimilarities(newLearner(method, settings), onEngine);
    assert.deepEqual([rows.length, ...new Set(rows.map(({ length }) => length))], [24, 24]);
    assert.ok(rows.flat().every((cosine) => Math.abs(cosine) <= 1));
  }
});

Deno.test("probeTrifeature() can score on validation pairs, which join training images", async () => {
  const results = await probeTrifeature(colours, onEngine, { split: "validation" });
  for (const { n } of Object.values(results)) assert.equal(n, 2000);
  const pairs = { train: data.pairs("train", { count: 64 }), test: data.pairs("validation", { count: 2000 }) };
  const [train, test] = [pairs.train, pairs.test].map(({ first, second }) =>
    colours(
      [first, second].map((numbers) =>
        tf.gather(onEngine.train[0], tf.tensor1d(numbers, "int32"))
      ) as unknown as ImagePair,
    )
  );
  const expected = await linearProbe({
    train: { features: train, labels: pairs.train.labels.unique1 },
    test: { features: test, labels: pairs.test.labels.unique1 },
    ...{ classes: 10, cs: settings.probeCs, seed: settings.seed },
  });
  assert.ok(Math.abs(results.unique1.balancedAccuracy - expected.balancedAccuracy) < 0.005);
});

Deno.test("probeAlone() reads the vectors of single pictures, and of CoMM only", async () => {
  const mean = (images: tf.Tensor4D) => images.mean<tf.Tensor2D>([1, 2]);
  const embedMasks = ([first, second]: ImagePair) =>
    tf.tidy(() => tf.stack([mean(first), mean(second), mean(first)]) as tf.Tensor3D);
  const { first, second } = await probeAlone({ method: "CoMM", embedMasks } as PairLearner, onEngine);
  const ofFirst = await probeTrifeature(([images]) => tf.tidy(() => mean(images)), onEngine);
  const ofSecond = await probeTrifeature(([, images]) => tf.tidy(() => mean(images)), onEngine);
  assert.deepEqual(first.unique1.predictions, ofFirst.unique1.predictions);
  assert.deepEqual(second.unique1.predictions, ofSecond.unique1.predictions);
  await assert.rejects(probeAlone(newLearner("Cross", settings), onEngine), /fuses each picture alone.*got Cross/);
});

Deno.test("testSimilarities() refuses a method that compares by no cosines", async () => {
  await assert.rejects(
    testSimilarities(newLearner("FactorCL", settings), onEngine),
    /compares by cosines, got FactorCL/,
  );
});

Deno.test("probeTrifeature() fits on training pairs, scores on test pairs, and reads what the features hold", async () => {
  const results = await probeTrifeature(colours, onEngine);
  assert.deepEqual(Object.keys(results), Object.keys(trifeatureTasks));
  const pairs = { train: data.pairs("train", { count: 64 }), test: data.pairs("test", { count: 64 }) };
  const features = (split: "train" | "test") =>
    colours([
      tf.gather(onEngine[split][0], tf.tensor1d(pairs[split].first, "int32")),
      tf.gather(onEngine[split][0], tf.tensor1d(pairs[split].second, "int32")),
    ]);
  for (const [task, classes] of [["share", 10], ["unique1", 10], ["unique2", 10], ["synergy", 2]] as const) {
    const [train, test] = (["train", "test"] as const).map((split) => ({
      features: features(split),
      labels: pairs[split].labels[task],
    }));
    const expected = await linearProbe({ train, test, classes, cs: [1], seed: 42 });
    assert.deepEqual(results[task].predictions, expected.predictions, task);
    assert.equal(results[task].n, 64);
  }
});

Deno.test("probeTrifeature() takes all test pairs where the settings say 0", async () => {
  const all = { ...onEngine, settings: { ...settings, testPairs: 0 } };
  const { share } = await probeTrifeature(colours, all);
  assert.equal(share.n, 4094);
});

const report = (step: number, steps: number) => ({ step, steps }) as TrainingReport;

Deno.test("probesOnTheWay() probes at equal distances, at the first report that is far enough", async () => {
  const { embed, asked } = counting();
  const { onReport, points } = probesOnTheWay({ embed } as PairLearner, onEngine, { times: 3 });
  const after: Record<number, number> = {};
  for (const step of [10, 20, 30, 40, 50, 60, 70, 80, 90]) {
    await onReport(report(step, 90));
    after[step] = points.length;
  }
  assert.deepEqual(points.map(({ step }) => step), [30, 60, 90]);
  assert.deepEqual([after[20], after[30], after[80]], [0, 1, 2]);
  assert.equal(asked() % 3, 0);
  const { share } = await probeTrifeature(colours, onEngine);
  assert.equal(points[0].results.share.balancedAccuracy, share.balancedAccuracy);
  assert.deepEqual(Object.keys(points[0].results), Object.keys(trifeatureTasks));
});

Deno.test("probesOnTheWay() probes once where there is one report", async () => {
  const { onReport, points } = probesOnTheWay({ embed: colours } as PairLearner, onEngine, { times: 3 });
  await onReport(report(4, 4));
  assert.deepEqual(points.map(({ step }) => step), [4]);
});

Deno.test("trainOnTrifeature() takes the steps of the settings and changes the weights", async () => {
  const learner = newLearner("CoMM", settings), [[, weight]] = learner.model.parameters();
  const before = numbersOf(weight), reports = await Array.fromAsync(trainOnTrifeature(learner, onEngine));
  assert.deepEqual(reports.map(({ step, steps }) => [step, steps]), [[2, 2]]);
  assert.notDeepEqual(numbersOf(weight), before);
});

Deno.test("trainOnTrifeature() learns from biased pairs only when asked to", async () => {
  const asked: unknown[] = [],
    pairs: typeof data.pairs = (split, options) => {
      asked.push([split, options]);
      return data.pairs(split, options);
    };
  const watched = { ...onEngine, data: { ...data, pairs }, settings: { ...settings, steps: 1 } };
  const learner = newLearner("Cross", settings);
  for (const options of [undefined, { biased: true }]) {
    await Array.fromAsync(trainOnTrifeature(learner, watched, options));
  }
  assert.deepEqual(asked, [["train", { biased: false, count: 64 }], ["train", { biased: true, count: 64 }]]);
});

Deno.test("shortRun() takes the short steps, with the variant's loss and batch, and frees its model", async () => {
  const once = { ...onEngine, settings: { ...settings, shortSteps: 1 } };
  const plain = await shortRun(once), held = tensorsHeld();
  assert.deepEqual((await shortRun(once)).share.predictions, plain.share.predictions); // the same seed
  const left = tensorsHeld().map((count, i) => count - held[i]);
  assert.ok(left.every((count) => count === 0), String(left));
  const variant = await shortRun(once, { batchSize: 8, comm: { temperature: 1 } });
  assert.notDeepEqual(variant, plain);
  await assert.rejects(shortRun(once, { batchSize: 65 }), /at least 65 samples for one batch, got 64/);
});
