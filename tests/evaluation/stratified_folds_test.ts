import assert from "node:assert/strict";
import * as fc from "fast-check";
import { stratifiedFolds } from "braid/evaluation/stratified_folds.ts";

Deno.test("stratifiedFolds() deals as scikit-learn 1.9.1 does without shuffling", () => {
  assert.deepEqual(stratifiedFolds([2, 2, 0, 0, 1, 1, 1, 2, 0, 0, 1, 2, 2, 1, 0, 0, 1], 3), [
    [0, 1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10, 11],
    [12, 13, 14, 15, 16],
  ]);
  assert.deepEqual(stratifiedFolds([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2, 2, 1], 3), [
    [0, 1, 2, 7, 11, 12],
    [3, 4, 5, 8, 13, 14],
    [6, 9, 10, 15, 16],
  ]);
});

Deno.test("stratifiedFolds() holds every sample once, and every class in proportion", () => {
  const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 120 });
  fc.assert(fc.property(labels, fc.integer({ min: 2, max: 4 }), (labels, folds) => {
    const counts = [0, 1, 2, 3].map((c) => labels.filter((label) => label === c).length);
    fc.pre(counts.every((count) => count === 0 || count >= folds));
    const result = stratifiedFolds(labels, folds);
    assert.deepEqual(result.flat().sort((a, b) => a - b), [...labels.keys()]);
    counts.forEach((count, c) =>
      result.forEach((fold) => {
        const held = fold.filter((i) => labels[i] === c).length;
        assert.ok(Math.abs(held - count / folds) < 1, `${held} of ${count} in one of ${folds} folds`);
      })
    );
  }));
});

Deno.test("stratifiedFolds() refuses folds that would miss a class", () => {
  assert.throws(() => stratifiedFolds([0, 0, 0, 7, 7], 3), /at least 3 samples .* 3 folds, got 2 of class 7/);
  assert.throws(() => stratifiedFolds([0, 0], 1), /folds to be an integer of at least 2, got 1/);
});
