import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { groupDifferences } from "braid/evaluation/group_difference.ts";
import { meanScore, scoreDifference } from "braid/evaluation/score.ts";

const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("groupDifferences() covers the true difference with 19 of 20 intervals, and rarely alarms where there is none", () => {
  let covered = 0, alarms = 0;
  for (let seed = 0; seed < 300; seed++) {
    const { uniform } = randomNumbers(seed, "outcomes");
    const outcomes = Array.from({ length: 180 }, (_, i) => Number(uniform() < (i < 60 ? 0.8 : 0.6)));
    const score = [meanScore(outcomes)], options = { seed, resamples: 199 };
    const [{ difference }] = groupDifferences(range(0, 60), range(60, 180), score, options);
    if (difference.low! <= 0.2 && 0.2 <= difference.high!) covered++;
    const [{ pValue }] = groupDifferences(range(60, 90), range(90, 180), score, options);
    if (pValue <= 0.05) alarms++;
  }
  assert.ok(covered >= 270 && covered <= 299, `${covered} of 300 intervals`); // 285, four standard errors below
  assert.ok(alarms <= 30, `${alarms} alarms in 300`); // 15, four standard errors above
});

Deno.test("groupDifferences() measures all scores on the same draws", () => {
  const a = meanScore([1, 2, 4, 8, 16]), b = meanScore([2, 4, 8, 16, 32]);
  const [one, twice] = groupDifferences([0, 1, 4], [2, 3], [a, b], { seed: 1 });
  assert.equal(twice.difference.low, 2 * one.difference.low!);
  assert.equal(twice.pValue, one.pValue);
  const [alone] = groupDifferences([0, 1, 4], [2, 3], [a], { seed: 1 });
  assert.deepEqual(alone, one);
});

Deno.test("groupDifferences() with one side counts only differences as low", () => {
  const score = [meanScore([0, 0, 0, 1, 1, 1])], options = { seed: 1, resamples: 4000 };
  const p = (first: Int32Array, second: Int32Array, sides: "two" | "less") =>
    groupDifferences(first, second, score, { ...options, sides })[0].pValue;
  const near = (got: number, want: number) => assert.ok(Math.abs(got - want) < 0.02, `got ${got}, want ${want}`);
  near(p(range(0, 3), range(3, 6), "less"), 1 / 20); // one of 20 deals
  near(p(range(0, 3), range(3, 6), "two"), 2 / 20);
  assert.equal(p(range(3, 6), range(0, 3), "less"), 1);
});

Deno.test("groupDifferences() of ties has p = 1 and no width", () => {
  const [{ difference, pValue }] = groupDifferences([0, 1], [2, 3], [meanScore([0.1, 0.1, 0.1, 0.1])], { seed: 1 });
  assert.deepEqual([difference.value, difference.low, difference.high, pValue], [0, 0, 0, 1]);
});

Deno.test("scoreDifference() of a score with itself is 0, whatever the samples", () => {
  const score = meanScore([1, 5, 2]);
  const [{ difference }] = groupDifferences([0, 1], [2], [scoreDifference(score, score)], { seed: 1 });
  assert.equal(difference.value, 0);
  assert.equal(difference.low, undefined, "a single sample on one side says nothing of its spread");
});

Deno.test("groupDifferences() says what is wrong with its input", () => {
  const score = [meanScore([1, NaN])];
  assert.throws(() => groupDifferences([], [0], score, { seed: 1 }), /two groups of at least one sample, got 0 and 1/);
  assert.throws(() => groupDifferences([0], [1], score, { seed: 1 }), /scores to be finite numbers, got .* NaN/);
  assert.throws(() => groupDifferences([0], [0], score, { seed: 1, confidence: 1 }), /between 0 and 1, got 1/);
});
