// A multilayer perceptron, 200-200-200-2, on a batch of 256.

import { Adam, Perceptron, RandomStream } from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Workload } from "../workload.ts";

export function mlp(): Workload {
  const random = new RandomStream(0, "mlp"), model = new Perceptron([200, 200, 200, 2], { random });
  return {
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 1e-3 }),
    inputs: { x: random.normal([256, 200]), labels: tf.cast(tf.less(random.uniform([256]), 0.5), "int32") },
    loss: ({ x, labels }) => tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 2), model.forward(x as tf.Tensor2D)),
  };
}
