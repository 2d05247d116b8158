import type { Claim, Measurement, NotMeasured, Published } from "./claim.ts";
import { type Interval, seedInterval, studentQuantile } from "./interval.ts";

/** What became of a claim. */
export type Verdict = "reproduced" | "weaker" | "not reproduced" | "not testable here";

/** A claim beside what was measured; an ordering also needs the measurement of the method that it should exceed. */
export interface Evidence {
  claim: Claim;
  measured: Measurement | NotMeasured;
  against?: Measurement;
}

/** The verdict on a claim with the numbers that it follows from. */
export interface Judgement {
  verdict: Verdict;
  reason: string;
  /** What it would take to test the claim, where it is not testable here. */
  needs?: string;
  /** The measured value with its interval. */
  estimate?: Interval;
  /** For an ordering: measured minus compared. */
  difference?: Interval;
}

/**
 * Judges a claim from the numbers alone. An interval is Student's over seeds, or with one seed the bootstrap's over test
 * samples. One that is too wide to tell the outcomes apart proves nothing: the claim is then not testable here.
 *
 * | criterion | reproduced | weaker | not reproduced | not testable here |
 * |---|---|---|---|---|
 * | near | interval meets published ± max(margin, spread) | beyond, but between chance and published, chance excluded | otherwise | it meets, but its half-width exceeds that band |
 * | at-chance | interval contains chance, or value within margin of it | | otherwise | half-width exceeds the margin, chance ± margin not excluded |
 * | above-chance | interval above chance | and value less than half as far above as published | otherwise | interval contains chance and the published value |
 * | ordering | interval of the difference above 0 | and less than half the published difference | otherwise | interval contains 0 and the published difference |
 *
 * The difference of an ordering is taken seed by seed where both sides have the same seeds; otherwise its interval comes from
 * the two intervals as if they were independent (Zou & Donner 2008).
 *
 * @throws {RangeError} If claim and measurements do not fit together: units, number of seeds, a missing comparison.
 *
 * @example
 * ```ts
 * import { judge } from "braid/evaluation/verdict.ts";
 * import assert from "node:assert/strict";
 *
 * const { verdict } = judge({
 *   claim: {
 *     id: "cross-synergy",
 *     statement: "Cross-modal training does not learn synergy.",
 *     source: "figure 3",
 *     unit: "%",
 *     published: { value: 50, spread: 0 },
 *     protocol: "100 epochs, 5 seeds",
 *     criterion: { kind: "at-chance", chance: 50, margin: 1 },
 *   },
 *   measured: { values: [50, 50.2, 49.9], seeds: [42, 43, 44], unit: "%", from: "notebook 01", protocol: "quick" },
 * });
 * assert.equal(verdict, "reproduced");
 * ```
 */
export function judge({ claim, measured, against }: Evidence): Judgement {
  if ("reason" in measured) return { verdict: "not testable here", ...measured };
  checkMeasurement(claim, measured);
  const estimate = intervalOf(measured), { criterion, published } = claim, unit = claim.unit;
  if (!isBounded(estimate)) return { ...UNBOUNDED, estimate };

  switch (criterion.kind) {
    case "near": {
      if (!published) throw new RangeError(`Expected a published value to be near to, got none in claim ${claim.id}`);
      return { ...near(estimate, published, criterion, unit), estimate };
    }
    case "at-chance":
      return { ...atChance(estimate, criterion, unit), estimate };
    case "above-chance": {
      const effect = shift(estimate, -criterion.chance), claimed = published && published.value - criterion.chance;
      return { ...exceedsZero(effect, claimed, { name: `the distance from chance`, unit }), estimate };
    }
    case "ordering": {
      if (!against) {
        throw new RangeError(`Expected the measurement of ${criterion.than} in claim ${claim.id}, got none`);
      }
      checkMeasurement(claim, against);
      const difference = differenceOf(measured, against);
      if (!isBounded(difference)) return { ...UNBOUNDED, estimate, difference };
      const claimed = published && criterion.published && published.value - criterion.published.value;
      const outcome = exceedsZero(difference, claimed, { name: `the difference to ${criterion.than}`, unit });
      return { ...outcome, estimate, difference };
    }
  }
}

type Bounded = Interval & { low: number; high: number };
type Outcome = Pick<Judgement, "verdict" | "reason" | "needs">;

const UNBOUNDED: Outcome = {
  verdict: "not testable here",
  reason: "one value without an interval",
  needs: "a second seed, or a bootstrap over the test samples",
};

function near(
  estimate: Bounded,
  { value, spread = 0 }: Published,
  { margin, chance }: { margin: number; chance?: number },
  unit: string,
): Outcome {
  const band = Math.max(margin, spread), name = `${formatInterval(estimate, unit)}`;
  const target = `the published ${formatNumber(value, unit)} ± ${formatNumber(band, unit)}`;
  if (estimate.high >= value - band && estimate.low <= value + band) {
    return halfWidth(estimate) > band
      ? tooWide(estimate, band, unit)
      : { verdict: "reproduced", reason: `${name} meets ${target}` };
  }
  const side = estimate.value < value ? "below" : "above";
  if (chance !== undefined && isBetween(estimate, chance, value)) {
    return {
      verdict: "weaker",
      reason: `${name} is ${side} ${target}, on the same side of chance ${formatNumber(chance, unit)}`,
    };
  }
  return { verdict: "not reproduced", reason: `${name} is ${side} ${target}` };
}

