// Which places of a batch of sequences are padding.

import * as tf from "@tensorflow/tfjs";

/**
 * The padding of sequences that begin at the first place: 1 from a sequence's length on, else 0. What
 * {@linkcode multiHeadAttention}, {@linkcode lstm} and {@linkcode gru} take as `padding`.
 *
 * @param lengths `[batch]`, int32; 0 is a sequence of nothing but padding.
 * @param steps Places of the batch.
 * @returns `[batch, steps]`.
 * @throws {TypeError} If the lengths are not int32.
 *
 * @example
 * ```ts
 * import { paddingAfter, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await paddingAfter(tf.tensor1d([1, 3], "int32"), 3).array(), [[0, 1, 1], [0, 0, 0]]);
 * ```
 */
export function paddingAfter(lengths: tf.Tensor1D, steps: number): tf.Tensor2D {
  if (lengths.dtype !== "int32" || lengths.rank !== 1) {
    throw new TypeError(`Expected lengths to be int32 [batch], got ${lengths.dtype} [${lengths.shape}]`);
  }
  return tf.tidy(() => {
    const places = tf.range(0, steps, 1, "int32"), ends = tf.reshape(lengths, [-1, 1]);
    return tf.cast(tf.greaterEqual(places, ends), "float32") as tf.Tensor2D;
  });
}

/** @throws {RangeError} If the padding is not `[batch, steps]`. */
export function checkPadding(padding: tf.Tensor, batch: number, steps: number): void {
  if (padding.rank !== 2 || padding.shape[0] !== batch || padding.shape[1] !== steps) {
    throw new RangeError(`Expected padding of shape [${batch}, ${steps}], one mark a place, got [${padding.shape}]`);
  }
}
