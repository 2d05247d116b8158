// Training and probing a pair learner: samples stay on the engine, a step gets only their numbers.

import * as tf from "@tensorflow/tfjs";
import { compile } from "../../engine/compile.ts";
import { randomNumbers } from "../../engine/random_numbers.ts";
import { linearProbe, type LinearProbeResult } from "../../evaluation/linear_probe.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { batchesOf, train, type TrainingReport, type TrainOptions } from "../../training/train.ts";
import type { ImagePair, PairLearner } from "./learners.ts";

/** All samples of two modalities on the engine, `[samples, height, width, channels]` each; they may be one and the same. */
export type SamplePools = [tf.Variable<tf.Rank.R4>, tf.Variable<tf.Rank.R4>];

/** Which sample of the first pool goes with which of the second, `[pairs]` each. */
export interface IndexPairs {
  first: Int32Array;
  second: Int32Array;
}

/**
 * Puts pictures on the engine.
 *
 * @param pixels Bytes, or numbers in 0..1.
 * @param shape `[samples, height, width, channels]`.
 * @returns A variable (so that compiled steps may read it); bytes become numbers in 0..1.
 * @throws {RangeError} If the shape does not hold the numbers, or one of them is NaN or infinite.
 */
export function samplePool(
  pixels: Uint8Array | Float32Array,
  shape: [number, number, number, number],
): tf.Variable<tf.Rank.R4> {
  const numbers = pixels instanceof Uint8Array ? unitInterval(pixels) : checkFinite(pixels);
  return tf.tidy(() => tf.variable(tf.tensor4d(numbers, shape), false));
}

function checkFinite(numbers: Float32Array): Float32Array {
  const wrong = numbers.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return numbers;
  throw new RangeError(`Expected finite samples, got ${numbers[wrong]} at place ${wrong}: mend or drop that sample`);
}

function unitInterval(bytes: Uint8Array): Float32Array {
  const numbers = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) numbers[i] = bytes[i] / 255; // ten times as fast as from() with a function
  return numbers;
}

/** Options of {@linkcode trainOnPairs}. */
export interface PairTrainingOptions {
  learner: PairLearner;
  optimizer: Optimizer;
  pools: SamplePools;
  pairs: IndexPairs;
  batchSize: number;
  steps: number;
  /** Seed of the order in which pairs are seen. */
  seed: number;
  /** Steps that an earlier part of the run has taken. Default 0. */
  from?: number;
  onStep?: TrainOptions<Int32Array>["onStep"];
  reportEvery?: number;
  signal?: AbortSignal;
}

/** Trains a learner on pairs, in a new order each epoch; the whole step is one compiled function. */
export async function* trainOnPairs(
  { learner, optimizer, pools, pairs, batchSize, steps, seed, from, ...watching }: PairTrainingOptions,
): AsyncGenerator<TrainingReport, void, undefined> {
  const [firstPool, secondPool] = pools;
  const step = compile((first: tf.Tensor1D, second: tf.Tensor1D) => {
    const pair: ImagePair = [tf.gather(firstPool, first), tf.gather(secondPool, second)];
    return learner.alternation?.step(pair, optimizer) ?? optimizer.minimize(() => learner.loss(pair));
  });
  const onBatch = (numbers: Int32Array) => onIndices(numbers, pairs, step);
  const batches = (epoch: number) =>
    batchesOf(randomNumbers(seed, `order/${epoch}`).permutation(pairs.first.length), batchSize);
  try {
    yield* train({ batches, step: onBatch, steps, from, batchSize, ...watching });
  } finally {
    step.dispose();
  }
}

/**
 * The features of pairs, on the engine.
 *
 * @param batchSize Pairs at a time; the last batch is filled up, so that a compiled `embed` is recorded once.
 * @returns `[pairs, features]`.
 * @throws {RangeError} If there is no pair.
 */
export function embedPairs(
  embed: PairLearner["embed"],
  [firstPool, secondPool]: SamplePools,
  pairs: IndexPairs,
  { batchSize = 64 } = {},
): tf.Tensor2D {
  const count = pairs.first.length, parts: tf.Tensor2D[] = [];
  if (count === 0) throw new RangeError("Expected at least one pair to embed, got none");
  const ofIndices = (first: tf.Tensor1D, second: tf.Tensor1D) =>
    tf.tidy(() => embed([tf.gather(firstPool, first), tf.gather(secondPool, second)]));
  for (let start = 0; start < count; start += batchSize) {
    const numbers = Int32Array.from({ length: batchSize }, (_, i) => Math.min(start + i, count - 1));
    parts.push(onIndices(numbers, pairs, ofIndices));
  }
  const all = tf.tidy(() => tf.slice(tf.concat(parts), [0, 0], [count, -1]));
  tf.dispose(parts);
  return all;
}

/** Pairs with a label for each task. */
export interface LabelledPairs<Task extends string> extends IndexPairs {
  labels: Record<Task, Int32Array>;
}

/** Options of {@linkcode probePairs}. */
export interface PairProbeOptions<Task extends string> {
  train: { pools: SamplePools; pairs: LabelledPairs<Task> };
  test: { pools: SamplePools; pairs: LabelledPairs<Task> };
  /** Number of classes of each task that is probed. */
  tasks: Partial<Record<Task, number>>;
  /** Values of C to choose from; one of them needs no cross-validation. */
  cs?: number[];
  seed: number;
}

/** Linear probes of one learner: what can be read off its frozen features, task by task. */
export async function probePairs<Task extends string>(
  embed: PairLearner["embed"],
  { train, test, tasks, cs, seed }: PairProbeOptions<Task>,
): Promise<Record<Task, LinearProbeResult>> {
  const trainFeatures = embedPairs(embed, train.pools, train.pairs);
  const testFeatures = embedPairs(embed, test.pools, test.pairs);
  const results = {} as Record<Task, LinearProbeResult>;
  for (const [task, classes] of Object.entries(tasks) as [Task, number][]) {
    results[task] = await linearProbe({
      train: { features: trainFeatures, labels: train.pairs.labels[task] },
      test: { features: testFeatures, labels: test.pairs.labels[task] },
      ...{ classes, cs, seed },
    });
  }
  tf.dispose([trainFeatures, testFeatures]);
  return results;
}

function onIndices<Result>(
  numbers: Int32Array,
  { first, second }: IndexPairs,
  step: (first: tf.Tensor1D, second: tf.Tensor1D) => Result,
): Result {
  const indices = [first, second].map((all) => tf.tensor1d(numbers.map((number) => all[number]), "int32"));
  const result = step(indices[0], indices[1]);
  tf.dispose(indices);
  return result;
}
