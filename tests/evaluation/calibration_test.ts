import assert from "node:assert/strict";
import * as fc from "fast-check";
import { expectedCalibrationError } from "braid/evaluation/calibration.ts";

const close = (got: number, want: number) => assert.ok(Math.abs(got - want) < 1e-9, `got ${got}, want ${want}`);

Deno.test("expectedCalibrationError() is 0 for a classifier as right as it is confident", () => {
  const labels = [0, 0, 0, 1, 1, 1, 1, 1], probabilities = labels.map((_, i) => i < 4 ? [0.75, 0.25] : [0, 1]);
  const { error, bins } = expectedCalibrationError(labels, probabilities);
  assert.equal(error, 0);
  assert.deepEqual(bins.map(({ n, confidence, accuracy }) => [n, confidence, accuracy.value]), [[4, 0.75, 0.75], [
    4,
    1,
    1,
  ]]);
});

Deno.test("expectedCalibrationError() of one who is always sure and always wrong is 1", () => {
  assert.equal(expectedCalibrationError([0, 0], [[0, 1], [0, 1]]).error, 1);
});

Deno.test("expectedCalibrationError() puts a confidence at an edge into the bin below", () => {
  const { bins } = expectedCalibrationError([0, 0], [[0.5, 0.5], [0.5001, 0.4999]], { bins: 2 });
  assert.deepEqual(bins.map(({ low, high, n }) => [low, high, n]), [[0, 0.5, 1], [0.5, 1, 1]]);
});

Deno.test("expectedCalibrationError() follows its definition, bin by bin", () => {
  const row = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
  const sample = fc.record({ row, label: fc.integer({ min: 0, max: 2 }) });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (all, bins) => {
      const rows = all.map(({ row }) => row.map((value) => value / (row[0] + row[1] + row[2])));
      const labels = all.map(({ label }) => label);
      let want = 0;
      for (let k = 0; k < bins; k++) {
        const inside = rows.flatMap((row, i) => {
          const top = Math.max(...row);
          return top * bins > k && top * bins <= k + 1 ? [{ top, right: Number(row.indexOf(top) === labels[i]) }] : [];
        });
        if (inside.length === 0) continue;
        const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
        const gap = mean(inside.map(({ right }) => right)) - mean(inside.map(({ top }) => top));
        want += inside.length / rows.length * Math.abs(gap);
      }
      const got = expectedCalibrationError(labels, rows, { bins });
      close(got.error, want);
      assert.equal(got.bins.reduce((sum, { n }) => sum + n, 0), rows.length);
    }),
  );
});

Deno.test("expectedCalibrationError() says what is wrong with its input", () => {
  const error = (labels: number[], probabilities: number[][], bins?: number) => () =>
    expectedCalibrationError(labels, probabilities, { bins });
  assert.throws(error([], []), /at least one sample in labels, got none/);
  assert.throws(error([0], [[1, 0], [1, 0]]), /probabilities of 1 samples, got 2/);
  assert.throws(
    error([0, 0], [[1, 0], [2, -1]]),
    /2 probabilities that sum to 1, got \[2,-1\] at sample 1: apply softmax/,
  );
  assert.throws(error([0], [[NaN, 1]]), /sum to 1, got \[NaN,1\]/);
  assert.throws(error([0, 0], [[1, 0], [1]]), /2 probabilities .* got \[1\] at sample 1/);
  assert.throws(error([2], [[1, 0]]), /labels to be integers in 0 … 1, got 2/);
  assert.throws(error([0], [[1, 0]], 0), /bins to be a positive integer, got 0/);
});
