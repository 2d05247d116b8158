// M3CoL on made-up inputs of ROSMAP's shape: the full batch of 245, three modalities of 200 features, two classes.

import { Adam, drawMixing, M3CoL, type M3colTrainingOptions, type Mixing, RandomStream } from "braid";
import * as tf from "@tensorflow/tfjs";
import type { Tensors, Workload } from "../workload.ts";

const BATCH = 245, FEATURES = [200, 200, 200];

/** The first phase: mixed inputs, clean other side. */
export const m3colM3co = (width: number): Workload => {
  const random = new RandomStream(0, "mixing");
  return {
    ...training(width, (draws) => ({ phase: "m3co", ...draws as unknown as Mixing })),
    draws: () => ({ ...drawMixing({ modalities: FEATURES.length, batch: BATCH, random }) }),
  };
};

/** The second phase: soft targets, with the gradient through them. */
export const m3colMultiSClip = (width: number): Workload => training(width, () => ({ phase: "sclip" }));

function training(width: number, options: (draws: Tensors) => M3colTrainingOptions): Workload {
  const random = new RandomStream(0, "m3col"), model = new M3CoL({ features: FEATURES, classes: 2, width, random });
  const [x1, x2, x3] = FEATURES.map((features) => random.uniform([BATCH, features]));
  const labels = tf.cast(tf.less(random.uniform([BATCH]), 0.5), "int32");
  return {
    model,
    optimizer: new Adam(model.parameters(), { learningRate: 2e-3, weightDecay: 1e-4 }),
    inputs: { x1, x2, x3, labels },
    loss: ({ x1, x2, x3, labels }, draws) =>
      model.loss([x1, x2, x3] as tf.Tensor2D[], labels as tf.Tensor1D, options(draws)).value,
  };
}
