import * as tf from "@tensorflow/tfjs";
import { checkJointViews, checkTemperature } from "./checks.ts";
import { dotProducts, SELF_PENALTY } from "./rows.ts";

/** Options of {@linkcode gmcLoss}. */
export interface GmcLossOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.1. */
  temperature?: number;
  /**
   * Whom a row has to be told apart from. `pair`: all other rows of the joint and the unimodal embeddings. `joints`, an
   * ablation: the other joint embeddings only. Default `pair`.
   */
  negatives?: "pair" | "joints";
}

/** Result of {@linkcode gmcLoss}. */
export interface GmcLoss {
  /** Sum of the terms in nats, `[]`. */
  value: tf.Scalar;
  /** The loss of each modality against the joint embedding, `[modalities]`. */
  terms: tf.Tensor1D;
}

/**
 * The loss of GMC: each modality's embedding against that of the complete observation.
 *
 * For modality $m$ the joint and the unimodal embeddings are stacked to $2B$ rows with scores $S = ZZ^\top / \tau$; $k'$ is the
 * row of the same sample in the other half:
 *
 * $$\mathcal L = \sum_m \frac1{2B} \sum_k \Big[-S_{kk'} + \log \sum_{l \ne k} e^{S_{kl}}\Big]$$
 *
 * With `negatives: "joints"` a term is
 * $\frac1B \sum_i -\log\big(e^{z_M^i \cdot z_m^i / \tau} / \sum_{j \ne i} e^{z_M^i \cdot z_M^j / \tau}\big)$: its positive is not in
 * the denominator, so that it can be negative. Different modalities are never contrasted with each other.
 *
 * Source: Poklukar et al. 2022 (GMC), with the positive in the denominator as in the released code.
 *
 * @param unimodal $z_1 \dots z_U$, `[modalities, batch, dim]`; rows are not normalised here, give unit ones.
 * @param joint $z_M$, `[batch, dim]`, row by row the same samples.
 * @throws {RangeError} If the shapes do not fit, the batch has no negative, the temperature is not positive or the negatives
 * are unknown.
 *
 * @example Equal rows cannot be told apart: each term is log(2B - 1).
 * ```ts
 * import { gmcLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const { terms } = gmcLoss(tf.ones<tf.Rank.R3>([3, 4, 2]), tf.ones<tf.Rank.R2>([4, 2]));
 * for (const term of await terms.data()) assert.ok(Math.abs(term - Math.log(7)) < 1e-5);
 * ```
 */
export function gmcLoss(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  { temperature = 0.1, negatives = "pair" }: GmcLossOptions = {},
): GmcLoss {
  checkJointViews(unimodal, joint);
  checkTemperature(temperature);
  if (negatives !== "pair" && negatives !== "joints") {
    throw new RangeError(`Expected negatives to be "pair" or "joints", got ${negatives}`);
  }
  return tf.tidy(() => {
    const positive = unimodal.mul(joint).sum(2).mean(1).div(temperature); // [modalities]
    const normalizer = negatives === "pair"
      ? amongPairs(unimodal, joint, temperature)
      : amongJoints(joint, temperature);
    const terms = normalizer.sub(positive) as tf.Tensor1D;
    return { value: terms.sum() as tf.Scalar, terms };
  });
}

/** Mean log-normalizer over the 2B rows of each pair, `[modalities]`. */
function amongPairs(unimodal: tf.Tensor3D, joint: tf.Tensor2D, temperature: number): tf.Tensor {
  const [modalities, batch, dim] = unimodal.shape;
  const joints = joint.expandDims(0).tile([modalities, 1, 1]) as tf.Tensor3D;
  const z = tf.concat([joints, unimodal], 1).reshape([modalities, 2 * batch, dim]);
  const similarity = tf.matMul(z, z, false, true).div(temperature); // [modalities, 2B, 2B]
  return similarity.sub(tf.eye(2 * batch).mul(SELF_PENALTY)).logSumExp(2).mean(1);
}

/** Mean log-normalizer over the joint rows, `[]`. */
function amongJoints(joint: tf.Tensor2D, temperature: number): tf.Tensor {
  const similarity = dotProducts(joint, joint).div(temperature); // [B, B]
  return similarity.sub(tf.eye(joint.shape[0]).mul(SELF_PENALTY)).logSumExp(1).mean();
}
