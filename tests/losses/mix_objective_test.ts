import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mixObjective } from "braid/losses/mix_objective.ts";
import { checkGradient, close, dot, leavesNothing, type Matrix, unchecked, value } from "./reference.ts";
import {
  differences,
  exampleJoint,
  exampleUnimodal,
  joint,
  logits,
  mixByLoop,
  objectiveByLoop,
  ofSample,
  softmax,
  unimodal,
  z,
  zM,
} from "./mixtures.ts";

const a = tf.tensor2d(logits);
const allClose = (got: Matrix, want: Matrix, tolerance = 1e-5) =>
  got.forEach((row, i) => row.forEach((x, j) => close(x, want[i][j], tolerance)));

Deno.test("mixObjective() equals its definition", async () => {
  for (const temperature of [0.05, 0.5, 5]) {
    const { value: sum, objective, weights, mixed } = mixObjective(z, zM, a, { temperature });
    const want = logits.map((row, i) => objectiveByLoop(row, i, temperature));
    allClose([await objective.array()], [want]);
    close(await value(sum), want.reduce((total, x) => total + x));
    allClose(await weights.array(), logits.map(softmax));
    allClose(await mixed.array(), mixByLoop(logits.map(softmax)));
  }
});

Deno.test("mixObjective()'s gradient is that of its definition, and that of its value", async () => {
  for (const temperature of [0.1, 0.5, 5]) {
    const { gradient } = mixObjective(z, zM, a, { temperature });
    const want = logits.map((row, i) => differences((a) => objectiveByLoop(a, i, temperature), row));
    allClose(await gradient.array(), want, 1e-4);
    const sum = (x: tf.Tensor) => mixObjective(z, zM, x as tf.Tensor2D, { temperature }).value;
    allClose(await tf.grad(sum)(a).array() as Matrix, want, 1e-4);
  }
});

Deno.test("mixObjective() has the values of the worked example", async () => {
  const start = tf.zeros<tf.Rank.R2>([2, 3]);
  const { objective, gradient } = mixObjective(tf.tensor3d(exampleUnimodal), tf.tensor2d(exampleJoint), start, {
    temperature: 0.5,
  });
  allClose([await objective.array()], [[0.388733, 0.42488]]);
  allClose(await gradient.array(), [[0.067607, -0.540857, 0.47325], [-0.471636, 0.042876, 0.42876]]);
});

Deno.test("mixObjective() has the embeddings' gradients of its definition", async () => {
  const total = (sets: Matrix[], keys: Matrix) =>
    logits.reduce((sum, row, i) => sum + objectiveByLoop(row, i, 0.5, sets, keys), 0);
  const loss = (sets: tf.Tensor3D, keys: tf.Tensor2D) => mixObjective(sets, keys, a, { temperature: 0.5 }).value;
  const [first, ...others] = tf.unstack(z);
  await checkGradient(
    (x) => loss(tf.stack([x, ...others]) as tf.Tensor3D, zM),
    (x) => total([x, ...unimodal.slice(1)], joint),
    await first.array() as Matrix,
  );
  await checkGradient((x) => loss(z, x), (x) => total(unimodal, x), joint);
});

Deno.test("mixObjective()'s gradient keeps its direction where a sample is found almost surely", async () => {
  // By sums over the other samples alone: 1 - p has no digits left in float32, not even many in float64.
  const temperature = 0.05, near = unimodal.map((set) => set.map((row, i) => row.map((x, d) => joint[i][d] + 0.1 * x)));
  const sets = near.map((set) => set.map((row) => row.map((x) => x / Math.hypot(...row))));
  const { gradient } = mixObjective(tf.tensor3d(sets), zM, a, { temperature });
  const rows = await gradient.array();
  for (const i of [0, 1, 2]) {
    const shares = softmax(logits[i]), own = ofSample(i, sets);
    const sum = own[0].map((_, d) => shares.reduce((total, share, u) => total + share * own[u][d], 0));
    const norm = Math.hypot(...sum), mixed = sum.map((x) => x / norm);
    const found = softmax(joint.map((key) => dot(mixed, key) / temperature));
    const slope = mixed.map((_, d) =>
      joint.reduce((total, key, j) => total + found[j] * (key[d] - joint[i][d]), 0) / temperature
    );
    const along = dot(slope, mixed), inSum = slope.map((s, d) => (s - along * mixed[d]) / norm);
    const inWeights = own.map((row) => dot(row, inSum)), average = dot(shares, inWeights);
    const want = shares.map((share, u) => share * (inWeights[u] - average)), length = Math.hypot(...want);
    assert.ok(length < 1e-5 && length > 0, `sample ${i} is found: ${length}`);
    rows[i].forEach((x, u) => close(x / length, want[u] / length, 1e-3));
  }
});

Deno.test("mixObjective() is finite for rows that cancel, at any temperature", async () => {
  const row: Matrix = [[1, 0], [0, 1]], opposite: Matrix = [[-1, 0], [0, -1]];
  for (const temperature of [1e-4, 1, 1e4]) {
    const result = mixObjective(tf.tensor3d([row, opposite]), tf.tensor2d(row), tf.zeros([2, 2]), { temperature });
    for (const tensor of Object.values(result)) assert.ok((await tensor.data()).every(Number.isFinite));
  }
});

Deno.test("mixObjective() says what is wrong with its input", () => {
  assert.throws(() => mixObjective(unchecked([4, 3]), zM, a), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(() => mixObjective(z, tf.ones([4, 2]), a), /joint embeddings of shape \[4,3\].*got \[4,2\]/);
  assert.throws(() => mixObjective(z, zM, tf.ones([3, 4])), /mixLogits of shape \[4,3\].*got \[3,4\]/);
  assert.throws(() => mixObjective(tf.ones([3, 1, 2]), tf.ones([1, 2]), tf.ones([1, 3])), /at least 2 samples, got 1/);
  assert.throws(() => mixObjective(tf.ones([3, 0, 2]), tf.ones([0, 2]), tf.ones([0, 3])), /at least 2 samples, got 0/);
  assert.throws(() => mixObjective(z, zM, a, { temperature: 0 }), /temperature to be positive, got 0/);
});

Deno.test("mixObjective() leaves no tensor behind", () => leavesNothing(() => ({ ...mixObjective(z, zM, a) })));
