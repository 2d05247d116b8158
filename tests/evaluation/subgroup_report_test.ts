import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { classificationMetrics } from "braid/evaluation/classification_metrics.ts";
import { type SubgroupMetric, type SubgroupReport, subgroups } from "braid/evaluation/subgroup_report.ts";
import { subgroupAccuracy } from "braid/evaluation/subgroups.ts";

const close = (got: number, want: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);

/** A classifier of three classes that is right with the probability given for the site of the sample. */
function simulate(rightAtSite: number[], perSite: number, seed: number) {
  const random = randomNumbers(seed, "sites"), n = perSite * rightAtSite.length;
  const site = Array.from({ length: n }, (_, i) => `site ${i % rightAtSite.length}`);
  const labels = Int32Array.from({ length: n }, () => random.integer(3));
  const predictions = labels.map((label, i) =>
    random.uniform() < rightAtSite[i % rightAtSite.length] ? label : (label + 1) % 3
  );
  return { samples: { labels, predictions, classes: 3 }, frame: { site } };
}

const metricOf = ({ metrics }: SubgroupReport, name: SubgroupMetric) => metrics.find(({ metric }) => metric === name)!;

Deno.test("subgroups() measures every metric in every group and pair as classificationMetrics() does of the group alone", () => {
  const { samples, frame } = simulate([0.9, 0.7, 0.5], 20, 1);
  const report = subgroups(samples, frame, "site", { seed: 1, resamples: 20 });
  const own = [0, 1, 2].map((site) => {
    const pick = (list: Int32Array) => list.filter((_, i) => i % 3 === site);
    return classificationMetrics(pick(samples.labels), pick(samples.predictions), { classes: 3 });
  });
  assert.deepEqual(report.metrics.map(({ metric }) => metric), [
    "accuracy",
    "balancedAccuracy",
    "macroF1",
    "weightedF1",
  ]);
  for (const { metric, groups, pairs, overall, gap } of report.metrics) {
    const scores = own.map((metrics) => metrics[metric as "accuracy"]);
    groups.forEach(({ score, n }, g) => {
      close(score.value, scores[g]);
      assert.ok(score.low! <= score.value && score.value <= score.high!);
      assert.equal(n, 20);
    });
    assert.deepEqual(pairs.map(({ first, second }) => first + second), [
      ...["site 0site 1", "site 0site 2", "site 1site 2"],
    ]);
    [[0, 1], [0, 2], [1, 2]].forEach(([a, b], k) => close(pairs[k].difference.value, scores[a] - scores[b]));
    close(
      overall.value,
      classificationMetrics(samples.labels, samples.predictions, { classes: 3 })[metric as "accuracy"],
    );
    close(gap.value, Math.max(...scores) - Math.min(...scores));
    assert.equal(gap.worst, `site ${scores.indexOf(Math.min(...scores))}`);
    assert.equal(gap.best, `site ${scores.indexOf(Math.max(...scores))}`);
  }
});

Deno.test("subgroups() measures what it is asked for, in that order, and the same as among all", () => {
  const { samples, frame } = simulate([0.9, 0.6], 15, 3), options = { seed: 1, resamples: 20 };
  const whole = subgroups(samples, frame, "site", options);
  const { metrics } = subgroups(samples, frame, "site", { ...options, metrics: ["macroF1", "accuracy"] });
  assert.deepEqual(metrics, [metricOf(whole, "macroF1"), metricOf(whole, "accuracy")]);
  const asked = (...metrics: SubgroupMetric[]) => () => subgroups(samples, frame, "site", { ...options, metrics });
  assert.throws(asked(), /at least one metric to measure, got none/);
  assert.throws(asked("calibrationError"), /probabilities for a calibration error, got predictions alone/);
});

Deno.test("subgroups() compares groups with the rest as subgroupAccuracy() does", () => {
  const { samples, frame } = simulate([0.9, 0.6], 30, 2);
  const { groups } = metricOf(subgroups(samples, frame, "site", { seed: 5 }), "macroF1");
  const { labels, predictions, classes } = samples;
  assert.deepEqual(
    groups,
    subgroupAccuracy(labels, predictions, frame.site, { classes, seed: 5, scoring: "macroF1" }),
  );
});

