/**
 * Holm's adjustment of p-values: compare the results with $\alpha$, and the chance of any false alarm among all
 * comparisons stays below $\alpha$, whatever their dependence.
 *
 * With the p-values in ascending order, $\tilde p_{(k)} = \max_{j \le k} \min(1, (m - j + 1) \, p_{(j)})$. Source: Holm 1979.
 *
 * @param pValues One per comparison, in [0, 1].
 * @returns Adjusted p-values in the order given.
 * @throws {RangeError} If a p-value is not in [0, 1].
 *
 * @example
 * ```ts
 * import { holm } from "braid/evaluation/multiple_comparisons.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(holm([0.25, 0.0625]), [0.25, 0.125]);
 * ```
 */
export function holm(pValues: readonly number[]): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`Expected p-values in [0, 1], got ${wrong}`);
  const ascending = [...pValues.keys()].sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  ascending.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[i]));
    adjusted[i] = largest;
  });
  return adjusted;
}
