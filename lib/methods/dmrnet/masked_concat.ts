import * as tf from "@tensorflow/tfjs";

/**
 * Features of all modalities side by side, zeros where a sample lacks one.
 *
 * Zeroing comes after the encoders: these see every input, so their running statistics are those of complete data. An input
 * that does not exist needs some finite placeholder, since 0 · NaN is NaN.
 *
 * Source: Wei et al. 2024 (DMRNet), released code.
 *
 * @param features One a modality, `[batch, …, dim]`; vectors, or maps of one size.
 * @param mask 1 = kept, int32 `[batch, modalities]`.
 * @returns `[batch, …, sum of dim]`.
 * @throws {RangeError} If there is no modality, the mask has not one column for each, or batches differ.
 *
 * @example
 * ```ts
 * import { maskedConcat, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const mask = tf.tensor2d([[1, 0], [1, 1]], undefined, "int32");
 * const fused = maskedConcat([tf.tensor2d([[1], [2]]), tf.tensor2d([[3], [4]])], mask);
 * assert.deepEqual(await fused.array(), [[1, 0], [2, 4]]);
 * ```
 */
export function maskedConcat<T extends tf.Tensor>(features: T[], mask: tf.Tensor2D): T {
  if (features.length === 0) throw new RangeError("Expected features of at least one modality, got none");
  const { rank, shape: [batch] } = features[0];
  if (String(mask.shape) !== String([batch, features.length])) {
    throw new RangeError(`Expected a mask of shape [${batch},${features.length}], got [${mask.shape}]`);
  }
  const other = features.find((x) => x.rank !== rank || x.shape[0] !== batch);
  if (rank < 2 || other) {
    const shapes = features.map(({ shape }) => `[${shape}]`).join(", ");
    throw new RangeError(`Expected features of shape [batch, …, dim], of one batch and rank, got ${shapes}`);
  }
  return tf.tidy(() => {
    const columns = tf.split(mask.cast("float32"), features.length, 1); // [batch, 1] each
    const ones = features[0].shape.slice(1).map(() => 1);
    return tf.concat(features.map((x, m) => x.mul<T>(columns[m].reshape([batch, ...ones]))), -1);
  });
}
