import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkPerSample } from "./checks.ts";
import { mixedRows, permutationMatrix } from "./rows.ts";

/** Options of {@linkcode mixEmbeddings}. */
export interface MixEmbeddingsOptions {
  /** Share $s$ of the samples that are mixed, in the mean. Default 0.5. */
  threshold?: number;
}

/** Result of {@linkcode mixEmbeddings}. */
export interface MixedEmbeddings<T extends tf.Tensor> {
  /** $\tilde z$, of the shape of `x`. */
  mixed: T;
  /** $\lambda$ after the gate, 1 where a sample stays as it is, `[batch]`. */
  lambda: tf.Tensor1D;
}

/**
 * M3CoL's mixing: a share of the samples are mixed with a partner of the same batch, each by a $\lambda$ of its own.
 *
 * $$\tilde z_i = \lambda_i z_i + (1 - \lambda_i)\, z_{\pi(i)}, \qquad
 * \lambda_i \leftarrow 1 \text{ where } u_i > s$$
 *
 * Rows are mixed as they are; {@linkcode m3coLoss} normalises them afterwards. The paper mixes inputs in this way, its
 * published code embeddings.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3; per-sample $\lambda$ and gate as in the released code.
 *
 * @param x Inputs or embeddings of one modality, with the batch first, `[batch, …]`.
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`.
 * @param lambda $\lambda$ in [0, 1], one per sample, drawn from Beta(0.15, 0.15) in the paper, `[batch]`.
 * @param uniform $u$, uniform in [0, 1), `[batch]`.
 * @throws {RangeError} If permutation, lambda or uniform are not one per sample, or the threshold is not in [0, 1].
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example The first sample is mixed, the second stays.
 * ```ts
 * import { mixEmbeddings } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const x = tf.tensor2d([[0, 4], [8, 4]]), permutation = tf.tensor1d([1, 0], "int32");
 * const { mixed, lambda } = mixEmbeddings(x, permutation, tf.tensor1d([0.75, 0.5]), tf.tensor1d([0.2, 0.9]));
 * assert.deepEqual(await mixed.array(), [[2, 4], [8, 4]]);
 * assert.deepEqual(await lambda.array(), [0.75, 1]);
 * ```
 */
export function mixEmbeddings<T extends tf.Tensor>(
  x: T,
  permutation: tf.Tensor1D,
  lambda: tf.Tensor1D,
  uniform: tf.Tensor1D,
  { threshold = 0.5 }: MixEmbeddingsOptions = {},
): MixedEmbeddings<T> {
  if (x.rank < 1) throw new RangeError("Expected embeddings of shape [batch, …], got a scalar");
  const [batch] = x.shape;
  checkClassIndices(permutation, batch, "permutation");
  checkPerSample(lambda, batch, "lambda");
  checkPerSample(uniform, batch, "uniform");
  return tf.tidy(() => {
    const gated = gate(lambda, uniform, threshold);
    return { mixed: mixedRows(x, permutationMatrix(permutation), gated), lambda: gated };
  });
}

/** $\lambda$, or 1 where $u > s$. */
export function gate<T extends tf.Tensor>(lambda: T, uniform: T, threshold: number): T {
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new RangeError(`Expected threshold to be a share in [0, 1], got ${threshold}`);
  }
  return tf.where(uniform.greater(threshold), tf.onesLike(lambda), lambda);
}
