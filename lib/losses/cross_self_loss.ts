import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { ntXent, type NtXentOptions } from "./nt_xent.ts";

/** Options of {@linkcode crossSelfLoss}. */
export interface CrossSelfLossOptions extends NtXentOptions {
  /** Weight $\lambda \ge 0$ of the self-supervised terms. Default 1. */
  selfWeight?: number;
}

/**
 * Cross-modal contrast plus contrast within each modality: the baseline "Cross+Self".
 *
 * With $\ell$ the loss {@linkcode ntXent}, $x_i$ the embeddings of modality $i$ and $x_i', x_i''$ those of its two augmented
 * views:
 *
 * $$\mathcal L = \ell(x_1, x_2) + \frac\lambda2 \big[\ell(x_1', x_1'') + \ell(x_2', x_2'')\big]$$
 *
 * Source: the baseline of Dufumier et al. 2025 (CoMM), section 4.
 *
 * @param cross Embeddings of the two modalities, `[batch, dim]` each.
 * @param views Per modality the embeddings of two views, `[batch, dim]` each; dim may differ between modalities.
 * @returns The loss in nats, `[]`.
 * @throws {RangeError} If a pair's shapes differ, the batch has no negative, the temperature is not positive or the weight
 * is negative.
 *
 * @example Three pairs of indistinguishable rows: 2 log(2B - 1).
 * ```ts
 * import { crossSelfLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const z = tf.ones<tf.Rank.R2>([4, 3]);
 * const [loss] = await crossSelfLoss([z, z], [[z, z], [z, z]]).data();
 * assert.ok(Math.abs(loss - 2 * Math.log(7)) < 1e-5);
 * ```
 */
export function crossSelfLoss(
  cross: [tf.Tensor2D, tf.Tensor2D],
  views: [[tf.Tensor2D, tf.Tensor2D], [tf.Tensor2D, tf.Tensor2D]],
  { temperature = 0.1, selfWeight = 1 }: CrossSelfLossOptions = {},
): tf.Scalar {
  checkWeight(selfWeight, "selfWeight");
  return tf.tidy(() => {
    const [self1, self2] = views.map(([a, b]) => ntXent(a, b, { temperature }));
    return ntXent(...cross, { temperature }).add(self1.add(self2).mul(selfWeight / 2));
  });
}
