import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { crossEntropies } from "./cross_entropies.ts";
import { m3coTotal, type M3coTotalOptions } from "./m3co_total.ts";
import { multiSClipTotal } from "./multi_s_clip_total.ts";
import type { SoftClipLossOptions } from "./soft_clip_loss.ts";

/** The first phase of training, which contrasts mixtures; options are those of {@linkcode m3coTotal}. */
export interface M3coPhase extends M3coTotalOptions {
  phase: "m3co";
  /** $\pi$ of each modality, int32 `[modalities, batch]`. */
  permutations: tf.Tensor2D;
  /** $\lambda$ of each modality, 1 where a sample is not mixed, `[modalities, batch]`. */
  lambdas: tf.Tensor2D;
}

/** The second phase, without mixtures; options are those of {@linkcode multiSClipTotal}. */
export interface SoftClipPhase extends SoftClipLossOptions {
  phase: "sclip";
}

/** Options of {@linkcode m3colLoss}: the phase with what it needs, and the weight of its term. */
export type M3colLossOptions = (M3coPhase | SoftClipPhase) & {
  /** Weight $\beta \ge 0$ of the contrastive term. Default 0.1. */
  beta?: number;
};

/** Result of {@linkcode m3colLoss}, in nats. */
export interface M3colLoss {
  /** $\mathcal L$, `[]`. */
  value: tf.Scalar;
  /** Mean cross-entropy of the fused head, `[]`. */
  fused: tf.Scalar;
  /** Mean cross-entropy of each modality's head, `[modalities]`. */
  unimodal: tf.Tensor1D;
  /** $\mathcal L_{\text{con}}$ before its weight, `[]`. */
  contrastive: tf.Scalar;
}

/**
 * The loss of M3CoL: cross-entropies of the fused head and of each modality's own, and a contrastive term.
 *
 * $$\mathcal L = \mathrm{CE}(\hat y, y) + \sum_{m=1}^{M} \mathrm{CE}(\hat y^{(m)}, y) + \beta\, \mathcal L_{\text{con}},
 * \qquad \mathcal L_{\text{con}} = \begin{cases}\mathcal L_{\text{M3Co}} & \text{first phase}\\
 * \mathcal L_{\text{MultiSClip}} & \text{second phase}\end{cases}$$
 *
 * Logits are those of samples that are not mixed, and so are labels: mixtures meet the contrastive term alone. See
 * {@linkcode m3coTotal}, {@linkcode multiSClipTotal} and {@linkcode m3colPhase}.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3.
 *
 * @param fusedLogits $\hat y$ before its softmax, `[batch, classes]`.
 * @param unimodalLogits $\hat y^{(m)}$ before their softmax, `[modalities, batch, classes]`.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @param embeddings $z^{(m)}$, `[modalities, batch, dim]`.
 * @throws {RangeError} If the shapes do not fit, the batch has no negative, or an option is out of range.
 * @throws {TypeError} If labels or permutations are not int32.
 *
 * @example Nothing is told apart yet: three cross-entropies of log(classes), two contrastive terms of log(batch).
 * ```ts
 * import { m3colLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const labels = tf.tensor1d([0, 1, 1], "int32"), embeddings = tf.ones<tf.Rank.R3>([2, 3, 4]);
 * const { value } = m3colLoss(tf.zeros([3, 2]), tf.zeros([2, 3, 2]), labels, embeddings, { phase: "sclip" });
 * assert.ok(Math.abs((await value.data())[0] - 3 * Math.log(2) - 0.1 * 2 * Math.log(3)) < 1e-5);
 * ```
 */
export function m3colLoss(
  fusedLogits: tf.Tensor2D,
  unimodalLogits: tf.Tensor3D,
  labels: tf.Tensor1D,
  embeddings: tf.Tensor3D,
  { beta = 0.1, ...phase }: M3colLossOptions,
): M3colLoss {
  const wanted = [embeddings.shape[0], ...fusedLogits.shape];
  if (String(unimodalLogits.shape) !== String(wanted)) {
    throw new RangeError(
      `Expected unimodal logits of shape [${wanted}], [modalities, batch, classes], got [${unimodalLogits.shape}]`,
    );
  }
  checkWeight(beta, "beta");
  return tf.tidy(() => {
    const crossEntropy = (logits: tf.Tensor2D) => crossEntropies(logits, labels).mean() as tf.Scalar;
    const fused = crossEntropy(fusedLogits);
    const unimodal = tf.stack((tf.unstack(unimodalLogits) as tf.Tensor2D[]).map(crossEntropy)) as tf.Tensor1D;
    const contrastive = contrastiveTerm(embeddings, phase);
    const value = fused.add(unimodal.sum()).add<tf.Scalar>(contrastive.mul(beta));
    return { value, fused, unimodal, contrastive };
  });
}

/** $\mathcal L_{\text{con}}$ of the phase. */
function contrastiveTerm(embeddings: tf.Tensor3D, options: M3coPhase | SoftClipPhase): tf.Scalar {
  switch (options.phase) {
    case "m3co": {
      const { permutations, lambdas, phase: _, ...rest } = options;
      return m3coTotal(embeddings, permutations, lambdas, rest).value;
    }
    case "sclip":
      return multiSClipTotal(embeddings, options).value;
    default:
      throw new RangeError(`Expected phase to be "m3co" or "sclip", got ${(options as { phase: unknown }).phase}`);
  }
}
