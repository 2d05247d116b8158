import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { gmcLoss, type GmcLossOptions } from "braid/losses/gmc_loss.ts";
import {
  checkGradient,
  close,
  crossEntropy,
  dot,
  leavesNothing,
  type Matrix,
  mean,
  ntXentByLoop,
  unchecked,
  value,
} from "./reference.ts";
import { exampleJoint, exampleUnimodal, joint, unimodal, z, zM } from "./mixtures.ts";

/** One modality's term by its definition, one score at a time. */
function termByLoop(rows: Matrix, keys: Matrix, temperature: number, negatives: "pair" | "joints"): number {
  const batch = keys.length, all = [...keys, ...rows];
  if (negatives === "joints") {
    return mean(keys.map((key, i) => {
      const others = keys.filter((_, j) => j !== i).map((other) => dot(key, other) / temperature);
      return crossEntropy([0, ...others], 0) - Math.log1p(1 / others.reduce((sum, s) => sum + Math.exp(s), 0)) -
        dot(key, rows[i]) / temperature;
    }));
  }
  return mean(all.map((row, k) => {
    const others = all.flatMap((_, l) => l === k ? [] : [l]), partner = (k + batch) % (2 * batch);
    return crossEntropy(others.map((l) => dot(row, all[l]) / temperature), others.indexOf(partner));
  }));
}

const totalByLoop = (sets: Matrix[], keys: Matrix, temperature: number, negatives: "pair" | "joints" = "pair") =>
  sets.reduce((sum, rows) => sum + termByLoop(rows, keys, temperature, negatives), 0);
const total = (sets: Matrix[], keys: Matrix, options?: GmcLossOptions) =>
  value(gmcLoss(tf.tensor3d(sets), tf.tensor2d(keys), options).value);

Deno.test("gmcLoss() equals its definition, term by term, with either kind of negatives", async () => {
  for (const negatives of ["pair", "joints"] as const) {
    for (const temperature of [0.05, 0.5, 5]) {
      for (const sets of [unimodal, unimodal.slice(1, 2)]) {
        const { value: sum, terms } = gmcLoss(tf.tensor3d(sets), zM, { temperature, negatives });
        const want = sets.map((rows) => termByLoop(rows, joint, temperature, negatives));
        (await terms.array()).forEach((term, m) => close(term, want[m]));
        close(await value(sum), want.reduce((a, b) => a + b));
      }
    }
  }
});

Deno.test("gmcLoss() takes pairs and temperature 0.1 unless told, and rows as they are", async () => {
  close(await total(unimodal, joint), totalByLoop(unimodal, joint, 0.1));
  const long = unimodal.map((rows) => rows.map((row) => row.map((x) => 3 * x)));
  close(await total(long, joint), totalByLoop(long, joint, 0.1));
});

Deno.test("gmcLoss() has the value of the worked example", async () => {
  close(await total(exampleUnimodal.slice(0, 1), exampleJoint, { temperature: 0.5 }), 0.43019, 1e-6);
});

Deno.test("gmcLoss() of unit rows is NT-Xent of each modality with the joint embedding", async () => {
  const want = unimodal.reduce((sum, rows) => sum + ntXentByLoop(joint, rows, 0.2), 0);
  close(await total(unimodal, joint, { temperature: 0.2 }), want);
});

Deno.test("gmcLoss() among joints can be negative, since its positive is not in the denominator", async () => {
  const basis: Matrix = [[1, 0], [-1, 0]];
  close(await total([basis], basis, { temperature: 0.5, negatives: "joints" }), -4);
});

Deno.test("gmcLoss() has the gradients of its definition", async () => {
  for (const negatives of ["pair", "joints"] as const) {
    const options = { temperature: 0.5, negatives }, others = tf.unstack(z).slice(1);
    await checkGradient(
      (x) => gmcLoss(tf.stack([x, ...others]) as tf.Tensor3D, zM, options).value,
      (x) => totalByLoop([x, ...unimodal.slice(1)], joint, 0.5, negatives),
      unimodal[0],
    );
    await checkGradient(
      (x) => gmcLoss(z, x, options).value,
      (x) => totalByLoop(unimodal, x, 0.5, negatives),
      joint,
    );
  }
});

Deno.test("gmcLoss() stays exact where exponentials overflow", async () => {
  for (const negatives of ["pair", "joints"] as const) {
    // The slow definition of joints adds up plain exponentials, so that one is checked by its scale alone.
    const at = await total(unimodal, joint, { temperature: 2e-3, negatives });
    if (negatives === "pair") close(at, totalByLoop(unimodal, joint, 2e-3), 1e-4);
    else close(at * 2e-3, await total(unimodal, joint, { temperature: 1e-3, negatives }) * 1e-3, 1e-2);
  }
});

Deno.test("gmcLoss() says what is wrong with its input", () => {
  const x = tf.ones<tf.Rank.R3>([2, 3, 4]), y = tf.ones<tf.Rank.R2>([3, 4]);
  assert.throws(() => gmcLoss(unchecked([3, 4]), y), /unimodal.*\[modalities, batch, dim\], got \[3,4\]/);
  assert.throws(() => gmcLoss(x, tf.ones([3, 2])), /joint embeddings of shape \[3,4\].*got \[3,2\]/);
  assert.throws(() => gmcLoss(tf.ones([2, 1, 4]), tf.ones([1, 4])), /at least 2 samples, got 1/);
  assert.throws(() => gmcLoss(x, y, { temperature: NaN }), /temperature to be positive, got NaN/);
  const negatives = "all" as "pair";
  assert.throws(() => gmcLoss(x, y, { negatives }), /negatives to be "pair" or "joints", got all/);
});

Deno.test("gmcLoss() leaves no tensor behind", () => {
  leavesNothing(() => ({ ...gmcLoss(z, zM) }));
  leavesNothing(() => ({ ...gmcLoss(z, zM, { negatives: "joints" }) }));
});
