// What the contrastive losses do with the rows of their embeddings.

import * as tf from "@tensorflow/tfjs";

/** Rows divided by {@linkcode rowNorms}, along the last axis. */
export function unitRows<T extends tf.Tensor>(x: T): T {
  return x.div(rowNorms(x));
}

/**
 * max(L2 norm, 1e-12) of each row, `[..., 1]`.
 *
 * The bound is set on the squared norm, so that a row of zeros has a finite gradient.
 */
export function rowNorms(x: tf.Tensor): tf.Tensor {
  return tf.maximum(x.square().sum(-1, true), 1e-24).sqrt();
}

/** Large against any similarity, small enough that float32 keeps `similarity - SELF_PENALTY` finite. */
export const SELF_PENALTY = 1e9;

/** Scores of every row of `a` against every row of `b`, `[rows of a, rows of b]`. */
export function dotProducts(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a, b, false, true);
}

/** $P_\pi$: the matrix that puts row $\pi(i)$ at $i$, `[batch, batch]`, of an int32 permutation `[batch]`. */
export function permutationMatrix(permutation: tf.Tensor1D): tf.Tensor2D {
  // Comparisons instead of gather(), which reads the indices: a recorded step has none yet.
  const columns = tf.range(0, permutation.shape[0], 1, "int32");
  return permutation.expandDims(1).equal(columns).cast("float32") as tf.Tensor2D;
}

/**
 * Every sample mixed with its partner: $\lambda x + (1 - \lambda) P x$.
 *
 * @param x `[batch, …]`.
 * @param partner $P$, of {@linkcode permutationMatrix}.
 * @param lambda One share for all, `[]`, or one per sample, `[batch]`.
 */
export function mixedRows<T extends tf.Tensor>(x: T, partner: tf.Tensor2D, lambda: tf.Tensor): T {
  const [batch, ...sample] = x.shape;
  const partners = partner.matMul<tf.Tensor2D>(x.reshape([batch, -1])).reshape(x.shape);
  const share = lambda.rank === 0 ? lambda : lambda.reshape([batch, ...sample.map(() => 1)]);
  return x.mul<T>(share).add<T>(partners.mul(tf.sub(1, share)));
}

/** Cross-entropy of rows of scores whose targets are shares of the columns, in the mean over rows, `[]`. */
export function softTargetCrossEntropy(scores: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return targets.mul(scores.logSoftmax()).sum(1).mean().neg() as tf.Scalar;
}
