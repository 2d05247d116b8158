import * as tf from "@tensorflow/tfjs";
import type { ClassificationLoss } from "./classification_loss.ts";
import { multiModalLoss } from "./multi_modal_loss.ts";
import type { MultiModalOptions } from "./multi_modal_logits.ts";

/** Result of {@linkcode multiModalLossFromLogits}. */
export interface MultiModalLossFromLogits extends ClassificationLoss {
  /** $e$, the decisions of modality after modality, `[batch, modalities · classes]`. */
  probabilities: tf.Tensor2D;
}

/**
 * {@linkcode multiModalLoss} of the unimodal heads' outputs: $p_m = \mathrm{softmax}(f_m(x_m))$, side by side.
 *
 * Source: Moon & Lee 2025 (Deep Metric Loss for Multimodal Learning), as in the released code.
 *
 * @param unimodalLogits $f_m(x_m)$, before the softmax: `[modalities, batch, classes]`.
 * @param proxies $W$, learned: `[modalities · classes, classes · proxiesPerClass]`, the proxies of class after class.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @throws {RangeError} If the batch is empty, a shape does not fit the options, gamma is not positive, or the variant is
 * unknown.
 * @throws {TypeError} If the labels are not int32.
 *
 * @example
 * ```ts
 * import { multiModalLossFromLogits } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const heads = tf.zeros<tf.Rank.R3>([2, 3, 4]), labels = tf.tensor1d([0, 1, 2], "int32");
 * const layout = { classes: 4, modalities: 2, proxiesPerClass: 5 };
 * const { probabilities } = multiModalLossFromLogits(heads, tf.ones([8, 20]), labels, layout);
 * assert.deepEqual(probabilities.shape, [3, 8]);
 * assert.ok((await probabilities.data()).every((p) => p === 1 / 4));
 * ```
 */
export function multiModalLossFromLogits(
  unimodalLogits: tf.Tensor3D,
  proxies: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: MultiModalOptions,
): MultiModalLossFromLogits {
  const { modalities, classes } = options, [given, batch, scores] = unimodalLogits.shape;
  if (unimodalLogits.rank !== 3 || given !== modalities || scores !== classes) {
    throw new RangeError(
      `Expected unimodal logits of shape [${modalities},batch,${classes}], [modalities, batch, classes], ` +
        `got [${unimodalLogits.shape}]`,
    );
  }
  return tf.tidy(() => {
    const bySample = tf.transpose(tf.softmax(unimodalLogits), [1, 0, 2]); // [batch, modalities, classes]
    const probabilities: tf.Tensor2D = tf.reshape(bySample, [batch, modalities * classes]);
    return { ...multiModalLoss(probabilities, proxies, labels, options), probabilities };
  });
}
