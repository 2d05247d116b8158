import * as tf from "@tensorflow/tfjs";
import { checkPair, checkTemperature } from "./checks.ts";
import { dotProducts, SELF_PENALTY, unitRows } from "./rows.ts";

/** Options of {@linkcode ntXent}. */
export interface NtXentOptions {
  /** Temperature $\tau > 0$ of the softmax; smaller makes near negatives count more. Default 0.1. */
  temperature?: number;
}

/**
 * Contrastive loss of two views whose negatives come from both.
 *
 * The rows of both views, divided by their L2 norm, are stacked to $z_1 \dots z_{2B}$. The positive of row $i$ is the other
 * view $p(i)$ of the same sample; every other row is a negative:
 *
 * $$\mathcal L = -\frac{1}{2B} \sum_i \log \frac{\exp(z_i \cdot z_{p(i)} / \tau)}{\sum_{k \ne i} \exp(z_i \cdot z_k / \tau)}$$
 *
 * Source: NT-Xent, Chen et al. 2020 (SimCLR), eq. 1; CoMM applies it to every pair of masked views.
 *
 * @param a First view, `[batch, dim]`.
 * @param b Second view, `[batch, dim]`, row by row the same samples.
 * @returns Mean loss over the 2·batch rows in nats, `[]`.
 * @throws {RangeError} If the shapes differ, the batch has no negative, or the temperature is not positive.
 *
 * @example Identical rows cannot be told apart: the loss is log(2B - 1).
 * ```ts
 * import { ntXent } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const view = tf.ones<tf.Rank.R2>([4, 3]);
 * const [loss] = await ntXent(view, view).data();
 * assert.ok(Math.abs(loss - Math.log(7)) < 1e-5);
 * ```
 */
export function ntXent(a: tf.Tensor2D, b: tf.Tensor2D, { temperature = 0.1 }: NtXentOptions = {}): tf.Scalar {
  checkPair(a, b);
  checkTemperature(temperature);
  const [batch] = a.shape;

  return tf.tidy(() => {
    const za = unitRows(a), zb = unitRows(b);
    const z: tf.Tensor2D = tf.concat([za, zb]); // [2B, dim]
    const similarity = dotProducts(z, z).div(temperature); // [2B, 2B]
    const self = tf.eye(2 * batch).mul(SELF_PENALTY); // a row is never its own negative
    const positive = za.mul(zb).sum(1).div(temperature); // [B]; the same in both directions
    return similarity.sub(self).logSumExp(1).mean().sub(positive.mean()) as tf.Scalar;
  });
}
