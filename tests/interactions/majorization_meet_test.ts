import assert from "node:assert/strict";
import * as fc from "fast-check";
import { majorizationMeet } from "braid/interactions/majorization_meet.ts";

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const bits = (values: number[]) => -sum(values.map((p) => p > 0 ? p * Math.log2(p) : 0));
const near = (got: number, want: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);

const distributions = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
  .filter((counts) => sum(counts) > 0)
  .map((counts) => counts.map((count) => count / sum(counts)));

/** Sum of the k largest. */
const largest = (p: number[], k: number) => sum(p.toSorted((x, y) => y - x).slice(0, k));

Deno.test("majorizationMeet() gives the worked example, in any order", () => {
  const { meet, entropy } = majorizationMeet([0.2, 0.5, 0.3], [0.4, 0.6]);
  meet.forEach((p, k) => near(p, [0.5, 0.3, 0.2][k]));
  near(entropy, bits([0.5, 0.3, 0.2]));
});

Deno.test("majorizationMeet() is the greatest of what both majorise: its sums of k largest are the smaller ones", () => {
  fc.assert(fc.property(distributions, distributions, (a, b) => {
    const { meet, entropy } = majorizationMeet(a, b);
    assert.equal(meet.length, Math.max(a.length, b.length));
    meet.forEach((_, k) => near(sum(meet.slice(0, k + 1)), Math.min(largest(a, k + 1), largest(b, k + 1)), 1e-9));
    meet.forEach((p, k) => assert.ok(p >= 0 && p <= (meet[k - 1] ?? 1) + 1e-9));
    assert.ok(entropy >= Math.max(bits(a), bits(b)) - 1e-9);
    assert.deepEqual(majorizationMeet(b, a), { meet, entropy });
  }));
});

Deno.test("no coupling has less entropy than majorizationMeet()", () => {
  fc.assert(fc.property(distributions, distributions, (a, b) => {
    const [left, right] = [a.toSorted((x, y) => y - x), b.toSorted((x, y) => y - x)], masses: number[] = [];
    for (let i = 0, j = 0; i < left.length && j < right.length;) { // greedy, so that few cells have probability
      const mass = Math.min(left[i], right[j]);
      masses.push(mass);
      left[i] -= mass;
      right[j] -= mass;
      if (left[i] <= right[j]) i++;
      else j++;
    }
    assert.ok(bits(masses) >= majorizationMeet(a, b).entropy - 1e-9);
  }));
});

Deno.test("majorizationMeet() says what is wrong with its input", () => {
  assert.throws(() => majorizationMeet([], [1]), /a to sum to 1, got 0 for 0 entries/);
  assert.throws(() => majorizationMeet([1], [0.5]), /b to sum to 1, got 0.5/);
  assert.throws(() => majorizationMeet([1.5, -0.5], [1]), /at least 0, got -0.5/);
  assert.throws(() => majorizationMeet([NaN], [1]), /at least 0, got NaN/);
  assert.deepEqual(majorizationMeet([1], [1]), { meet: [1], entropy: 0 });
});
