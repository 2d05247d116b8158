import * as tf from "@tensorflow/tfjs";
import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { classificationScore, type Scoring } from "./classification_metrics.ts";
import { type AccuracyRow, accuracyTable, type InteractionShare, interactionShares } from "./interaction_counts.ts";
import type { Interval } from "./interval.ts";
import { linearProbe, type LinearProbeOptions } from "./linear_probe.ts";
import { scoreAt } from "./score.ts";

/** Features of each modality with the class of each sample. */
export interface ModalityFeatures {
  /** By the modality's name, `[samples, dim]` each; not disposed. Values of missing modalities may be anything finite. */
  features: Readonly<Record<string, tf.Tensor2D>>;
  labels: Int32Array;
  /** Which modalities each sample has, `[samples, modalities]` in the order of `features`: 1 present, 0 missing. Default all. */
  available?: Int32Array;
}

/** Options of {@linkcode modalityProbes}. */
export interface ModalityProbesOptions extends Omit<LinearProbeOptions, "train" | "test"> {
  train: ModalityFeatures;
  /** Scored once, after everything is chosen. */
  test: ModalityFeatures;
  /**
   * The representation of all modalities together, `[samples, dim]`, from the features of each. Default: side by side, in
   * which a linear boundary sees no synergy such as that of XOR; give a trained model's fused representation instead.
   */
  fuse?: (features: Readonly<Record<string, tf.Tensor2D>>) => tf.Tensor2D;
  /** How often each modality is shuffled. Default 10. */
  shuffles?: number;
}

/** How much the probe of all modalities relies on one of them. */
export interface PermutationReliance {
  modality: string;
  /** Test samples that have the modality. */
  n: number;
  /** Mean score of those samples with this modality taken from another one. */
  shuffled: number;
  /** Score without shuffling minus that, with its bootstrap interval over the samples. */
  drop: Interval;
}

/** Result of {@linkcode modalityProbes}. */
export interface ModalityProbesResult {
  /** One line per modality alone, over the samples that have it, then `"all"`. */
  accuracies: AccuracyRow[];
  reliance: PermutationReliance[];
  /** Shares of the test samples that are redundant, unique to a modality, or synergistic. */
  interactions: InteractionShare[];
  /** Predicted class of each test sample by modality and from `"all"`; -1 where the modality is missing. */
  predictions: Record<string, Int32Array>;
}

const ALL = "all";

/**
 * What do the modalities tell, alone and together? Linear probes of each, of all, and of all with one shuffled.
 *
 * A modality that is missing takes its mean over the training samples that have it. Shuffling exchanges the modality among
 * the test samples that have it: the drop is what the probe of all loses when the modality no longer belongs to the sample
 * (permutation importance; Breiman 2001, Random Forests). It can be small for a modality that tells much, if the others
 * tell the same.
 *
 * @returns Scores with intervals, and predictions for further questions, such as `modalityReliance()` by subgroup.
 * @throws {RangeError} If there are fewer than two modalities, training and test samples have different ones, shapes or
 * labels do not fit, a modality is missing everywhere, or the probes cannot be fitted.
 *
 * @example Each modality knows one bit of the class.
 * ```ts
 * import { modalityProbes } from "braid/evaluation/modality_probes.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const bits = (place: number) => tf.tensor2d(Array.from({ length: 24 }, (_, i) => [(i >> place) % 2 ? 1 : -1]));
 * const samples = {
 *   features: { image: bits(0), sound: bits(1) },
 *   labels: Int32Array.from({ length: 24 }, (_, i) => i % 4),
 * };
 * const { accuracies } = await modalityProbes({ train: samples, test: samples, classes: 4, seed: 1, cs: [100] });
 * assert.deepEqual(accuracies.map(({ input, accuracy }) => [input, accuracy]), [["image", 0.5], ["sound", 0.5], ["all", 1]]);
 * ```
 */
