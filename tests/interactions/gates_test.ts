import assert from "node:assert/strict";
import { gateDistribution } from "braid/interactions/gates.ts";
import { informationTerms } from "braid/interactions/information_terms.ts";
import { brojaPid } from "braid/interactions/partial_information.ts";

const near = (got: number, want: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);
const h = (p: number) => p === 0 || p === 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
const xor = (a: number, b: number) => a ^ b, and = (a: number, b: number) => a & b;

Deno.test("a noisy XOR has 1 - h(noise / 2) bits, all of them synergy", () => {
  for (const noise of [0, 0.25, 0.6, 1]) {
    const atoms = brojaPid(gateDistribution(xor, { noise }));
    near(atoms.synergy, 1 - h(noise / 2));
    near(atoms.redundancy + atoms.unique1 + atoms.unique2, 0);
  }
});

Deno.test("inputs of correlation c are equal in (1 + c) / 2 of cases", () => {
  for (const correlation of [-1, -0.4, 0, 0.3, 1]) {
    const terms = informationTerms(gateDistribution(and, { correlation }));
    near(terms.ix, 1 - h((1 + correlation) / 2));
  }
});

Deno.test("equal inputs never differ, opposite ones always do", () => {
  const mass = (correlation: number) =>
    gateDistribution(xor, { correlation }).map((plane) => plane.map((row) => row[0] + row[1]));
  assert.deepEqual(mass(1), [[0.5, 0], [0, 0.5]]);
  assert.deepEqual(mass(-1), [[0, 0.5], [0.5, 0]]);
});

Deno.test("noise draws from all values of the output alike", () => {
  const [[first]] = gateDistribution((a, b) => a + b, { noise: 0.3 });
  [0.25 * (0.7 + 0.1), 0.25 * 0.1, 0.25 * 0.1].forEach((want, y) => near(first[y], want, 1e-12));
});

Deno.test("gateDistribution() refuses what is no gate", () => {
  assert.throws(() => gateDistribution(xor, { correlation: 1.1 }), /Expected correlation to be in -1 … 1, got 1.1/);
  assert.throws(() => gateDistribution(xor, { correlation: NaN }), RangeError);
  assert.throws(() => gateDistribution(xor, { noise: -0.1 }), /Expected noise to be in 0 … 1, got -0.1/);
  assert.throws(() => gateDistribution((a) => a - 1), /outputs to be whole numbers of at least 0, got -1/);
});
