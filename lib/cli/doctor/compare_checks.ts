// Whether two engines computed the same.

import type { EngineName } from "../../engine/engine.ts";
import type { SelfCheck } from "../../engine/self_check.ts";

/** How an engine's results compare with another's. */
export interface Comparison {
  /** The other engine. */
  with: EngineName;
  /** Largest difference, relative to values above 1; infinite if a number or a whole result is missing. */
  difference: number;
  /** Computation in which it occurred. */
  computation: string;
  /** Largest difference that rounding explains. */
  tolerance: number;
  agrees: boolean;
}

/**
 * Compares the results of two engines, number by number.
 *
 * @example
 * ```ts
 * import { compareChecks } from "braid/cli/doctor/compare_checks.ts";
 * import type { SelfCheck } from "braid/engine/self_check.ts";
 * import assert from "node:assert/strict";
 *
 * const check = (name: "wasm" | "cpu", value: number): SelfCheck => ({
 *   engine: { name, version: "1", device: "CPU", onGpu: false, compiles: false, description: name, reason: "" },
 *   devices: [],
 *   results: { matmul: [value] },
 * });
 * assert.ok(compareChecks(check("wasm", 1), check("cpu", 1.00001)).agrees);
 * assert.ok(!compareChecks(check("wasm", 1), check("cpu", 1.01)).agrees);
 * ```
 */
export function compareChecks(one: SelfCheck, other: SelfCheck): Comparison {
  const names = Object.keys({ ...one.results, ...other.results });
  const differences = names.map((name) => largestDifference(one.results[name], other.results[name]));
  const difference = Math.max(...differences), tolerance = toleranceOf(one, other);
  return {
    with: other.engine.name,
    difference,
    computation: names[differences.indexOf(difference)],
    tolerance,
    agrees: difference <= tolerance,
  };
}

function largestDifference(a: number[] = [], b: number[] = []): number {
  // JSON writes NaN as null.
  if (a.length !== b.length || ![...a, ...b].every(Number.isFinite)) return Infinity;
  return Math.max(0, ...a.map((x, i) => Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))));
}

/** Float32 on CPUs; a GPU may multiply in TensorFloat-32, with 10 bits after the point. */
const toleranceOf = (...checks: SelfCheck[]) => checks.some(({ engine }) => engine.onGpu) ? 5e-3 : 1e-4;
