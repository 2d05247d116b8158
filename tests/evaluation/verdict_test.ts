import assert from "node:assert/strict";
import type { Claim, Criterion, Measurement } from "braid/evaluation/claim.ts";
import { judge } from "braid/evaluation/verdict.ts";

const claim = (criterion: Criterion, published?: Claim["published"]): Claim => ({
  id: "claim",
  statement: "A claim.",
  source: "table 1",
  unit: "%",
  published,
  protocol: "as published",
  criterion,
});

/** One seed whose bootstrap interval is value ± half. */
const single = (value: number, half: number): Measurement => ({
  values: [value],
  seeds: [42],
  interval: { value, low: value - half, high: value + half, confidence: 0.95, n: 4094, over: "samples" },
  unit: "%",
  from: "a run",
  protocol: "quick",
});

const seeds = (...values: number[]): Measurement => ({
  values,
  seeds: values.map((_, i) => 42 + i),
  unit: "%",
  from: "a run",
  protocol: "quick",
});

const verdict = (claim: Claim, measured: Measurement, against?: Measurement) =>
  judge({ claim, measured, against }).verdict;

Deno.test("judge() calls a value near its published one where the interval meets the band of margin or spread", () => {
  const near = claim({ kind: "near", margin: 2, chance: 10 }, { value: 88, spread: 1.6 });
  assert.equal(verdict(near, single(89, 1)), "reproduced");
  assert.equal(verdict(near, single(85, 1.5)), "reproduced");
  assert.equal(verdict(near, single(69, 1.5)), "weaker"); // far above chance, far below published
  assert.equal(verdict(near, single(11, 1.5)), "not reproduced"); // chance
  assert.equal(verdict(near, single(95, 1)), "not reproduced"); // another value, though a better one
  assert.match(
    judge({ claim: near, measured: single(95, 1) }).reason,
    /95\.0 \[94\.0, 96\.0\] is above .* 88\.0 ± 2\.0/,
  );
  assert.equal(verdict(near, single(85, 2.5)), "not testable here"); // meets the band, but may lie well off it
  const wideSpread = claim({ kind: "near", margin: 2 }, { value: 88, spread: 5 });
  assert.equal(verdict(wideSpread, single(82, 2)), "reproduced");
  assert.equal(verdict(wideSpread, single(70, 2)), "not reproduced"); // without chance nothing is "weaker"
});

Deno.test("judge() takes a published value below chance, or an error to be small, as it takes one above", () => {
  const low = claim({ kind: "near", margin: 1, chance: 50 }, { value: 5 });
  assert.equal(verdict(low, single(20, 2)), "weaker");
  assert.equal(verdict(low, single(49, 2)), "not reproduced");
  assert.equal(verdict(low, single(2, 0.5)), "not reproduced");
});

Deno.test("judge() finds a score at chance only with an interval narrow enough to show it", () => {
  const atChance = claim({ kind: "at-chance", chance: 50, margin: 1 }, { value: 50 });
  assert.equal(verdict(atChance, single(50, 0)), "reproduced");
  assert.equal(verdict(atChance, single(50.6, 0.5)), "reproduced"); // excludes chance by less than matters
  assert.equal(verdict(atChance, single(51.6, 0.9)), "not reproduced");
  assert.equal(verdict(atChance, single(58, 3)), "not reproduced");
  assert.equal(verdict(atChance, single(47, 0.5)), "not reproduced");
  assert.equal(verdict(atChance, single(51, 4)), "not testable here");
});

Deno.test("judge() finds a score above chance where the whole interval is", () => {
  const above = claim({ kind: "above-chance", chance: 50 }, { value: 72, spread: 2 });
  assert.equal(verdict(above, single(66, 2)), "reproduced");
  assert.equal(verdict(above, single(55, 2)), "weaker"); // 5 of 22 points
  assert.equal(verdict(above, single(51, 2)), "not reproduced");
  assert.equal(verdict(above, single(40, 2)), "not reproduced");
  assert.equal(verdict(above, single(60, 15)), "not testable here"); // chance and 72 are both possible
  assert.equal(verdict(claim({ kind: "above-chance", chance: 50 }), single(52, 1)), "reproduced");
});

