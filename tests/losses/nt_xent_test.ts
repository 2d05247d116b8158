import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { ntXent } from "braid/losses/nt_xent.ts";
import {
  a,
  b,
  checkGradient,
  close,
  exampleA,
  exampleB,
  leavesNothing,
  type Matrix,
  ntXentByLoop,
  reordered,
  scaled,
  unchecked,
  value,
} from "./reference.ts";

const loss = (x: Matrix, y: Matrix, temperature: number) =>
  value(ntXent(tf.tensor2d(x), tf.tensor2d(y), { temperature }));

Deno.test("ntXent() equals its definition", async () => {
  for (const temperature of [0.05, 0.5, 5]) close(await loss(a, b, temperature), ntXentByLoop(a, b, temperature));
});

Deno.test("ntXent() has the values of the worked example", async () => {
  for (const [temperature, want] of [[0.1, 0.088595], [0.5, 0.617021], [1, 0.957514]]) {
    close(await loss(exampleA, exampleB, temperature), want, 1e-6);
  }
});

Deno.test("ntXent() is log(2B - 1) when all rows are equal", async () => {
  const ones = Array.from({ length: 4 }, () => [1, 1, 1]);
  close(await loss(ones, ones, 0.1), Math.log(7));
});

Deno.test("ntXent() of two equal orthonormal views is log(1 + (2B - 2) / exp(1 / temperature))", async () => {
  const basis = tf.eye(8);
  close(await value(ntXent(basis, basis, { temperature: 0.5 })), Math.log(1 + 14 / Math.exp(2)));
});

Deno.test("ntXent() ignores the length of a row, the order of samples and which view comes first", async () => {
  const want = await loss(a, b, 0.2), order = [2, 0, 3, 1];
  close(await loss(scaled(a, 100), b, 0.2), want);
  close(await loss(reordered(a, order), reordered(b, order), 0.2), want);
  close(await loss(b, a, 0.2), want);
});

Deno.test("ntXent() stays exact where a naive softmax overflows", async () => {
  close(await loss(a, b, 2e-3), ntXentByLoop(a, b, 2e-3), 1e-4);
});

Deno.test("ntXent() has the gradient of its definition", async () => {
  const other = tf.tensor2d(b);
  await checkGradient((x) => ntXent(x, other, { temperature: 0.5 }), (x) => ntXentByLoop(x, b, 0.5), a);
  await checkGradient((x) => ntXent(other, x, { temperature: 0.5 }), (x) => ntXentByLoop(b, x, 0.5), a);
});

Deno.test("ntXent() of a row of zeros has a finite loss and gradient", async () => {
  const withZeros = tf.tensor2d([[0, 0, 0], ...a.slice(1)]);
  const { value: loss, grad } = tf.valueAndGrad((x) => ntXent(x as tf.Tensor2D, tf.tensor2d(b)))(withZeros);
  assert.ok(Number.isFinite(await value(loss)));
  assert.ok((await grad.data()).every(Number.isFinite));
});

Deno.test("ntXent() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  assert.throws(() => ntXent(x, tf.ones([2, 2])), /same shape, got \[3,2\] and \[2,2\]/);
  assert.throws(() => ntXent(unchecked([3]), unchecked([3])), /\[batch, dim\], got \[3\]/);
  assert.throws(() => ntXent(tf.ones([1, 2]), tf.ones([1, 2])), /at least 2 samples, got 1/);
  assert.throws(() => ntXent(tf.ones([0, 2]), tf.ones([0, 2])), /at least 2 samples, got 0/);
  assert.throws(() => ntXent(x, x, { temperature: 0 }), /temperature to be positive, got 0/);
  assert.throws(() => ntXent(x, x, { temperature: NaN }), /temperature to be positive, got NaN/);
});

Deno.test("ntXent() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  leavesNothing(() => ntXent(x, x));
});
