import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { scaleInterval, seedInterval, studentQuantile, wilsonInterval } from "braid/evaluation/interval.ts";

Deno.test("studentQuantile() agrees with printed tables", () => {
  for (const [n, confidence, want] of [[2, 0.95, 12.706], [3, 0.95, 4.303], [5, 0.95, 2.776], [11, 0.99, 3.169]]) {
    assert.ok(Math.abs(studentQuantile(n, confidence) - want) < 6e-4);
  }
});

Deno.test("seedInterval() is mean ± t s / √n", () => {
  const { value, low, high, n, over } = seedInterval([80, 82, 84, 86, 88]); // s = √10
  assert.deepEqual([value, n, over], [84, 5, "seeds"]);
  const half = 2.7764451 * Math.sqrt(10) / Math.sqrt(5);
  assert.ok(Math.abs(low! - (84 - half)) < 1e-5 && Math.abs(high! - (84 + half)) < 1e-5);
});

Deno.test("seedInterval() covers the true mean of three seeds as often as it says", () => {
  const random = randomNumbers(4, "seeds"), repeats = 3000;
  let covered = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const { low, high } = seedInterval(Array.from({ length: 3 }, random.normal));
    if (low! <= 0 && 0 <= high!) covered++;
  }
  assert.ok(Math.abs(covered / repeats - 0.95) < 0.013, `coverage ${covered / repeats}`); // three standard errors
});

Deno.test("seedInterval() of one seed has no ends", () => {
  assert.deepEqual(seedInterval([70]), { value: 70, confidence: 0.95, n: 1, over: "seeds" });
});

Deno.test("scaleInterval() changes the unit of value and ends", () => {
  const { value, low, high, n } = scaleInterval({ ...seedInterval([0.5]), low: 0.25, high: 0.75 }, 100);
  assert.deepEqual([value, low, high, n], [50, 25, 75, 1]);
  assert.equal("low" in scaleInterval(seedInterval([0.5]), 100), false);
});

Deno.test("seedInterval() and scaleInterval() say what is wrong with their input", () => {
  assert.throws(() => seedInterval([]), /at least one seed, got none/);
  assert.throws(() => seedInterval([1, NaN]), /finite results, got NaN/);
  assert.throws(() => seedInterval([1, 2], { confidence: 1 }), /between 0 and 1, got 1/);
  assert.throws(() => scaleInterval(seedInterval([1]), 0), /factor to be positive, got 0/);
});

Deno.test("wilsonInterval() ends where the test of a proportion would just reject it", () => {
  const z = 1.959963984540054;
  for (const [successes, n] of [[0, 8], [3, 8], [8, 8], [412, 900]]) {
    const { value, low, high } = wilsonInterval(successes, n);
    assert.equal(value, successes / n);
    for (const p of [low!, high!].filter((p) => p > 0 && p < 1)) {
      assert.ok(Math.abs(Math.abs(value - p) / Math.sqrt(p * (1 - p) / n) - z) < 1e-6, `${successes} of ${n}: ${p}`);
    }
    assert.ok(low! <= value && value <= high!);
  }
  assert.deepEqual([wilsonInterval(0, 8).low, wilsonInterval(8, 8).high], [0, 1]);
});

Deno.test("wilsonInterval() says what is wrong with its input", () => {
  assert.throws(() => wilsonInterval(0, 0), /at least one sample, got 0/);
  assert.throws(() => wilsonInterval(3, 2), /successes from 0 to 2, got 3/);
  assert.throws(() => wilsonInterval(1, 2, { confidence: 1 }), /between 0 and 1, got 1/);
});
