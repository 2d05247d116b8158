import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkScalar } from "./checks.ts";
import { mixedRows, permutationMatrix } from "./rows.ts";

/** Result of {@linkcode mixup}. */
export interface Mixup<T extends tf.Tensor> {
  /** The mixed inputs, of the shape of `x`. */
  mixed: T;
  /** Labels of the partners, int32 `[batch]`. */
  labelsB: tf.Tensor1D;
}

/**
 * Mixes every sample with a partner of the same batch.
 *
 * $$\tilde x_i = \lambda x_i + (1 - \lambda)\, x_{\pi(i)}$$
 *
 * The partner's label belongs to the mixture too: see {@linkcode mixupCrossEntropy}.
 *
 * Source: Zhang et al. 2018 (mixup), eq. 1, with one $\lambda$ for the batch.
 *
 * @param x Inputs of any shape with the batch first, `[batch, …]`.
 * @param labels Classes, int32 `[batch]`.
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`.
 * @param lambda $\lambda$ in [0, 1], usually drawn from a Beta distribution, `[]`.
 * @throws {RangeError} If labels or permutation are not one per sample, or lambda is not a scalar.
 * @throws {TypeError} If labels or permutation are not int32.
 *
 * @example Three parts of the first sample, one part of the second.
 * ```ts
 * import { mixup } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const labels = tf.tensor1d([5, 6], "int32"), permutation = tf.tensor1d([1, 0], "int32");
 * const { mixed, labelsB } = mixup(tf.tensor2d([[0, 4], [8, 4]]), labels, permutation, tf.scalar(0.75));
 * assert.deepEqual(await mixed.array(), [[2, 4], [6, 4]]);
 * assert.deepEqual(await labelsB.array(), [6, 5]);
 * ```
 */
export function mixup<T extends tf.Tensor>(
  x: T,
  labels: tf.Tensor1D,
  permutation: tf.Tensor1D,
  lambda: tf.Scalar,
): Mixup<T> {
  if (x.rank < 1) throw new RangeError("Expected inputs of shape [batch, …], got a scalar");
  checkClassIndices(labels, x.shape[0]);
  checkClassIndices(permutation, x.shape[0], "permutation");
  checkScalar(lambda, "lambda");
  return tf.tidy(() => {
    const partner = permutationMatrix(permutation);
    return {
      mixed: mixedRows(x, partner, lambda),
      labelsB: partner.cast("int32").mul(labels).sum(1) as tf.Tensor1D, // integers: a class may be beyond float32's
    };
  });
}
