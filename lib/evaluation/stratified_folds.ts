import type { Labels } from "./labels.ts";

/**
 * Splits samples into folds that each hold every class in proportion.
 *
 * The same assignment as scikit-learn's `StratifiedKFold` without shuffling: the sorted class list is dealt to the folds in
 * turn, which says how many samples of each class a fold gets; the samples of a class then fill the folds in their order.
 * Classes are ordered by first appearance. Nothing is drawn, so there is no seed.
 *
 * @param labels Class of each sample, `[samples]`.
 * @param folds How many folds, at least 2.
 * @returns For each fold the indices of its samples, ascending.
 * @throws {RangeError} If a class has fewer samples than there are folds, as it would be missing from one.
 *
 * @example
 * ```ts
 * import { stratifiedFolds } from "braid/evaluation/stratified_folds.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(stratifiedFolds([0, 0, 1, 1], 2), [[0, 2], [1, 3]]);
 * ```
 */
export function stratifiedFolds(labels: Labels, folds: number): number[][] {
  if (!(Number.isInteger(folds) && folds >= 2)) {
    throw new RangeError(`Expected folds to be an integer of at least 2, got ${folds}`);
  }
  const samplesOf = new Map<number, number[]>();
  labels.forEach((label: number, i: number) => {
    const samples = samplesOf.get(label);
    if (samples) samples.push(i);
    else samplesOf.set(label, [i]);
  });
  for (const [label, { length }] of samplesOf) {
    if (length < folds) {
      throw new RangeError(
        `Expected at least ${folds} samples of each class for ${folds} folds, got ${length} of class ${label}: ` +
          "use fewer folds or more samples",
      );
    }
  }

  const result = Array.from({ length: folds }, (): number[] => []);
  let dealt = 0;
  for (const samples of samplesOf.values()) {
    const shares = new Array<number>(folds).fill(0);
    samples.forEach(() => shares[dealt++ % folds]++);
    let next = 0;
    shares.forEach((share, fold) => result[fold].push(...samples.slice(next, next += share)));
  }
  return result.map((indices) => indices.sort((a, b) => a - b));
}
