import assert from "node:assert/strict";
import * as fc from "fast-check";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { synergyBounds } from "braid/interactions/synergy_bounds.ts";
import { tableOf, tables } from "./tables.ts";

const near = (got: number, want: number, tolerance = 1e-3) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sign = (a: number, b: number, y: number) => (a + b + y) % 2 ? -1 : 1;

/** $I(X_1; X_2 \mid Y)$ in bits, by a slow loop over a table of three bits. */
function conditionalInformation(p: number[][][]): number {
  let bits = 0;
  for (const y of [0, 1]) {
    const rows = [0, 1].map((a) => p[a][0][y] + p[a][1][y]), columns = [0, 1].map((b) => p[0][b][y] + p[1][b][y]);
    for (const a of [0, 1]) {
      for (const b of [0, 1]) {
        const mass = p[a][b][y];
        if (mass > 0) bits += mass * Math.log2(mass * (rows[0] + rows[1]) / (rows[a] * columns[b]));
      }
    }
  }
  return bits;
}

/** The least $I_r(X_1; X_2 \mid Y)$ of three bits: all tables with p's pair marginals are p + t (-1)^(x1 + x2 + y). */
function leastConditionalInformation(p: number[][][]): number {
  const bound = (s: number) =>
    Math.min(
      ...p.flatMap((plane, a) =>
        plane.flatMap((row, b) => row.flatMap((mass, y) => sign(a, b, y) === s ? [mass] : []))
      ),
    );
  let low = -bound(1), high = bound(-1);
  const at = (t: number) =>
    conditionalInformation(p.map((plane, a) => plane.map((row, b) => row.map((mass, y) => mass + t * sign(a, b, y)))));
  for (let thirds = 0; thirds < 100; thirds++) { // convex
    const left = low + (high - low) / 3, right = high - (high - low) / 3;
    if (at(left) < at(right)) high = right;
    else low = left;
  }
  return at((low + high) / 2);
}

const random = randomNumbers(1, "tables of three bits");
const threeBits = Array.from({ length: 300 }, () => {
  const masses = Array.from({ length: 8 }, () => -Math.log(1 - random.uniform()));
  const total = masses.reduce((sum, mass) => sum + mass);
  return [0, 1].map((a) => [0, 1].map((b) => [0, 1].map((y) => masses[4 * a + 2 * b + y] / total)));
});

Deno.test("synergyBounds() pins AND and OR, says nothing of XOR, and finds no room in a unique or a redundant bit", () => {
  const bounds = (x1: number, x2: number, y: (b: number[]) => number) =>
    synergyBounds(tableOf(2, (b) => b[x1], (b) => b[x2], y));
  for (
    const { lowerAgree, lowerDisagree, lowerBhattacharyya, upper } of [
      bounds(0, 1, ([a, b]) => a & b),
      bounds(0, 1, ([a, b]) => a | b),
    ]
  ) {
    near(lowerAgree, 0.5);
    near(lowerDisagree, 1 / (16 * Math.LN2)); // half of the pairs disagree by 2 (1/2)²
    near(lowerBhattacharyya, 0.25);
    near(upper, 0.5);
  }
  const xor = bounds(0, 1, ([a, b]) => a ^ b);
  for (const lower of [xor.lowerAgree, xor.lowerDisagree, xor.lowerBhattacharyya]) near(lower, 0);
  near(xor.upper, 1);
  const unique = bounds(0, 1, ([a]) => a), redundant = bounds(0, 0, ([a]) => a);
  near(unique.lowerDisagree, 1 / (8 * Math.LN2) - 1);
  for (const bound of [unique.lowerBhattacharyya, unique.upper, redundant.lowerDisagree, redundant.upper]) {
    near(bound, 0);
  }
});

Deno.test("synergyBounds() enclose the synergy, and the Bhattacharyya form is the sharper of the two of its kind", () => {
  const encloses = (p: number[][][]) => {
    const { synergy, lowerAgree, lowerDisagree, lowerBhattacharyya, upper } = synergyBounds(p);
    for (const lower of [lowerAgree, lowerBhattacharyya]) assert.ok(lower <= synergy + 1e-4, `${lower} > ${synergy}`);
    assert.ok(lowerDisagree <= lowerBhattacharyya + 1e-9);
    assert.ok(synergy <= upper + 1e-4, `${synergy} > ${upper}`);
  };
  fc.assert(fc.property(tables, encloses), { numRuns: 100 });
  threeBits.forEach(encloses);
});

Deno.test("lowerAgree is the exact minimum for three bits", () => {
  for (const p of threeBits.slice(0, 50)) {
    const { lowerAgree, synergy } = synergyBounds(p);
    near(synergy - lowerAgree, conditionalInformation(p) - leastConditionalInformation(p), 1e-5);
  }
});

Deno.test("on random tables of three bits the upper bound is 0.62 bit above the synergy, as published", () => {
  const bounds = threeBits.map(synergyBounds);
  near(mean(bounds.map(({ upper, synergy }) => upper - synergy)), 0.62, 0.04);
});

Deno.test("synergyBounds() refuses what is no table, and finds nothing in a constant label or one state", () => {
  assert.throws(() => synergyBounds([]), /table p\[x1\]\[x2\]\[y\], got/);
  assert.throws(() => synergyBounds([[[3, 1]]]), /sum to 1, got a sum of 4/);
  for (const p of [[[[1]]], [[[0.25], [0.25]], [[0], [0.5]]]]) {
    Object.values(synergyBounds(p)).forEach((bound) => near(bound, 0, 1e-9));
  }
});
