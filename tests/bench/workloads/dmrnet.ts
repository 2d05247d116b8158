// DMRNet: two vectors at the published width, and image, spectrogram and pen strokes of a digit.

import {
  ConvPoolEncoder,
  DMRNet,
  type FeatureEncoder,
  HardCombinationMiner,
  RandomStream,
  SGD,
  VectorEncoder,
} from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Tensors, Workload } from "../workload.ts";

const BATCH = 64, CLASSES = 10;

export function dmrnetMlp2(): Workload {
  const random = new RandomStream(0, "dmrnet");
  const encoders = [0, 1].map(() => new VectorEncoder([512, 512], { random }));
  return classify(encoders, random, [0, 1].map(() => random.normal([BATCH, 512])));
}

export function dmrnetDigits3(): Workload {
  const random = new RandomStream(0, "dmrnet"), features = 128;
  const encoders = [
    new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features, random }),
    new ConvPoolEncoder([1, 16, 32, 64], { size: [64, 44], features, random }),
    new VectorEncoder([16, 128, features], { random }),
  ];
  return classify(encoders, random, [
    random.uniform([BATCH, 28, 28, 1]),
    random.normal([BATCH, 64, 44, 1]),
    random.uniform([BATCH, 16]),
  ]);
}

/** After the warm-up, with the first modality alone as the hard combination. */
function classify(encoders: FeatureEncoder[], random: RandomStream, x: tf.Tensor[]): Workload {
  const model = new DMRNet({ encoders, classes: CLASSES, random }), miner = new HardCombinationMiner(encoders.length);
  miner.choose([0]);
  const labels = tf.tidy(() => tf.cast(tf.floor(random.uniform([BATCH], 0, CLASSES)), "int32"));
  return {
    model,
    optimizer: new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 }),
    inputs: { ...Object.fromEntries(x.map((input, m) => [`x${m}`, input])), labels },
    draws: () => {
      const { indices, masks, epsilon } = model.draw(BATCH, random);
      return { masks, epsilon, hard: miner.hardSamples(indices) };
    },
    loss: (inputs, draws, { training }) => {
      const batch = { x: encoders.map((_, m) => inputs[`x${m}`]), labels: inputs.labels as tf.Tensor1D };
      return model.loss({ ...batch, ...draws as Drawn }, { training }).value;
    },
  };
}

/** What the step draws, by the names of the twin. */
interface Drawn extends Tensors {
  masks: tf.Tensor2D;
  epsilon: tf.Tensor2D;
  hard: tf.Tensor1D;
}
