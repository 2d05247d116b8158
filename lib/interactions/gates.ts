/** Options of {@linkcode gateDistribution}. */
export interface GateOptions {
  /** Correlation of the two fair bits, -1 (always opposite) to 1 (always equal). Default 0. */
  correlation?: number;
  /** How often the output is drawn at random from its values instead, 0 to 1. Default 0. */
  noise?: number;
}

/**
 * The table of a function of two fair bits, such as AND or XOR: a target whose decomposition can be told in advance.
 *
 * $$p(x_1, x_2) = \tfrac14 \big(1 + \rho (-1)^{x_1 + x_2}\big), \qquad
 * p(y \mid x_1, x_2) = (1 - \nu) [y = f(x_1, x_2)] + \nu / |\mathcal Y|$$
 *
 * with the correlation $\rho$ and the noise $\nu$.
 *
 * @param output $f$; its values are whole numbers from 0, and the largest one says how many there are.
 * @returns Probabilities `p[x1][x2][y]`.
 * @throws {RangeError} If an option is out of range or an output is no whole number of at least 0.
 *
 * @example
 * ```ts
 * import { brojaPid, gateDistribution } from "braid";
 * import assert from "node:assert/strict";
 *
 * const xor = gateDistribution((a, b) => a ^ b);
 * assert.deepEqual(xor, [[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]);
 * assert.ok(brojaPid(gateDistribution((a, b) => a ^ b, { noise: 1 })).synergy < 1e-6);
 * ```
 */
export function gateDistribution(
  output: (x1: number, x2: number) => number,
  { correlation = 0, noise = 0 }: GateOptions = {},
): number[][][] {
  if (!(Math.abs(correlation) <= 1)) throw new RangeError(`Expected correlation to be in -1 … 1, got ${correlation}`);
  if (!(noise >= 0 && noise <= 1)) throw new RangeError(`Expected noise to be in 0 … 1, got ${noise}`);
  const bits = [0, 1], outputs = bits.map((a) => bits.map((b) => output(a, b))), values = outputs.flat();
  const wrong = values.find((value) => !(Number.isInteger(value) && value >= 0));
  if (wrong !== undefined) throw new RangeError(`Expected outputs to be whole numbers of at least 0, got ${wrong}`);
  const classes = Math.max(...values) + 1;
  return bits.map((a) =>
    bits.map((b) => {
      const mass = (a === b ? 1 + correlation : 1 - correlation) / 4;
      return Array.from({ length: classes }, (_, y) =>
        mass * (Number(y === outputs[a][b]) * (1 - noise) + noise / classes));
    })
  );
}
