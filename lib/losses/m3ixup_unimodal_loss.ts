import * as tf from "@tensorflow/tfjs";
import { checkJointViews, checkTemperature } from "./checks.ts";
import { mixupTargets } from "./mixup_targets.ts";
import { softTargetTerms } from "./soft_target_contrastive.ts";

/**
 * Unimodal mixup of M3ixup: embeddings of mixed inputs (or of mixed features) find both of their samples' joint embeddings.
 *
 * $$\mathcal L_{uni} = \sum_u \ell^\leftrightarrow(\tilde z_u, z_M; T^\lambda), \qquad T^\lambda = \lambda I + (1 - \lambda) P_\pi$$
 *
 * with $\ell^\leftrightarrow$ of {@linkcode softTargetContrastive}. It cannot reach 0: its minimum is the entropy of
 * $(\lambda, 1 - \lambda)$ a modality.
 *
 * Source: M3ixup (Lin & Hu 2024) names input and manifold mixup; the form is i-Mix's (Lee et al. 2021), this library's reading.
 *
 * @param mixed $\tilde z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$ of the unmixed samples, `[batch, dim]`, unit rows.
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`.
 * @param lambda $\lambda$ in [0, 1], the sample's own share, `[]`.
 * @returns Sum over the modalities in nats, `[]`.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or the temperature is not positive.
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example Equal rows leave log(batch) a modality.
 * ```ts
 * import { m3ixupUnimodalLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const permutation = tf.tensor1d([1, 2, 3, 0], "int32");
 * const loss = m3ixupUnimodalLoss(tf.ones([3, 4, 2]), tf.ones([4, 2]), permutation, tf.scalar(0.6));
 * assert.ok(Math.abs((await loss.data())[0] - 3 * Math.log(4)) < 1e-5);
 * ```
 */
export function m3ixupUnimodalLoss(
  mixed: tf.Tensor3D,
  joint: tf.Tensor2D,
  permutation: tf.Tensor1D,
  lambda: tf.Scalar,
  { temperature = 0.1 }: { temperature?: number } = {},
): tf.Scalar {
  checkJointViews(mixed, joint, { name: "mixed" });
  checkTemperature(temperature);
  if (permutation.shape[0] !== joint.shape[0]) {
    throw new RangeError(
      `Expected permutation of shape [${joint.shape[0]}], one per sample, got [${permutation.shape}]`,
    );
  }
  return tf.tidy(() => {
    const targets = mixupTargets(permutation, lambda);
    return softTargetTerms(mixed, joint, targets, { temperature, symmetric: true }).sum() as tf.Scalar;
  });
}
