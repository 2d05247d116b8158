import assert from "node:assert/strict";
import * as fc from "fast-check";
import { holm } from "braid/evaluation/multiple_comparisons.ts";

Deno.test("holm() steps down as in the textbook", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((want, i) => assert.ok(Math.abs(adjusted[i] - want) < 1e-12));
  assert.deepEqual(holm([0.3]), [0.3]);
  assert.deepEqual(holm([]), []);
});

Deno.test("holm() rejects exactly what Holm's sequential test rejects", () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(fc.array(p, { maxLength: 8 }), fc.double({ min: 0.01, max: 0.5, noNaN: true }), (ps, alpha) => {
    const ascending = [...ps].sort((a, b) => a - b);
    const kept = ascending.findIndex((p, k) => p * (ps.length - k) > alpha); // the test stops at the first that stays
    const limit = kept < 0 ? Infinity : ascending[kept];
    holm(ps).forEach((adjusted, i) => assert.equal(adjusted <= alpha, ps[i] < limit));
  }));
});

Deno.test("holm() refuses what is no p-value", () => {
  assert.throws(() => holm([0.5, 1.2]), /p-values in \[0, 1\], got 1.2/);
  assert.throws(() => holm([NaN]), /got NaN/);
});
