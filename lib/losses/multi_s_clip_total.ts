import * as tf from "@tensorflow/tfjs";
import { checkModalities } from "./checks.ts";
import { overRing, type RingLoss } from "./modality_ring.ts";
import { softClipLoss, type SoftClipLossOptions } from "./soft_clip_loss.ts";

/**
 * {@linkcode softClipLoss}, here $\mathcal L^{a \to b}$, from each of $M$ modalities to the next.
 *
 * $$\mathcal L_{\text{MultiSClip}} = \sum_{m=1}^{M} \mathcal L^{m \to m+1}, \qquad M + 1 := 1$$
 *
 * The pairs are those of {@linkcode m3coTotal}, which it replaces in the second phase of training.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3.
 *
 * @param embeddings $z$, one batch per modality, `[modalities, batch, dim]`.
 * @throws {RangeError} If there are fewer than two modalities, the batch has no negative, or the temperature is not positive.
 *
 * @example With equal rows everywhere, each term is log(batch).
 * ```ts
 * import { multiSClipTotal } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const { terms } = multiSClipTotal(tf.ones<tf.Rank.R3>([3, 4, 2]));
 * for (const term of await terms.data()) assert.ok(Math.abs(term - Math.log(4)) < 1e-5);
 * ```
 */
export function multiSClipTotal(embeddings: tf.Tensor3D, options: SoftClipLossOptions = {}): RingLoss {
  checkModalities(embeddings);
  return tf.tidy(() => {
    const z = tf.unstack(embeddings) as tf.Tensor2D[]; // M times [N, d]
    return { ...overRing(z.length, (a, b) => softClipLoss(z[a], z[b], options)) };
  });
}
