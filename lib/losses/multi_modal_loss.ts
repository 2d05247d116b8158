import * as tf from "@tensorflow/tfjs";
import { type ClassificationLoss, classificationLoss } from "./classification_loss.ts";
import { multiModalLogits, type MultiModalOptions } from "./multi_modal_logits.ts";

/**
 * The MultiModal loss: unimodal decisions are compared with proxies, $K$ patterns of decisions for each class.
 *
 * With the scores $z$ of {@linkcode multiModalLogits}:
 *
 * $$\mathcal L = -\frac1B \sum_i \log \frac{\exp z_{i,y_i}}{\sum_c \exp z_{i,c}}$$
 *
 * There is no loss of a single modality: a sample that one modality gets wrong can be right by a proxy that expects it, so
 * the modality's encoder need not learn it by heart. Predictions need the proxies as well: they are the largest of $z$.
 *
 * Source: Moon & Lee 2025 (Deep Metric Loss for Multimodal Learning), as in the released code.
 *
 * @param probabilities $e$, not logits: `[batch, modalities · classes]`, the classes of modality after modality.
 * @param proxies $W$, learned: `[modalities · classes, classes · proxiesPerClass]`, the proxies of class after class.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @throws {RangeError} If the batch is empty, a shape does not fit the options, gamma is not positive, or the variant is
 * unknown.
 * @throws {TypeError} If the labels are not int32.
 *
 * @example Decisions and proxies that tell nothing leave log(classes).
 * ```ts
 * import { multiModalLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const undecided = tf.fill<tf.Rank.R2>([4, 6], 1 / 3), labels = tf.tensor1d([0, 1, 2, 0], "int32");
 * const layout = { classes: 3, modalities: 2, proxiesPerClass: 5 };
 * const { value } = multiModalLoss(undecided, tf.ones([6, 15]), labels, layout);
 * assert.ok(Math.abs((await value.data())[0] - Math.log(3)) < 1e-5);
 * ```
 */
export function multiModalLoss(
  probabilities: tf.Tensor2D,
  proxies: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: MultiModalOptions,
): ClassificationLoss {
  return tf.tidy(() => ({ ...classificationLoss(multiModalLogits(probabilities, proxies, options).logits, labels) }));
}
