import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { gmcLoss } from "braid/losses/gmc_loss.ts";
import { gmcSupervisedLoss } from "braid/losses/gmc_supervised_loss.ts";
import { close, leavesNothing, unchecked, value } from "./reference.ts";
import { z, zM } from "./mixtures.ts";

const prediction = tf.tensor2d([[1.5], [-2], [0], [3]]), target = tf.tensor2d([[1], [1], [-0.5], [3.25]]);

Deno.test("gmcSupervisedLoss() is gmcLoss() at temperature 0.3 plus the mean absolute error", async () => {
  const parts = gmcSupervisedLoss(z, zM, prediction, target);
  const want = [await value(gmcLoss(z, zM, { temperature: 0.3 }).value), (0.5 + 3 + 0.5 + 0.25) / 4];
  close(await value(parts.contrastive), want[0]);
  close(await value(parts.regression), want[1]);
  close(await value(parts.value), want[0] + want[1]);
});

Deno.test("gmcSupervisedLoss() hands its options on", async () => {
  const options = { temperature: 0.7, negatives: "joints" } as const;
  const { contrastive } = gmcSupervisedLoss(z, zM, prediction, target, options);
  close(await value(contrastive), await value(gmcLoss(z, zM, options).value));
});

Deno.test("gmcSupervisedLoss() gives each prediction the sign of its error over the batch, the embeddings gmcLoss()'s", () => {
  const all = tf.grads((u, m, y) =>
    gmcSupervisedLoss(u as tf.Tensor3D, m as tf.Tensor2D, y as tf.Tensor2D, target).value
  )([z, zM, prediction]);
  assert.deepEqual([...all[2].dataSync()], [0.25, -0.25, 0.25, -0.25]);
  const contrast = tf.grads((u, m) => gmcLoss(u as tf.Tensor3D, m as tf.Tensor2D, { temperature: 0.3 }).value)([z, zM]);
  contrast.forEach((gradient, i) => gradient.dataSync().forEach((x, k) => close(all[i].dataSync()[k], x)));
});

Deno.test("gmcSupervisedLoss() says what is wrong with its input", () => {
  const run = (y: tf.Tensor2D, t: tf.Tensor2D) => () => gmcSupervisedLoss(z, zM, y, t);
  assert.throws(run(prediction, tf.ones([3, 1])), /prediction and target.*\[4,1\], got \[4,1\] and \[3,1\]/);
  assert.throws(run(tf.ones([3, 1]), tf.ones([3, 1])), /prediction and target.*\[4,1\], got \[3,1\] and \[3,1\]/);
  assert.throws(run(unchecked([4]), unchecked([4])), /prediction and target.*\[4,1\], got \[4\] and \[4\]/);
  assert.throws(() => gmcSupervisedLoss(unchecked([4, 3]), zM, prediction, target), /\[modalities, batch, dim\]/);
  assert.throws(() => gmcSupervisedLoss(z, zM, prediction, target, { temperature: 0 }), /temperature to be positive/);
});

Deno.test("gmcSupervisedLoss() leaves no tensor behind", () => {
  leavesNothing(() => ({ ...gmcSupervisedLoss(z, zM, prediction, target) }));
});