Deno.test("subgroups() finds the pair that differs, with the p-value that counting all deals gives", () => {
  const right = [1, 1, 1, 0, 1, 0, 0, 1, 1], group = [..."xxxxyyyzz"];
  const hits = (members: number[]) => members.reduce((sum, i) => sum + right[i], 0);
  let atLeast = 0;
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < j; k++) {
        const difference = hits([i, j, k]) / 3 - (4 - hits([i, j, k])) / 4;
        if (Math.abs(difference) >= 0.75 - 1 / 3 - 1e-9) atLeast++;
      }
    }
  }
  const samples = { labels: right, predictions: right.map(() => 1), classes: 2 };
  const { pairs } = metricOf(subgroups(samples, { group }, "group", { seed: 3, resamples: 4000 }), "accuracy");
  close(pairs[0].difference.value, 0.75 - 1 / 3);
  close(pairs[0].pValue, atLeast / 35, 0.03);
  assert.ok(pairs[0].adjustedPValue >= pairs[0].pValue);
});

Deno.test("subgroups() finds no gap among equals more often than it should, and expects one by chance", () => {
  let alarms = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { samples, frame } = simulate([0.8, 0.8, 0.8], 12, seed);
    const { gap } = metricOf(subgroups(samples, frame, "site", { seed, resamples: 39 }), "accuracy");
    assert.ok(gap.byChance > 0.05);
    if (gap.pValue <= 0.05) alarms++;
  }
  assert.ok(alarms <= 22, `${alarms} alarms in 200`); // 10, four standard errors above
});

Deno.test("subgroups() reports calibration, in which the group with the larger error is the worse", () => {
  const labels = new Int32Array(80), site = Array.from(labels, (_, i) => i < 40 ? "A" : "B");
  const probabilities = Array.from(labels, (_, i) => i < 40 ? [0.75, 0.25] : [0.25, 0.75]); // A: sure by 0.75, always right
  const samples = { labels, predictions: labels.map((_, i) => Number(i >= 40)), classes: 2, probabilities };
  const report = subgroups(samples, { site }, "site", { seed: 1, resamples: 99 });
  const { groups, gap, pairs } = metricOf(report, "calibrationError");
  assert.deepEqual(groups.map(({ score }) => score.value), [0.25, 0.75]);
  assert.deepEqual([gap.best, gap.worst, gap.value], ["A", "B", 0.5]);
  assert.equal(pairs[0].adjustedPValue, 0.01);
  assert.deepEqual(report.reliability!.map(({ group, n, error, bins }) => [group, n, error, bins.length]), [
    ["A", 40, 0.25, 1],
    ["B", 40, 0.75, 1],
  ]);
});

Deno.test("subgroups() groups by several columns, and gives a group of one sample no interval", () => {
  const samples = { labels: [0, 1, 1], predictions: [0, 1, 0], classes: 2 };
  const frame = { site: ["A", "A", null], sex: ["f", "f", "m"] };
  const { groups, pairs } = metricOf(subgroups(samples, frame, ["site", "sex"], { seed: 1 }), "accuracy");
  assert.deepEqual(groups.map(({ group }) => group), ["site = A, sex = f", "site = missing, sex = m"]);
  assert.deepEqual([groups[1].n, groups[1].score.low, pairs[0].difference.low], [1, undefined, undefined]);
  assert.equal(pairs[0].difference.value, 1);
});

Deno.test("subgroups() says what is wrong with its input", () => {
  const samples = { labels: [0, 1], predictions: [0, 1], classes: 2 }, options = { seed: 1 };
  const many = Array.from({ length: 41 }, (_, i) => i);
  assert.throws(() => subgroups(samples, { site: ["A", "A"] }, "site", options), /at least 2 groups .* got only A/);
  assert.throws(() => subgroups(samples, { site: ["A"] }, "site", options), /column site .* got 1/);
  assert.throws(() => subgroups(samples, { site: ["A", "B"] }, "age", options), /columns of site, got age/);
  assert.throws(
    () =>
      subgroups({ labels: many.map(() => 0), predictions: many.map(() => 0), classes: 1 }, { many }, "many", options),
    /at most 40 groups in many, got 41: cut numbers into ranges/,
  );
  assert.throws(
    () => subgroups({ labels: [], predictions: [], classes: 2 }, { site: [] }, "site", options),
    /one sample/,
  );
  assert.throws(
    () => subgroups({ ...samples, probabilities: [[1, 0]] }, { site: ["A", "B"] }, "site", options),
    /probabilities of 2 samples, got 1/,
  );
  assert.throws(
    () => subgroups(samples, { site: ["A", "B"] }, "site", { seed: 1, resamples: 0 }),
    /resamples to be a positive integer, got 0/,
  );
});
