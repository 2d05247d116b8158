import * as tf from "@tensorflow/tfjs";
import { checkClassIndices } from "./checks.ts";

/**
 * Cross-entropy of each sample, before any mean: $-\log \mathrm{softmax}(s_i)_{y_i}$.
 *
 * @param logits $s$, `[batch, classes]`.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @returns In nats, `[batch]`.
 * @throws {RangeError} If the labels are not one per row of logits.
 * @throws {TypeError} If the labels are not int32.
 *
 * @example
 * ```ts
 * import { crossEntropies } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const losses = crossEntropies(tf.tensor2d([[0, 0], [0, 20]]), tf.tensor1d([0, 1], "int32"));
 * const [undecided, right] = await losses.data();
 * assert.ok(Math.abs(undecided - Math.log(2)) < 1e-6 && right < 1e-6);
 * ```
 */
export function crossEntropies(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  if (logits.rank !== 2) throw new RangeError(`Expected logits of shape [batch, classes], got [${logits.shape}]`);
  checkClassIndices(labels, logits.shape[0]);
  return tf.tidy(() => tf.oneHot(labels, logits.shape[1]).mul(logits.logSoftmax()).sum<tf.Tensor1D>(1).neg());
}
