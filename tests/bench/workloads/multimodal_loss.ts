// MultiModal loss: written and spoken digits by small convolutions, and the synthetic experiment at a tenth of its width.

import { Adam, ConvPoolEncoder, DeepLinearBranch, EncoderBranch, MultiModal, RandomStream } from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Tensors, Workload } from "../workload.ts";

export function multimodalLossAv(): Workload {
  const random = new RandomStream(0, "multimodal-loss"), batch = 64, classes = 10, features = 128;
  const encoders = [
    new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features, random }),
    new ConvPoolEncoder([1, 16, 32, 64], { size: [64, 44], features, random }),
  ];
  const branches = encoders.map((encoder) => new EncoderBranch(encoder, classes, { random }));
  const inputs = { image: random.normal([batch, 28, 28, 1]), audio: random.normal([batch, 64, 44, 1]) };
  return classification(new MultiModal({ branches, random }), inputs, random);
}

export function multimodalLossEhh(): Workload {
  const random = new RandomStream(0, "multimodal-loss");
  const branches = [0, 1, 2].map(() => new DeepLinearBranch([200, 100, 40, 20, 2], { random }));
  const inputs = Object.fromEntries([1, 2, 3].map((m) => [`modality${m}`, random.normal([1000, 200])]));
  return classification(new MultiModal({ branches, random }), inputs, random);
}

function classification(model: MultiModal, modalities: Tensors, random: RandomStream): Workload {
  const [{ shape: [batch] }] = Object.values(modalities), names = Object.keys(modalities);
  const labels = tf.tidy(() => tf.cast(tf.floor(random.uniform([batch], 0, model.classes)), "int32"));
  return {
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 5e-4, weightDecay: 1e-4 }),
    inputs: { ...modalities, labels },
    loss: (inputs) => model.loss(names.map((name) => inputs[name]), inputs.labels as tf.Tensor1D).value,
  };
}