/** Whether the value lies between chance and published, and the interval excludes chance. */
const isBetween = ({ value, low, high }: Bounded, chance: number, published: number): boolean =>
  published > chance ? low > chance && value < published : high < chance && value > published;

function atChance(
  estimate: Bounded,
  { chance, margin }: { chance: number; margin: number },
  unit: string,
): Outcome {
  const name = formatInterval(estimate, unit), target = `chance ${formatNumber(chance, unit)}`;
  const away = estimate.low > chance + margin || estimate.high < chance - margin;
  if (!away && halfWidth(estimate) > margin) return tooWide(estimate, margin, unit);
  const contains = estimate.low <= chance && chance <= estimate.high;
  if (contains) return { verdict: "reproduced", reason: `${name} contains ${target}` };
  const within = `${formatNumber(margin, unit)} of ${target}`;
  return Math.abs(estimate.value - chance) <= margin
    ? { verdict: "reproduced", reason: `${name} is within ${within}` }
    : { verdict: "not reproduced", reason: `${name} is not within ${within}` };
}

/** An effect in the claimed direction, of which `claimed` is the published size. */
function exceedsZero(
  effect: Bounded,
  claimed: number | undefined,
  { name, unit }: { name: string; unit: string },
): Outcome {
  const found = `${name} is ${formatInterval(effect, unit)}`;
  if (effect.low > 0) {
    return claimed !== undefined && effect.value < claimed / 2
      ? { verdict: "weaker", reason: `${found}, less than half the published ${formatNumber(claimed, unit)}` }
      : { verdict: "reproduced", reason: `${found}, above 0` };
  }
  if (claimed !== undefined && claimed > 0 && effect.high >= claimed) return tooWide(effect, claimed / 2, unit);
  return { verdict: "not reproduced", reason: `${found}, not above 0` };
}

function tooWide(interval: Bounded, needed: number, unit: string): Outcome {
  const target = `a half-width of ${formatNumber(needed, unit)} or less`;
  return {
    verdict: "not testable here",
    reason: `the interval ${formatInterval(interval, unit)} is too wide to tell`,
    needs: interval.over === "seeds"
      ? `${target}: about ${seedsFor(interval, needed)} seeds`
      : `${target}: more test samples, or more seeds`,
  };
}

/** How many seeds of the same spread would give a half-width of at most `needed`. */
function seedsFor(interval: Bounded, needed: number): number {
  const { n, confidence } = interval;
  const deviation = halfWidth(interval) * Math.sqrt(n) / studentQuantile(n, confidence);
  let seeds = n;
  while (studentQuantile(seeds, confidence) * deviation / Math.sqrt(seeds) > needed) seeds++;
  return seeds;
}

const intervalOf = ({ values, interval }: Measurement): Interval => interval ?? seedInterval(values);

function differenceOf(a: Measurement, b: Measurement): Interval {
  if (a.values.length > 1 && String(a.seeds) === String(b.seeds)) {
    return seedInterval(a.values.map((value, i) => value - b.values[i]));
  }
  const [x, y] = [intervalOf(a), intervalOf(b)], value = x.value - y.value;
  const { confidence } = x, n = Math.min(x.n, y.n), over = x.over;
  if (!isBounded(x) || !isBounded(y)) return { value, confidence, n, over };
  return {
    value,
    low: value - Math.hypot(x.value - x.low, y.high - y.value),
    high: value + Math.hypot(x.high - x.value, y.value - y.low),
    confidence,
    n,
    over,
  };
}

function checkMeasurement(claim: Claim, { values, seeds, interval, unit }: Measurement): void {
  if (unit !== claim.unit) {
    throw new RangeError(`Expected the measurement in ${claim.unit} as claim ${claim.id} is, got ${unit}`);
  }
  if (values.length !== seeds.length) {
    throw new RangeError(`Expected one value per seed, got ${values.length} values for ${seeds.length} seeds`);
  }
  if (interval && values.length === 1 && Math.abs(interval.value - values[0]) > 1e-9 * Math.abs(values[0])) {
    throw new RangeError(`Expected the interval to be that of the value ${values[0]}, got one of ${interval.value}`);
  }
  if (interval && values.length > 1) {
    throw new RangeError(
      `Expected an interval over samples only with a single seed, got one with ${values.length} seeds: leave it out`,
    );
  }
}

const isBounded = (interval: Interval): interval is Bounded =>
  interval.low !== undefined && interval.high !== undefined;
const halfWidth = ({ low, high }: Bounded): number => (high - low) / 2;
const shift = (interval: Bounded, by: number): Bounded => ({
  ...interval,
  value: interval.value + by,
  low: interval.low + by,
  high: interval.high + by,
});

/** A number with the digits that its unit deserves: one decimal for percent, three significant digits otherwise. */
export const formatNumber = (value: number, unit: string): string =>
  unit === "%" ? value.toFixed(1) : String(Number(value.toPrecision(3)));

/** Such as `69.3 [67.9, 70.6]`. */
export function formatInterval(interval: Interval, unit: string): string {
  const value = formatNumber(interval.value, unit);
  if (!isBounded(interval)) return value;
  return `${value} [${formatNumber(interval.low, unit)}, ${formatNumber(interval.high, unit)}]`;
}
