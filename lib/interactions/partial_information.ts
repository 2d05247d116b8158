import { leastJointInformation } from "./least_joint_information.ts";

/** How the information of two sources about a target divides, in bits. */
export interface PartialInformation {
  /** What each source tells alone. */
  redundancy: number;
  /** What only the first source tells. */
  unique1: number;
  /** What only the second source tells. */
  unique2: number;
  /** What only both together tell. */
  synergy: number;
}

/**
 * Partial information decomposition of a discrete distribution $p(x_1, x_2, y)$ by the definition of BROJA.
 *
 * Among the distributions $q$ with the marginals $p(x_1, y)$ and $p(x_2, y)$, the $q^\star$ of the smallest
 * $I_q(X_1, X_2; Y)$ has no synergy, so with $I_q$ that minimum
 *
 * $$R = I_1 + I_2 - I_q, \quad U_1 = I_q - I_2, \quad U_2 = I_q - I_1, \quad S = I_p(X_1, X_2; Y) - I_q$$
 *
 * where $I_i = I_p(X_i; Y)$. It is found by {@linkcode leastJointInformation}, on random
 * tables to 1e-5 bit. Source: Bertschinger, Rauh, Olbrich, Jost & Ay 2014, Quantifying unique information.
 *
 * @param p Probabilities `p[x1][x2][y]`, summing to 1.
 * @returns The four atoms in bits; they add up to $I_p(X_1, X_2; Y)$.
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 *
 * @example With XOR, neither bit tells anything and both together tell all.
 * ```ts
 * import { brojaPid } from "braid/interactions/partial_information.ts";
 * import assert from "node:assert/strict";
 *
 * const { synergy, redundancy } = brojaPid([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]);
 * assert.ok(Math.abs(synergy - 1) < 1e-6);
 * assert.ok(Math.abs(redundancy) < 1e-6);
 * ```
 */
export function brojaPid(p: number[][][]): PartialInformation {
  checkDistribution(p);
  const first = p.map((plane) => p[0][0].map((_, y) => sum(plane.map((row) => row[y])))); // p(x1, y)
  const second = p[0].map((_, b) => p[0][0].map((_, y) => sum(p.map((plane) => plane[b][y])))); // p(x2, y)
  const { q } = leastJointInformation(first, second);

  const information1 = mutualInformation(first), information2 = mutualInformation(second);
  const joint = mutualInformation(p.flat()), withoutSynergy = mutualInformation(q.flat());
  return {
    redundancy: atom(information1 + information2 - withoutSynergy),
    unique1: atom(withoutSynergy - information2),
    unique2: atom(withoutSynergy - information1),
    synergy: atom(joint - withoutSynergy),
  };
}

/** $I(A; Y) = \sum p(a, y) \log_2 \frac{p(a, y)}{p(a) \, p(y)}$ in bits, of a table `[a][y]`. */
function mutualInformation(table: number[][]): number {
  const classes = table[0].map((_, y) => sum(table.map((row) => row[y])));
  return sum(table.map((row) => {
    const total = sum(row);
    return sum(row.map((value, y) => value > 0 ? value * Math.log2(value / (total * classes[y])) : 0));
  }));
}

/** No atom of BROJA is negative; an optimum that is nearly reached may leave one just below zero. */
const atom = (bits: number): number => Math.max(0, bits);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Tables are often printed or stored in float32. */
const TOTAL_TOLERANCE = 1e-5;

function checkDistribution(p: number[][][]): void {
  const [n1, n2, classes] = [p.length, p[0]?.length ?? 0, p[0]?.[0]?.length ?? 0];
  if (n1 * n2 * classes === 0) throw new RangeError(`Expected a table p[x1][x2][y], got [${n1}, ${n2}, ${classes}]`);
  if (p.some((plane) => plane.length !== n2 || plane.some((row) => row.length !== classes))) {
    throw new RangeError(`Expected every p[x1] to be [${n2}, ${classes}] as the first is, got rows of unequal length`);
  }
  const entries = p.flat(2), wrong = entries.find((value) => !(value >= 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw new RangeError(`Expected probabilities of at least 0, got ${wrong}`);
  const total = sum(entries);
  if (!(Math.abs(total - 1) <= TOTAL_TOLERANCE)) {
    throw new RangeError(`Expected probabilities that sum to 1, got a sum of ${total}: divide counts by their total`);
  }
}
