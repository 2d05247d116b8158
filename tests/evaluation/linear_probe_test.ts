import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { type LabelledFeatures, linearProbe } from "braid/evaluation/linear_probe.ts";

await useEngine("cpu");

/** Uniform noise from Lehmer's generator with a bump on the coordinate of the class, easily made again elsewhere. */
function noisyClasses(samples: number, classes: number): LabelledFeatures {
  const labels = Int32Array.from({ length: samples }, (_, i) => (i * i + Math.floor(i / 3)) % classes);
  let state = 1;
  const rows = Array.from(labels, (label) =>
    Array.from({ length: 4 }, (_, d) => {
      state = state * 16807 % 2147483647;
      return state / 2147483647 * 4 - 2 + (d === label ? 1 : 0);
    }));
  return { features: tf.tensor2d(rows), labels };
}

const part = ({ features, labels }: LabelledFeatures, from: number, to: number): LabelledFeatures => ({
  features: features.slice([from, 0], [to - from, -1]),
  labels: labels.slice(from, to),
});

// scikit-learn 1.9.1: LogisticRegressionCV(Cs=[1e-4, 1e-2, 1, 1e2, 1e4], cv=5, scoring="balanced_accuracy", max_iter=100)
const SCIKIT_LEARN = [
  {
    classes: 2,
    c: 1,
    meanScore: 0.61,
    balancedAccuracy: 0.7375,
    accuracy: 0.8,
    predictions: "100010010000010000000010010110010010000000110010000000010000",
  },
  {
    classes: 3,
    c: 0.01,
    meanScore: 0.470132,
    balancedAccuracy: 0.6027568922305765,
    accuracy: 0.6,
    predictions: "121200012121120021102211110122222011202001110122102211120000",
  },
];

for (const want of SCIKIT_LEARN) {
  Deno.test(`linearProbe() chooses and predicts as scikit-learn does with ${want.classes} classes`, async () => {
    const all = noisyClasses(180, want.classes), options = { classes: want.classes, seed: 1 };
    const got = await linearProbe({ train: part(all, 0, 120), test: part(all, 120, 180), ...options });
    assert.equal(got.c, want.c);
    assert.equal(got.predictions.join(""), want.predictions);
    assert.ok(Math.abs(got.balancedAccuracy - want.balancedAccuracy) < 1e-12);
    assert.equal(got.accuracy, want.accuracy);
    const meanScore = got.validationScores.reduce((sum, score) => sum + score, 0) / 5;
    assert.ok(Math.abs(meanScore - want.meanScore) < 1e-6, `mean validation score ${meanScore}`);
  });
}

Deno.test("linearProbe() with a single C fits at once, on all samples", async () => {
  const all = noisyClasses(60, 3), data = { train: part(all, 0, 40), test: part(all, 40, 60), classes: 3, seed: 1 };
  const { c, validationScores, n, interval } = await linearProbe({ ...data, cs: [0.5] });
  assert.deepEqual([c, validationScores, n], [0.5, [], 20]);
  assert.equal(interval.over, "samples");
  assert.ok(interval.low! <= interval.value && interval.value <= interval.high!);
});

Deno.test("linearProbe() takes the first C of those that validate equally well", async () => {
  const labels = Int32Array.from({ length: 12 }, (_, i) => i % 2);
  const separate = { features: tf.tensor2d(Array.from(labels, (label, i) => [label ? 3 + i : -3 - i])), labels };
  const { c, validationScores } = await linearProbe({
    train: separate,
    test: separate,
    classes: 2,
    seed: 1,
    cs: [10, 0.1, 1],
  });
  assert.deepEqual([c, validationScores], [10, [1, 1, 1]]);
});

/** Colour of image 2 that belongs to each texture of image 1 in the synergy task. */
const COLOUR_OF_TEXTURE = [5, 6, 0, 7, 3, 2, 4, 9, 1, 8];

/** Factors of random pairs of equal shape: [shape 1, colour 1, texture 1, shape 2, colour 2, texture 2]. */
function factorPairs(samples: number, stream: string) {
  const random = randomNumbers(42, stream);
  const factors = Array.from({ length: samples }, () => {
    const [shape, colour1, texture1, colour2, texture2] = Array.from({ length: 5 }, () => random.integer(10));
    return [shape, colour1, texture1, shape, colour2, texture2];
  });
  const labels = Int32Array.from(
    factors,
    ([, , texture1, , colour2]) => Number(COLOUR_OF_TEXTURE[texture1] === colour2),
  );
  return { factors, labels };
}

const oneHot = (index: number, size: number) => Array.from({ length: size }, (_, k) => Number(k === index));
const additive = (factors: number[]) => factors.flatMap((factor) => oneHot(factor, 10));
const interaction = ([, , texture1, , colour2]: number[]) => oneHot(10 * texture1 + colour2, 100);

for (const [name, encode, want] of [["factors alone", additive, 0.5], ["texture x colour", interaction, 1]] as const) {
  Deno.test(`linearProbe() scores ${100 * want} % on Trifeature's synergy from ${name}`, async () => {
    const labelled = ({ factors, labels }: ReturnType<typeof factorPairs>): LabelledFeatures => ({
      features: tf.tensor2d(factors.map(encode)),
      labels,
    });
    const train = labelled(factorPairs(3000, "train")), test = labelled(factorPairs(1000, "test"));
    const positives = test.labels.filter((label) => label === 1).length;
    assert.ok(positives > 70 && positives < 130, `${positives} of 1000 are positive`);
    const { balancedAccuracy, accuracy } = await linearProbe({ train, test, classes: 2, seed: 1 });
    assert.equal(balancedAccuracy, want);
    if (want === 0.5) assert.equal(accuracy, 1 - positives / 1000);
  });
}

Deno.test("linearProbe() leaves no tensor behind", async () => {
  const all = noisyClasses(60, 3), train = part(all, 0, 40), test = part(all, 40, 60);
  const before = tf.memory().numTensors;
  await linearProbe({ train, test, classes: 3, seed: 1, folds: 2 });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("linearProbe() says what is wrong with its input", async () => {
  const all = noisyClasses(12, 3), data = { train: all, test: all, classes: 3, seed: 1 };
  const rejects = (changes: Partial<Parameters<typeof linearProbe>[0]>, message: RegExp) =>
    assert.rejects(linearProbe({ ...data, ...changes }), { name: "RangeError", message });
  await rejects({ cs: [] }, /at least one value in cs, got none/);
  await rejects({ cs: [1, -1] }, /c to be positive and finite, got -1/);
  await rejects({ folds: 5 }, /at least 5 samples of each class for 5 folds, got 4 of class 0/);
  await rejects({ classes: 2 }, /labels to be integers in 0 … 1, got 2/);
  const wide = { features: tf.zeros<tf.Rank.R2>([1, 5]), labels: Int32Array.of(0) };
  await rejects({ test: wide, folds: 2 }, /test features to be \[samples, 4\] as in training, got \[1,5\]/);
  const unlabelled = { features: all.features, labels: Int32Array.of(0) };
  await rejects({ test: unlabelled }, /test features .* one row for each of 1 labels, got \[12,4\]/);
  const broken = { features: tf.fill([12, 4], NaN) as tf.Tensor2D, labels: all.labels };
  await rejects({ test: broken }, /test features to be finite, got NaN or infinity in row 0/);
});
