import { mutualInformation, normalized, sourceMarginals } from "./distribution.ts";
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

/** Options of {@linkcode brojaPid}. */
export interface BrojaPidOptions {
  /** The search ends as soon as no atom can be off by more than this many bits. Default 1e-7. */
  accuracy?: number;
}

/** The largest error of an atom, in bits, that is passed off as a result. */
const LARGEST_ERROR = 1e-4;

/**
 * Partial information decomposition of a discrete distribution $p(x_1, x_2, y)$ by the definition of BROJA.
 *
 * Among the distributions $q$ with the marginals $p(x_1, y)$ and $p(x_2, y)$, the $q^\star$ of the smallest
 * $I_q(X_1, X_2; Y)$ has no synergy, so with $I_q$ that minimum
 *
 * $$R = I_1 + I_2 - I_q, \quad U_1 = I_q - I_2, \quad U_2 = I_q - I_1, \quad S = I_p(X_1, X_2; Y) - I_q$$
 *
 * where $I_i = I_p(X_i; Y)$. It is found by convex optimisation with a certificate of how far it is from the true minimum.
 *
 * Source: Bertschinger, Rauh, Olbrich, Jost & Ay 2014, Quantifying unique information.
 *
 * @param p Probabilities `p[x1][x2][y]`, summing to 1 up to 1e-5, by whose sum they are divided.
 * @returns The four atoms in bits; they add up to $I_p(X_1, X_2; Y)$.
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 * @throws {Error} If the certificate allows an error above `accuracy` and 1e-4 bit, as with probabilities near the smallest
 * numbers.
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
export function brojaPid(p: number[][][], { accuracy = 1e-7 }: BrojaPidOptions = {}): PartialInformation {
  if (!(accuracy > 0)) throw new RangeError(`Expected accuracy to be positive, got ${accuracy}`);
  p = normalized(p);
  const [first, second] = sourceMarginals(p);
  const { q, gap } = leastJointInformation(first, second, accuracy * Math.LN2);
  const error = gap / Math.LN2, allowed = Math.max(accuracy, LARGEST_ERROR);
  if (!(error <= allowed)) {
    throw new Error(
      `Expected the decomposition to be certain to ${allowed} bit, got ${error}: leave out or merge states of ` +
        "next to no probability",
    );
  }

  const information1 = mutualInformation(first), information2 = mutualInformation(second);
  const joint = mutualInformation(p.flat()), withoutSynergy = mutualInformation(q.flat());
  return {
    redundancy: atom(information1 + information2 - withoutSynergy),
    unique1: atom(withoutSynergy - information2),
    unique2: atom(withoutSynergy - information1),
    synergy: atom(joint - withoutSynergy),
  };
}

/** No atom of BROJA is negative; an optimum that is nearly reached may leave one just below zero. */
const atom = (bits: number): number => Math.max(0, bits);
