import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import type { Frame } from "./frame.ts";
import { groupDifferences } from "./group_difference.ts";
import type { Interval } from "./interval.ts";
import { holm } from "./multiple_comparisons.ts";
import { meanScore, scoreAt } from "./score.ts";
import { type Condition, conditionName, conditionsOf } from "./slice_conditions.ts";
import { worstConjunction } from "./slice_search.ts";

/** Options of {@linkcode discoverSlices}. */
export interface SliceOptions {
  /** Seed of the halves, the bootstrap and the permutations. */
  seed: number;
  /** Fewest samples that a slice has in either half. Default 20. */
  minimumSupport?: number;
  /** Most conditions of a slice, joined by "and". Default 2. */
  maxConditions?: number;
  /** Most slices of the list. Default 3: each one more makes confirming the others harder. */
  maxSlices?: number;
  /** Draws of each permutation test and each bootstrap. Default 1000. */
  resamples?: number;
  /** Default 0.95. A slice is confirmed at the level 1 - confidence. */
  confidence?: number;
}

/** One entry of the decision list; what is measured was measured on the half that the search never saw. */
export interface Slice {
  /** Such as `"site = B and age > 61.5"`. */
  name: string;
  conditions: Condition[];
  /** Indices of its samples in both halves; those of earlier slices are not among them. */
  members: Int32Array;
  /** What the search saw, which is too bad to be true: the slice was chosen for it. */
  search: { n: number; score: number };
  /** Mean outcome in the slice. */
  score: Interval;
  /** Mean outcome in the slice minus that of all samples in neither this slice nor an earlier one. */
  difference: Interval;
  /** One-sided permutation p-value of a difference as low. */
  pValue: number;
  /** After Holm's adjustment for the number of slices. */
  adjustedPValue: number;
  /** Whether the adjusted p-value is at most 1 - confidence. */
  confirmed: boolean;
}

/** Result of {@linkcode discoverSlices}. */
export interface SliceReport {
  /** In the order in which they were found; empty if nothing looked bad enough to be tested. */
  slices: Slice[];
  /** Mean outcome of all samples of the confirming half. */
  overall: Interval;
  /** Conjunctions that were looked at. */
  searched: number;
}

/** How many standard errors a slice must be below the rest before a test is spent on it. */
const WORTH_A_TEST = 2;

/**
 * For which samples does a model fail, when nobody says where to look? A decision list of the worst slices.
 *
 * A slice is a conjunction of conditions on the frame's columns: equal to a value, or below or above a decile of numbers
 * with more than ten different values. One random half of the samples is searched for the conjunction whose mean outcome is the most
 * standard errors below that of the rest; of those within one standard error of it, the one with the fewest conditions is
 * taken. Its samples are set aside and the search goes on with the others. The other half then tests each slice by
 * permutation, with Holm's adjustment, so that searching many conjunctions raises no false alarms.
 *
 * @param outcomes One number per sample, the higher the better: 1 if predicted right and 0 if not, minus a loss, or what a
 * modality adds.
 * @param frame Columns by name, or a danfo DataFrame.
 * @throws {RangeError} If the outcomes are not finite, the frame does not fit, or an option is out of range.
 *
 * @example
 * ```ts
 * import { discoverSlices } from "braid/evaluation/slices.ts";
 * import assert from "node:assert/strict";
 *
 * const site = Array.from({ length: 200 }, (_, i) => "ABCD"[i % 4]), sex = site.map((_, i) => i % 3 ? "f" : "m");
 * const right = site.map((name) => name === "B" ? 0 : 1); // wrong at one of the sites
 * const { slices: [worst] } = discoverSlices(right, { site, sex }, { seed: 1 });
 * assert.equal(worst.name, "site = B");
 * assert.ok(worst.confirmed && worst.difference.value === -1);
 * ```
 */
export function discoverSlices(
  outcomes: ArrayLike<number>,
  frame: Frame,
  { seed, minimumSupport = 20, maxConditions = 2, maxSlices = 3, resamples = 1000, confidence = 0.95 }: SliceOptions,
): SliceReport {
  const values = Float64Array.from(outcomes);
  validate(values, { minimumSupport, maxConditions, maxSlices });
  const order = randomNumbers(seed, "slice halves").permutation(values.length), half = values.length >> 1;
  const [search, confirm] = [order.subarray(0, half).toSorted(), order.subarray(half).toSorted()];
  const conditions = conditionsOf(frame, search, values.length);
  const score = meanScore(values), options = { seed, resamples, confidence };

  const found: Omit<Slice, "adjustedPValue" | "confirmed">[] = [];
  let left = new Uint8Array(values.length).fill(1), searched = 0;
  while (found.length < maxSlices) {
    const halves = [search, confirm].map((samples) => samples.filter((i) => left[i])) as [Int32Array, Int32Array];
    const { worst, looked } = worstConjunction(values, conditions, halves, { minimumSupport, maxConditions });
    searched += looked;
    if (!worst || worst.standardErrors < WORTH_A_TEST) break;
    const isMember = (i: number) => worst.conditions.every(({ holds }) => holds[i]);
    const [own, seen] = [halves[1].filter(isMember), halves[0].filter(isMember)];
    const rest = halves[1].filter((i) => !isMember(i));
    const [{ difference, pValue }] = groupDifferences(own, rest, [score], { ...options, sides: "less" });
    found.push({
      name: worst.conditions.map(({ condition }) => conditionName(condition)).join(" and "),
      conditions: worst.conditions.map(({ condition }) => condition),
      members: Int32Array.from([...seen, ...own]).sort(),
      search: { n: seen.length, score: scoreAt(score, seen) },
      score: bootstrapInterval(own.length, (indices) => scoreAt(score, indices.map((k) => own[k])), options),
      difference,
      pValue,
    });
    left = left.map((isLeft, i) => Number(isLeft === 1 && !isMember(i)));
  }
  const adjusted = holm(found.map(({ pValue }) => pValue));
  return {
    slices: found.map((slice, s) => ({
      ...slice,
      adjustedPValue: adjusted[s],
      confirmed: adjusted[s] <= 1 - confidence + 1e-12, // 1 - 0.95 is a little above 0.05, 1 - 0.9 a little below 0.1
    })),
    overall: bootstrapInterval(confirm.length, (indices) => scoreAt(score, indices.map((k) => confirm[k])), options),
    searched,
  };
}

function validate(
  outcomes: Float64Array,
  counts: { minimumSupport: number; maxConditions: number; maxSlices: number },
): void {
  const wrong = outcomes.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new RangeError(`Expected outcomes to be finite, got ${outcomes[wrong]} at sample ${wrong}`);
  for (const [name, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count >= 1)) {
      throw new RangeError(`Expected ${name} to be a positive integer, got ${count}`);
    }
  }
  const { minimumSupport } = counts;
  if (outcomes.length < 4 * minimumSupport) {
    throw new RangeError(
      `Expected at least ${4 * minimumSupport} samples, a slice and a rest of ${minimumSupport} in either half, got ` +
        `${outcomes.length}: lower minimumSupport`,
    );
  }
}
