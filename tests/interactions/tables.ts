// Tables that tests of interactions share.

import * as fc from "fast-check";

/** Table of a target that is a function of two sources, each of which is a function of independent uniform bits. */
export function tableOf(
  bits: number,
  x1: (b: number[]) => number,
  x2: (b: number[]) => number,
  y: (b: number[]) => number,
): number[][][] {
  const states = Array.from({ length: 2 ** bits }, (_, s) => Array.from({ length: bits }, (_, k) => (s >> k) & 1));
  const size = (f: (b: number[]) => number) => 1 + Math.max(...states.map(f));
  const p = Array.from({ length: size(x1) }, () => Array.from({ length: size(x2) }, () => new Array(size(y)).fill(0)));
  for (const b of states) p[x1(b)][x2(b)][y(b)] += 1 / states.length;
  return p;
}

/** Random tables of 2 x 3 states and 2 classes, zeros among them. */
export const tables = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 })
  .filter((counts) => counts.some((count) => count > 0))
  .map((counts) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return [0, 1].map((a) => [0, 1, 2].map((b) => [0, 1].map((y) => counts[6 * a + 2 * b + y] / total)));
  });
