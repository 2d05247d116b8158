import { checkPredictions, type Labels } from "./labels.ts";
import { type Score, scoreAt } from "./score.ts";

/** Result of {@linkcode classificationMetrics}; all but `confusion` are fractions in [0, 1]. */
export interface ClassificationMetrics {
  /** Fraction of samples predicted right. */
  accuracy: number;
  /** Mean recall of the classes that have a sample. Chance is 1 / classes whatever their frequencies. */
  balancedAccuracy: number;
  /** Mean F1 of the classes that occur among labels or predictions. */
  macroF1: number;
  /** Mean F1 weighted by the number of samples of each class. */
  weightedF1: number;
  /** `confusion[t][p]`: how many samples of class t were predicted as class p. */
  confusion: number[][];
}

/** The scores of a classifier, by their names in {@linkcode ClassificationMetrics}. */
export type Scoring = "accuracy" | "balancedAccuracy" | "macroF1" | "weightedF1";

/**
 * Accuracy, balanced accuracy, F1 and the confusion matrix, with scikit-learn's conventions.
 *
 * With $n_{tp}$ the confusion matrix, recall is $r_c = n_{cc} / \sum_p n_{cp}$ and
 * $F1_c = 2 n_{cc} / (\sum_p n_{cp} + \sum_t n_{tc})$. A class that is never predicted has $F1 = 0$; one without samples
 * does not count in balanced accuracy, and one that occurs nowhere does not count in macro F1 either.
 *
 * @param labels True classes, `[samples]`.
 * @param predictions Predicted classes, `[samples]`.
 * @param options.classes Number of classes.
 * @throws {RangeError} If the lists are empty, differ in length, or hold anything but 0 … classes - 1.
 *
 * @example A constant prediction looks good only while the classes are unequal.
 * ```ts
 * import { classificationMetrics } from "braid/evaluation/classification_metrics.ts";
 * import assert from "node:assert/strict";
 *
 * const { accuracy, balancedAccuracy } = classificationMetrics([0, 0, 0, 1], [0, 0, 0, 0], { classes: 2 });
 * assert.equal(accuracy, 0.75);
 * assert.equal(balancedAccuracy, 0.5);
 * ```
 */
export function classificationMetrics(
  labels: Labels,
  predictions: Labels,
  { classes }: { classes: number },
): ClassificationMetrics {
  checkPredictions(labels, predictions, classes);
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  labels.forEach((label: number, i: number) => confusion[label][predictions[i]]++);

  const sums = Float64Array.from([
    ...confusion.map((row, c) => row[c]),
    ...confusion.map((row) => row.reduce((sum, count) => sum + count, 0)),
    ...confusion.map((_, c) => confusion.reduce((sum, row) => sum + row[c], 0)),
  ]);
  return {
    accuracy: scoreOfCounts(sums, classes, "accuracy"),
    balancedAccuracy: scoreOfCounts(sums, classes, "balancedAccuracy"),
    macroF1: scoreOfCounts(sums, classes, "macroF1"),
    weightedF1: scoreOfCounts(sums, classes, "weightedF1"),
    confusion,
  };
}

/**
 * One score of the samples at `indices`, which may repeat: the fast path of bootstrap and permutation, so that only the
 * caller checks the labels.
 */
export const scoreOf = (
  labels: Labels,
  predictions: Labels,
  { indices, ...options }: { classes: number; scoring: Scoring; indices: ArrayLike<number> },
): number => scoreAt(classificationScore(labels, predictions, options), indices);

/** A score of predictions as a function of counts; labels and predictions are not checked. */
export const classificationScore = (
  labels: Labels,
  predictions: Labels,
  { classes, scoring }: { classes: number; scoring: Scoring },
): Score => ({
  sums: 3 * classes,
  add(sums, i) {
    const label = labels[i], prediction = predictions[i];
    if (label === prediction) sums[label]++;
    sums[classes + label]++;
    sums[2 * classes + prediction]++;
  },
  value: (sums) => scoreOfCounts(sums, classes, scoring),
});

/** The score of counts by class: samples predicted right, then all samples, then all predictions. */
function scoreOfCounts(counts: Float64Array, classes: number, scoring: Scoring): number {
  let total = 0, weights = 0;
  for (let c = 0; c < classes; c++) {
    const hits = counts[c], samples = counts[classes + c], occurrences = samples + counts[2 * classes + c];
    if (occurrences === 0 || scoring !== "macroF1" && samples === 0) continue;
    if (scoring === "accuracy") total += hits;
    else if (scoring === "balancedAccuracy") total += hits / samples;
    else total += (scoring === "weightedF1" ? samples : 1) * 2 * hits / occurrences;
    weights += scoring === "accuracy" || scoring === "weightedF1" ? samples : 1;
  }
  return total / weights;
}
