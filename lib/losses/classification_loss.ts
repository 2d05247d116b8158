import * as tf from "@tensorflow/tfjs";
import { crossEntropies } from "./cross_entropies.ts";

/** A classifier's loss with the scores that it is taken of. */
export interface ClassificationLoss {
  /** Mean cross-entropy in nats, `[]`. */
  value: tf.Scalar;
  /** Scores before their softmax, `[batch, classes]`. */
  logits: tf.Tensor2D;
}

/**
 * Mean cross-entropy of at least one sample, kept together with its logits.
 *
 * @param labels int32 `[batch]`, each in 0 … classes - 1.
 */
export function classificationLoss(logits: tf.Tensor2D, labels: tf.Tensor1D): ClassificationLoss {
  if (logits.shape[0] === 0) throw new RangeError("Expected at least 1 sample, got none");
  return { value: crossEntropies(logits, labels).mean(), logits };
}
