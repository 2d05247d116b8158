// The paper's controlled experiment: train on Trifeature pairs, then ask probes for what was learnt.

import * as tf from "@tensorflow/tfjs";
import { type Trifeature, trifeature, type TrifeatureTask } from "../../datasets/trifeature.ts";
import type { LinearProbeResult } from "../../evaluation/linear_probe.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import type { TrainingReport, TrainOptions } from "../../training/train.ts";
import {
  type CoMMVariant,
  type ImagePair,
  type PairLearner,
  pairLearner,
  type PairMethod,
  pairOptimizer,
} from "./learners.ts";
import { probePairs, samplePool, type SamplePools, trainOnPairs } from "./pair_training.ts";
import type { TrifeatureSettings } from "./settings.ts";

/** Number of classes of each task. */
export const trifeatureTasks: Record<TrifeatureTask, number> = { share: 10, unique1: 10, unique2: 10, synergy: 2 };

/** The data set with its pictures on the engine. */
export interface TrifeatureOnEngine {
  data: Trifeature;
  train: SamplePools;
  test: SamplePools;
  settings: TrifeatureSettings;
}

/** Renders or reads the pictures and puts them on the engine. */
export async function openTrifeature(settings: TrifeatureSettings): Promise<TrifeatureOnEngine> {
  const { size, textureScale, levels } = settings, data = await trifeature({ size, textureScale, levels });
  const pools = ({ pixels, count }: Trifeature["train"]): SamplePools => {
    const pool = samplePool(pixels, [count, size, size, 3]);
    return [pool, pool];
  };
  return { data, settings, train: pools(data.train), test: pools(data.test) };
}

/** A learner with fresh weights for these settings; `comm` changes CoMM for an ablation. */
export function newLearner(
  method: PairMethod,
  { encoder, dim, learningRate, seed }: TrifeatureSettings,
  comm?: CoMMVariant,
): PairLearner {
  return pairLearner(method, { encoder, dim, learningRate, seed, comm });
}

/** The first pairs of the test set as pictures on the engine. */
export function testBatch({ data, test: [pool] }: TrifeatureOnEngine, count: number): ImagePair {
  const { first, second } = data.pairs("test", { count });
  const pick = (numbers: Int32Array) => tf.tidy(() => tf.gather(pool, tf.tensor1d(numbers, "int32")) as tf.Tensor4D);
  return [pick(first), pick(second)];
}

/**
 * Cosines of what a learner pulls together, on some test pairs: `[count, count]`.
 *
 * @throws {RangeError} If the learner's loss compares by other scores.
 */
export async function testSimilarities(
  learner: PairLearner,
  onEngine: TrifeatureOnEngine,
  count = 24,
): Promise<number[][]> {
  const { method, similarities } = learner;
  if (!similarities) {
    throw new RangeError(`Expected a method that compares by cosines, got ${method}, which learns scores`);
  }
  const batch = testBatch(onEngine, count), matrix = tf.tidy(() => similarities(batch));
  const values = await matrix.array();
  tf.dispose([batch, matrix]);
  return values.map((row) => row.map((value) => Math.min(1, Math.max(-1, value)))); // float32 may pass 1 by a hair
}

/** What probes found after some steps, by task. */
export interface ProbePoint {
  step: number;
  results: Record<TrifeatureTask, LinearProbeResult>;
}

/**
 * Probes at equal distances while training runs.
 *
 * @param times How often, the end included.
 * @returns What `watchTraining` calls with each report, and the results so far.
 */
export function probesOnTheWay(
  learner: PairLearner,
  onEngine: TrifeatureOnEngine,
  { times }: { times: number },
): { onReport: (report: TrainingReport) => Promise<void>; points: ProbePoint[] } {
  const points: ProbePoint[] = [];
  const onReport = async ({ step, steps }: TrainingReport) => {
    if (step < (points.length + 1) * steps / times) return;
    points.push({ step, results: await probeTrifeature(learner.embed, onEngine) });
  };
  return { onReport, points };
}

