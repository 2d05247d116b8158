import { entropy } from "./distribution.ts";

/** What {@linkcode accuracyBounds} has to know of the label $Y$. */
export interface LabelInformation {
  /** $|\mathcal Y|$, at least 2. */
  classes: number;
  /** $H(Y)$ in bits, at most $\log_2 |\mathcal Y|$. */
  labelEntropy: number;
}

/** Where the accuracy of the best classifier lies; fractions that are not clipped. */
export interface AccuracyBounds {
  /** $2^{I - H(Y)}$. */
  lower: number;
  /** $(I + 1) / \log_2 |\mathcal Y|$, for balanced classes; above 1 it says nothing. */
  upperLoose: number;
  /** $1 - e^\star$ by Fano's inequality, the tight form. */
  upperFano: number;
}

/**
 * How accurate the best classifier can be, by how much its inputs tell of the label.
 *
 * With $I$ bits of information, $2^{I - H(Y)} \le P_{acc} \le (I + 1) / \log_2 |\mathcal Y|$. The upper form presumes balanced
 * classes and is above 1 for two; Fano's inequality itself is never idle: $P_{acc} \le 1 - e^\star$ with the smallest root of
 *
 * $$h_2(e^\star) + e^\star \log_2(|\mathcal Y| - 1) = H(Y) - I$$
 *
 * Source: Liang et al. 2024, Multimodal learning without labeled multimodal data; Fano 1961.
 *
 * @param information $I$ in bits, such as the sum of a decomposition's atoms.
 * @throws {RangeError} If there are fewer than 2 classes, or $0 \le I \le H(Y) \le \log_2 |\mathcal Y|$ does not hold.
 *
 * @example One bit of information about two balanced classes is all there is.
 * ```ts
 * import { accuracyBounds } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { lower, upperFano } = accuracyBounds(1, { classes: 2, labelEntropy: 1 });
 * assert.deepEqual([lower, upperFano], [1, 1]);
 * ```
 */
export function accuracyBounds(information: number, { classes, labelEntropy }: LabelInformation): AccuracyBounds {
  if (!(Number.isInteger(classes) && classes >= 2)) {
    throw new RangeError(`Expected at least 2 classes, got ${classes}`);
  }
  checkRange("labelEntropy", labelEntropy, Math.log2(classes));
  checkRange("information", information, labelEntropy);
  return {
    lower: 2 ** (information - labelEntropy),
    upperLoose: (information + 1) / Math.log2(classes),
    upperFano: 1 - smallestError(labelEntropy - information, classes),
  };
}

/** The smallest $e$ that leaves so many bits of the label open, by bisection: the left side grows up to $1 - 1/|\mathcal Y|$. */
function smallestError(open: number, classes: number): number {
  let low = 0, high = 1 - 1 / classes;
  for (let halving = 0; halving < 60; halving++) {
    const e = (low + high) / 2;
    if (entropy([e, 1 - e]) + e * Math.log2(classes - 1) < open) low = e;
    else high = e;
  }
  return low;
}

/** Entropies that were rounded may be above their bound by a little. */
const ROUNDING = 1e-6;

function checkRange(name: string, bits: number, most: number): void {
  if (!(bits >= -ROUNDING && bits <= most + ROUNDING)) {
    throw new RangeError(`Expected ${name} to be in 0 … ${most} bits, got ${bits}: entropies are in bits`);
  }
}
