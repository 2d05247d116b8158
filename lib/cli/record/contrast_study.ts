// What is shared, unique and synergistic before and after contrastive learning, on recorded data.

import * as tf from "@tensorflow/tfjs";
import { multipleFeatures } from "../../datasets/multiple_features.ts";
import { spokenWrittenDigits, type SpokenWrittenDigitSamples } from "../../datasets/spoken_written_digits.ts";
import { standardizeViews } from "../../datasets/standardize_views.ts";
import { engineVersions, useEngine } from "../../engine/engine.ts";
import { RandomStream } from "../../engine/random.ts";
import { linearProbe } from "../../evaluation/linear_probe.ts";
import { dataPid, type InformationEstimate } from "../../interactions/data_pid.ts";
import { type MeasuredAtoms, type RecordedAtoms } from "../../interactions/recorded_atoms.ts";
import { minimize } from "../../interactions/row_training.ts";
import { contrastiveObjectives, type ObjectiveName, objectiveNames, type VectorPair } from "./contrast_objectives.ts";

/** Settings of {@linkcode runContrastStudy}. */
export interface ContrastSettings {
  /** One run each, with a split, weights and clusters of its own. */
  seeds: number[];
  hidden: number;
  dim: number;
  batchSize: number;
  learningRate: number;
  epochs: number;
  /** Clusters of each source, shuffles and resamples of `dataPid()`. */
  clusters: number;
  shuffles: number;
  resamples: number;
  /** C of the linear probes. */
  c: number;
}

/** As they are recorded. */
export const contrastSettings: ContrastSettings = {
  ...{ seeds: [1, 2, 3], hidden: 128, dim: 64, batchSize: 64, learningRate: 1e-3, epochs: 20 },
  ...{ clusters: 10, shuffles: 19, resamples: 25, c: 1 },
};

/** The samples of one seed: a half to learn from, and the other half to measure. */
interface Halves {
  train: VectorPair;
  heldOut: VectorPair;
  targets: { target: string; classes: number; train: Int32Array; heldOut: Int32Array }[];
}

/** The data sets by name. */
export const contrastData = {
  "seen and heard digits": { sources: ["picture", "sound"], load: seenAndHeard },
  "two views of digits": { sources: ["pixels", "fourier"], load: twoViews },
} satisfies Record<string, { sources: [string, string]; load: (seed: number) => Promise<Halves> }>;

/** Name of a data set. */
export type ContrastData = keyof typeof contrastData;

/** Digits as picture and sound, pooled four by four; the pairing is by digit, so that the speaker is the sound's alone. */
async function seenAndHeard(seed: number): Promise<Halves> {
  const { train, validation, speakers } = await spokenWrittenDigits({ seed, validation: 1 / 2 });
  return tf.tidy(() => {
    const learnt = pooledPair(train), held = pooledPair(validation);
    const moments = learnt.map((x) => tf.moments(x));
    const standardised = (pair: VectorPair) =>
      pair.map((x, m) => tf.div(tf.sub(x, moments[m].mean), tf.sqrt(moments[m].variance))) as VectorPair;
    return {
      train: standardised(learnt),
      heldOut: standardised(held),
      targets: [
        { target: "digit", classes: 10, train: train.label, heldOut: validation.label },
        { target: "speaker", classes: speakers.length, train: train.speaker, heldOut: validation.speaker },
      ],
    };
  });
}

function pooledPair({ count, image, sound }: SpokenWrittenDigitSamples): VectorPair {
  const pooled = (values: Float32Array, height: number, width: number) =>
    tf.reshape(tf.avgPool(tf.tensor4d(values, [count, height, width, 1]), 4, 4, "valid"), [count, -1]) as tf.Tensor2D;
  return [pooled(image, 28, 28), pooled(sound, 64, 44)];
}

/** Pixels and Fourier coefficients of the same written digits. */
async function twoViews(seed: number): Promise<Halves> {
  const { train, validation } = standardizeViews(await multipleFeatures({ seed, validation: 1 / 2 }));
  const tensor = ({ count, views }: typeof train, view: "pixels" | "fourier") =>
    tf.tensor2d(views[view].features, [count, views[view].width]);
  const pair = (samples: typeof train): VectorPair => [tensor(samples, "pixels"), tensor(samples, "fourier")];
  return {
    train: pair(train),
    heldOut: pair(validation),
    targets: [{ target: "digit", classes: 10, train: train.label, heldOut: validation.label }],
  };
}

