// M3CoL's contrastive terms go from each modality to the next and from the last to the first: for two modalities these
// are both directions.

import * as tf from "@tensorflow/tfjs";

/** A loss of several modalities, in nats. */
export interface RingLoss {
  /** Sum of the terms, `[]`. */
  value: tf.Scalar;
  /** One term for each modality and the next, `[modalities]`. */
  terms: tf.Tensor1D;
}

/** Sums a directed loss over the pairs (0, 1), (1, 2), …, (M - 1, 0). */
export function overRing(modalities: number, loss: (from: number, to: number) => tf.Scalar): RingLoss {
  return tf.tidy(() => {
    const terms = tf.stack(Array.from({ length: modalities }, (_, m) => loss(m, (m + 1) % modalities)));
    return { value: terms.sum() as tf.Scalar, terms: terms as tf.Tensor1D };
  });
}
