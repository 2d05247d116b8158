// The joint distribution of greatest entropy with three given pair marginals, by iterative proportional fitting.

import { sum } from "./distribution.ts";

/** Fitting ends after so many sweeps, or when a sweep has changed no cell by more than this part of 1. */
const SWEEPS = 5000, LARGEST_CHANGE = 1e-12;

/**
 * An upper bound, in bits, on the entropy of every $r(x_1, x_2, y)$ with the three pair marginals of $p$.
 *
 * From the uniform table, each step scales a marginal to what it has to be, so that $\ln r$ stays a sum of functions of two
 * variables each. Such an $r$ has the same mean of $-\log_2 r$ under all the distributions in question, $p$ among them, and by
 * Gibbs' inequality none of them has more entropy than that. So $-\sum p \log_2 r$ is a bound after any number of sweeps. It
 * meets the greatest entropy in the limit, slowly where that distribution has zeros that $p$'s marginals do not show.
 *
 * Source: Csiszár 1975, I-divergence geometry of probability distributions and minimization problems.
 *
 * @param p `p[x1][x2][y]`, summing to 1.
 */
export function greatestEntropy(p: number[][][]): number {
  const [n2, classes] = [p[0].length, p[0][0].length];
  const target = Float64Array.from(p.flat(2)), r = new Float64Array(target.length).fill(1 / target.length);
  const pairs = [
    (a: number, b: number, _: number) => a * n2 + b,
    (a: number, _: number, y: number) => a * classes + y,
    (_: number, b: number, y: number) => b * classes + y,
  ].map((number) => {
    const groups = Int32Array.from(target, (_, cell) => {
      const y = cell % classes, pair = Math.floor(cell / classes);
      return number(Math.floor(pair / n2), pair % n2, y);
    });
    const size = groups.reduce((largest, group) => Math.max(largest, group), 0) + 1;
    return { groups, wanted: totals(target, groups, size), size };
  });
  for (let sweep = 0, change = Infinity; sweep < SWEEPS && change > LARGEST_CHANGE; sweep++) {
    change = 0;
    for (const { groups, wanted, size } of pairs) {
      const found = totals(r, groups, size);
      for (let cell = 0; cell < r.length; cell++) {
        const group = groups[cell], scaled = found[group] > 0 ? r[cell] * wanted[group] / found[group] : 0;
        change = Math.max(change, Math.abs(scaled - r[cell]));
        r[cell] = scaled;
      }
    }
  }
  const mass = sum(Array.from(r)); // 1 but for rounding
  return -target.reduce((bits, value, cell) => value > 0 ? bits + value * Math.log2(r[cell] / mass) : bits, 0);
}

function totals(values: Float64Array, groups: Int32Array, size: number): Float64Array {
  const sums = new Float64Array(size);
  groups.forEach((group, cell) => sums[group] += values[cell]);
  return sums;
}
