import { entropy, sum } from "./distribution.ts";

/** Result of {@linkcode majorizationMeet}. */
export interface MajorizationMeet {
  /** $a \wedge b$, in descending order, as long as the longer of the two. */
  meet: number[];
  /** $H(a \wedge b)$ in bits. */
  entropy: number;
}

/**
 * The greatest distribution that two distributions both majorise; no joint distribution with the two as marginals has less
 * entropy than it.
 *
 * With both in descending order, the shorter one filled up with zeros:
 *
 * $$(a \wedge b)_k = \min\Big(\sum_{i \le k} a_i, \sum_{i \le k} b_i\Big) - \sum_{j < k} (a \wedge b)_j$$
 *
 * Source: Cicalese & Vaccaro 2002, Supermodularity and subadditivity properties of the entropy on the majorization lattice;
 * the bound on couplings: Cicalese, Gargano & Vaccaro 2019, Minimum-entropy couplings and their applications.
 *
 * @param a Probabilities in any order, summing to 1 up to 1e-5.
 * @param b As `a`, of any length.
 * @throws {RangeError} If one of them is empty, has a negative or non-finite entry, or does not sum to 1.
 *
 * @example
 * ```ts
 * import { majorizationMeet } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { meet, entropy } = majorizationMeet([0.5, 0.5], [0.75, 0.25]);
 * assert.deepEqual([meet, entropy], [[0.5, 0.5], 1]);
 * ```
 */
export function majorizationMeet(a: readonly number[], b: readonly number[]): MajorizationMeet {
  checkProbabilities("a", a);
  checkProbabilities("b", b);
  const [first, second] = [cumulated(a), cumulated(b)];
  const least = Array.from(
    { length: Math.max(a.length, b.length) },
    (_, k) => Math.min(first[k] ?? 1, second[k] ?? 1),
  );
  const meet = least.map((total, k) => total - (least[k - 1] ?? 0));
  return { meet, entropy: entropy(meet) };
}

/** Sums of the k largest, of the total 1. */
function cumulated(probabilities: readonly number[]): number[] {
  const total = sum(probabilities);
  let so = 0;
  return probabilities.toSorted((x, y) => y - x).map((p) => (so += p) / total);
}

function checkProbabilities(name: string, probabilities: readonly number[]): void {
  const wrong = probabilities.find((p) => !(p >= 0 && Number.isFinite(p)));
  if (wrong !== undefined) throw new RangeError(`Expected ${name} to hold probabilities of at least 0, got ${wrong}`);
  if (!(Math.abs(sum(probabilities) - 1) <= 1e-5)) {
    throw new RangeError(`Expected ${name} to sum to 1, got ${sum(probabilities)} for ${probabilities.length} entries`);
  }
}