Deno.test("judge() finds an ordering where the interval of the difference is above 0", () => {
  const criterion: Criterion = { kind: "ordering", than: "Cross", published: { value: 11.6, spread: 0.9 } };
  const ordering = claim(criterion, { value: 87.8, spread: 1.6 });
  assert.equal(verdict(ordering, single(80, 2), single(20, 2)), "reproduced");
  assert.equal(verdict(ordering, single(69, 1.5), single(41, 1.5)), "weaker"); // 28 of 76 points
  assert.equal(verdict(ordering, single(41, 2), single(40, 2)), "not reproduced");
  assert.equal(verdict(ordering, single(20, 2), single(60, 2)), "not reproduced");
  assert.equal(verdict(ordering, seeds(20, 90), seeds(15, 10)), "not testable here");
});

Deno.test("judge() takes the difference seed by seed where both sides have the same seeds", () => {
  const ordering = claim({ kind: "ordering", than: "Cross" });
  // seeds vary by 20 points, the differences 10, 11, 11 hardly
  const { difference, verdict } = judge({ claim: ordering, measured: seeds(60, 70, 80), against: seeds(50, 59, 69) });
  const half = 4.302653 * Math.sqrt(1 / 3) / Math.sqrt(3);
  assert.ok(
    Math.abs(difference!.low! - (32 / 3 - half)) < 1e-4 && Math.abs(difference!.high! - (32 / 3 + half)) < 1e-4,
  );
  assert.deepEqual([verdict, difference!.over], ["reproduced", "seeds"]);

  const otherSeeds = { ...seeds(50, 59, 69), seeds: [1, 2, 3] };
  assert.equal(judge({ claim: ordering, measured: seeds(60, 70, 80), against: otherSeeds }).verdict, "not reproduced");
});

Deno.test("judge() joins two intervals of unlike width as Zou and Donner do", () => {
  const skewed = (value: number, low: number, high: number): Measurement => ({
    ...single(value, 0),
    interval: { value, low, high, confidence: 0.95, n: 100, over: "samples" },
  });
  const ordering = claim({ kind: "ordering", than: "Cross" });
  const { difference } = judge({ claim: ordering, measured: skewed(80, 78, 83), against: skewed(70, 69, 72) });
  assert.ok(Math.abs(difference!.low! - (10 - Math.sqrt(8))) < 1e-12); // 80 - 78 and 72 - 70
  assert.ok(Math.abs(difference!.high! - (10 + Math.sqrt(10))) < 1e-12); // 83 - 80 and 70 - 69
});

Deno.test("judge() says how many seeds a wide interval lacks", () => {
  const near = claim({ kind: "near", margin: 2 }, { value: 88 });
  const { verdict, needs } = judge({ claim: near, measured: seeds(85, 88, 91) }); // s = 3: t s / √n is 7.5, with 11 still 2.02
  assert.equal(verdict, "not testable here");
  assert.match(needs!, /half-width of 2\.0 or less: about 12 seeds/);
});

Deno.test("judge() tests nothing from one value without an interval, or from no measurement", () => {
  const near = claim({ kind: "near", margin: 2 }, { value: 88 });
  const { interval: _, ...bare } = single(88, 1);
  assert.equal(verdict(near, bare), "not testable here");
  const missing = { reason: "no such data", needs: "the MIMIC licence" };
  assert.deepEqual(judge({ claim: near, measured: missing }), { verdict: "not testable here", ...missing });
});

Deno.test("judge() says which numbers do not fit together", () => {
  const near = claim({ kind: "near", margin: 2 }, { value: 88 }), ordering = claim({ kind: "ordering", than: "Cross" });
  const fraction = { ...single(0.88, 0.01), unit: "fraction" };
  assert.throws(() => verdict(near, fraction), /measurement in % as claim claim is, got fraction/);
  assert.throws(() => verdict(near, { ...seeds(1, 2), seeds: [1] }), /one value per seed, got 2 values for 1 seeds/);
  const two = { ...seeds(1, 2), interval: single(1, 1).interval };
  assert.throws(() => verdict(near, two), /only with a single seed, got one with 2 seeds/);
  assert.throws(() => verdict(near, { ...single(88, 1), values: [0.88] }), /of the value 0.88, got one of 88/);
  assert.throws(() => verdict(ordering, single(88, 1)), /measurement of Cross in claim claim, got none/);
  assert.throws(
    () => verdict(claim({ kind: "near", margin: 1 }), single(88, 1)),
    /published value to be near to, got none/,
  );
});
