import { checkPredictions, type Labels } from "./labels.ts";

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

/** The two scores of a probe: balanced accuracy for classes of unequal size, plain accuracy otherwise. */
export type Scoring = "balancedAccuracy" | "accuracy";

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

  const hits = confusion.map((row, c) => row[c]);
  const samples = confusion.map((row) => sum(row));
  const predicted = confusion.map((_, c) => sum(confusion.map((row) => row[c])));
  const f1 = hits.map((hit, c) => hit === 0 ? 0 : 2 * hit / (samples[c] + predicted[c]));
  const occurring = f1.filter((_, c) => samples[c] + predicted[c] > 0);
  return {
    accuracy: scoreOfCounts(hits, samples, "accuracy"),
    balancedAccuracy: scoreOfCounts(hits, samples, "balancedAccuracy"),
    macroF1: sum(occurring) / occurring.length,
    weightedF1: sum(f1.map((value, c) => value * samples[c])) / labels.length,
    confusion,
  };
}

/**
 * One score of the samples at `indices`, which may repeat: the fast path of bootstrap and permutation, so that only the
 * caller checks the labels.
 */
export function scoreOf(
  labels: Labels,
  predictions: Labels,
  { classes, scoring, indices }: { classes: number; scoring: Scoring; indices: ArrayLike<number> },
): number {
  const hits = new Array<number>(classes).fill(0), samples = new Array<number>(classes).fill(0);
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k], label = labels[i];
    samples[label]++;
    if (predictions[i] === label) hits[label]++;
  }
  return scoreOfCounts(hits, samples, scoring);
}

/** The score when `hits[c]` of the `samples[c]` samples of class c are right. */
export function scoreOfCounts(hits: readonly number[], samples: readonly number[], scoring: Scoring): number {
  if (scoring === "accuracy") return sum(hits) / sum(samples);
  let recalls = 0, present = 0;
  for (let c = 0; c < hits.length; c++) {
    if (samples[c] === 0) continue;
    recalls += hits[c] / samples[c];
    present++;
  }
  return recalls / present;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
