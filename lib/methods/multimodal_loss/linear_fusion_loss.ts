import * as tf from "@tensorflow/tfjs";
import { type ClassificationLoss, classificationLoss } from "../../losses/classification_loss.ts";
import { linear } from "../../nn/linear.ts";

/**
 * The paper's baseline NN: cross-entropy of a linear layer on the unimodal probabilities.
 *
 * $$z = V e + b, \qquad \mathcal L = -\frac1B \sum_i \log \mathrm{softmax}(z_i)_{y_i}$$
 *
 * The layer can learn which modality to ignore, the same one for all samples.
 *
 * Source: Moon & Lee 2025, notebook of the released code.
 *
 * @param probabilities $e$, not logits: `[batch, modalities · classes]`.
 * @param weight $V$, `[classes, modalities · classes]`.
 * @param bias $b$, `[classes]`.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @throws {RangeError} If the batch is empty, or a shape does not fit.
 * @throws {TypeError} If the labels are not int32.
 *
 * @example A layer of zeros tells nothing: log(classes).
 * ```ts
 * import { linearFusionLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const decisions = tf.tensor2d([[0, 1, 0, 1]]), labels = tf.tensor1d([1], "int32");
 * const { value } = linearFusionLoss(decisions, tf.zeros([2, 4]), tf.zeros([2]), labels);
 * assert.ok(Math.abs((await value.data())[0] - Math.log(2)) < 1e-6);
 * ```
 */
export function linearFusionLoss(
  probabilities: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  labels: tf.Tensor1D,
): ClassificationLoss {
  if (probabilities.rank !== 2) {
    throw new RangeError(`Expected probabilities of shape [batch, modalities · classes], got [${probabilities.shape}]`);
  }
  return tf.tidy(() => ({ ...classificationLoss(linear(probabilities, weight, bias), labels) }));
}
