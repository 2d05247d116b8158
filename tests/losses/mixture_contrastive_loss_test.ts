import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { infoNCE } from "braid/losses/info_nce.ts";
import { mixtureContrastiveLoss } from "braid/losses/mixture_contrastive_loss.ts";
import { checkGradient, close, leavesNothing, type Matrix, unchecked, value } from "./reference.ts";
import { joint, mixtureLossByLoop, unimodal, w, weights, z, zM } from "./mixtures.ts";

Deno.test("mixtureContrastiveLoss() equals its definition", async () => {
  for (const temperature of [0.05, 0.5, 5]) {
    for (const beta of [0, 1, 2.5]) {
      const want = mixtureLossByLoop(unimodal, joint, weights, temperature, beta);
      close(await value(mixtureContrastiveLoss(z, zM, w, { temperature, beta })), want);
    }
  }
  close(await value(mixtureContrastiveLoss(z, zM, w)), mixtureLossByLoop(unimodal, joint, weights, 0.1, 1));
});

Deno.test("mixtureContrastiveLoss() with all weight on one modality contrasts that one, twice", async () => {
  const corner = tf.tensor2d([0, 1, 2, 3].map(() => [0, 1, 0])), second = tf.tensor2d(unimodal[1]);
  const nce = (symmetric: boolean) => value(infoNCE(second, zM, { symmetric }));
  close(await value(mixtureContrastiveLoss(z, zM, corner)), await nce(true) + await nce(false));
});

Deno.test("mixtureContrastiveLoss() has the gradients of its definition", async () => {
  const options = { temperature: 0.5, beta: 0.7 }, others = tf.unstack(z).slice(1);
  await checkGradient(
    (x) => mixtureContrastiveLoss(tf.stack([x, ...others]) as tf.Tensor3D, zM, w, options),
    (x) => mixtureLossByLoop([x, ...unimodal.slice(1)], joint, weights, 0.5, 0.7),
    unimodal[0],
  );
  await checkGradient(
    (x) => mixtureContrastiveLoss(z, x, w, options),
    (x) => mixtureLossByLoop(unimodal, x, weights, 0.5, 0.7),
    joint,
  );
});

Deno.test("mixtureContrastiveLoss() stays exact where a naive softmax overflows, and finite where rows cancel", async () => {
  const want = mixtureLossByLoop(unimodal, joint, weights, 2e-3, 1);
  close(await value(mixtureContrastiveLoss(z, zM, w, { temperature: 2e-3 })), want, 1e-4);
  const row: Matrix = [[1, 0], [0, 1]], cancelling = tf.tensor3d([row, [[-1, 0], [0, -1]]]);
  const loss = (x: tf.Tensor) => mixtureContrastiveLoss(x as tf.Tensor3D, tf.tensor2d(row), tf.fill([2, 2], 0.5));
  const { value: at, grad } = tf.valueAndGrad(loss)(cancelling);
  assert.ok([...await at.data(), ...await grad.data()].every(Number.isFinite));
});

Deno.test("mixtureContrastiveLoss() says what is wrong with its input", () => {
  assert.throws(() => mixtureContrastiveLoss(unchecked([4, 3]), zM, w), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(() => mixtureContrastiveLoss(z, zM, tf.ones([3, 4])), /weights of shape \[4,3\].*got \[3,4\]/);
  assert.throws(() => mixtureContrastiveLoss(z, tf.ones([4, 2]), w), /joint embeddings of shape \[4,3\]/);
  const one = () => mixtureContrastiveLoss(tf.ones([3, 1, 2]), tf.ones([1, 2]), tf.ones([1, 3]));
  assert.throws(one, /at least 2 samples, got 1/);
  assert.throws(() => mixtureContrastiveLoss(z, zM, w, { temperature: -1 }), /temperature to be positive, got -1/);
  assert.throws(() => mixtureContrastiveLoss(z, zM, w, { beta: -1 }), /beta to be at least 0, got -1/);
});

Deno.test("mixtureContrastiveLoss() leaves no tensor behind", () => {
  leavesNothing(() => mixtureContrastiveLoss(z, zM, w));
});
