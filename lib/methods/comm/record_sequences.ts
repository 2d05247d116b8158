// CoMM on sequences of features, at length, kept as JSON.

import * as tf from "@tensorflow/tfjs";
import type { FeatureSequences } from "../../datasets/feature_sequences.ts";
import { useEngine } from "../../engine/engine.ts";
import { RandomStream } from "../../engine/random.ts";
import { linearProbe, type LinearProbeResult } from "../../evaluation/linear_probe.ts";
import type { RecordedRun } from "../../evaluation/recorded_run.ts";
import { recordRun, type RecordRunOptions } from "./record_run.ts";
import {
  embedSequenceMasks,
  sequenceCoMM,
  sequenceOptimizer,
  sequencePool,
  type SequencePools,
  trainOnSequences,
} from "./sequence_experiment.ts";

/** Options of {@linkcode recordSequences}. */
export interface RecordSequencesOptions extends RecordRunOptions {
  /** The data set's name. */
  dataset: string;
  train: FeatureSequences;
  /** Scored at each probe; nothing is chosen by it. */
  test: FeatureSequences;
  /** Which modalities, at least two. */
  modalities: string[];
  /** Passes over the training samples. The released configuration has 100. */
  epochs: number;
  seed: number;
}

/** As released for MultiBench. */
const BATCH = 64, WEIGHT_DECAY = 1e-2;

/** Passes over the training samples in the released configuration. */
export const sequenceEpochs = 100;

/**
 * Trains CoMM on sequences and records it, as {@linkcode recordRun} does; the label is read off the vectors of each modality
 * alone and of all. Settings are those of the released configuration: batch 64, learning rate 1e-3 for two modalities and 1e-4
 * for three, weight decay 1e-2.
 *
 * @throws {RangeError} If a modality is unknown, there are fewer than two, or fewer samples than a batch.
 */
export async function recordSequences(
  { dataset, train, test, modalities, epochs, seed, ...options }: RecordSequencesOptions,
): Promise<RecordedRun> {
  const unknown = modalities.find((name) => !(name in train.features));
  if (unknown !== undefined || new Set(modalities).size !== modalities.length || modalities.length < 2) {
    throw new RangeError(
      `Expected at least two different modalities of ${Object.keys(train.features).join(", ")}, got ${modalities}`,
    );
  }
  const stepsOfEpoch = Math.floor(train.count / BATCH), steps = epochs * stepsOfEpoch;
  if (steps === 0) throw new RangeError(`Expected at least a batch of ${BATCH} training samples, got ${train.count}`);
  await useEngine();
  const learningRate = modalities.length === 2 ? 1e-3 : 1e-4;
  const weights = new RandomStream(seed, "weights"), augmentation = new RandomStream(seed, "augmentation");
  const model = sequenceCoMM(modalities.map((name) => train.widths[name]), { random: weights });
  const optimizer = sequenceOptimizer(model, { learningRate, weightDecay: WEIGHT_DECAY });
  const [trainPools, testPools] = [train, test].map((split) => poolsOf(split, modalities));
  const masks = [...modalities, "all"];
  const run = await recordRun({
    config: {
      ...{ dataset, method: "CoMM", modalities, batchSize: BATCH, learningRate, weightDecay: WEIGHT_DECAY },
      ...{ epochs, steps, sequenceSteps: train.steps, trainSamples: train.count, testSamples: test.count },
    },
    ...{ seed, learningRate, method: "CoMM" },
    parts: { model, optimizer, weights, augmentation },
    reports: (watching) =>
      trainOnSequences({ model, pools: trainPools, steps, seed, optimizer, random: augmentation, ...watching }),
    probe: async (protocol) => {
      const [fitted, scored] = [trainPools, testPools].map((pools) => tf.unstack(embedSequenceMasks(model, pools)));
      const results: Record<string, LinearProbeResult> = {};
      for (const [mask, name] of masks.entries()) {
        results[name] = await linearProbe({
          train: { features: fitted[mask] as tf.Tensor2D, labels: train.label },
          test: { features: scored[mask] as tf.Tensor2D, labels: test.label },
          ...{ classes: 2, seed, cs: protocol === "short" ? [1] : undefined },
        });
      }
      tf.dispose([fitted, scored]);
      return results;
    },
  }, options);
  for (const part of [model, optimizer, weights, augmentation, ...trainPools, ...testPools]) part.dispose();
  return run;
}

function poolsOf({ count, steps, widths, features }: FeatureSequences, modalities: string[]): SequencePools {
  return modalities.map((name) => sequencePool(features[name], [count, steps, widths[name]]));
}
