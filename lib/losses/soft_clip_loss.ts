import * as tf from "@tensorflow/tfjs";
import { checkPair, checkTemperature } from "./checks.ts";
import { detached } from "./detached.ts";
import { dotProducts, softTargetCrossEntropy, unitRows } from "./rows.ts";

/** Options of {@linkcode softClipLoss}. */
export interface SoftClipLossOptions {
  /** Temperature $\tau > 0$ of both softmaxes. Default 0.125. */
  temperature?: number;
  /** Take the soft targets $Q$ as constants. Default false: as published, the gradient flows through them too. */
  stopGradient?: boolean;
}

/**
 * A directed contrastive loss whose targets are the similarities within one modality.
 *
 * With unit rows $\hat a$ of the predictions and $\hat b$ of the targets:
 *
 * $$Q_{ik} = \operatorname{softmax}_k(\hat b_i \cdot \hat b_k / \tau), \qquad R_{ik} = \hat a_i \cdot \hat b_k / \tau$$
 *
 * $$\mathcal L = \tfrac12 \Big[-\frac1N \sum_{ik} Q_{ik} \log \operatorname{softmax}_k(R_{i \cdot})
 * - \frac1N \sum_{ik} Q_{ik} \log \operatorname{softmax}_k\big((R^\top)_{i \cdot}\big)\Big]$$
 *
 * The same $Q$ serves both directions. The loss is at least the entropy of $Q$, which it reaches at $\hat a = \hat b$.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3, $\mathcal L_{\text{MultiSClip}}$ of one pair; after SoftCLIP in Scotti et
 * al. 2023 (MindEye).
 *
 * @param predictions $a$, embeddings of one modality, `[batch, dim]`.
 * @param targets $b$, embeddings of the other, `[batch, dim]`, row by row the same samples.
 * @returns Mean loss in nats, `[]`.
 * @throws {RangeError} If the shapes differ, the batch has no negative, or the temperature is not positive.
 *
 * @example Equal rows cannot be told apart: the loss is log(batch).
 * ```ts
 * import { softClipLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const rows = tf.ones<tf.Rank.R2>([4, 3]);
 * const [loss] = await softClipLoss(rows, rows).data();
 * assert.ok(Math.abs(loss - Math.log(4)) < 1e-5);
 * ```
 */
export function softClipLoss(
  predictions: tf.Tensor2D,
  targets: tf.Tensor2D,
  { temperature = 0.125, stopGradient = false }: SoftClipLossOptions = {},
): tf.Scalar {
  checkPair(predictions, targets);
  checkTemperature(temperature);

  return tf.tidy(() => {
    const a = unitRows(predictions), b = unitRows(targets);
    const softTargets = (rows: tf.Tensor2D) => dotProducts(rows, rows).div<tf.Tensor2D>(temperature).softmax();
    const q = stopGradient ? detached([b], softTargets) : softTargets(b); // [N, N]
    const r = dotProducts(a, b).div<tf.Tensor2D>(temperature); // [N, N]
    return softTargetCrossEntropy(r, q).add<tf.Scalar>(softTargetCrossEntropy(tf.transpose(r), q)).div(2);
  });
}
