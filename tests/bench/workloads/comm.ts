// CoMM: pairs of pictures (Trifeature at 64 and 224 pixels) and of sequences (MOSI's shapes). Views come augmented.

import {
  AdamW,
  AlexNetTrunk,
  CoMM,
  ConvEncoder,
  type ImageEncoder,
  ImageTokens,
  RandomStream,
  SequenceEncoder,
  type TokenEncoder,
} from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Workload } from "../workload.ts";

const BATCH = 64;

export const commTrifeature64 = (): Workload =>
  pictures(64, 256, (random) => new ConvEncoder([3, 32, 64, 128, 256], { random }));

export const commTrifeature224 = (): Workload => pictures(224, 512, (random) => new AlexNetTrunk({ random }));

export const commMosi = (): Workload => sequences(0.1);

export const commMosiWithoutDropout = (): Workload => sequences(0);

function pictures(size: number, dim: number, encoder: (random: RandomStream) => ImageEncoder): Workload {
  const random = new RandomStream(0, "comm");
  const encoders = [0, 1].map(() => new ImageTokens(encoder(random), dim, { random }));
  const inputs = [0, 1, 2, 3].map(() => random.normal([BATCH, size, size, 3]));
  return contrast(encoders, dim, random, inputs, { learningRate: 3e-4, weightDecay: 1e-4 });
}

function sequences(dropoutRate: number): Workload {
  const random = new RandomStream(0, "comm"), features = [20, 300];
  const encoders = features.map((width) => new SequenceEncoder(width, { random, dropoutRate }));
  const inputs = [...features, ...features].map((width) => random.normal([BATCH, 50, width]));
  return contrast(encoders, 40, random, inputs, { learningRate: 1e-3, weightDecay: 1e-2 });
}

function contrast(
  encoders: TokenEncoder[],
  dim: number,
  random: RandomStream,
  [view1a, view1b, view2a, view2b]: tf.Tensor[],
  rates: { learningRate: number; weightDecay: number },
): Workload {
  const model = new CoMM({ encoders, dim, random });
  const decays = (_name: string, { rank }: tf.Variable) => rank >= 2;
  return {
    model,
    optimizer: new AdamW(model.parameters(), { ...rates, decays }),
    inputs: { view1a, view1b, view2a, view2b },
    loss: ({ view1a, view1b, view2a, view2b }, _draws, { training }) =>
      model.loss([view1a, view1b], [view2a, view2b], { training }).value,
  };
}
