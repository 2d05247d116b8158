import * as tf from "@tensorflow/tfjs";
import { checkClassIndices } from "./checks.ts";
import { crossEntropies } from "./cross_entropies.ts";

/** Options of {@linkcode hardCombinationLoss}. */
export interface HardCombinationLossOptions {
  /** As meant, or as the released classification code computes it. Default `paper`. */
  form?: "paper" | "released";
}

/**
 * DMRNet's regulariser (HCR): the cross-entropy of samples that were seen under a hard combination of modalities, once more.
 *
 * With $h_i = 1$ where the combination is hard:
 *
 * $$\mathcal L_{HCR} = \frac1B \sum_i h_i\, \mathrm{CE}_i \quad \text{(paper)}, \qquad
 * \mathcal L_{HCR} = \Big(\frac1B \sum_i \mathrm{CE}_i\Big) \sum_i h_i \quad \text{(released)}$$
 *
 * The released code multiplies masks `[B, 1, 1, 1]` with losses `[B]`, an outer product: every sample's loss is weighted by the
 * number of hard ones, which makes it a larger learning rate rather than a choice of samples.
 *
 * Source: Wei et al. 2024 (DMRNet), eqs. 11 and 12.
 *
 * @param logits `[batch, classes]`.
 * @param labels int32 `[batch]`, each in 0 … classes - 1.
 * @param hard $h$, 1 = hard, int32 `[batch]`.
 * @returns In nats, `[]`; 0 where no sample is hard.
 * @throws {RangeError} If a shape does not fit, the batch is empty, or the form is unknown.
 * @throws {TypeError} If labels or `hard` are not int32.
 *
 * @example Of two samples one is hard: half of its loss.
 * ```ts
 * import { hardCombinationLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const labels = tf.tensor1d([0, 1], "int32"), hard = tf.tensor1d([1, 0], "int32");
 * const [loss] = await hardCombinationLoss(tf.zeros([2, 4]), labels, hard).data();
 * assert.ok(Math.abs(loss - Math.log(4) / 2) < 1e-6);
 * ```
 */
export function hardCombinationLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  hard: tf.Tensor1D,
  { form = "paper" }: HardCombinationLossOptions = {},
): tf.Scalar {
  checkHard(hard, logits, form);
  return tf.tidy(() => hardPart(crossEntropies(logits, labels), hard, form));
}

/** One mark a sample, and a known form. */
export function checkHard(hard: tf.Tensor, logits: tf.Tensor, form: string): void {
  if (logits.rank !== 2) throw new RangeError(`Expected logits of shape [batch, classes], got [${logits.shape}]`);
  const [batch] = logits.shape;
  if (batch < 1) throw new RangeError("Expected at least 1 sample, got 0");
  checkClassIndices(hard, batch, "hard");
  if (form !== "paper" && form !== "released") {
    throw new RangeError(`Expected form to be "paper" or "released", got ${form}`);
  }
}

/** {@linkcode hardCombinationLoss} from each sample's cross-entropy `[batch]`. */
export function hardPart(losses: tf.Tensor1D, hard: tf.Tensor1D, form: "paper" | "released"): tf.Scalar {
  return form === "paper" ? losses.mul(hard).mean() : losses.mean().mul(hard.sum());
}
