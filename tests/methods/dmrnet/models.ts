// What the tests of DMRNet share: a small model of two modalities, and batches for it.

import * as tf from "@tensorflow/tfjs";
import { RandomStream } from "braid/engine/random.ts";
import { DMRNet, type DMRNetBatch } from "braid/methods/dmrnet/dmrnet.ts";
import { VectorEncoder } from "braid/nn/vector_encoder.ts";
import { wave } from "../../engine/engines.ts";

/** Two encoders, of 4 and 3 numbers to 3 and 2 features; 3 classes. */
export function smallModel(options: { limit?: number } = {}): DMRNet {
  const random = new RandomStream(8, "weights");
  const encoders = [[4, 5, 3], [3, 2]].map((widths) => new VectorEncoder(widths, { random }));
  random.dispose();
  return new DMRNet({ encoders, classes: 3, random: new RandomStream(9, "weights"), ...options });
}

/** Combinations of six samples. */
export const kept = [[1, 0], [0, 1], [1, 1], [1, 1], [0, 1], [1, 0]];

/** Six samples, of which the second and the fifth have a hard combination. */
export const smallBatch = (): DMRNetBatch & { x: [tf.Tensor, tf.Tensor] } => ({
  x: [wave([6, 4], 1), wave([6, 3], 2)],
  labels: tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"),
  masks: tf.tensor2d(kept, undefined, "int32"),
  epsilon: wave<tf.Rank.R2>([6, 5], 3),
  hard: tf.tensor1d([0, 1, 0, 0, 1, 0], "int32"),
});
