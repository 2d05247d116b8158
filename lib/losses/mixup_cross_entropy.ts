import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkScalar } from "./checks.ts";
import { softTargetCrossEntropy } from "./rows.ts";

/** Options of {@linkcode mixupCrossEntropy}. */
export interface MixupCrossEntropyOptions {
  /** Only one of two modalities was mixed, so half of the input is the sample's own. Default false. */
  partial?: boolean;
}

/**
 * Cross-entropy of a mixture, whose target is the same mixture of two labels.
 *
 * $$\mathcal L = w\, \mathrm{CE}(f(\tilde x), y) + (1 - w)\, \mathrm{CE}(f(\tilde x), y_\pi), \qquad
 * w = \begin{cases}\lambda\\ (1 + \lambda) / 2 & \text{partial}\end{cases}$$
 *
 * Source: Zhang et al. 2018 (mixup), eq. 1; the partial form is M3CoL's for a batch with one mixed modality.
 *
 * @param logits Scores of the mixed inputs, `[batch, classes]`.
 * @param labelsA $y$, the sample's own classes, int32 `[batch]`, each in 0 … classes - 1.
 * @param labelsB $y_\pi$, the classes of its partner, as `labelsA`.
 * @param lambda $\lambda$, the sample's own share, `[]`.
 * @returns Mean loss over the batch in nats, `[]`.
 * @throws {RangeError} If there are fewer than 2 classes, the labels are not one per row of logits, or lambda is not a scalar.
 * @throws {TypeError} If labels are not int32.
 *
 * @example Equal logits leave log(classes), whatever the mixture.
 * ```ts
 * import { mixupCrossEntropy } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const own = tf.tensor1d([0, 1], "int32"), partner = tf.tensor1d([2, 0], "int32");
 * const [loss] = await mixupCrossEntropy(tf.zeros<tf.Rank.R2>([2, 3]), own, partner, tf.scalar(0.3)).data();
 * assert.ok(Math.abs(loss - Math.log(3)) < 1e-5);
 * ```
 */
export function mixupCrossEntropy(
  logits: tf.Tensor2D,
  labelsA: tf.Tensor1D,
  labelsB: tf.Tensor1D,
  lambda: tf.Scalar,
  { partial = false }: MixupCrossEntropyOptions = {},
): tf.Scalar {
  if (logits.rank !== 2) throw new RangeError(`Expected logits of shape [batch, classes], got [${logits.shape}]`);
  const [batch, classes] = logits.shape;
  if (classes < 2) throw new RangeError(`Expected logits of at least 2 classes, got ${classes}`);
  checkClassIndices(labelsA, batch, "labelsA");
  checkClassIndices(labelsB, batch, "labelsB");
  checkScalar(lambda, "lambda");

  return tf.tidy(() => {
    const own = partial ? lambda.add(1).div(2) : lambda;
    const partners = tf.oneHot(labelsB, classes).mul(tf.sub(1, own));
    const target = tf.oneHot(labelsA, classes).mul(own).add<tf.Tensor2D>(partners); // [batch, classes]
    return softTargetCrossEntropy(logits, target);
  });
}
