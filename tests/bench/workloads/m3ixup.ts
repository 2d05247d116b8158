// GMC and M3ixup on MHD's shapes: picture, sound and pen stroke, without the label modality.

import { Adam, GMC, M3ixup, type M3ixupDraws, m3ixupDraws, RandomStream } from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Tensors, Workload } from "../workload.ts";

const BATCH = 64;

export const gmcMhd = (): Workload => {
  const random = new RandomStream(0, "gmc"), model = new GMC({ random });
  return {
    ...common(model, random),
    loss: (inputs, _draws, { training }) => model.loss(observation(inputs), { training }).value,
  };
};

export const m3ixupMhd = (): Workload => {
  const random = new RandomStream(0, "m3ixup"), model = new M3ixup({ random });
  return {
    ...common(model, random),
    draws: () => ({ ...m3ixupDraws(random, { batch: BATCH, modalities: model.modalities }) }),
    loss: (inputs, draws, { training }) =>
      model.mixupLoss(observation(inputs), draws as Tensors & M3ixupDraws, { training }).value,
  };
};

const common = (model: GMC, random: RandomStream): Pick<Workload, "model" | "optimizer" | "inputs"> => ({
  model,
  optimizer: new Adam(model.parameters(), { learningRate: 1e-3 }),
  inputs: {
    image: random.uniform([BATCH, 28, 28, 1]),
    sound: random.uniform([BATCH, 32, 128, 1]),
    trajectory: random.uniform([BATCH, 200]),
  },
});

const observation = ({ image, sound, trajectory }: Tensors): tf.Tensor[] => [image, sound, trajectory];
