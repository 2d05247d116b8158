import { type Interval, wilsonInterval } from "./interval.ts";
import { checkLabels, type Labels } from "./labels.ts";
import { type Score } from "./score.ts";

/** Probability of each class, `[samples, classes]`; rows sum to 1. */
export type Probabilities = readonly ArrayLike<number>[];

/** The samples whose top probability lies in (low, high]. */
export interface ReliabilityBin {
  low: number;
  high: number;
  /** Samples in the bin, at least 1. */
  n: number;
  /** Mean top probability. */
  confidence: number;
  /** Fraction predicted right, with Wilson's 95 % interval. */
  accuracy: Interval;
}

/** Result of {@linkcode expectedCalibrationError}. */
export interface Calibration {
  /** The expected calibration error, from 0 (as right as confident) to 1. */
  error: number;
  /** The bins that have samples, from low confidence to high. */
  bins: ReliabilityBin[];
}

/**
 * How far a classifier's confidence is from how often it is right.
 *
 * The samples are sorted into bins $B_k$ of equal width by their top probability, open on the left and closed on the right:
 *
 * $$\mathrm{ECE} = \sum_k \frac{|B_k|}{n} \, \big| \mathrm{acc}(B_k) - \mathrm{conf}(B_k) \big|$$
 *
 * Noise within the bins adds to the error, so few samples look worse calibrated than many: compare groups by a
 * permutation test, as `subgroups()` does. Source: Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3.
 *
 * @param labels True classes, `[samples]`.
 * @param probabilities `[samples, classes]`; of equal top probabilities the first class counts as predicted.
 * @param options.bins Default 15.
 * @throws {RangeError} If there is no sample, labels do not fit, or a row is no distribution.
 *
 * @example
 * ```ts
 * import { expectedCalibrationError } from "braid/evaluation/calibration.ts";
 * import assert from "node:assert/strict";
 *
 * const { error, bins } = expectedCalibrationError([0, 0, 0, 1], Array(4).fill([0.75, 0.25]));
 * assert.equal(error, 0);
 * assert.equal(bins[0].accuracy.value, 0.75);
 * ```
 */
export function expectedCalibrationError(
  labels: Labels,
  probabilities: Probabilities,
  { bins = 15 }: { bins?: number } = {},
): Calibration {
  const { add, sums } = calibrationScore(labels, probabilities, { bins }), counts = new Float64Array(sums);
  labels.forEach((_: number, i: number) => add(counts, i));
  return {
    error: errorOf(counts),
    bins: Array.from({ length: bins }, (_, k) => k).filter((k) => counts[3 * k] > 0).map((k) => {
      const [n, hits, confidence] = counts.subarray(3 * k);
      return {
        low: k / bins,
        high: (k + 1) / bins,
        n,
        confidence: confidence / n,
        accuracy: wilsonInterval(hits, n),
      };
    }),
  };
}

/**
 * The calibration error as a score of some of the samples.
 *
 * @throws {RangeError} As {@linkcode expectedCalibrationError}.
 */
export function calibrationScore(labels: Labels, probabilities: Probabilities, { bins }: { bins: number }): Score {
  if (!(Number.isInteger(bins) && bins >= 1)) {
    throw new RangeError(`Expected bins to be a positive integer, got ${bins}`);
  }
  if (probabilities.length !== labels.length) {
    throw new RangeError(`Expected probabilities of ${labels.length} samples, got ${probabilities.length}`);
  }
  const classes = probabilities[0]?.length ?? 1;
  checkLabels("labels", labels, classes);
  const tops = probabilities.map((row, i) => topClass(row, { classes, sample: i }));
  const confidence = Float64Array.from(tops, (top, i) => probabilities[i][top]);
  const bin = Int32Array.from(confidence, (p) => Math.min(bins, Math.max(1, Math.ceil(p * bins))) - 1);
  return {
    sums: 3 * bins, // of each bin: samples, those predicted right, their confidence
    add(sums, i) {
      sums[3 * bin[i]]++;
      if (tops[i] === labels[i]) sums[3 * bin[i] + 1]++;
      sums[3 * bin[i] + 2] += confidence[i];
    },
    value: errorOf,
  };
}

function errorOf(sums: Float64Array): number {
  let samples = 0, error = 0;
  for (let k = 0; k < sums.length; k += 3) {
    samples += sums[k];
    error += Math.abs(sums[k + 1] - sums[k + 2]);
  }
  return error / samples;
}

/** How far float32 rounding may take a row's sum from 1. */
const SUM_TOLERANCE = 1e-3;

function topClass(row: ArrayLike<number>, { classes, sample }: { classes: number; sample: number }): number {
  let top = 0, sum = 0, inRange = row.length === classes;
  for (let c = 0; c < row.length; c++) {
    if (row[c] > row[top]) top = c;
    sum += row[c];
    inRange &&= row[c] >= 0 && row[c] <= 1 + SUM_TOLERANCE;
  }
  if (!inRange || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
    throw new RangeError(
      `Expected ${classes} probabilities that sum to 1, got [${
        Array.from(row)
      }] at sample ${sample}: apply softmax to logits`,
    );
  }
  return top;
}
