import assert from "node:assert/strict";
import * as fc from "fast-check";
import { informationTerms, minimumInformation } from "braid/interactions/information_terms.ts";
import { brojaPid } from "braid/interactions/partial_information.ts";
import { tableOf, tables } from "./tables.ts";

const AND = 0.75 * Math.log2(4 / 3),
  near = (got: number, want: number, tolerance = 1e-12) =>
    assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);

/** Entropy in bits of the states that `name` tells apart, by a slow loop. */
function entropy(p: number[][][], name: (a: number, b: number, y: number) => string): number {
  const masses = new Map<string, number>();
  p.forEach((plane, a) =>
    plane.forEach((row, b) =>
      row.forEach((mass, y) => masses.set(name(a, b, y), (masses.get(name(a, b, y)) ?? 0) + mass))
    )
  );
  return [...masses.values()].reduce((sum, mass) => mass > 0 ? sum - mass * Math.log2(mass) : sum, 0);
}

Deno.test("informationTerms() are sums of entropies", () => {
  fc.assert(fc.property(tables, (p) => {
    const h1 = entropy(p, (a) => `${a}`), h2 = entropy(p, (_, b) => `${b}`), hy = entropy(p, (_, __, y) => `${y}`);
    const h12 = entropy(p, (a, b) => `${a} ${b}`), all = entropy(p, (a, b, y) => `${a} ${b} ${y}`);
    const h1y = entropy(p, (a, _, y) => `${a} ${y}`), h2y = entropy(p, (_, b, y) => `${b} ${y}`);
    const { i1, i2, i12, ix, coInformation } = informationTerms(p);
    near(i1, h1 + hy - h1y);
    near(i2, h2 + hy - h2y);
    near(i12, h12 + hy - all);
    near(ix, h1 + h2 - h12);
    near(coInformation, i1 + i2 - i12);
  }));
});

Deno.test("co-information is the redundancy less the synergy", () => {
  fc.assert(
    fc.property(tables, (p) => {
      const { redundancy, synergy } = brojaPid(p);
      near(informationTerms(p).coInformation, redundancy - synergy, 2e-5);
    }),
    { numRuns: 100 },
  );
});

Deno.test("minimumInformation() gives the textbook's values, where it agrees with BROJA and where it does not", () => {
  const of = (x1: (b: number[]) => number, x2: (b: number[]) => number, y: (b: number[]) => number) =>
    minimumInformation(tableOf(2, x1, x2, y));
  near(of(([a]) => a, ([, b]) => b, ([a, b]) => a ^ b), 0);
  near(of(([a]) => a, ([, b]) => b, ([a, b]) => a & b), AND);
  near(of(([a]) => a, ([a]) => a, ([a]) => a), 1);
  near(of(([a]) => a, ([, b]) => b, ([a]) => a), 0);
  near(of(([a]) => a, ([, b]) => b, ([a, b]) => 2 * a + b), 1); // BROJA: 0
});

Deno.test("minimumInformation() is not negative, is at most what each source tells, and swaps with the sources", () => {
  fc.assert(fc.property(tables, (p) => {
    const bits = minimumInformation(p), { i1, i2 } = informationTerms(p);
    assert.ok(bits >= -1e-12 && bits <= Math.min(i1, i2) + 1e-12, `${bits} of ${i1} and ${i2}`);
    near(minimumInformation([0, 1, 2].map((b) => [0, 1].map((a) => p[a][b]))), bits);
  }));
});

Deno.test("tables that are none are refused", () => {
  for (const f of [informationTerms, minimumInformation]) {
    assert.throws(() => f([]), /table p\[x1\]\[x2\]\[y\], got/);
    assert.throws(() => f([[[0.5, 0.5]], [[0]]]), /unequal length/);
    assert.throws(() => f([[[1.5, -0.5]]]), /at least 0, got -0.5/);
    assert.throws(() => f([[[1, 1]]]), /sum to 1, got a sum of 2/);
  }
  assert.deepEqual(informationTerms([[[1]]]), { i1: 0, i2: 0, i12: 0, coInformation: 0, ix: 0 });
});

Deno.test("a table is divided by its sum, which rounding may have moved", () => {
  const rounded = [[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25 - 8e-6, 0]]];
  const scaled = rounded.map((plane) => plane.map((row) => row.map((value) => value / (1 - 8e-6))));
  const got = informationTerms(rounded), want = informationTerms(scaled);
  near(got.i12, want.i12);
  near(got.ix, want.ix);
});
