import assert from "node:assert/strict";
import * as fc from "fast-check";
import { classificationMetrics, scoreOf } from "braid/evaluation/classification_metrics.ts";

const goldenCase = async (name: string) =>
  JSON.parse(await Deno.readTextFile(new URL(`../golden/metrics/classification-${name}.json`, import.meta.url)));

for (const name of ["basic", "constant", "never-predicted", "predicted-only"]) {
  Deno.test(`classificationMetrics() agrees with scikit-learn: ${name}`, async () => {
    const { inputs: { labels, predictions }, options, expect } = await goldenCase(name);
    const { confusion, ...scores } = classificationMetrics(labels.values, predictions.values, options);
    for (const [score, value] of Object.entries(scores)) {
      assert.ok(Math.abs(value - expect[score].values[0]) < 1e-8, `${score}: ${value}`);
    }
    assert.deepEqual(confusion.flat(), expect.confusion.values);
  });
}

const samples = fc.integer({ min: 1, max: 5 }).chain((classes) => {
  const label = fc.integer({ min: 0, max: classes - 1 });
  return fc.record({ classes: fc.constant(classes), pairs: fc.array(fc.tuple(label, label), { minLength: 1 }) });
});

Deno.test("classificationMetrics() counts as a slow loop over classes does", () => {
  fc.assert(fc.property(samples, ({ classes, pairs }) => {
    const metrics = classificationMetrics(pairs.map(([label]) => label), pairs.map(([, p]) => p), { classes });
    const recalls: number[] = [], f1: number[] = [], weighted: number[] = [];
    for (let c = 0; c < classes; c++) {
      const of = pairs.filter(([label]) => label === c), as = pairs.filter(([, p]) => p === c);
      const hit = of.filter(([, p]) => p === c).length;
      if (of.length > 0) recalls.push(hit / of.length);
      if (of.length + as.length === 0) continue;
      const precision = hit / (as.length || 1), recall = hit / (of.length || 1);
      f1.push(hit === 0 ? 0 : 2 * precision * recall / (precision + recall));
      weighted.push(f1.at(-1)! * of.length / pairs.length);
    }
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    const close = (got: number, want: number) => assert.ok(Math.abs(got - want) < 1e-12, `got ${got}, want ${want}`);
    close(metrics.balancedAccuracy, sum(recalls) / recalls.length);
    close(metrics.macroF1, sum(f1) / f1.length);
    close(metrics.weightedF1, sum(weighted));
    close(metrics.accuracy, pairs.filter(([label, p]) => label === p).length / pairs.length);
  }));
});

Deno.test("classificationMetrics() of one sample is all or nothing", () => {
  const { accuracy, balancedAccuracy, macroF1, weightedF1 } = classificationMetrics([2], [2], { classes: 3 });
  assert.deepEqual([accuracy, balancedAccuracy, macroF1, weightedF1], [1, 1, 1, 1]);
  assert.equal(classificationMetrics([2], [1], { classes: 3 }).macroF1, 0);
});

Deno.test("scoreOf() scores the samples that it is given, repeated as often as they are", () => {
  const labels = [0, 0, 1], predictions = [0, 1, 1];
  const score = (scoring: "accuracy" | "balancedAccuracy", indices: number[]) =>
    scoreOf(labels, predictions, { classes: 2, scoring, indices });
  assert.equal(score("accuracy", [0, 1, 1, 1]), 0.25);
  assert.equal(score("balancedAccuracy", [0, 1, 1, 1, 2]), 0.625);
});

Deno.test("classificationMetrics() says what is wrong with its input", () => {
  assert.throws(() => classificationMetrics([], [], { classes: 2 }), /at least one sample in labels, got none/);
  assert.throws(() => classificationMetrics([0, 1], [0], { classes: 2 }), /one prediction per label, got 1 for 2/);
  assert.throws(() => classificationMetrics([0, 2], [0, 1], { classes: 2 }), /labels .* 0 … 1, got 2 at sample 1/);
  assert.throws(() => classificationMetrics([0, 1], [0.5, 1], { classes: 2 }), /predictions .* got 0.5 at sample 0/);
  assert.throws(() => classificationMetrics([0, 1], [0, -1], { classes: 2 }), /got -1 at sample 1/);
  assert.throws(() => classificationMetrics([0], [0], { classes: 0 }), /classes to be a positive integer, got 0/);
});
