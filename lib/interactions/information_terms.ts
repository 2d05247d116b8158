import { mutualInformation, normalized, sourceMarginals, sum } from "./distribution.ts";

/** What two sources tell of a target and of each other, in bits. */
export interface InformationTerms {
  /** $I(X_1; Y)$. */
  i1: number;
  /** $I(X_2; Y)$. */
  i2: number;
  /** $I(X_1, X_2; Y)$. */
  i12: number;
  /** $I(X_1; X_2; Y) = I(X_1; Y) + I(X_2; Y) - I(X_1, X_2; Y)$: redundancy less synergy, so it may be negative. */
  coInformation: number;
  /** $I(X_1; X_2)$. */
  ix: number;
}

/**
 * Mutual informations of a discrete distribution $p(x_1, x_2, y)$, which need no decomposition.
 *
 * $$I(A; B) = \sum_{a, b} p(a, b) \log_2 \frac{p(a, b)}{p(a) \, p(b)}$$
 *
 * Cells without probability add nothing. Source: Shannon 1948; McGill 1954 for the co-information.
 *
 * @param p Probabilities `p[x1][x2][y]`, summing to 1.
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 *
 * @example XOR: each bit tells nothing, both tell one bit.
 * ```ts
 * import { informationTerms } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { i1, i12, coInformation } = informationTerms([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]);
 * assert.deepEqual([i1, i12, coInformation], [0, 1, -1]);
 * ```
 */
export function informationTerms(p: number[][][]): InformationTerms {
  p = normalized(p);
  const [first, second] = sourceMarginals(p);
  const i1 = mutualInformation(first), i2 = mutualInformation(second), i12 = mutualInformation(p.flat());
  return { i1, i2, i12, coInformation: i1 + i2 - i12, ix: mutualInformation(p.map((plane) => plane.map(sum))) };
}

/**
 * The redundancy of Williams and Beer, for comparison with that of {@linkcode brojaPid}.
 *
 * For each outcome it takes the source that tells less of it:
 *
 * $$I_{\min} = \sum_y p(y) \min_i \sum_{x_i} p(x_i \mid y) \log_2 \frac{p(y \mid x_i)}{p(y)}$$
 *
 * It counts as shared what is only of the same amount: two independent bits have one bit of it about their pair.
 *
 * Source: Williams & Beer 2010, Nonnegative decomposition of multivariate information, equations 2-4.
 *
 * @param p Probabilities `p[x1][x2][y]`, summing to 1.
 * @returns Bits, at most what each source tells alone.
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 *
 * @example Two independent bits and their pair: one bit, though they share nothing.
 * ```ts
 * import { minimumInformation } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.equal(minimumInformation([[[0.25, 0, 0, 0], [0, 0.25, 0, 0]], [[0, 0, 0.25, 0], [0, 0, 0, 0.25]]]), 1);
 * ```
 */
export function minimumInformation(p: number[][][]): number {
  const marginals = sourceMarginals(normalized(p));
  const classes = marginals[0][0].map((_, y) => sum(marginals[0].map((row) => row[y])));
  /** p(y) times what a source tells of outcome y. */
  const told = (table: number[][], y: number) =>
    sum(table.map((row) => row[y] > 0 ? row[y] * Math.log2(row[y] / (sum(row) * classes[y])) : 0));
  return sum(classes.map((_, y) => Math.min(...marginals.map((table) => told(table, y)))));
}
