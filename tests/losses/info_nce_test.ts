import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { infoNCE, type InfoNCEOptions } from "braid/losses/info_nce.ts";
import {
  a,
  b,
  checkGradient,
  close,
  crossEntropy,
  dot,
  leavesNothing,
  type Matrix,
  mean,
  unit,
  value,
} from "./reference.ts";

/** The definition, rows of `a` as queries. */
function oneSided(a: Matrix, b: Matrix, temperature: number): number {
  return mean(a.map((query, i) => crossEntropy(b.map((key) => dot(query, key) / temperature), i)));
}
const symmetric = (a: Matrix, b: Matrix, temperature: number) =>
  (oneSided(a, b, temperature) + oneSided(b, a, temperature)) / 2;

const units = (rows: Matrix) => rows.map(unit);
const loss = (x: Matrix, y: Matrix, options: InfoNCEOptions) => value(infoNCE(tf.tensor2d(x), tf.tensor2d(y), options));

Deno.test("infoNCE() equals its definition, one-sided or symmetric, normalised or not", async () => {
  for (const temperature of [0.1, 1, 10]) {
    close(await loss(a, b, { temperature }), symmetric(units(a), units(b), temperature));
    close(await loss(a, b, { temperature, symmetric: false }), oneSided(units(a), units(b), temperature));
    close(await loss(a, b, { temperature, normalize: false }), symmetric(a, b, temperature));
    close(await loss(a, b, { temperature, normalize: false, symmetric: false }), oneSided(a, b, temperature));
  }
});

Deno.test("infoNCE() is log B when all rows are equal", async () => {
  const ones = Array.from({ length: 5 }, () => [1, 1]);
  close(await loss(ones, ones, { temperature: 0.1 }), Math.log(5));
});

Deno.test("infoNCE() is 0 for huge logits of the right pairs, and their size for wrong ones", async () => {
  const huge = [[1000, 0], [0, 1000]], swapped = [huge[1], huge[0]];
  assert.equal(await loss(huge, huge, { temperature: 1, normalize: false }), 0);
  assert.equal(await loss(huge, swapped, { temperature: 1, normalize: false }), 1e6);
});

Deno.test("infoNCE() has the gradient of its definition", async () => {
  const other = tf.tensor2d(b);
  await checkGradient(
    (x) => infoNCE(x, other, { temperature: 0.5 }),
    (x) => symmetric(units(x), units(b), 0.5),
    a,
  );
  await checkGradient(
    (x) => infoNCE(other, x, { temperature: 2, symmetric: false, normalize: false }),
    (x) => oneSided(b, x, 2),
    a,
  );
});

Deno.test("infoNCE() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  assert.throws(() => infoNCE(x, tf.ones([3, 4])), /same shape, got \[3,2\] and \[3,4\]/);
  assert.throws(() => infoNCE(tf.ones([1, 2]), tf.ones([1, 2])), /at least 2 samples, got 1/);
  assert.throws(() => infoNCE(x, x, { temperature: -1 }), /temperature to be positive, got -1/);
});

Deno.test("infoNCE() leaves no tensor behind", () => {
  const x = tf.ones<tf.Rank.R2>([3, 2]);
  leavesNothing(() => infoNCE(x, x));
});
