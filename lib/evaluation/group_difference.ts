import { quantileSorted } from "simple-statistics";
import { randomNumbers } from "../engine/random_numbers.ts";
import { checkResamples } from "./bootstrap.ts";
import { checkConfidence, type Interval } from "./interval.ts";
import { type Score, scoreAt, sumsAt } from "./score.ts";

/** Options of {@linkcode groupDifferences}. */
export interface GroupDifferenceOptions {
  seed: number;
  /** Default 1000. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
  /** What counts as at least as far: in both directions, or only where the first group scores less. Default `"two"`. */
  sides?: "two" | "less";
}

/** How far two groups are apart in one score. */
export interface GroupDifference {
  /** Score of the first group minus that of the second; no ends if either has a single sample. */
  difference: Interval;
  /** Permutation p-value. */
  pValue: number;
}

/**
 * Differences between two groups of samples, with bootstrap intervals and permutation p-values.
 *
 * The bootstrap draws each group anew from itself; the permutation test deals all samples anew into groups of the same
 * sizes, $p = (1 + \#\{|d^*| \ge |d|\}) / (1 + \text{resamples})$. All scores are measured on the same draws.
 *
 * @param first Indices of the samples in one group.
 * @param second Indices of the others.
 * @returns One record per score.
 * @throws {RangeError} If a group is empty, an option is out of range, or a score is not a finite number.
 */
export function groupDifferences(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  scores: readonly Score[],
  { seed, resamples = 1000, confidence = 0.95, sides = "two" }: GroupDifferenceOptions,
): GroupDifference[] {
  checkResamples(resamples);
  checkConfidence(confidence);
  if (first.length === 0 || second.length === 0) {
    throw new RangeError(`Expected two groups of at least one sample, got ${first.length} and ${second.length}`);
  }
  const observed = scores.map((score) => scoreAt(score, first) - scoreAt(score, second));
  const wrong = observed.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`Expected scores to be finite numbers, got a difference of ${wrong}`);
  const tolerances = scores.map((score) =>
    ROUNDING * (Math.abs(scoreAt(score, first)) + Math.abs(scoreAt(score, second)))
  );
  const pValues = permutationPValues(first, second, scores, { observed, tolerances, seed, resamples, sides });
  const intervals = bootstrapDifferences(first, second, scores, { seed, resamples, confidence });
  const n = first.length + second.length;
  return scores.map((_, s) => ({
    difference: { value: observed[s], ...intervals[s], confidence, n, over: "samples" },
    pValue: pValues[s],
  }));
}

/** Equal scores, relative to their size, may come out unequal in the last bits when samples are summed in another order. */
export const ROUNDING = 1e-10;

function permutationPValues(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  scores: readonly Score[],
  { observed, tolerances, seed, resamples, sides }:
    & { observed: readonly number[]; tolerances: readonly number[] }
    & Required<Omit<GroupDifferenceOptions, "confidence">>,
): number[] {
  const pool = Int32Array.from([...Array.from(first), ...Array.from(second)]);
  const totals = scores.map((score) => sumsAt(score, pool)), counts = new Array<number>(scores.length).fill(1);
  const random = randomNumbers(seed, "group permutations");
  for (let repeat = 0; repeat < resamples; repeat++) {
    const dealt = random.sample(pool.length, first.length).map((k) => pool[k]);
    scores.forEach((score, s) => {
      const own = sumsAt(score, dealt), rest = totals[s].map((total, k) => total - own[k]);
      const difference = score.value(own) - score.value(rest);
      const far = sides === "two" ? Math.abs(difference) - Math.abs(observed[s]) : observed[s] - difference;
      if (far >= -tolerances[s]) counts[s]++;
    });
  }
  return counts.map((count) => count / (1 + resamples));
}

function bootstrapDifferences(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  scores: readonly Score[],
  { seed, resamples, confidence }: { seed: number; resamples: number; confidence: number },
): { low?: number; high?: number }[] {
  if (first.length === 1 || second.length === 1) return scores.map(() => ({}));
  const random = randomNumbers(seed, "group bootstrap");
  const draw = (group: ArrayLike<number>) =>
    Int32Array.from({ length: group.length }, () => group[random.integer(group.length)]);
  const values = scores.map(() => new Array<number>(resamples));
  for (let repeat = 0; repeat < resamples; repeat++) {
    const a = draw(first), b = draw(second);
    scores.forEach((score, s) => values[s][repeat] = scoreAt(score, a) - scoreAt(score, b));
  }
  return values.map((all) => {
    const sorted = all.sort((a, b) => a - b);
    const [low, high] = [(1 - confidence) / 2, (1 + confidence) / 2].map((p) => quantileSorted(sorted, p));
    return { low, high };
  });
}
