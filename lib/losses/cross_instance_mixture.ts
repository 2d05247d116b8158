import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkShares } from "./checks.ts";
import { weightedSum } from "./mix_objective.ts";
import { permutationMatrix, unitRows } from "./rows.ts";

/** Result of {@linkcode crossInstanceMixture}. */
export interface CrossInstanceMixture {
  /** $z^E$, `[batch, dim]`, unit rows. */
  mixed: tf.Tensor2D;
  /** $T$, `[batch, batch]`: by how much each mixture consists of each sample. */
  targets: tf.Tensor2D;
}

/**
 * Another reading of M3ixup's exploring step: each modality of a mixture comes from the sample or from its partner.
 *
 * $$z^E_i = \mathrm n\Big(\sum_u w_{iu} z_{u, \sigma_u(i)}\Big), \quad \sigma_u(i) \in \{i, \pi(i)\}, \qquad
 * T_{ij} = \sum_{u:\, \sigma_u(i) = j} w_{iu}$$
 *
 * The targets are for {@linkcode softTargetContrastive}; a sample that no mixture contains has a column of zeros.
 *
 * Source: the multimodal form of i-Mix (Lee et al. 2021), as a reading of M3ixup (Lin & Hu 2024).
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param weights $w$, `[batch, modalities]`, rows on the simplex.
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`.
 * @param swap 1 where a modality comes from the partner, int32 `[batch, modalities]`.
 * @throws {RangeError} If a shape does not fit.
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example The second modality of the first sample is its partner's.
 * ```ts
 * import { crossInstanceMixture } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const unimodal = tf.tensor3d([[[1, 0], [0, 1]], [[1, 0], [0, 1]]]), weights = tf.tensor2d([[0.5, 0.5], [0.25, 0.75]]);
 * const permutation = tf.tensor1d([1, 0], "int32"), swap = tf.tensor2d([[0, 1], [0, 0]], undefined, "int32");
 * const { targets } = crossInstanceMixture(unimodal, weights, permutation, swap);
 * assert.deepEqual(await targets.array(), [[0.5, 0.5], [0, 1]]);
 * ```
 */
export function crossInstanceMixture(
  unimodal: tf.Tensor3D,
  weights: tf.Tensor2D,
  permutation: tf.Tensor1D,
  swap: tf.Tensor2D,
): CrossInstanceMixture {
  if (unimodal.rank !== 3) {
    throw new RangeError(`Expected unimodal embeddings of shape [modalities, batch, dim], got [${unimodal.shape}]`);
  }
  const [, batch] = unimodal.shape;
  checkShares(weights, unimodal, "weights");
  checkShares(swap, unimodal, "swap");
  checkClassIndices(permutation, batch, "permutation");
  return tf.tidy(() => {
    const partner = permutationMatrix(permutation); // P, [B, B]
    const theirs = weights.mul<tf.Tensor2D>(swap), own = weights.sub<tf.Tensor2D>(theirs);
    const partners = partner.matMul<tf.Tensor>(unimodal) as tf.Tensor3D; // row π(i) of each modality at i
    const sum = weightedSum(unimodal, own).add<tf.Tensor2D>(weightedSum(partners, theirs));
    const targets = tf.eye(batch).mul(own.sum(1, true)).add<tf.Tensor2D>(partner.mul(theirs.sum(1, true)));
    return { mixed: unitRows(sum), targets };
  });
}
