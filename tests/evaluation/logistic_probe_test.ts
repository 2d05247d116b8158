import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { logisticProbe } from "braid/evaluation/logistic_probe.ts";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";

await useEngine("cpu");

const goldenCase = async (name: string) =>
  JSON.parse(await Deno.readTextFile(new URL(`../golden/metrics/logistic-probe-${name}.json`, import.meta.url)));
const matrix = ({ values, shape }: { values: number[]; shape: [number, number] }) => tf.tensor2d(values, shape);

for (const name of ["binary", "three-classes", "four-classes"]) {
  Deno.test(`logisticProbe() agrees with scikit-learn at the optimum: ${name}`, async () => {
    const { inputs, options, expect, tolerance } = await goldenCase(name);
    const labels = Int32Array.from(inputs.labels.values);
    const probe = await logisticProbe(matrix(inputs.features), labels, options);
    const probabilities = await probe.predictProbabilities(matrix(inputs.test)).data();
    expect.probabilities.values.forEach((want: number, i: number) =>
      assert.ok(Math.abs(probabilities[i] - want) <= tolerance, `got ${probabilities[i]}, want ${want}`)
    );
    if (expect.objective) {
      const [want] = expect.objective.values;
      assert.ok(Math.abs(probe.objective / want - 1) < 1e-5, `objective ${probe.objective}, want ${want}`);
    }
    probe.dispose();
  });
}

/** Three clouds of points in the plane, far from the origin so that the bias matters. */
function clouds(n: number) {
  const random = randomNumbers(5, "clouds"), labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  const rows = Array.from(labels, (label) => [5 + label + random.normal(), -4 + label ** 2 + random.normal()]);
  return { rows, labels };
}

Deno.test("logisticProbe() leaves no slope: at its optimum W = -C · sum of (p - y) x, and the residuals sum to 0", async () => {
  const { rows, labels } = clouds(60), c = 0.7, features = tf.tensor2d(rows);
  const probe = await logisticProbe(features, labels, { c, tolerance: 1e-6 });
  const [weights, probabilities] = [await probe.weights.array(), await probe.predictProbabilities(features).array()];
  for (let k = 0; k < 3; k++) {
    const residuals = probabilities.map((row, i) => row[k] - (labels[i] === k ? 1 : 0));
    assert.ok(Math.abs(residuals.reduce((sum, r) => sum + r, 0)) < 1e-3);
    for (let d = 0; d < 2; d++) {
      const slope = weights[k][d] + c * residuals.reduce((sum, r, i) => sum + r * rows[i][d], 0);
      assert.ok(Math.abs(slope) < 1e-3, `slope ${slope} of weight [${k}, ${d}]`);
    }
  }
  probe.dispose();
});

Deno.test("logisticProbe() predicts the more probable class, and class frequencies when C is tiny", async () => {
  const { rows, labels } = clouds(60), features = tf.tensor2d(rows);
  const probe = await logisticProbe(features, labels, { c: 1 });
  const [predictions, probabilities] = [
    await probe.predict(features),
    await probe.predictProbabilities(features).array(),
  ];
  probabilities.forEach((row, i) => assert.equal(predictions[i], row.indexOf(Math.max(...row))));
  probe.dispose();

  const unequal = Int32Array.from(labels, (_, i) => i < 45 ? 0 : 1);
  const prior = await logisticProbe(features, unequal, { c: 1e-9, tolerance: 1e-7 });
  const [row] = await prior.predictProbabilities(tf.tensor2d([[5, -4]])).array();
  assert.ok(Math.abs(row[0] - 0.75) < 1e-3, `p = ${row}`);
  prior.dispose();
});

Deno.test("logisticProbe() says whether it converged", async () => {
  const { rows, labels } = clouds(60), features = tf.tensor2d(rows);
  for (const [maxIterations, converged] of [[2, false], [100, true]] as const) {
    const probe = await logisticProbe(features, labels, { c: 1, maxIterations });
    assert.equal(probe.converged, converged);
    probe.dispose();
  }
});

Deno.test("logisticProbe() leaves two tensors, and none once it is disposed", async () => {
  const { rows, labels } = clouds(12), features = tf.tensor2d(rows), before = tf.memory().numTensors;
  const probe = await logisticProbe(features, labels, { c: 1 });
  await probe.predict(features);
  assert.equal(tf.memory().numTensors, before + 2);
  probe.dispose();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("logisticProbe() says what is wrong with its input", async () => {
  const two = tf.tensor2d([[0, 1], [1, 0]]), labels = Int32Array.of(0, 1), options = { c: 1 };
  const before = tf.memory().numTensors;
  const rejects = (
    features: tf.Tensor2D,
    labels: Int32Array,
    options: { c: number; classes?: number },
    message: RegExp,
  ) => assert.rejects(logisticProbe(features, labels, options), { name: "RangeError", message });
  await rejects(two, labels, { c: 0 }, /c to be positive and finite, got 0/);
  await rejects(two, Int32Array.of(0), options, /one row for each of 1 labels, got \[2,2\]/);
  await rejects(tf.tensor2d([], [0, 2]), new Int32Array(0), options, /got \[0,2\]/);
  await rejects(tf.tensor2d([[1, 2]]), Int32Array.of(0), options, /at least 2 classes, got samples of one/);
  await rejects(two, Int32Array.of(0, -1), options, /integers in 0 … 0, got -1 at sample 1/);
  await rejects(two, Int32Array.of(0, 2), { c: 1, classes: 2 }, /integers in 0 … 1, got 2 at sample 1/);
  await rejects(two, labels, { c: 1, classes: 3 }, /each of 3 classes, got none of class 2/);
  await rejects(tf.tensor2d([[0, 1], [NaN, 0]]), labels, options, /finite, got NaN or infinity in row 1/);
  await rejects(tf.tensor2d([[Infinity, 1], [0, 0]]), labels, options, /finite, got NaN or infinity in row 0/);
  assert.equal(tf.memory().numTensors, before + 4); // the four tensors made above

  const probe = await logisticProbe(two, labels, options);
  assert.throws(() => probe.predictProbabilities(tf.zeros([1, 3])), /\[samples, 2\] as in training, got \[1,3\]/);
  probe.dispose();
});
