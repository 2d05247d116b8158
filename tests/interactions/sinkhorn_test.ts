import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { sinkhorn } from "braid/interactions/sinkhorn.ts";
import { checkGradient, close, leavesNothing, type Matrix } from "../losses/reference.ts";

const scores = [[1, -2, 0.5], [0, 3, -1]], rows = [0.7, 0.3], columns = [0.2, 0.5, 0.3];
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const logs = (values: number[]): tf.Tensor2D => tf.tensor2d([values.map(Math.log)]);
const couple = async (s: Matrix, { rounds }: { rounds?: number } = {}) =>
  (await sinkhorn(tf.tensor3d([s]), logs(rows), logs(columns), { rounds }).exp().array())[0];

/** The definition, entry by entry. */
function byLoop(s: Matrix, rounds: number): Matrix {
  const m = s.map((row) => row.map(Math.exp));
  for (let round = 0; round < rounds; round++) {
    columns.forEach((wanted, b) => {
      const total = sum(m.map((row) => row[b]));
      m.forEach((row) => row[b] *= wanted / total);
    });
    rows.forEach((wanted, a) => {
      const total = sum(m[a]);
      m[a] = m[a].map((x) => x * wanted / total);
    });
  }
  return m;
}

Deno.test("sinkhorn() scales columns and rows in turns", async () => {
  for (const rounds of [1, 2, 7]) {
    const got = await couple(scores, { rounds }), want = byLoop(scores, rounds);
    got.forEach((row, a) => row.forEach((x, b) => close(x, want[a][b])));
  }
});

Deno.test("sinkhorn() meets both sums and keeps the odds ratios of its scores", async () => {
  const m = await couple(scores, { rounds: 200 });
  m.forEach((row, a) => close(sum(row), rows[a]));
  columns.forEach((wanted, b) => close(sum(m.map((row) => row[b])), wanted));
  close(Math.log(m[0][0] * m[1][1] / (m[0][1] * m[1][0])), 1 + 3 + 2 - 0);
});

Deno.test("sinkhorn() meets the proportions of columns whose total is not that of the rows", async () => {
  const doubled = logs(columns.map((wanted) => 2 * wanted));
  const [m] = await sinkhorn(tf.tensor3d([scores]), logs(rows), doubled).exp().array();
  const want = await couple(scores);
  m.forEach((row, a) => row.forEach((x, b) => close(x, want[a][b])));
});

Deno.test("sinkhorn() bears scores whose exponentials are infinite, and treats matrices apart", async () => {
  const huge = scores.map((row) => row.map((s) => 500 * s)), shifted = scores.map((row) => row.map((s) => s + 1000));
  (await couple(huge)).forEach((row, a) => close(sum(row), rows[a]));
  const twice = (x: tf.Tensor2D): tf.Tensor2D => tf.concat([x, x]);
  const both = await sinkhorn(tf.tensor3d([scores, shifted]), twice(logs(rows)), twice(logs(columns))).exp().array();
  both[0].forEach((row, a) => row.forEach((x, b) => close(x, both[1][a][b], 1e-4)));
});

Deno.test("sinkhorn() has the gradient of its definition, all rounds included", async () => {
  const weights = tf.tensor3d([[[1, 2, -1], [0.5, 0, 3]]]), [plain] = await weights.array();
  await checkGradient(
    (s) => sinkhorn(s.expandDims(0), logs(rows), logs(columns), { rounds: 4 }).exp().mul(weights).sum() as tf.Scalar,
    (s) => sum(byLoop(s, 4).flatMap((row, a) => row.map((x, b) => x * plain[a][b]))),
    scores,
  );
});

Deno.test("sinkhorn() says what is wrong with its input", () => {
  const s = tf.zeros<tf.Rank.R3>([1, 2, 3]);
  assert.throws(() => sinkhorn(s, logs(columns), logs(columns)), /got \[1,2,3\], \[1,3\] and \[1,3\]/);
  assert.throws(() => sinkhorn(s, logs(rows), logs(rows)), /got \[1,2,3\], \[1,2\] and \[1,2\]/);
  assert.throws(() => sinkhorn(s, logs(rows), logs(columns), { rounds: 0 }), /rounds .* got 0/);
});

Deno.test("sinkhorn() leaves no tensor behind", () => {
  const s = tf.zeros<tf.Rank.R3>([1, 2, 3]), r = logs(rows), c = logs(columns);
  leavesNothing(() => sinkhorn(s, r, c));
});
