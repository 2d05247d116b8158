// What the contrastive losses do with the rows of their embeddings.

import * as tf from "@tensorflow/tfjs";

/**
 * Rows divided by max(L2 norm, 1e-12), along the last axis.
 *
 * The bound is set on the squared norm, so that a row of zeros has a finite gradient.
 */
export function unitRows<T extends tf.Tensor>(x: T): T {
  return x.div(tf.maximum(x.square().sum(-1, true), 1e-24).sqrt());
}

/** Large against any similarity, small enough that float32 keeps `similarity - SELF_PENALTY` finite. */
export const SELF_PENALTY = 1e9;

/** Scores of every row of `a` against every row of `b`, `[rows of a, rows of b]`. */
export function dotProducts(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a, b, false, true);
}
