import * as tf from "@tensorflow/tfjs";
import { checkModalities } from "./checks.ts";
import { m3coLoss, type M3coLossOptions } from "./m3co_loss.ts";
import { overRing, type RingLoss } from "./modality_ring.ts";
import { mixedRows, permutationMatrix } from "./rows.ts";

/** Options of {@linkcode m3coTotal}. */
export interface M3coTotalOptions extends M3coLossOptions {
  /**
   * Embeddings of inputs that were mixed by the same draws before the encoder, `[modalities, batch, dim]`: the paper's way
   * for all modalities but text. Default: the embeddings are mixed here.
   */
  mixed?: tf.Tensor3D;
  /**
   * Contrast mixtures with mixtures, as the published code does by mixing in place: the other side is mixed by its own draws,
   * of which the targets know nothing. Default false, the paper's clean other side.
   */
  aliasedTargets?: boolean;
}

/**
 * {@linkcode m3coLoss}, here $\mathcal L^{a \to b}$, from each of $M$ modalities to the next.
 *
 * $$\mathcal L_{\text{M3Co}} = \sum_{m=1}^{M} \mathcal L^{m \to m+1}, \qquad M + 1 := 1$$
 *
 * For two modalities these are both directions, for three the ring 1→2, 2→3, 3→1. Every modality has partners and shares of
 * its own.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3; the ring as in the released code.
 *
 * @param embeddings $z$, one batch per modality, `[modalities, batch, dim]`.
 * @param permutations $\pi$ of each modality, int32 `[modalities, batch]`.
 * @param lambdas $\lambda$ of each modality, 1 where a sample is not mixed, `[modalities, batch]`.
 * @throws {RangeError} If there are fewer than two modalities, the shapes do not fit, the batch has no negative, or an option
 * is out of range.
 * @throws {TypeError} If the permutations are not int32.
 *
 * @example With equal rows everywhere, each term is log(batch).
 * ```ts
 * import { m3coTotal } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const permutations = tf.tensor2d([[1, 0], [0, 1], [1, 0]], undefined, "int32");
 * const { value } = m3coTotal(tf.ones([3, 2, 4]), permutations, tf.tensor2d([[0.5, 1], [1, 1], [0.25, 0]]));
 * assert.ok(Math.abs((await value.data())[0] - 3 * Math.log(2)) < 1e-5);
 * ```
 */
export function m3coTotal(
  embeddings: tf.Tensor3D,
  permutations: tf.Tensor2D,
  lambdas: tf.Tensor2D,
  { mixed, aliasedTargets = false, ...options }: M3coTotalOptions = {},
): RingLoss {
  checkModalities(embeddings, { permutations, lambdas });
  if (mixed && String(mixed.shape) !== String(embeddings.shape)) {
    throw new RangeError(`Expected mixed embeddings of shape [${embeddings.shape}], as all, got [${mixed.shape}]`);
  }
  return tf.tidy(() => {
    const z = tf.unstack(embeddings) as tf.Tensor2D[]; // M times [N, d]
    const pi = tf.unstack(permutations) as tf.Tensor1D[], lambda = tf.unstack(lambdas) as tf.Tensor1D[];
    const mixtures = mixed
      ? tf.unstack(mixed) as tf.Tensor2D[]
      : z.map((rows, m) => mixedRows(rows, permutationMatrix(pi[m]), lambda[m]));
    const others = aliasedTargets ? mixtures : z;
    return { ...overRing(z.length, (a, b) => m3coLoss(mixtures[a], others[b], pi[a], lambda[a], options).value) };
  });
}