/** Options of {@linkcode trainOnTrifeature}. */
export interface TrifeatureTrainingOptions {
  /** Learn only from pairs whose synergy label is 1, as the paper does for synergy. Default false. */
  biased?: boolean;
  /** The caller's optimiser, to go on with; a new one by default. */
  optimizer?: Optimizer;
  /** Steps that an earlier part of the run has taken. Default 0. */
  from?: number;
  onStep?: TrainOptions<Int32Array>["onStep"];
  reportEvery?: number;
  signal?: AbortSignal;
}

/** Trains a learner for as many steps as the settings say. */
export async function* trainOnTrifeature(
  learner: PairLearner,
  { data, train, settings }: TrifeatureOnEngine,
  { biased = false, optimizer: given, ...options }: TrifeatureTrainingOptions = {},
): AsyncGenerator<TrainingReport, void, undefined> {
  const { batchSize, steps, seed, trainPairs } = settings;
  const optimizer = given ?? pairOptimizer(learner, settings);
  try {
    const pairs = data.pairs("train", { biased, count: trainPairs });
    yield* trainOnPairs({ learner, optimizer, pools: train, pairs, batchSize, steps, seed, ...options });
  } finally {
    if (!given) optimizer.dispose();
  }
}

/**
 * Probes all four tasks: fitted on unbiased training pairs, scored on the test pairs.
 *
 * @param options `split`: score on `"validation"` pairs instead, to choose settings by. Default `"test"`.
 */
export function probeTrifeature(
  embed: PairLearner["embed"],
  { data, train, test, settings }: TrifeatureOnEngine,
  { split = "test" }: { split?: "validation" | "test" } = {},
): Promise<Record<TrifeatureTask, LinearProbeResult>> {
  const { probePairs: count, testPairs, probeCs, seed, levels = 10 } = settings;
  const scored = { test: { count: testPairs || undefined }, validation: { count: VALIDATION_PAIRS } }[split];
  return probePairs(embed, {
    train: { pools: train, pairs: data.pairs("train", { count }) },
    test: { pools: split === "test" ? test : train, pairs: data.pairs(split, scored) },
    tasks: { ...trifeatureTasks, unique1: levels, unique2: levels },
    ...{ cs: probeCs, seed },
  });
}

/**
 * Probes what the vectors of single pictures hold: $Z_1$ and $Z_2$, from the network that gives $Z$ for both.
 *
 * @throws {RangeError} If the method has no such vectors.
 */
export async function probeAlone(
  { method, embedMasks }: PairLearner,
  onEngine: TrifeatureOnEngine,
): Promise<Record<"first" | "second", Record<TrifeatureTask, LinearProbeResult>>> {
  if (!embedMasks) throw new RangeError(`Expected a method that fuses each picture alone, as CoMM does, got ${method}`);
  const probe = (mask: number) =>
    probeTrifeature((pair) => tf.tidy(() => tf.unstack(embedMasks(pair))[mask] as tf.Tensor2D), onEngine);
  return { first: await probe(0), second: await probe(1) };
}

/** Pairs that settings are chosen by. */
const VALIDATION_PAIRS = 2000;

/** What a short run changes: CoMM itself, or the batch size. */
export interface Variant {
  comm?: CoMMVariant;
  batchSize?: number;
}

/** Trains CoMM for the few steps that comparisons get, and probes it. */
export async function shortRun(
  onEngine: TrifeatureOnEngine,
  { comm, batchSize = onEngine.settings.batchSize }: Variant = {},
): Promise<Record<TrifeatureTask, LinearProbeResult>> {
  const settings = { ...onEngine.settings, batchSize, steps: onEngine.settings.shortSteps };
  const varied = { ...onEngine, settings }, learner = newLearner("CoMM", settings, comm);
  for await (const _ of trainOnTrifeature(learner, varied));
  const results = await probeTrifeature(learner.embed, varied);
  learner.dispose();
  return results;
}

/** One picture of a pool, as figures take it. */
export function picture(
  { pixels }: Trifeature["train"],
  size: number,
  index: number,
): { pixels: Uint8Array; height: number; width: number; channels: 3 } {
  const bytes = size * size * 3;
  return { pixels: pixels.subarray(index * bytes, (index + 1) * bytes), height: size, width: size, channels: 3 };
}
