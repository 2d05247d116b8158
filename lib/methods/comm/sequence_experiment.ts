// CoMM on sequences of features, as on MultiBench: the same loss and probes, transformers for encoders.

import * as tf from "@tensorflow/tfjs";
import { augmentSequences, dropNoise } from "../../augment/sequence.ts";
import { compile } from "../../engine/compile.ts";
import { RandomStream } from "../../engine/random.ts";
import { randomNumbers } from "../../engine/random_numbers.ts";
import { AdamW } from "../../training/adam_w.ts";
import { batchesOf, train, type TrainingReport, type TrainOptions } from "../../training/train.ts";
import { CoMM } from "./comm.ts";
import { namedTerms } from "./learners.ts";
import { SequenceEncoder, type SequenceEncoderOptions } from "./sequence_encoder.ts";

/** All samples of each modality on the engine, `[samples, steps, features]`. */
export type SequencePools = tf.Variable<tf.Rank.R3>[];

/** Puts sequences on the engine, in variables, so that compiled steps may read them. */
export function sequencePool(values: Float32Array, shape: [number, number, number]): tf.Variable<tf.Rank.R3> {
  return tf.tidy(() => tf.variable(tf.tensor3d(values, shape), false));
}

/** Width of CoMM's tokens on MultiBench. */
const DIM = 40;

/**
 * CoMM with a {@linkcode SequenceEncoder} a modality.
 *
 * @param widths Features of each modality.
 * @param options Of the encoders; `heads` of the fusion is the paper's 8.
 */
export function sequenceCoMM(widths: number[], { random, dim = DIM, ...options }: SequenceEncoderOptions): CoMM {
  const encoders = widths.map((width) => new SequenceEncoder(width, { random, dim, ...options }));
  return new CoMM({ encoders, dim, random });
}

/** Options of {@linkcode trainOnSequences}. */
export interface SequenceTrainingOptions extends Pick<TrainOptions<Int32Array>, "steps" | "reportEvery" | "onStep"> {
  model: CoMM;
  pools: SequencePools;
  /** Classes, `[samples]`, for the supervised loss; without them CoMM's own. */
  labels?: Int32Array;
  batchSize?: number;
  learningRate?: number;
  weightDecay?: number;
  /** Seed of augmentations and order. */
  seed: number;
}

/**
 * Trains CoMM, or fine-tunes it with the supervised loss where there are labels, on two "drop+noise" views of each batch; the
 * whole step is one compiled function. Defaults are the released configuration for two modalities; for three it has a learning rate of 1e-4.
 */
export async function* trainOnSequences(
  { model, pools, labels, batchSize = 64, learningRate = 1e-3, weightDecay = 1e-2, seed, ...options }:
    SequenceTrainingOptions,
): AsyncGenerator<TrainingReport, void, undefined> {
  const decays = (name: string, parameter: tf.Variable) => parameter.rank >= 2 || name.endsWith("cls");
  const optimizer = new AdamW(model.parameters(), { learningRate, weightDecay, decays });
  const random = new RandomStream(seed, "augmentation"), samples = pools[0].shape[0];
  const classes = tf.tidy(() => tf.variable(tf.tensor1d(labels ?? new Int32Array(samples), "int32"), false));
  const step = compile((numbers: tf.Tensor1D) =>
    optimizer.minimize(() => {
      const x = pools.map((pool) => tf.gather(pool, numbers));
      const [view1, view2] = [1, 2].map(() => augmentSequences(x, dropNoise, random));
      if (labels) return { value: model.supervisedLoss(view1, view2, tf.gather(classes, numbers)) };
      return namedTerms(model.loss(view1, view2));
    })
  );
  const onBatch = (numbers: Int32Array) => {
    const indices = tf.tensor1d(numbers, "int32"), result = step(indices);
    indices.dispose();
    return result;
  };
  const batches = (epoch: number) => batchesOf(randomNumbers(seed, `order/${epoch}`).permutation(samples), batchSize);
  try {
    yield* train({ batches, step: onBatch, batchSize, ...options });
  } finally {
    for (const part of [step, optimizer, random, classes]) part.dispose();
  }
}

/** $Z$ of all samples, `[samples, dim]`, without augmentation or dropout. */
export function embedSequences(model: CoMM, pools: SequencePools, { batchSize = 64 } = {}): tf.Tensor2D {
  const [samples] = pools[0].shape, parts: tf.Tensor2D[] = [];
  for (let start = 0; start < samples; start += batchSize) {
    const size = Math.min(batchSize, samples - start);
    parts.push(tf.tidy(() => model.embed(pools.map((pool) => tf.slice(pool, [start, 0, 0], [size, -1, -1])))));
  }
  const all = tf.concat(parts);
  tf.dispose(parts);
  return all;
}
