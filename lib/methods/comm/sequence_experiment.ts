// CoMM on sequences of features, as on MultiBench: the same loss and probes, transformers for encoders.

import * as tf from "@tensorflow/tfjs";
import { augmentSequences, dropNoise } from "../../augment/sequence.ts";
import { compile } from "../../engine/compile.ts";
import { RandomStream } from "../../engine/random.ts";
import { randomNumbers } from "../../engine/random_numbers.ts";
import { AdamW } from "../../training/adam_w.ts";
import type { Optimizer } from "../../training/optimizer.ts";
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
export interface SequenceTrainingOptions
  extends Pick<TrainOptions<Int32Array>, "steps" | "from" | "reportEvery" | "onStep"> {
  model: CoMM;
  pools: SequencePools;
  /** Classes, `[samples]`, for the supervised loss; without them CoMM's own. */
  labels?: Int32Array;
  batchSize?: number;
  /** Seed of augmentations and order. */
  seed: number;
  /** Default {@linkcode sequenceOptimizer}'s own; one that is given goes on with what it has gathered. */
  optimizer?: Optimizer;
  /** What augmentations are drawn from, for a run that goes on. Default a stream of `seed`. */
  random?: RandomStream;
}

/**
 * AdamW as CoMM has it on MultiBench: only matrices and the CLS token decay.
 *
 * @param options Defaults are the released configuration for two modalities; for three it has a learning rate of 1e-4.
 */
export function sequenceOptimizer(model: CoMM, { learningRate = 1e-3, weightDecay = 1e-2 } = {}): AdamW {
  const decays = (name: string, parameter: tf.Variable) => parameter.rank >= 2 || name.endsWith("cls");
  return new AdamW(model.parameters(), { learningRate, weightDecay, decays });
}

/**
 * Trains CoMM, or fine-tunes it with the supervised loss where there are labels, on two "drop+noise" views of each batch; the
 * whole step is one compiled function.
 */
export async function* trainOnSequences(
  { model, pools, labels, batchSize = 64, seed, optimizer: given, random: drawn, ...options }: SequenceTrainingOptions,
): AsyncGenerator<TrainingReport, void, undefined> {
  const optimizer = given ?? sequenceOptimizer(model), random = drawn ?? new RandomStream(seed, "augmentation");
  const samples = pools[0].shape[0];
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
    for (const part of [step, classes]) part.dispose();
    if (!given) optimizer.dispose();
    if (!drawn) random.dispose();
  }
}

/** $Z$ of all samples, `[samples, dim]`, without augmentation or dropout. */
export function embedSequences(model: CoMM, pools: SequencePools, options?: { batchSize?: number }): tf.Tensor2D {
  return inBatches(pools, (x) => model.embed(x), 0, options) as tf.Tensor2D;
}

/** $Z_1, \dots, Z_n, Z$ of all samples: each modality alone, then all; `[masks, samples, dim]`. */
export function embedSequenceMasks(model: CoMM, pools: SequencePools, options?: { batchSize?: number }): tf.Tensor3D {
  return inBatches(pools, (x) => model.embedMasks(x), 1, options) as tf.Tensor3D;
}

/** What `embed` gives for all samples, joined along their axis. */
function inBatches(
  pools: SequencePools,
  embed: (x: tf.Tensor3D[]) => tf.Tensor,
  axis: number,
  { batchSize = 64 } = {},
): tf.Tensor {
  const [samples] = pools[0].shape, parts: tf.Tensor[] = [];
  for (let start = 0; start < samples; start += batchSize) {
    const size = Math.min(batchSize, samples - start);
    parts.push(tf.tidy(() => embed(pools.map((pool) => tf.slice(pool, [start, 0, 0], [size, -1, -1])))));
  }
  const all = tf.concat(parts, axis);
  tf.dispose(parts);
  return all;
}
