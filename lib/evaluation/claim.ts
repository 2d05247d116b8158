import * as v from "valibot";
import { type Interval, intervalSchema, scaleInterval } from "./interval.ts";

const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const text = v.pipe(v.string(), v.nonEmpty());

const publishedSchema = v.strictObject({
  value: finite,
  /** What the paper prints after ±. */
  spread: v.optional(v.pipe(finite, v.minValue(0))),
});

const criterionSchema = v.variant("kind", [
  v.strictObject({
    kind: v.literal("near"),
    margin: positive,
    chance: v.optional(finite),
  }),
  v.strictObject({
    kind: v.literal("at-chance"),
    chance: finite,
    margin: positive,
  }),
  v.strictObject({
    kind: v.literal("above-chance"),
    chance: finite,
  }),
  v.strictObject({
    kind: v.literal("ordering"),
    than: text,
    published: v.optional(publishedSchema),
  }),
]);

/** One claim of a paper, see {@linkcode Claim}. */
export const claimSchema = v.strictObject({
  id: text,
  statement: text,
  source: text,
  unit: text,
  published: v.optional(publishedSchema),
  protocol: text,
  criterion: criterionSchema,
});

/** See {@linkcode Measurement}. */
export const measurementSchema = v.strictObject({
  values: v.pipe(v.array(finite), v.minLength(1)),
  seeds: v.pipe(v.array(v.pipe(v.number(), v.integer())), v.minLength(1)),
  interval: v.optional(intervalSchema),
  unit: text,
  from: text,
  protocol: text,
});

/** See {@linkcode NotMeasured}. */
export const notMeasuredSchema = v.strictObject({ reason: text, needs: text });

/** A value as the paper prints it, with what follows its ±. */
export type Published = v.InferOutput<typeof publishedSchema>;

/**
 * When a claim counts as reproduced; {@linkcode judge} has the rules.
 *
 * - `near`: the value comes within `margin` of the published one. With `chance`, a value between the two is "weaker".
 * - `at-chance`: nothing is learnt; `margin` is the difference from `chance` that would not matter.
 * - `above-chance`: something is learnt.
 * - `ordering`: the measured method lies above the method `than`, for which the paper prints `published`.
 */
export type Criterion = v.InferOutput<typeof criterionSchema>;

/**
 * What a paper claims: `statement` in one sentence, its `source` there, the `published` value in `unit`, the `protocol` that
 * gave it, and the `criterion` by which a measurement is judged.
 */
export type Claim = v.InferOutput<typeof claimSchema>;

/**
 * What was measured: one value per training seed, in `unit`; `from` names the run or notebook, `protocol` how it was done.
 * With a single seed, `interval` may hold the bootstrap interval over test samples; with several it follows from the values.
 */
export type Measurement = v.InferOutput<typeof measurementSchema>;

/** Why nothing was measured, and what it would take. */
export type NotMeasured = v.InferOutput<typeof notMeasuredSchema>;

/**
 * Makes a measurement of the scores of one probe under several training seeds.
 *
 * @param scores By seed, each a fraction with its bootstrap interval, such as `linearProbe` returns.
 * @returns The measurement in percent.
 * @throws {RangeError} If there is no score.
 *
 * @example
 * ```ts
 * import { percentOfSeeds } from "braid/evaluation/claim.ts";
 * import assert from "node:assert/strict";
 *
 * const score = { value: 0.75, low: 0.5, high: 0.875, confidence: 0.95, n: 16, over: "samples" as const };
 * const measured = percentOfSeeds([{ seed: 42, score }], { from: "notebook 01", protocol: "quick" });
 * assert.deepEqual(measured.values, [75]);
 * assert.equal(measured.interval?.high, 87.5);
 * ```
 */
export function percentOfSeeds(
  scores: readonly { seed: number; score: Interval }[],
  { from, protocol }: { from: string; protocol: string },
): Measurement {
  if (scores.length === 0) throw new RangeError("Expected the score of at least one seed, got none");
  return {
    values: scores.map(({ score }) => 100 * score.value),
    seeds: scores.map(({ seed }) => seed),
    ...(scores.length === 1 && { interval: scaleInterval(scores[0].score, 100) }),
    unit: "%",
    from,
    protocol,
  };
}
