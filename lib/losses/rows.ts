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
 * $\lambda x_i + (1 - \lambda) x_{\pi(i)}$ for inputs of any shape with the batch first, `[batch, …]`; $\lambda$ is `[]`.
 */
export function mixRows<T extends tf.Tensor>(x: T, permutation: tf.Tensor1D, lambda: tf.Scalar): T {
  const rows = x.reshape<tf.Tensor2D>([x.shape[0], -1]);
  const partners = permutationMatrix(permutation).matMul(rows).reshape(x.shape);
  return x.mul<T>(lambda).add<T>(partners.mul(tf.sub(1, lambda)));
}
