import * as tf from "@tensorflow/tfjs";
import { checkPair, checkScalar } from "./checks.ts";
import { infoNCE } from "./info_nce.ts";
import { retrievalAccuracy } from "./retrieval_accuracy.ts";
import { unitRows } from "./rows.ts";

/** Result of {@linkcode clipLoss}. */
export interface ClipLoss {
  /** The loss in nats, `[]`. */
  value: tf.Scalar;
  /** Share of rows of `a` whose nearest row of `b` is their own, `[]`. */
  accuracy: tf.Scalar;
}

/**
 * The loss of CLIP: symmetric {@linkcode infoNCE} of cosines times a learned scale $s$.
 *
 * $$\mathcal L = \tfrac12 \big[\mathrm{CE}(s\, \hat a \hat b^\top) + \mathrm{CE}(s\, \hat b \hat a^\top)\big]$$
 *
 * where CE is the cross-entropy whose target of row $i$ is column $i$. The scale is a tensor, so that it can be learned;
 * CLIP learns $\log s$, starts at $s = 1 / 0.07$ and keeps $s \le 100$.
 *
 * Source: Radford et al. 2021 (CLIP), fig. 3.
 *
 * @param a Embeddings of one modality, `[batch, dim]`.
 * @param b Embeddings of the other, `[batch, dim]`, row by row the same samples.
 * @param logitScale $s$, an inverse temperature, `[]`.
 * @throws {RangeError} If the shapes differ, the batch has no negative, or the scale is not a scalar.
 *
 * @example A scale of 0 makes all partners equally likely.
 * ```ts
 * import { clipLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const { value } = clipLoss(tf.eye(3), tf.eye(3), tf.scalar(0));
 * assert.ok(Math.abs((await value.data())[0] - Math.log(3)) < 1e-5);
 * ```
 */
export function clipLoss(a: tf.Tensor2D, b: tf.Tensor2D, logitScale: tf.Scalar): ClipLoss {
  checkPair(a, b);
  checkScalar(logitScale, "logitScale");
  return tf.tidy(() => ({
    value: infoNCE(unitRows(a).mul(logitScale), unitRows(b), { temperature: 1, normalize: false }),
    accuracy: retrievalAccuracy(a, b),
  }));
}
