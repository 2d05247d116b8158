import * as tf from "@tensorflow/tfjs";

/**
 * Scales each feature to [0, 1] by what the training samples span, as the omics experiments do.
 *
 * $$x' = \frac{x - \min_{\text{train}}}{\max_{\text{train}} - \min_{\text{train}} + 10^{-10}}$$
 *
 * Test samples are scaled by the same numbers and may lie outside of [0, 1]; they are not clipped. A constant feature becomes 0
 * in training.
 *
 * Source: Kumar et al. 2025 (M3CoL), omics experiments, as in the released code.
 *
 * @param train `[samples, features]`.
 * @param test `[samples, features]` of other samples.
 * @throws {RangeError} If there is no training sample, or the numbers of features differ.
 *
 * @example
 * ```ts
 * import { minMaxScale } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const { train, test } = minMaxScale(tf.tensor2d([[2], [6], [4]]), tf.tensor2d([[8]]));
 * assert.deepEqual(await train.array(), [[0], [1], [0.5]]);
 * assert.deepEqual(await test.array(), [[1.5]]);
 * ```
 */
export function minMaxScale(train: tf.Tensor2D, test: tf.Tensor2D): { train: tf.Tensor2D; test: tf.Tensor2D } {
  if (train.rank !== 2 || train.shape[0] < 1) {
    throw new RangeError(`Expected at least one training sample, [samples, features], got [${train.shape}]`);
  }
  if (test.rank !== 2 || test.shape[1] !== train.shape[1]) {
    throw new RangeError(
      `Expected test samples of ${train.shape[1]} features, [samples, features], got [${test.shape}]`,
    );
  }
  return tf.tidy(() => {
    const least = train.min(0), span = train.sub(least).max(0).add(1e-10);
    const scale = (x: tf.Tensor2D) => x.sub(least).div<tf.Tensor2D>(span);
    return { train: scale(train), test: scale(test) };
  });
}
