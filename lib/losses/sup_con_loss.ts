import * as tf from "@tensorflow/tfjs";
import { checkBatch, checkClassIndices, checkTemperature } from "./checks.ts";
import { dotProducts, SELF_PENALTY, unitRows } from "./rows.ts";

/** Options of {@linkcode supConLoss}. */
export interface SupConLossOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.07. */
  temperature?: number;
  /** $\tau_0 > 0$; the loss is scaled by $\tau / \tau_0$. Default 0.07. */
  baseTemperature?: number;
  /** Which rows are anchors: those of all views, or of the first view only. Default "all". */
  contrastMode?: "all" | "one";
  /** Divide rows by their L2 norm first. Default true. */
  normalize?: boolean;
}

/**
 * Supervised contrastive loss: rows of the same class attract each other.
 *
 * Over the rows $z_i$ of all views, with $P(i)$ the other rows of the class of $i$ and $I$ the anchors:
 *
 * $$\mathcal L = \frac1{|I|} \sum_{i \in I} \frac{\tau}{\tau_0} \frac{-1}{|P(i)|} \sum_{p \in P(i)}
 * \log \frac{\exp(z_i \cdot z_p / \tau)}{\sum_{k \ne i} \exp(z_i \cdot z_k / \tau)}$$
 *
 * An anchor without a positive contributes 0 and still counts in the mean. Without labels every sample is a class of its
 * own, and two views give {@linkcode ntXent}.
 *
 * Source: Khosla et al. 2020 (SupCon), eq. 2; the factor $\tau / \tau_0$ as in the released code.
 *
 * @param features `[batch, views, dim]`.
 * @param labels Class of each sample, int32 `[batch]`; leave out for self-supervision.
 * @returns Mean loss over the anchors in nats, `[]`.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, a temperature is not positive or the mode unknown.
 * @throws {TypeError} If labels are not int32.
 *
 * @example Equal rows of one class: every other row is as likely.
 * ```ts
 * import { supConLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const [loss] = await supConLoss(tf.ones<tf.Rank.R3>([4, 2, 3]), tf.zeros<tf.Rank.R1>([4], "int32")).data();
 * assert.ok(Math.abs(loss - Math.log(7)) < 1e-4);
 * ```
 */
export function supConLoss(
  features: tf.Tensor3D,
  labels?: tf.Tensor1D,
  { temperature = 0.07, baseTemperature = 0.07, contrastMode = "all", normalize = true }: SupConLossOptions = {},
): tf.Scalar {
  if (features.rank !== 3) {
    throw new RangeError(`Expected features of shape [batch, views, dim], got [${features.shape}]`);
  }
  const [batch, views, dim] = features.shape;
  checkBatch(batch);
  if (labels) checkClassIndices(labels, batch);
  checkTemperature(temperature);
  checkTemperature(baseTemperature, "baseTemperature");
  if (contrastMode !== "all" && contrastMode !== "one") {
    throw new RangeError(`Expected contrastMode to be "all" or "one", got ${contrastMode}`);
  }
  const rows = views * batch, anchors = contrastMode === "all" ? rows : batch;

  return tf.tidy(() => {
    const viewByView = tf.transpose(normalize ? unitRows(features) : features, [1, 0, 2]);
    const z: tf.Tensor2D = viewByView.reshape([rows, dim]); // the first view's batch, the second's, …
    const similarity = dotProducts(z.slice([0, 0], [anchors, dim]), z).div(temperature); // [anchors, rows]
    const self = tf.eye(anchors, rows);
    const normalizer = similarity.sub(self.mul(SELF_PENALTY)).logSumExp(1); // [anchors]

    const sample = labels ?? tf.range(0, batch, 1, "int32");
    const sameClass = sample.expandDims(1).equal(sample.expandDims(0)).cast("float32"); // [batch, batch]
    const positives = sameClass.tile([anchors / batch, views]).sub(self); // [anchors, rows], 1 where p is in P(i)
    const count = positives.sum(1); // |P(i)|
    const attraction = positives.mul(similarity).sum(1).div(count.maximum(1));
    const loss = normalizer.mul(count.minimum(1)).sub(attraction); // 0 where P(i) is empty
    return loss.mean().mul(temperature / baseTemperature) as tf.Scalar;
  });
}
