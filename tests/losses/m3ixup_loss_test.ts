import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { gmcLoss } from "braid/losses/gmc_loss.ts";
import { m3ixupLoss, type M3ixupLossOptions } from "braid/losses/m3ixup_loss.ts";
import { m3ixupUnimodalLoss } from "braid/losses/m3ixup_unimodal_loss.ts";
import { mixtureContrastiveLoss } from "braid/losses/mixture_contrastive_loss.ts";
import { close, leavesNothing, type Matrix, ntXentByLoop, unchecked, unit, value } from "./reference.ts";
import {
  int,
  joint,
  mixtureLossByLoop,
  softmax,
  stepByLoop,
  symmetricLossByLoop,
  targetsByLoop,
  unimodal,
  z,
  zM,
} from "./mixtures.ts";

const start: Matrix = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.25, 0.25, 0.5]];
const order = [2, 1, 3, 0], lambda = tf.scalar(0.3);
const mixedRows = unimodal.map((rows) =>
  rows.map((row, i) => unit(row.map((x, d) => 0.3 * x + 0.7 * rows[order[i]][d])))
);
const inputs = {
  ...{ unimodal: z, joint: zM, mixed: tf.tensor3d(mixedRows), permutation: int(order), lambda },
  initialWeights: tf.tensor2d(start),
};

/** Adapted and explored weights by slow unit slopes. */
function weightsByLoop({ temperature, steps, rho, eta }: Record<"temperature" | "steps" | "rho" | "eta", number>) {
  const adapted = start.map((row, i) => {
    let logits = row.map(Math.log);
    for (let step = 0; step < steps; step++) logits = stepByLoop(logits, i, temperature, -rho);
    return logits;
  });
  return [adapted, adapted.map((row, i) => stepByLoop(row, i, temperature, eta))].map((rows) => rows.map(softmax));
}

Deno.test("m3ixupLoss() is the weighted sum of its parts, each by its slow definition", async () => {
  const own = {
    temperature: 0.1,
    steps: 2,
    rho: 1,
    eta: 4,
    beta: 1,
    weightUnimodal: 1,
    weightAdapt: 0.3,
    weightExplore: 0.3,
  };
  const other = {
    temperature: 0.5,
    steps: 1,
    rho: 0.4,
    eta: 2,
    beta: 0.5,
    weightUnimodal: 0.7,
    weightAdapt: 0,
    weightExplore: 2,
  };
  for (const [options, given] of [[own, {}], [other, other]] as [typeof own, M3ixupLossOptions][]) {
    const { temperature, beta } = options, [adapted, explored] = weightsByLoop(options);
    const sum = (term: (rows: Matrix) => number, sets: Matrix[]) => sets.reduce((total, rows) => total + term(rows), 0);
    const gmc = sum((rows) => ntXentByLoop(joint, rows, temperature), unimodal);
    const uni = sum((rows) => symmetricLossByLoop(rows, joint, targetsByLoop(order, 0.3), temperature), mixedRows);
    const adapt = mixtureLossByLoop(unimodal, joint, adapted, temperature, beta);
    const explore = mixtureLossByLoop(unimodal, joint, explored, temperature, beta);
    const got = m3ixupLoss(inputs, given);
    for (const [part, want] of Object.entries({ gmc, unimodalLoss: uni, adapt, explore })) {
      close(await value(got[part as "gmc"]), want, 1e-4);
    }
    const { weightUnimodal, weightAdapt, weightExplore } = options;
    close(await value(got.value), gmc + weightUnimodal * uni + weightAdapt * adapt + weightExplore * explore, 1e-4);
  }
});

Deno.test("m3ixupLoss()'s weights are constants: its gradient is that of the parts with the weights given", () => {
  const options = { temperature: 0.3, beta: 0.5 };
  const [adapted, explored] = weightsByLoop({ ...options, steps: 2, rho: 1, eta: 4 }).map((rows) => tf.tensor2d(rows));
  const parts = (u: tf.Tensor, m: tf.Tensor, mixed: tf.Tensor) => {
    const [views, keys] = [u as tf.Tensor3D, m as tf.Tensor2D];
    const mixture = (w: tf.Tensor2D) => mixtureContrastiveLoss(views, keys, w, options).mul(0.3);
    const uni = m3ixupUnimodalLoss(mixed as tf.Tensor3D, keys, inputs.permutation, lambda, options);
    return tf.addN([gmcLoss(views, keys, options).value, uni, mixture(adapted), mixture(explored)]) as tf.Scalar;
  };
  const at = [z, zM, inputs.mixed], want = tf.grads(parts)(at);
  const got = tf.grads((u, m, mixed) =>
    m3ixupLoss(
      { ...inputs, unimodal: u as tf.Tensor3D, joint: m as tf.Tensor2D, mixed: mixed as tf.Tensor3D },
      options,
    ).value
  )(at);
  got.forEach((gradient, i) => {
    const numbers = want[i].dataSync();
    gradient.dataSync().forEach((x, k) => close(x, numbers[k], 1e-3));
  });
});

Deno.test("m3ixupLoss() and its gradient are finite at extreme temperatures and where rows are equal", () => {
  const equal = tf.ones<tf.Rank.R2>([4, 3]).mul<tf.Tensor2D>(Math.sqrt(1 / 3)),
    equals = tf.stack([equal, equal, equal]);
  for (const temperature of [1e-4, 1, 1e4]) {
    for (const [u, m] of [[z, zM], [equals, equal]]) {
      const { value, grads } = tf.valueAndGrads((u, m) =>
        m3ixupLoss({ ...inputs, unimodal: u as tf.Tensor3D, joint: m as tf.Tensor2D }, { temperature }).value
      )([u, m]);
      for (const tensor of [value, ...grads]) assert.ok(tensor.dataSync().every(Number.isFinite));
    }
  }
});

Deno.test("m3ixupLoss() says what is wrong with its input", () => {
  const run = (changed: Partial<typeof inputs>, options?: M3ixupLossOptions) => () =>
    m3ixupLoss({ ...inputs, ...changed }, options);
  assert.throws(run({ unimodal: unchecked([4, 3]) }), /unimodal.*\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(run({ joint: tf.ones([4, 2]) }), /joint embeddings of shape \[4,3\].*got \[4,2\]/);
  assert.throws(run({ mixed: tf.ones([3, 4, 2]) }), /joint.*\[4,2\], as the mixed ones, got \[4,3\]/);
  assert.throws(run({ initialWeights: tf.ones([3, 4]) }), /initialWeights of shape \[4,3\].*got \[3,4\]/);
  assert.throws(run({ permutation: int([0]) }), /permutation of shape \[4\].*got \[1\]/);
  assert.throws(run({ lambda: unchecked([4]) }), /lambda to be a scalar/);
  assert.throws(run({}, { temperature: 0 }), /temperature to be positive, got 0/);
  assert.throws(run({}, { steps: 0.5 }), /steps to be a whole number of at least 0, got 0.5/);
  for (const name of ["rho", "eta", "epsilon", "beta", "weightUnimodal", "weightAdapt", "weightExplore"]) {
    assert.throws(run({}, { [name]: -1 }), new RegExp(`${name} to be at least 0, got -1`));
  }
  const one = {
    unimodal: tf.tensor3d(unimodal.map((rows) => rows.slice(0, 1))),
    joint: tf.tensor2d(joint.slice(0, 1)),
  };
  assert.throws(run({ ...one, initialWeights: tf.ones([1, 3]) }), /at least 2 samples, got 1/);
});

Deno.test("m3ixupLoss() leaves no tensor behind", () => leavesNothing(() => ({ ...m3ixupLoss(inputs) })));
