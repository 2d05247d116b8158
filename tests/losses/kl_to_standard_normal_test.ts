import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { klToStandardNormal } from "braid/losses/kl_to_standard_normal.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, mean, unchecked, value } from "./reference.ts";

/** The divergence of one number's Gaussian. */
const klOfEntry = (mu: number, logVariance: number) => (Math.exp(logVariance) + mu ** 2 - logVariance - 1) / 2;
const klOfRow = (mu: number[], logVariance: number[]) =>
  mu.reduce((sum, m, i) => sum + klOfEntry(m, logVariance[i]), 0);
const klByLoop = (mu: Matrix, logVariance: Matrix) => mean(mu.map((row, i) => klOfRow(row, logVariance[i])));

Deno.test("klToStandardNormal() sums over a sample's entries and averages over samples", async () => {
  close(await value(klToStandardNormal(tf.tensor2d(a), tf.tensor2d(b))), klByLoop(a, b));
});

Deno.test("klToStandardNormal() equals the integral of the definition", async () => {
  const [mu, logVariance] = [0.7, -1.2], deviation = Math.exp(logVariance / 2), step = 1e-3;
  let integral = 0;
  for (let x = mu - 12 * deviation; x < mu + 12 * deviation; x += step) {
    const own = Math.exp(-(((x - mu) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
    integral += own * (-(((x - mu) / deviation) ** 2) / 2 - Math.log(deviation) + x ** 2 / 2) * step;
  }
  close(await value(klToStandardNormal(tf.tensor2d([[mu]]), tf.tensor2d([[logVariance]]))), integral);
});

Deno.test("klToStandardNormal() of maps: per sample all entries add up, per position those of its channels", async () => {
  const mu = [[a, b], [b, a], [a, a]], logVariance = [[b, b], [a, b], [a, b]]; // [3, 2, 4, 3]
  const tensors = [tf.tensor4d(mu), tf.tensor4d(logVariance)] as const;
  const rows = mu.flatMap((map, i) =>
    map.flatMap((line, j) => line.map((row, k) => klOfRow(row, logVariance[i][j][k])))
  );
  const total = rows.reduce((sum, kl) => sum + kl);
  close(await value(klToStandardNormal(...tensors)), total / 3);
  close(await value(klToStandardNormal(...tensors, { reduction: "sample" })), total / 3);
  close(await value(klToStandardNormal(...tensors, { reduction: "position" })), total / (3 * 2 * 4));
});

Deno.test("klToStandardNormal() of what batch norm gives at first is about 0.824 an entry", async () => {
  const normal = (seed: number) => tf.randomNormal([400, 1024], 0, 1, "float32", seed) as tf.Tensor2D;
  const perEntry = await value(klToStandardNormal(normal(1), normal(2))) / 1024;
  assert.ok(Math.abs(perEntry - Math.exp(0.5) / 2) < 0.01, `${perEntry}`); // E[(e^v + m² - v - 1) / 2]
});

Deno.test("klToStandardNormal() has the gradient of its definition, for mean and log-variance", async () => {
  await checkGradient((x) => klToStandardNormal(x, tf.tensor2d(b)), (x) => klByLoop(x, b), a);
  await checkGradient((x) => klToStandardNormal(tf.tensor2d(a), x), (x) => klByLoop(a, x), b);
});

Deno.test("klToStandardNormal() stays finite for log-variances far from 0, also in its gradient", async () => {
  for (const logVariance of [-1e6, -80, 80]) {
    const kl = (x: tf.Tensor2D) => klToStandardNormal(tf.zerosLike(x), x), x = tf.tensor2d([[logVariance]]);
    close(await value(kl(x)), klOfEntry(0, logVariance));
    close(await value(tf.grad((x) => kl(x as tf.Tensor2D))(x)), (Math.exp(logVariance) - 1) / 2);
  }
});

Deno.test("klToStandardNormal() of one sample is that sample's, of an entry without spread infinite", async () => {
  const [row, other] = [[a[0]], [b[0]]];
  close(await value(klToStandardNormal(tf.tensor2d(row), tf.tensor2d(other))), klOfRow(a[0], b[0]));
  assert.equal(await value(klToStandardNormal(tf.zeros([1, 1]), tf.fill([1, 1], -Infinity))), Infinity);
});

Deno.test("klToStandardNormal() says what is wrong with its input", () => {
  assert.throws(() => klToStandardNormal(tf.ones([2, 3]), tf.ones([2, 1])), /same shape.*got \[2,3\] and \[2,1\]/);
  assert.throws(() => klToStandardNormal(unchecked([3]), unchecked([3])), /\[batch, …, dim\], got \[3\]/);
  for (const reduction of ["sample", "position"] as const) {
    assert.throws(
      () => klToStandardNormal(tf.ones([0, 3]), tf.ones([0, 3]), { reduction }),
      /at least 1 sample.*\[0,3\]/,
    );
  }
  const reduction = "mean" as "sample";
  assert.throws(() => klToStandardNormal(tf.ones([1, 1]), tf.ones([1, 1]), { reduction }), /"position", got mean/);
});

Deno.test("klToStandardNormal() leaves no tensor behind", () => {
  const [mu, logVariance] = [tf.tensor2d(a), tf.tensor2d(b)];
  leavesNothing(() => klToStandardNormal(mu, logVariance));
});
