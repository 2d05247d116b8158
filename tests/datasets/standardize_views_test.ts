import assert from "node:assert/strict";
import { type MultiviewDataset, type MultiviewSamples, standardizeViews } from "braid";
import { selectSamples } from "braid/datasets/multiview.ts";
import { card, incomplete } from "./multiview_samples.ts";

/** Samples of one view of one feature. */
const samplesOf = (...values: number[]): MultiviewSamples<"x", never> => ({
  count: values.length,
  views: { x: { width: 1, features: Float32Array.from(values) } },
  label: new Int32Array(values.length),
  columns: {},
  row: Int32Array.from(values.keys()),
});

const datasetOf = (train: number[], validation: number[], test: number[]): MultiviewDataset<"x", never> => ({
  card,
  train: samplesOf(...train),
  validation: samplesOf(...validation),
  test: samplesOf(...test),
});

Deno.test("standardizeViews() takes mean and deviation from the training samples alone", () => {
  const { train, validation, test, scaling } = standardizeViews(datasetOf([1, 3], [2], [6, 2]));
  assert.deepEqual(scaling.x, { mean: Float32Array.of(2), deviation: Float32Array.of(1) });
  assert.deepEqual(train.views.x.features, Float32Array.of(-1, 1));
  assert.deepEqual(validation.views.x.features, Float32Array.of(0));
  assert.deepEqual(test.views.x.features, Float32Array.of(4, 0));
  const others = standardizeViews(datasetOf([1, 3], [-1e6, 7], [1e9]));
  assert.deepEqual([others.scaling, others.train], [scaling, train]);
});

Deno.test("standardizeViews() leaves the data set it is given as it is, and tells the card", () => {
  const data = datasetOf([1, 3], [2], [6]);
  const { card: told } = standardizeViews(data);
  assert.deepEqual(data, datasetOf([1, 3], [2], [6]));
  assert.match(told.modalities[0].what, /^grey levels; standardised by mean and deviation of the training samples$/);
});

Deno.test("standardizeViews() measures a view on the samples that have it, and keeps the zeros of the others", () => {
  const { train, validation, scaling } = standardizeViews({
    card,
    train: incomplete,
    validation: selectSamples(incomplete, Int32Array.of(3, 2)),
    test: incomplete,
  });
  assert.deepEqual(scaling.picture.mean, Float32Array.of(3, 10)); // of 1, 3, 5 and of 10, 10, 10
  assert.deepEqual(scaling.picture.deviation, Float32Array.of(Math.sqrt(8 / 3), 0));
  const unit = Math.fround(2 / Math.fround(Math.sqrt(8 / 3)));
  assert.deepEqual(train.views.picture.features, Float32Array.of(-unit, 0, 0, 0, 0, 0, unit, 0));
  assert.deepEqual(scaling.sound.mean, Float32Array.of(4)); // of 2, 4, 6
  assert.deepEqual([train.views.sound.features[3], validation.views.sound.features[0]], [0, 0]);
  assert.ok(validation.views.sound.features[1] > 1);
  assert.deepEqual([train.available, train.views.sound.names], [incomplete.available, ["loudness"]]);
});

Deno.test("standardizeViews() only centres a feature that never changes in training, whatever its value", () => {
  for (const value of [0.1, 0.7, 1e30, -1e-30, 16777217 / 3]) {
    const { train, validation } = standardizeViews(datasetOf(Array(97).fill(value), [value, value + 1], []));
    assert.deepEqual(train.views.x.features, new Float32Array(97));
    assert.equal(validation.views.x.features[0], 0);
    assert.ok(Number.isFinite(validation.views.x.features[1]));
  }
});

Deno.test("standardizeViews() of one training sample, and of huge and tiny values", () => {
  assert.deepEqual(standardizeViews(datasetOf([5], [6], [])).validation.views.x.features, Float32Array.of(1));
  for (const scale of [1e-18, 1e30]) {
    const { train } = standardizeViews(datasetOf([scale, 3 * scale], [], []));
    train.views.x.features.forEach((x, row) => assert.ok(Math.abs(x - [-1, 1][row]) < 1e-6, `${x} at scale ${scale}`));
  }
});

Deno.test("standardizeViews() refuses a view that no training sample has", () => {
  const silent = { ...incomplete, available: Int32Array.of(1, 0, 1, 0, 1, 0, 1, 0) };
  assert.throws(() => standardizeViews({ card, train: silent, validation: silent, test: silent }), {
    name: "RangeError",
    message: /Expected training samples with the view sound, got none/,
  });
  assert.throws(() => standardizeViews(datasetOf([], [1], [2])), /training samples with the view x, got none/);
});
