import assert from "node:assert/strict";
import { checkAtoms, denseTable, race } from "./pid.ts";

Deno.test("both tables are timed once their atoms agree with Clarabel's", async () => {
  const races = await race(1);
  assert.deepEqual(races.map(({ table }) => table), ["10x10x5", "20x20x10"]);
  for (const { braid, ratio, rounds } of races) assert.ok(braid > 0 && ratio === undefined && rounds === 1);
});

Deno.test("atoms that are off by more than 1e-5 bit stop a race", () => {
  const want = { redundancy: 0.1, unique1: 0.2, unique2: 0.3, synergy: 0.4 };
  checkAtoms("x", { ...want, synergy: 0.400009 }, want);
  for (const synergy of [0.40002, NaN]) {
    assert.throws(() => checkAtoms("x", { ...want, synergy }, want), /Expected synergy of x to be 0.4 bit, got/);
  }
});

Deno.test("a dense table has its weights in order and sums to 1", () => {
  const table = denseTable([2, 1, 2]); // 1², 13², 8², 14²
  [1, 169, 64, 196].forEach((weight, k) => assert.ok(Math.abs(table.flat(2)[k] - weight / 430) < 1e-15));
});
