import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { clipLoss } from "./clip_loss.ts";
import { ntXent, type NtXentOptions } from "./nt_xent.ts";

/** Options of {@linkcode slipLoss}. */
export interface SlipLossOptions extends NtXentOptions {
  /** Weight $\lambda \ge 0$ of the self-supervised term. Default 1. */
  selfWeight?: number;
}

/**
 * The loss of SLIP: {@linkcode clipLoss} of image and text plus {@linkcode ntXent} of two views of the image.
 *
 * $$\mathcal L = \mathcal L_\text{CLIP}(u, v; s) + \lambda\, \ell(u', u'')$$
 *
 * Source: Mu et al. 2022 (SLIP), algorithm 1.
 *
 * @param image $u$, `[batch, dim]`.
 * @param text $v$, `[batch, dim]`, row by row the same samples.
 * @param viewA $u'$, the first augmented image, `[batch, dim']`.
 * @param viewB $u''$, the second, `[batch, dim']`.
 * @param logitScale $s$ of the CLIP term, `[]`; the temperature belongs to the other term.
 * @returns The loss in nats, `[]`.
 * @throws {RangeError} If a pair's shapes differ, the batch has no negative, the scale is not a scalar, the temperature is
 * not positive or the weight is negative.
 *
 * @example Nothing can be told apart: log B + log(2B - 1).
 * ```ts
 * import { slipLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const z = tf.ones<tf.Rank.R2>([4, 3]);
 * const [loss] = await slipLoss(z, z, z, z, tf.scalar(1 / 0.07)).data();
 * assert.ok(Math.abs(loss - Math.log(4 * 7)) < 1e-4);
 * ```
 */
export function slipLoss(
  image: tf.Tensor2D,
  text: tf.Tensor2D,
  viewA: tf.Tensor2D,
  viewB: tf.Tensor2D,
  logitScale: tf.Scalar,
  { temperature = 0.1, selfWeight = 1 }: SlipLossOptions = {},
): tf.Scalar {
  checkWeight(selfWeight, "selfWeight");
  return tf.tidy(() =>
    clipLoss(image, text, logitScale).value.add(ntXent(viewA, viewB, { temperature }).mul(selfWeight))
  );
}
