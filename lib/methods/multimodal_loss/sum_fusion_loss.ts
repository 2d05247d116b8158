import * as tf from "@tensorflow/tfjs";
import { type ClassificationLoss, classificationLoss } from "../../losses/classification_loss.ts";
import { sumOverModalities } from "../../losses/multi_modal_logits.ts";
import { checkDecisions, type ProxyLayout } from "../../losses/proxies.ts";

/**
 * The paper's baseline SUM: cross-entropy of the sum of the unimodal probabilities, taken as logits.
 *
 * $$z_c = \sum_m p_{m,c}, \qquad \mathcal L = -\frac1B \sum_i \log \mathrm{softmax}(z_i)_{y_i}$$
 *
 * Logits cannot exceed the number of modalities, so the loss stays above $\log(1 + (C - 1)\, e^{-M})$ and every modality is
 * pressed to be sure of every sample, noise or not.
 *
 * Source: Moon & Lee 2025, notebook of the released code.
 *
 * @param probabilities $e$, not logits: `[batch, modalities · classes]`, the classes of modality after modality.
 * @param labels $y$, int32 `[batch]`, each in 0 … classes - 1.
 * @throws {RangeError} If the batch is empty, or a shape does not fit the options.
 * @throws {TypeError} If the labels are not int32.
 *
 * @example Two modalities, both sure and right: the least loss there is.
 * ```ts
 * import { sumFusionLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const decisions = tf.tensor2d([[0, 1, 0, 1]]), labels = tf.tensor1d([1], "int32");
 * const { value } = sumFusionLoss(decisions, labels, { classes: 2, modalities: 2 });
 * assert.ok(Math.abs((await value.data())[0] - Math.log(1 + Math.exp(-2))) < 1e-6);
 * ```
 */
export function sumFusionLoss(
  probabilities: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: Pick<ProxyLayout, "classes" | "modalities">,
): ClassificationLoss {
  checkDecisions(probabilities, options);
  return tf.tidy(() => ({ ...classificationLoss(sumOverModalities(probabilities, options), labels) }));
}
