import { quantileSorted } from "simple-statistics";
import { randomNumbers } from "../engine/random_numbers.ts";
import { checkConfidence, type Interval } from "./interval.ts";

/** Options of {@linkcode bootstrapInterval}. */
export interface BootstrapOptions {
  seed: number;
  /** Default 1000. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
}

/**
 * Percentile bootstrap interval of any statistic of a list of samples.
 *
 * The samples are drawn anew with replacement, the statistic is computed of each such resample, and the interval runs
 * between the quantiles $(1 \mp \text{confidence}) / 2$ of the results. It tells how far another test set could move the
 * statistic while the model stays as it is. Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13.
 *
 * @param samples How many samples there are.
 * @param statistic Gets the indices of a resample, `[samples]`; the array is overwritten for the next one.
 * @returns The statistic of the samples themselves with its interval; no interval of a single sample.
 * @throws {RangeError} If there is no sample, an option is out of range, or the statistic is not a finite number.
 *
 * @example
 * ```ts
 * import { bootstrapInterval } from "braid/evaluation/bootstrap.ts";
 * import assert from "node:assert/strict";
 *
 * const right = [1, 1, 0, 1, 1, 0, 1, 1];
 * const accuracy = (indices: Int32Array) => indices.reduce((sum, i) => sum + right[i], 0) / indices.length;
 * const { value, low, high } = bootstrapInterval(right.length, accuracy, { seed: 1 });
 * assert.equal(value, 0.75);
 * assert.ok(low! < 0.75 && 0.75 < high!);
 * ```
 */
export function bootstrapInterval(
  samples: number,
  statistic: (indices: Int32Array) => number,
  { seed, resamples = 1000, confidence = 0.95 }: BootstrapOptions,
): Interval {
  checkConfidence(confidence);
  checkCounts(samples, resamples);
  const finite = (indices: Int32Array): number => {
    const value = statistic(indices);
    if (!Number.isFinite(value)) throw new RangeError(`Expected the statistic to be a finite number, got ${value}`);
    return value;
  };

  const value = finite(Int32Array.from({ length: samples }, (_, i) => i));
  if (samples === 1) return { value, confidence, n: 1, over: "samples" };
  const values: number[] = [];
  for (const indices of bootstrapResamples(samples, { seed, resamples })) values.push(finite(indices));
  values.sort((a, b) => a - b);
  const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2].map((p) => quantileSorted(values, p));
  return { value, low, high, confidence, n: samples, over: "samples" };
}

/**
 * The resamples of {@linkcode bootstrapInterval}, for statistics of several numbers.
 *
 * @returns Indices drawn with replacement, `[samples]`, `resamples` times; the array is overwritten for the next one.
 * @throws {RangeError} If there is no sample, or an option is out of range.
 */
export function bootstrapResamples(
  samples: number,
  { seed, resamples = 1000 }: Pick<BootstrapOptions, "seed" | "resamples">,
): Iterable<Int32Array> {
  checkCounts(samples, resamples);
  const random = randomNumbers(seed, "bootstrap"), indices = new Int32Array(samples);
  return (function* () {
    for (let resample = 0; resample < resamples; resample++) {
      for (let i = 0; i < samples; i++) indices[i] = random.integer(samples);
      yield indices;
    }
  })();
}

function checkCounts(samples: number, resamples: number): void {
  if (!(Number.isInteger(samples) && samples >= 1)) {
    throw new RangeError(`Expected at least one sample, got ${samples}`);
  }
  checkResamples(resamples);
}

/** @throws {RangeError} If it is not a positive integer. */
export function checkResamples(resamples: number): void {
  if (!(Number.isInteger(resamples) && resamples >= 1)) {
    throw new RangeError(`Expected resamples to be a positive integer, got ${resamples}`);
  }
}
