import { conditional, entropy, mutualInformation, normalized, sourceMarginals, sum } from "./distribution.ts";
import { majorizationMeet } from "./majorization_meet.ts";
import { greatestEntropy } from "./maximum_entropy.ts";
import { brojaPid } from "./partial_information.ts";

/** Result of {@linkcode synergyBounds}, in bits but for `disagreement`. */
export interface SynergyBounds {
  /** $S$ of the table itself, by {@linkcode brojaPid}: what the bounds enclose. */
  synergy: number;
  /** $\underline S_{agree}$: from redundancy against what the sources have in common. */
  lowerAgree: number;
  /** $\alpha$: mean squared distance of the two unimodal classifiers' probabilities, in 0 … 2, without unit. */
  disagreement: number;
  /** $\underline S_{disagree}$: from $\alpha$. */
  lowerDisagree: number;
  /** $\underline S_{BC}$: from the Bhattacharyya coefficient of the two classifiers; never below the one from $\alpha$. */
  lowerBhattacharyya: number;
  /** $\overline S$: from the least entropy that the joint distribution can have. */
  upper: number;
}

/**
 * How much synergy there can be, judged without labelled pairs: from $p(x_1, y)$, $p(x_2, y)$ and $p(x_1, x_2)$.
 *
 * With the classifiers $f_i = p(y \mid x_i)$ and the atoms $R, U_1, U_2$ of BROJA, which those marginals determine:
 *
 * $$\underline S_{agree} = R - I(X_1; X_2) + \min_r I_r(X_1; X_2 \mid Y)$$
 * $$\underline S_{disagree} = \tfrac{1}{4 \ln 2}\, \mathbb E \lVert f_1 - f_2 \rVert_2^2 - \max(U_1, U_2), \qquad
 * \underline S_{BC} = \mathbb E\big[-\log_2 \textstyle\sum_y \sqrt{f_1 f_2}\big] - \tfrac12 (U_1 + U_2)$$
 * $$\overline S = H(X_1, X_2) + H(Y) - \underline H - (R + U_1 + U_2)$$
 *
 * $r$ runs over the distributions with all three marginals; the one of greatest entropy is found by iterative proportional
 * fitting, and the bound holds also where that has not converged. $\underline H$ is the largest of the entropies of
 * {@linkcode majorizationMeet} of a pair of variables with the third. The constant $1 / (4 \ln 2)$ follows from Pinsker's
 * inequality. A lower bound below 0 says nothing.
 *
 * Source: Liang et al. 2024, Multimodal learning without labeled multimodal data: guarantees and applications.
 *
 * @param p Probabilities `p[x1][x2][y]`, summing to 1 up to 1e-5.
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 *
 * @example The marginals of AND leave no choice; those of XOR tell nothing.
 * ```ts
 * import { synergyBounds } from "braid";
 * import assert from "node:assert/strict";
 *
 * const and = synergyBounds([[[0.25, 0], [0.25, 0]], [[0.25, 0], [0, 0.25]]]);
 * assert.ok(Math.abs(and.lowerAgree - 0.5) < 1e-3 && Math.abs(and.upper - 0.5) < 1e-3);
 * const xor = synergyBounds([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]);
 * assert.ok(Math.abs(xor.lowerAgree) < 1e-3 && Math.abs(xor.upper - 1) < 1e-3);
 * ```
 */
export function synergyBounds(p: number[][][]): SynergyBounds {
  p = normalized(p);
  const { redundancy, unique1, unique2, synergy } = brojaPid(p);
  const [first, second] = sourceMarginals(p), pairs = p.map((plane) => plane.map(sum));
  const target = p[0][0].map((_, y) => sum(first.map((row) => row[y])));
  const [h1y, h2y, h12, hy] = [first.flat(), second.flat(), pairs.flat(), target].map(entropy);
  const { disagreement, bhattacharyya } = comparedClassifiers(pairs, conditional(first), conditional(second));
  return {
    synergy,
    lowerAgree: redundancy - mutualInformation(pairs) + h1y + h2y - hy - greatestEntropy(p),
    disagreement,
    lowerDisagree: disagreement / (4 * Math.LN2) - Math.max(unique1, unique2),
    lowerBhattacharyya: bhattacharyya - (unique1 + unique2) / 2,
    upper: h12 + hy - leastEntropy(p) - (redundancy + unique1 + unique2),
  };
}

/** Means over $p(x_1, x_2)$ of the classifiers' squared distance, and of their Bhattacharyya distance in bits. */
function comparedClassifiers(
  pairs: number[][],
  f1: number[][],
  f2: number[][],
): { disagreement: number; bhattacharyya: number } {
  let disagreement = 0, bhattacharyya = 0;
  pairs.forEach((row, a) =>
    row.forEach((mass, b) => {
      if (mass === 0) return;
      disagreement += mass * sum(f1[a].map((p, y) => (p - f2[b][y]) ** 2));
      bhattacharyya -= mass * Math.log2(sum(f1[a].map((p, y) => Math.sqrt(p * f2[b][y]))));
    })
  );
  return { disagreement, bhattacharyya };
}

/** $\underline H$: no distribution with the three pair marginals of $p$ has less entropy. */
function leastEntropy(p: number[][][]): number {
  const [first, second] = sourceMarginals(p), pairs = p.map((plane) => plane.map(sum));
  const x1 = pairs.map(sum), x2 = second.map(sum), y = p[0][0].map((_, y) => sum(first.map((row) => row[y])));
  const couplings: [number[], number[]][] = [[pairs.flat(), y], [first.flat(), x2], [second.flat(), x1]];
  return Math.max(...couplings.map(([pair, other]) => majorizationMeet(pair, other).entropy));
}
