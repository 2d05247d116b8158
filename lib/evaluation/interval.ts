import jstat from "jstat";
import { mean, sampleStandardDeviation } from "simple-statistics";
import * as v from "valibot";

/** An estimate with its confidence interval, and what the interval speaks about. */
export interface Interval {
  /** The estimate itself. */
  value: number;
  /** Lower and upper end; both absent where `n` is 1 and nothing is known about the spread. */
  low?: number;
  high?: number;
  /** Such as 0.95. */
  confidence: number;
  /** How many samples or seeds. */
  n: number;
  /** Over test samples with the model fixed, or over training seeds. */
  over: "samples" | "seeds";
}

/** How an {@linkcode Interval} looks in a file. */
export const intervalSchema: v.GenericSchema<Interval> = v.strictObject({
  value: v.pipe(v.number(), v.finite()),
  low: v.exactOptional(v.pipe(v.number(), v.finite())),
  high: v.exactOptional(v.pipe(v.number(), v.finite())),
  confidence: v.pipe(v.number(), v.gtValue(0), v.ltValue(1)),
  n: v.pipe(v.number(), v.integer(), v.minValue(1)),
  over: v.picklist(["samples", "seeds"]),
});

/**
 * Student's interval of a mean over training seeds, $\bar x \pm t_{n-1} \, s / \sqrt n$.
 *
 * One seed says nothing about the spread: the result then has no `low` and `high`.
 *
 * @param values One result per seed.
 * @param options.confidence Default 0.95.
 * @throws {RangeError} If there is no value, or one is not finite.
 *
 * @example
 * ```ts
 * import { seedInterval } from "braid/evaluation/interval.ts";
 * import assert from "node:assert/strict";
 *
 * const { value, low, high } = seedInterval([86, 88, 90]);
 * assert.equal(value, 88);
 * assert.ok(Math.abs(high! - low! - 2 * 4.3027 * 2 / Math.sqrt(3)) < 1e-3);
 * assert.equal(seedInterval([88]).low, undefined);
 * ```
 */
export function seedInterval(
  values: readonly number[],
  { confidence = 0.95 }: { confidence?: number } = {},
): Interval {
  checkConfidence(confidence);
  if (values.length === 0) throw new RangeError("Expected the result of at least one seed, got none");
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`Expected finite results, got ${wrong}`);

  const n = values.length, value = mean([...values]);
  if (n === 1) return { value, confidence, n, over: "seeds" };
  const half = studentQuantile(n, confidence) * sampleStandardDeviation([...values]) / Math.sqrt(n);
  return { value, low: value - half, high: value + half, confidence, n, over: "seeds" };
}

/** Student's t that a mean of n values stays within with the given confidence, two-sided. */
export function studentQuantile(n: number, confidence: number): number {
  const { studentt }: { studentt: { inv(probability: number, degreesOfFreedom: number): number } } = jstat;
  return studentt.inv((1 + confidence) / 2, n - 1);
}

/**
 * Wilson's interval of a proportion: of all true proportions, those that `successes` of `n` would not contradict.
 *
 * $$\frac{1}{1 + z^2 / n} \left( \hat p + \frac{z^2}{2 n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + \frac{z^2}{4 n^2}} \right)$$
 *
 * It stays within [0, 1] and has a width even where all or none succeed. Source: Wilson 1927, Probable Inference.
 *
 * @param successes How many of `n`.
 * @param n How many samples.
 * @param options.confidence Default 0.95.
 * @throws {RangeError} If there is no sample, or successes are not within 0 … n.
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "braid/evaluation/interval.ts";
 * import assert from "node:assert/strict";
 *
 * const { value, low, high } = wilsonInterval(10, 10);
 * assert.equal(value, 1);
 * assert.ok(Math.abs(low! - 0.7225) < 1e-4 && high === 1);
 * ```
 */
export function wilsonInterval(
  successes: number,
  n: number,
  { confidence = 0.95 }: { confidence?: number } = {},
): Interval {
  checkConfidence(confidence);
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`Expected at least one sample, got ${n}`);
  if (!(successes >= 0 && successes <= n)) {
    throw new RangeError(`Expected successes from 0 to ${n}, got ${successes}`);
  }
  const { normal }: { normal: { inv(probability: number, mean: number, deviation: number): number } } = jstat;
  const z = normal.inv((1 + confidence) / 2, 0, 1), p = successes / n, stretch = 1 + z ** 2 / n;
  const middle = (p + z ** 2 / (2 * n)) / stretch;
  const half = z * Math.sqrt(p * (1 - p) / n + z ** 2 / (4 * n ** 2)) / stretch;
  const low = Math.max(0, Math.min(p, middle - half)), high = Math.min(1, Math.max(p, middle + half));
  return { value: p, low, high, confidence, n, over: "samples" };
}

/** The same interval in another unit, such as `scaleInterval(interval, 100)` for percent. */
export function scaleInterval(interval: Interval, factor: number): Interval {
  if (!(factor > 0)) throw new RangeError(`Expected factor to be positive, got ${factor}`);
  const { low, high } = interval;
  return {
    ...interval,
    value: interval.value * factor,
    ...(low !== undefined && { low: low * factor }),
    ...(high !== undefined && { high: high * factor }),
  };
}

/** @throws {RangeError} If confidence is not strictly between 0 and 1. */
export function checkConfidence(confidence: number): void {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`Expected confidence to be between 0 and 1, got ${confidence}`);
  }
}