/** Options of {@linkcode runContrastStudy}. */
export interface ContrastStudyOptions {
  data: ContrastData;
  settings: ContrastSettings;
  /** The command that repeats the run. */
  command: string;
  /** Called when a method was measured with a seed. */
  onMeasured?: (measured: MeasuredAtoms[]) => void;
}

/**
 * Trains every objective on one half of the samples, without labels, and decomposes what the other half's features tell about
 * each target: as they are ("raw features"), through Cross's networks before training ("random weights"), and after each
 * objective.
 *
 * A linear probe, fitted on the learning half, says beside the atoms how much can still be read from each source: clusters
 * show what vectors are mostly about, not all that is in them.
 */
export async function runContrastStudy(
  { data, settings, command, onMeasured }: ContrastStudyOptions,
): Promise<RecordedAtoms> {
  const engine = await useEngine(), { sources, load } = contrastData[data];
  const started = new Date().toISOString(), begun = performance.now(), measured: MeasuredAtoms[] = [];
  let samples = 0;
  for (const seed of settings.seeds) {
    const halves = await load(seed);
    samples = halves.heldOut[0].shape[0];
    const measureAs = async (method: string, represent: (x: VectorPair) => VectorPair) => {
      const entries = await measure(method, halves, represent, { ...settings, seed });
      measured.push(...entries);
      onMeasured?.(entries);
    };
    await measureAs("raw features", ([a, b]) => [a.clone(), b.clone()]);
    for (const name of objectiveNames) await learnAndMeasure(name, halves.train, { ...settings, seed }, measureAs);
    tf.dispose([halves.train, halves.heldOut]);
  }
  const { seeds, ...config } = settings;
  return {
    ...{ data, sources, config: { ...config, seeds: seeds.join(", ") }, engine: engine.description },
    ...{ versions: engineVersions(engine), command, started, seconds: (performance.now() - begun) / 1000 },
    ...{ samples, measured },
  };
}

type SeedSettings = ContrastSettings & { seed: number };

/** Trains an objective and measures it; the first one is measured untrained, too. */
async function learnAndMeasure(
  name: ObjectiveName,
  train: VectorPair,
  settings: SeedSettings,
  measureAs: (method: string, represent: (x: VectorPair) => VectorPair) => Promise<void>,
): Promise<void> {
  const { seed, hidden, dim } = settings, widths: [number, number] = [train[0].shape[1], train[1].shape[1]];
  const random = new RandomStream(seed, "weights"), draws = new RandomStream(seed, "draws");
  const { model, loss, represent } = contrastiveObjectives[name]({ widths, hidden, dim, random, draws });
  try {
    if (name === objectiveNames[0]) await measureAs("random weights", represent);
    await minimize(model, [...train], settings, (a, b) => loss([a, b]));
    await measureAs(name, represent);
  } finally {
    for (const part of [model, random, draws]) part.dispose();
  }
}

/** The atoms of each target as they are found in the held-out half, and what probes read there. */
async function measure(
  method: string,
  { train, heldOut, targets }: Halves,
  represent: (x: VectorPair) => VectorPair,
  settings: SeedSettings,
): Promise<MeasuredAtoms[]> {
  const { seed, clusters, shuffles, resamples } = settings;
  const learnt = represent(train), held = represent(heldOut), entries: MeasuredAtoms[] = [];
  for (const { target, ...labels } of targets) {
    const pid = await dataPid(held, labels.heldOut, { seed, clusters, shuffles, resamples });
    const { redundancy, unique1, unique2, synergy } = pid;
    entries.push({
      ...{ method, target, seed },
      ...{ redundancy: kept(redundancy), unique1: kept(unique1), unique2: kept(unique2), synergy: kept(synergy) },
      read: [
        await readBy([learnt[0], held[0]], labels, settings),
        await readBy([learnt[1], held[1]], labels, settings),
      ],
    });
  }
  tf.dispose([learnt, held]);
  return entries;
}

const kept = ({ plugIn, null: { mean }, distinguishable }: InformationEstimate) => ({
  ...{ plugIn: rounded(plugIn), chance: rounded(mean), distinguishable },
});

/** Far below what samples can tell, and short. */
const rounded = (bits: number): number => Number(bits.toFixed(4));

/** Part of the held-out samples that a linear probe of standardised features reads right. */
async function readBy(
  [learnt, held]: tf.Tensor2D[],
  { train, heldOut, classes }: Omit<Halves["targets"][number], "target">,
  { seed, c }: SeedSettings,
): Promise<number> {
  const { accuracy } = await linearProbe({
    train: { features: learnt, labels: train },
    test: { features: held, labels: heldOut },
    ...{ classes, cs: [c], seed, scoring: "accuracy" },
  });
  return rounded(accuracy);
}
