import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { bootstrapInterval } from "braid/evaluation/bootstrap.ts";

const meanOf = (values: number[]) => (indices: Int32Array) =>
  indices.reduce((sum, i) => sum + values[i], 0) / indices.length;

Deno.test("bootstrapInterval() covers the true mean about as often as it says", () => {
  const random = randomNumbers(1, "coverage"), repeats = 400;
  let covered = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const values = Array.from({ length: 40 }, random.normal);
    const { low, high } = bootstrapInterval(40, meanOf(values), { seed: repeat, resamples: 300 });
    if (low! <= 0 && 0 <= high!) covered++;
  }
  const coverage = covered / repeats; // 0.94 is expected of the percentile bootstrap with 40 samples; 3 standard errors
  assert.ok(coverage > 0.9 && coverage < 0.98, `coverage ${coverage}`);
});

Deno.test("bootstrapInterval() of a fraction is as wide as the binomial law says", () => {
  const right = Array.from({ length: 400 }, (_, i) => Number(i < 280));
  const { value, low, high } = bootstrapInterval(400, meanOf(right), { seed: 1 });
  const half = 1.96 * Math.sqrt(0.7 * 0.3 / 400);
  assert.equal(value, 0.7);
  assert.ok(
    Math.abs(low! - (0.7 - half)) < 0.1 * half && Math.abs(high! - (0.7 + half)) < 0.1 * half,
    `${low} ${high}`,
  );
});

Deno.test("bootstrapInterval() is the same for the same seed, and wider for more confidence", () => {
  const values = Array.from({ length: 30 }, randomNumbers(2, "values").normal);
  const interval = (seed: number, confidence?: number) => bootstrapInterval(30, meanOf(values), { seed, confidence });
  assert.deepEqual(interval(7), interval(7));
  assert.notDeepEqual(interval(7), interval(8));
  assert.ok(interval(7, 0.99).low! < interval(7).low! && interval(7).high! < interval(7, 0.99).high!);
});

Deno.test("bootstrapInterval() has no width when all samples agree, and no ends for a single one", () => {
  const { low, high } = bootstrapInterval(5, () => 0.5, { seed: 1 });
  assert.deepEqual([low, high], [0.5, 0.5]);
  const single = bootstrapInterval(1, meanOf([3]), { seed: 1 });
  assert.deepEqual(single, { value: 3, confidence: 0.95, n: 1, over: "samples" });
});

Deno.test("bootstrapInterval() says what is wrong with its input", () => {
  const one = () => 1;
  assert.throws(() => bootstrapInterval(0, one, { seed: 1 }), /at least one sample, got 0/);
  assert.throws(() => bootstrapInterval(3, one, { seed: 1, resamples: 0 }), /resamples .* got 0/);
  assert.throws(() => bootstrapInterval(3, one, { seed: 1, confidence: 95 }), /between 0 and 1, got 95/);
  assert.throws(() => bootstrapInterval(3, () => NaN, { seed: 1 }), /statistic to be a finite number, got NaN/);
  assert.throws(() => bootstrapInterval(3, one, { seed: -1 }), /seed .* got -1/);
});
