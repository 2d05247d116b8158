import * as tf from "@tensorflow/tfjs";
import { gmcLoss, type GmcLossOptions } from "./gmc_loss.ts";

/** Result of {@linkcode gmcSupervisedLoss}. */
export interface GmcSupervisedLoss {
  /** Sum of both losses, `[]`. */
  value: tf.Scalar;
  /** {@linkcode gmcLoss} in nats, `[]`. */
  contrastive: tf.Scalar;
  /** Mean absolute error, in the units of the target, `[]`. */
  regression: tf.Scalar;
}

/**
 * The loss of GMC with a target: contrast, and the mean absolute error of what is predicted from the joint embedding.
 *
 * $$\mathcal L = \mathcal L_{GMC} + \frac1B \sum_i |\hat y_i - y_i|$$
 *
 * Only the joint embedding is supervised. A prediction from one modality works because its embedding lies close by.
 *
 * Source: Poklukar et al. 2022 (GMC), supervised experiments; weight 1 as in the released code.
 *
 * @param unimodal `[modalities, batch, dim]`, as {@linkcode gmcLoss} takes them.
 * @param joint `[batch, dim]`.
 * @param prediction $\hat y$, `[batch, 1]`.
 * @param target $y$, `[batch, 1]`.
 * @param options Of {@linkcode gmcLoss}; here the temperature is 0.3 unless told.
 * @throws {RangeError} As {@linkcode gmcLoss}, and if prediction and target are not one number a sample.
 *
 * @example A prediction that is off by 2 adds 2.
 * ```ts
 * import { gmcSupervisedLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const ones = tf.ones<tf.Rank.R2>([4, 1]);
 * const { value, contrastive } = gmcSupervisedLoss(tf.ones([3, 4, 2]), tf.ones([4, 2]), ones.mul(3), ones);
 * assert.ok(Math.abs((await value.sub(contrastive).data())[0] - 2) < 1e-5);
 * ```
 */
export function gmcSupervisedLoss(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  prediction: tf.Tensor2D,
  target: tf.Tensor2D,
  { temperature = 0.3, ...options }: GmcLossOptions = {},
): GmcSupervisedLoss {
  const column = [joint.shape[0], 1];
  if (String(prediction.shape) !== String(column) || String(target.shape) !== String(column)) {
    throw new RangeError(
      `Expected prediction and target of shape [${column}], got [${prediction.shape}] and [${target.shape}]`,
    );
  }
  return tf.tidy(() => {
    const contrastive = gmcLoss(unimodal, joint, { temperature, ...options }).value;
    const regression = prediction.sub(target).abs().mean() as tf.Scalar;
    return { value: contrastive.add<tf.Scalar>(regression), contrastive, regression };
  });
}