export async function modalityProbes(
  { train, test, fuse = sideBySide, shuffles = 10, seed, ...options }: ModalityProbesOptions,
): Promise<ModalityProbesResult> {
  const modalities = Object.keys(train.features), { classes, scoring = "balancedAccuracy" } = options;
  validate(train, test, modalities);
  if (!(Number.isInteger(shuffles) && shuffles >= 1)) {
    throw new RangeError(`Expected shuffles to be a positive integer, got ${shuffles}`);
  }
  const predictions: Record<string, Int32Array> = {}, accuracies: AccuracyRow[] = [];
  for (const [m, modality] of modalities.entries()) {
    const [fitting, testing] = [train, test].map((samples) => having(samples, m));
    const parts = [rowsOf(train, modality, fitting), rowsOf(test, modality, testing)];
    const probe = await linearProbe({ train: parts[0], test: parts[1], seed, ...options });
    tf.dispose(parts.map(({ features }) => features));
    accuracies.push(...accuracyTable(parts[1].labels, { [modality]: probe.predictions }, { classes, seed }));
    predictions[modality] = test.labels.map(() => -1);
    testing.forEach((i, k) => predictions[modality][i] = probe.predictions[k]);
  }
  const orders = modalities.map((modality, m) =>
    shuffledOrders(having(test, m), test.labels.length, { shuffles, seed, modality })
  );
  const fused = fuseAll({ train, test, orders, fuse });
  const together = await linearProbe({ ...fused, seed, ...options });
  tf.dispose([fused.train.features, fused.test.features]);

  const n = test.labels.length;
  const block = (k: number) => together.predictions.subarray(k * n, (k + 1) * n);
  predictions[ALL] = block(0).slice();
  accuracies.push(...accuracyTable(test.labels, { [ALL]: predictions[ALL] }, { classes, seed }));
  return {
    accuracies,
    reliance: modalities.map((modality, m) => ({
      modality,
      ...dropOf(test.labels, predictions[ALL], {
        shuffled: Array.from({ length: shuffles }, (_, k) => block(1 + m * shuffles + k)),
        samples: having(test, m),
        ...{ classes, scoring, seed },
      }),
    })),
    interactions: interactionShares(test.labels, predictions, {
      ...{ classes, seed, together: ALL },
      available: test.available,
    }),
    predictions,
  };
}

function validate(train: ModalityFeatures, test: ModalityFeatures, modalities: readonly string[]): void {
  if (modalities.length < 2 || modalities.includes(ALL)) {
    throw new RangeError(
      `Expected at least two modalities, none of them called "${ALL}", got ${modalities.join(", ") || "none"}`,
    );
  }
  if (Object.keys(test.features).join() !== modalities.join()) {
    throw new RangeError(
      `Expected test features of ${modalities.join(", ")} as in training, got ${Object.keys(test.features).join(", ")}`,
    );
  }
  for (const [split, { features, labels, available }] of Object.entries({ training: train, test })) {
    for (const [modality, { shape }] of Object.entries(features)) {
      if (shape[0] !== labels.length) {
        throw new RangeError(
          `Expected ${split} features of ${modality} to be [${labels.length}, dim], a row per label, got [${shape}]`,
        );
      }
    }
    if (available && available.length !== labels.length * modalities.length) {
      throw new RangeError(
        `Expected available of the ${split} samples to be [${labels.length}, ${modalities.length}], got ${available.length} entries`,
      );
    }
    modalities.forEach((modality, m) => {
      if (having({ features, labels, available }, m).length === 0) {
        throw new RangeError(`Expected a ${split} sample with ${modality}, got none`);
      }
    });
  }
}

/** Indices of the samples that have modality m. */
function having({ features, labels, available }: ModalityFeatures, m: number): Int32Array {
  const modalities = Object.keys(features).length;
  return Int32Array.from(labels.keys()).filter((i) => available ? available[i * modalities + m] !== 0 : true);
}

