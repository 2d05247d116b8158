import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { subgroupAccuracy } from "braid/evaluation/subgroups.ts";

/** A classifier of two classes that is right with the probability given for the group of the sample. */
function simulate(rightInGroup: number[], perGroup: number, seed: number) {
  const random = randomNumbers(seed, "subgroups"), n = perGroup * rightInGroup.length;
  const groups = Array.from({ length: n }, (_, i) => i % rightInGroup.length);
  const labels = Int32Array.from({ length: n }, () => random.integer(2));
  const predictions = labels.map((label, i) => random.uniform() < rightInGroup[groups[i]] ? label : 1 - label);
  return { labels, predictions, groups: groups.map((group) => `group ${group}`) };
}

Deno.test("subgroupAccuracy() gives each group's score, interval and difference to all others", () => {
  const labels = [0, 0, 1, 0, 1, 1], predictions = [0, 1, 1, 0, 1, 0], groups = ["b", "b", "b", "a", "a", "a"];
  const [a, b] = subgroupAccuracy(labels, predictions, groups, { classes: 2, seed: 1 });
  assert.deepEqual([a.group, a.n, a.score.value], ["a", 3, 0.75]); // recalls 1 of 1 and 1 of 2
  assert.deepEqual([b.group, b.n, b.score.value], ["b", 3, 0.75]);
  assert.equal(a.difference, 0);
  assert.equal(a.pValue, 1);
  const plain = subgroupAccuracy(labels, predictions, groups, { classes: 2, seed: 1, scoring: "accuracy" });
  assert.deepEqual(plain.map(({ score }) => score.value), [2 / 3, 2 / 3]);
});

Deno.test("subgroupAccuracy() finds the p-value that counting all assignments gives", () => {
  const right = [1, 1, 1, 0, 1, 0, 0], groups = ["x", "x", "x", "x", "y", "y", "y"];
  const hits = (members: number[]) => members.reduce((sum, i) => sum + right[i], 0);
  const difference = (members: number[]) => hits(members) / 3 - (4 - hits(members)) / 4;
  const assignments: number[][] = [];
  for (let i = 0; i < 7; i++) for (let j = 0; j < i; j++) for (let k = 0; k < j; k++) assignments.push([i, j, k]);
  const observed = Math.abs(difference([4, 5, 6]));
  const exact = assignments.filter((members) => Math.abs(difference(members)) >= observed - 1e-9).length / 35;

  const options = { classes: 2, seed: 3, resamples: 5000, scoring: "accuracy" } as const;
  const [x, y] = subgroupAccuracy(new Int32Array(7), right.map((r) => 1 - r), groups, options);
  assert.ok(Math.abs(y.pValue - exact) < 0.02, `got ${y.pValue}, want ${exact}`);
  assert.equal(x.pValue, y.pValue); // with two groups, each is the other's rest
  assert.equal(y.adjustedPValue, 2 * y.pValue);
});

Deno.test("subgroupAccuracy() finds the one group for which a classifier fails", () => {
  const { labels, predictions, groups } = simulate([0.9, 0.9, 0.6, 0.9], 100, 1);
  for (
    const { group, difference, adjustedPValue } of subgroupAccuracy(labels, predictions, groups, {
      classes: 2,
      seed: 1,
    })
  ) {
    if (group === "group 2") assert.ok(difference < -0.2 && adjustedPValue < 0.01);
    else assert.ok(difference > 0);
  }
});

Deno.test("subgroupAccuracy() raises no false alarm more often than it should", () => {
  let alarms = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { labels, predictions, groups } = simulate([0.8, 0.8, 0.8, 0.8], 15, seed);
    const result = subgroupAccuracy(labels, predictions, groups, { classes: 2, seed, resamples: 199 });
    if (result.some(({ adjustedPValue }) => adjustedPValue <= 0.05)) alarms++;
  }
  assert.ok(alarms / 200 < 0.1, `${alarms} alarms in 200`); // 0.05 and three standard errors
});

Deno.test("subgroupAccuracy() gives a group of one sample no interval", () => {
  const [a] = subgroupAccuracy([0, 1, 0], [0, 1, 1], ["a", "b", "b"], { classes: 2, seed: 1 });
  assert.deepEqual([a.n, a.score.value, a.score.low], [1, 1, undefined]);
});

Deno.test("subgroupAccuracy() says what is wrong with its input", () => {
  const options = { classes: 2, seed: 1 };
  assert.throws(() => subgroupAccuracy([0, 1], [0, 1], ["a"], options), /one group per label, got 1 for 2/);
  assert.throws(
    () => subgroupAccuracy([0, 1], [0, 1], ["a", "a"], options),
    /at least 2 groups to compare, got only a/,
  );
  assert.throws(() => subgroupAccuracy([0, 2], [0, 1], ["a", "b"], options), /got 2 at sample 1/);
  assert.throws(() => subgroupAccuracy([], [], [], options), /at least one sample/);
});
