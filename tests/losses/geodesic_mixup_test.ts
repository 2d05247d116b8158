import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { geodesicMixup } from "braid/losses/geodesic_mixup.ts";
import { a, b, checkGradient, close, dot, leavesNothing, type Matrix, unchecked, unit } from "./reference.ts";

const [p, q] = [a.map(unit), b.map(unit)];
const mixed = (x: Matrix, y: Matrix, lambda: number) =>
  geodesicMixup(tf.tensor2d(x), tf.tensor2d(y), tf.scalar(lambda)).arraySync();
const closeRows = (got: Matrix, want: Matrix, tolerance = 1e-5) =>
  got.forEach((row, i) => row.forEach((x, d) => close(x, want[i][d], tolerance)));

Deno.test("geodesicMixup() in the plane mixes angles", () => {
  const at = (angle: number) => [Math.cos(angle), Math.sin(angle)];
  for (const [first, second] of [[0.3, 1.4], [-1, 2], [0, 3.1]]) {
    for (const lambda of [0, 0.25, 0.5, 1]) {
      closeRows(mixed([at(first)], [at(second)], lambda), [at(lambda * first + (1 - lambda) * second)]);
    }
  }
});

Deno.test("geodesicMixup() lies on the sphere, at a lambda share of the angle, and is its rows at 1 and 0", () => {
  for (const lambda of [0.1, 0.5, 0.9]) {
    mixed(p, q, lambda).forEach((row, i) => {
      const angle = Math.acos(dot(p[i], q[i]));
      close(Math.hypot(...row), 1);
      close(dot(row, p[i]), Math.cos((1 - lambda) * angle));
      close(dot(row, q[i]), Math.cos(lambda * angle));
    });
  }
  closeRows(mixed(p, q, 1), p);
  closeRows(mixed(p, q, 0), q);
});

Deno.test("geodesicMixup() of equal rows is that row, and nearly equal or opposite rows have finite gradients", () => {
  for (const lambda of [0, 0.3, 1]) closeRows(mixed(p, p, lambda), p);
  const near = p.map((row) => unit(row.map((x, d) => x + 1e-4 * (d + 1))));
  for (const other of [p, near, p.map((row) => row.map((x) => -x))]) {
    const [x, y] = [tf.tensor2d(p), tf.tensor2d(other)];
    const { value, grads } = tf.valueAndGrads((x, y) =>
      geodesicMixup(x as tf.Tensor2D, y as tf.Tensor2D, tf.scalar(0.3)).square().sum()
    )([x, y]);
    for (const tensor of [value, ...grads]) assert.ok(tensor.dataSync().every(Number.isFinite));
  }
});

Deno.test("geodesicMixup() has the gradient of its definition", async () => {
  const lambda = 0.3, weigh = (row: number[], i: number) => row.reduce((sum, x, d) => sum + x * Math.cos(i + 2 * d), 0);
  const cosines = tf.tensor2d(p.map((_, i) => [0, 1, 2].map((d) => Math.cos(i + 2 * d))));
  const definition = (x: Matrix, y: Matrix) =>
    x.reduce((sum, row, i) => {
      const angle = Math.acos(dot(row, y[i])), share = (part: number) => Math.sin(part * angle) / Math.sin(angle);
      return sum + weigh(row.map((xd, d) => share(lambda) * xd + share(1 - lambda) * y[i][d]), i);
    }, 0);
  const loss = (x: tf.Tensor2D, y: tf.Tensor2D) =>
    geodesicMixup(x, y, tf.scalar(lambda)).mul(cosines).sum() as tf.Scalar;
  await checkGradient((x) => loss(x, tf.tensor2d(q)), (x) => definition(x, q), p);
  await checkGradient((x) => loss(tf.tensor2d(p), x), (x) => definition(p, x), q);
});

Deno.test("geodesicMixup() says what is wrong with its input", () => {
  const half = tf.scalar(0.5);
  assert.throws(() => geodesicMixup(tf.ones([3, 2]), tf.ones([2, 2]), half), /same shape.*got \[3,2\] and \[2,2\]/);
  assert.throws(() => geodesicMixup(unchecked([3]), unchecked([3]), half), /\[batch, dim\], got \[3\]/);
  assert.throws(() => geodesicMixup(tf.ones([3, 2]), tf.ones([3, 2]), unchecked([3])), /lambda to be a scalar/);
});

Deno.test("geodesicMixup() leaves no tensor behind", () => {
  const [x, y, half] = [tf.tensor2d(p), tf.tensor2d(q), tf.scalar(0.5)];
  leavesNothing(() => geodesicMixup(x, y, half));
});