const rowsOf = ({ features, labels }: ModalityFeatures, modality: string, indices: Int32Array) => ({
  features: tf.tidy(() => features[modality].gather(tf.tensor1d(indices, "int32"))),
  labels: Int32Array.from(indices, (i) => labels[i]),
});

/** For each shuffle the sample from which each sample takes the modality. */
function shuffledOrders(
  samples: Int32Array,
  all: number,
  { shuffles, seed, modality }: { shuffles: number; seed: number; modality: string },
): Int32Array[] {
  const random = randomNumbers(seed, `shuffled ${modality}`);
  return Array.from({ length: shuffles }, () => {
    const order = Int32Array.from({ length: all }, (_, i) => i);
    random.permutation(samples.length).forEach((from, k) => order[samples[k]] = samples[from]);
    return order;
  });
}

/**
 * All modalities together, missing ones filled in: the training samples, and the test samples once as they are and once per
 * modality and shuffle, so that one probe predicts them all.
 */
function fuseAll(
  { train, test, orders, fuse }: {
    train: ModalityFeatures;
    test: ModalityFeatures;
    orders: readonly (readonly Int32Array[])[];
    fuse: NonNullable<ModalityProbesOptions["fuse"]>;
  },
) {
  const copies = 1 + orders.flat().length;
  const labels = Int32Array.from(
    { length: copies * test.labels.length },
    (_, i) => test.labels[i % test.labels.length],
  );
  const [trainFeatures, testFeatures] = tf.tidy(() => {
    const means = Object.entries(train.features).map(([modality], m) =>
      rowsOf(train, modality, having(train, m)).features.mean<tf.Tensor2D>(0, true)
    );
    const [fitting, testing] = [filledIn(train, means), filledIn(test, means)];
    const shuffled = Object.keys(testing).flatMap((modality, m) =>
      orders[m].map((order) => fuse({ ...testing, [modality]: testing[modality].gather(tf.tensor1d(order, "int32")) }))
    );
    return [fuse(fitting), tf.concat([fuse(testing), ...shuffled])];
  });
  return {
    train: { features: trainFeatures, labels: train.labels },
    test: { features: testFeatures, labels },
  };
}

function filledIn({ features, labels, available }: ModalityFeatures, means: readonly tf.Tensor2D[]) {
  const modalities = Object.keys(features).length;
  return Object.fromEntries(
    Object.entries(features).map(([modality, values], m): [string, tf.Tensor2D] => {
      const there = Int32Array.from(labels.keys(), (i) => available && available[i * modalities + m] === 0 ? 0 : 1);
      return [modality, tf.where(tf.tensor2d(there, [labels.length, 1], "bool"), values, means[m])];
    }),
  );
}

const sideBySide = (features: Readonly<Record<string, tf.Tensor2D>>): tf.Tensor2D =>
  tf.concat(Object.values(features), 1);

/** How far the score of the samples that have a modality falls when it is shuffled, on average over the shuffles. */
function dropOf(
  labels: Int32Array,
  intact: Int32Array,
  { shuffled, samples, classes, scoring, seed }: {
    shuffled: readonly Int32Array[];
    samples: Int32Array;
    classes: number;
    scoring: Scoring;
    seed: number;
  },
): Omit<PermutationReliance, "modality"> {
  const [before, ...after] = [intact, ...shuffled].map((predictions) =>
    classificationScore(labels, predictions, { classes, scoring })
  );
  const meanAfter = (indices: Int32Array) =>
    after.reduce((sum, score) => sum + scoreAt(score, indices), 0) / after.length;
  const drop = (drawn: Int32Array) => {
    const indices = drawn.map((k) => samples[k]);
    return scoreAt(before, indices) - meanAfter(indices);
  };
  return { n: samples.length, shuffled: meanAfter(samples), drop: bootstrapInterval(samples.length, drop, { seed }) };
}
