// A multilayer perceptron, 200-200-200-2, on a batch of 256.

import { Adam, Linear, Module, RandomStream } from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Workload } from "../workload.ts";

class Perceptron extends Module {
  readonly layers: Linear[];

  constructor(widths: number[], random: RandomStream) {
    super();
    this.layers = widths.slice(1).map((width, i) => new Linear(widths[i], width, { random }));
  }

  forward(x: tf.Tensor2D): tf.Tensor2D {
    return this.layers.reduce((h, layer, i) => layer.forward(i === 0 ? h : tf.relu(h)), x);
  }
}

export function mlp(): Workload {
  const random = new RandomStream(0, "mlp"), model = new Perceptron([200, 200, 200, 2], random);
  return {
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 1e-3 }),
    inputs: { x: random.normal([256, 200]), labels: tf.cast(tf.less(random.uniform([256]), 0.5), "int32") },
    loss: ({ x, labels }) => tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 2), model.forward(x as tf.Tensor2D)),
  };
}
