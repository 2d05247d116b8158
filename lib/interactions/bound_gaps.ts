import { randomNumbers } from "../engine/random_numbers.ts";
import { sum } from "./distribution.ts";
import { synergyBounds } from "./synergy_bounds.ts";

/** How the bounds of {@linkcode synergyBounds} lie about the synergy of many tables. */
export interface BoundGaps {
  tables: number;
  /** Share of the tables whose synergy is not within the bounds. */
  violations: number;
  /** Mean synergy, in bits. */
  synergy: number;
  /** Mean of the synergy less the best lower bound, of which none is taken below 0; in bits. */
  lowerGap: number;
  /** Mean of the upper bound less the synergy; in bits. */
  upperGap: number;
}

/** Bounds end where their search does, some 1e-4 bit early where the best table has empty cells. */
const TOLERANCE = 1e-3;

/**
 * Whether the bounds on synergy hold, and how far off they are: on random tables of three bits.
 *
 * The eight probabilities are uniform among all that sum to 1, that is exponential numbers divided by their sum.
 *
 * @throws {RangeError} If there is no table to draw.
 *
 * @example
 * ```ts
 * import { boundGaps } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { violations, lowerGap, upperGap } = boundGaps(20, { seed: 1 });
 * assert.equal(violations, 0);
 * assert.ok(lowerGap < upperGap);
 * ```
 */
export function boundGaps(tables: number, { seed }: { seed: number }): BoundGaps {
  if (!(Number.isInteger(tables) && tables >= 1)) {
    throw new RangeError(`Expected a positive number of tables, got ${tables}`);
  }
  const random = randomNumbers(seed, "random tables"), bits = [0, 1];
  const drawn = Array.from({ length: tables }, () => {
    const weights = Array.from({ length: 8 }, () => -Math.log(1 - random.uniform())), total = sum(weights);
    const p = bits.map((a) => bits.map((b) => bits.map((y) => weights[4 * a + 2 * b + y] / total)));
    const { synergy, upper, ...lower } = synergyBounds(p);
    return { synergy, upper, lower: Math.max(0, lower.lowerAgree, lower.lowerDisagree, lower.lowerBhattacharyya) };
  });
  const mean = (value: (table: typeof drawn[number]) => number) => sum(drawn.map(value)) / tables;
  return {
    tables,
    violations: mean(({ synergy, lower, upper }) => Number(lower > synergy + TOLERANCE || upper < synergy - TOLERANCE)),
    synergy: mean(({ synergy }) => synergy),
    lowerGap: mean(({ synergy, lower }) => synergy - lower),
    upperGap: mean(({ synergy, upper }) => upper - synergy),
  };
}
