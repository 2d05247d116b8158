// What holds for every contrastive loss, whatever the embeddings: fast-check looks for a counterexample.

import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import assert from "node:assert/strict";
import { clipLoss } from "braid/losses/clip_loss.ts";
import { cmcLoss } from "braid/losses/cmc_loss.ts";
import { commLoss } from "braid/losses/comm_loss.ts";
import { crossSelfLoss } from "braid/losses/cross_self_loss.ts";
import { gmcLoss } from "braid/losses/gmc_loss.ts";
import { infoNCE } from "braid/losses/info_nce.ts";
import { m3ixupUnimodalLoss } from "braid/losses/m3ixup_unimodal_loss.ts";
import { mixtureContrastiveLoss } from "braid/losses/mixture_contrastive_loss.ts";
import { m3coLoss } from "braid/losses/m3co_loss.ts";
import { m3coTotal } from "braid/losses/m3co_total.ts";
import { multiSClipTotal } from "braid/losses/multi_s_clip_total.ts";
import { ntXent } from "braid/losses/nt_xent.ts";
import { unitRows } from "braid/losses/rows.ts";
import { slipLoss } from "braid/losses/slip_loss.ts";
import { softTargetContrastive } from "braid/losses/soft_target_contrastive.ts";
import { softClipLoss } from "braid/losses/soft_clip_loss.ts";
import { supConLoss } from "braid/losses/sup_con_loss.ts";
import "./reference.ts";

/** Each loss of two sets of embeddings at a temperature. */
const losses: Record<string, (a: tf.Tensor2D, b: tf.Tensor2D, temperature: number) => tf.Scalar> = {
  clipLoss: (a, b, temperature) => clipLoss(a, b, tf.scalar(1 / temperature)).value,
  cmcLoss: (a, b, temperature) => cmcLoss(tf.stack([a, b, a.add(b)]) as tf.Tensor3D, { temperature }),
  commLoss: (a, b, temperature) =>
    commLoss(tf.stack([a, b]) as tf.Tensor3D, tf.stack([b, a]) as tf.Tensor3D, { temperature }).value,
  crossSelfLoss: (a, b, temperature) => crossSelfLoss([a, b], [[a, b], [b, a]], { temperature }),
  gmcLoss: (a, b, temperature) => gmcLoss(unitViews(a, b), unitRows(b), { temperature }).value,
  infoNCE: (a, b, temperature) => infoNCE(a, b, { temperature }),
  m3ixupUnimodalLoss: (a, b, temperature) => {
    const own = tf.range(0, a.shape[0], 1, "int32"); // no other partner is the same one in every order
    return m3ixupUnimodalLoss(unitViews(a, b), unitRows(b), own, tf.scalar(0.3), { temperature });
  },
  mixtureContrastiveLoss: (a, b, temperature) =>
    mixtureContrastiveLoss(unitViews(a, b), unitRows(b), tf.fill([a.shape[0], 2], 0.5), { temperature }),
  ntXent: (a, b, temperature) => ntXent(a, b, { temperature }),
  slipLoss: (a, b, temperature) => slipLoss(a, b, b, a, tf.scalar(1 / temperature), { temperature }),
  softTargetContrastive: (a, b, temperature) => {
    const [batch] = a.shape, targets: tf.Tensor2D = tf.eye(batch).mul(0.7).add(0.3 / batch);
    return softTargetContrastive(unitRows(a), unitRows(b), targets, { temperature });
  },
  // Each sample its own partner: others would have to move with the samples.
  m3coLoss: (a, b, temperature) =>
    m3coLoss(a, b, tf.range(0, a.shape[0], 1, "int32"), tf.fill([a.shape[0]], 0.5), { temperature }).value,
  m3coTotal: (a, b, temperature) => {
    const own = tf.range(0, a.shape[0], 1, "int32"), share = tf.fill([a.shape[0]], 0.5);
    const draws = [tf.stack([own, own]), tf.stack([share, share])] as [tf.Tensor2D, tf.Tensor2D];
    return m3coTotal(tf.stack([a, b]) as tf.Tensor3D, ...draws, { temperature }).value;
  },
  multiSClipTotal: (a, b, temperature) => multiSClipTotal(tf.stack([a, b, a]) as tf.Tensor3D, { temperature }).value,
  softClipLoss: (a, b, temperature) => softClipLoss(a, b, { temperature }),
  supConLoss: (a, b, temperature) =>
    supConLoss(tf.stack([a, b], 1) as tf.Tensor3D, undefined, { temperature, baseTemperature: temperature }),
};

/** Two modalities for the losses that take unit rows as they are. */
const unitViews = (a: tf.Tensor2D, b: tf.Tensor2D) => unitRows(tf.stack([a, b]) as tf.Tensor3D);

const entry = fc.integer({ min: -256, max: 256 }).map((i) => i / 64);
const row = fc.array(entry, { minLength: 3, maxLength: 3 }).filter((x) => Math.hypot(...x) > 0.1);
const views = fc.integer({ min: 2, max: 6 }).chain((batch) => {
  const view = fc.array(row, { minLength: batch, maxLength: batch });
  const order = fc.shuffledSubarray([...Array(batch).keys()], { minLength: batch, maxLength: batch });
  return fc.record({ a: view, b: view, order });
});
const runs = { numRuns: 40 };

for (const [name, loss] of Object.entries(losses)) {
  const at = (a: number[][], b: number[][], temperature: number): number =>
    tf.tidy(() => loss(tf.tensor2d(a), tf.tensor2d(b), temperature).dataSync()[0]);
  const close = (got: number, want: number) => Math.abs(got - want) <= 1e-4 * Math.max(1, Math.abs(want));

  Deno.test(`${name}() does not depend on the order of samples`, () => {
    const property = fc.property(
      views,
      ({ a, b, order }) => close(at(order.map((i) => a[i]), order.map((i) => b[i]), 0.5), at(a, b, 0.5)),
    );
    fc.assert(property, runs);
  });

  // The sum that cmcLoss takes as third modality depends on the length of both, so both are scaled alike.
  Deno.test(`${name}() does not depend on the length of embeddings`, () => {
    const scale = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);
    const scaled = (rows: number[][], by: number) => rows.map((x) => x.map((xi) => by * xi));
    const property = fc.property(
      views,
      scale,
      ({ a, b }, by) => close(at(scaled(a, by), scaled(b, by), 0.5), at(a, b, 0.5)),
    );
    fc.assert(property, runs);
  });

  Deno.test(`${name}() and its gradient are finite at temperatures from 1e-4 to 1e4`, () => {
    const temperature = fc.integer({ min: -4, max: 4 }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(views, temperature, ({ a, b }, temperature) => {
        const numbers = tf.tidy(() => {
          const gradients = tf.valueAndGrads((x, y) => loss(x as tf.Tensor2D, y as tf.Tensor2D, temperature));
          const { value, grads } = gradients([tf.tensor2d(a), tf.tensor2d(b)]);
          return tf.concat([value, ...grads].map((x) => x.flatten())).dataSync();
        });
        assert.ok(numbers.every(Number.isFinite));
      }),
      runs,
    );
  });

  Deno.test(`${name}() is not negative`, () => {
    fc.assert(fc.property(views, ({ a, b }) => at(a, b, 0.1) > -1e-5), runs);
  });
}
