import * as tf from "@tensorflow/tfjs";
import { quantileSorted } from "simple-statistics";
import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapResamples } from "../evaluation/bootstrap.ts";
import { checkConfidence, type Interval } from "../evaluation/interval.ts";
import { sum } from "./distribution.ts";
import { discretize, type DiscretizeOptions } from "./discretize.ts";
import { jointDistribution, renumbered, type States } from "./joint_distribution.ts";
import { brojaPid, type PartialInformation } from "./partial_information.ts";

/** A modality: features or embeddings, `[samples, dim]`, that will be clustered, or states, one per sample. */
export type Source = tf.Tensor2D | States;

/** Options of {@linkcode dataPid}. */
export interface DataPidOptions extends DiscretizeOptions {
  /** How often labels are shuffled for the null. Default 200. */
  shuffles?: number;
  /** How often samples are drawn anew for the intervals. Default 200. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
}

/** An atom as it was counted, beside what chance alone makes of it. All in bits but for `pValue`. */
export interface InformationEstimate {
  /** The plug-in value: the atom of the counted frequencies. Too high for few samples. */
  plugIn: number;
  /** The same of shuffled labels, which no source tells anything about: mean and the middle `confidence` part. */
  null: { mean: number; low: number; high: number };
  /** The plug-in value less the null's mean, with its bootstrap interval. Below 0 where chance makes more of nothing. */
  corrected: Interval;
  /** How often shuffled labels give as much, $(1 + \#\{null \ge plugIn\}) / (1 + shuffles)$. */
  pValue: number;
  /** Whether `pValue` is at most 1 - confidence and the corrected interval lies above 0. If not, it may be chance. */
  distinguishable: boolean;
}

/** Result of {@linkcode dataPid}: the atoms, and their sum $I(X_1, X_2; Y)$ as `total`. */
export type DataPid = Record<keyof PartialInformation | "total", InformationEstimate> & {
  samples: number;
  /** How many states of each source occur. */
  states: [first: number, second: number];
  classes: number;
};

/** Of every decomposition here, in bits: far below what samples can tell, and the same for data and null. */
const ACCURACY = 1e-5;

/**
 * Partial information decomposition of samples, with the part of it that is chance.
 *
 * Features are discretised, combinations counted, and the frequencies decomposed by {@linkcode brojaPid}. Of few samples
 * this finds information where there is none, and calls nearly all of it synergy: independent sources of 20 states and a
 * balanced binary label have some 0.7 bit of it at 138 samples. So the same is done with shuffled labels, many times, and
 * each atom comes with that null. Intervals are of the bootstrap over samples, with the clusters as they are:
 * $[\hat\theta - q_{1 - \alpha/2}, \hat\theta - q_{\alpha/2}]$ about the corrected value, with the quantiles of the
 * resamples' deviation from their own mean, since resampling adds bias of its own. They are too short for atoms that are 0
 * in truth, and for the redundancy of sources that tell the same amount, where it is the lesser of two equals.
 *
 * Shuffling tells what labels independent of both sources would give. A label that the sources determine leaves chance less
 * room, and the corrected synergy is then too low. There are `shuffles` + `resamples` decompositions, and the time of one
 * grows with the cube of states times classes: 20 × 20 states and ten classes take minutes in all.
 *
 * Source: the estimator CVX of Liang et al. 2023, Quantifying & modeling multimodal interactions; permutation null: Phipson
 * & Smyth 2010; bootstrap: Efron & Tibshirani 1993, ch. 13.
 *
 * @param sources Two modalities, sample by sample those of `labels`.
 * @param labels The class of each sample.
 * @throws {RangeError} If lengths differ, there is no sample, a state is no integer, an option is out of range, or there are
 * too few shuffles for any p-value to reach 1 - confidence.
 *
 * @example XOR of two bits: one bit of synergy, and no other atom that chance could not explain.
 * ```ts
 * import { dataPid, randomNumbers } from "braid";
 * import assert from "node:assert/strict";
 *
 * const random = randomNumbers(1, "bits"), draw = () => Array.from({ length: 200 }, () => random.integer(2));
 * const x1 = draw(), x2 = draw();
 * const { synergy, redundancy } = await dataPid([x1, x2], x1.map((bit, i) => bit ^ x2[i]), { seed: 1 });
 * assert.ok(synergy.distinguishable && synergy.corrected.value > 0.95);
 * assert.ok(!redundancy.distinguishable);
 * ```
 */
export async function dataPid(
  sources: readonly [Source, Source],
  labels: States,
  options: DataPidOptions,
): Promise<DataPid> {
  const { seed, shuffles = 200, resamples = 200, confidence = 0.95 } = options;
  checkConfidence(confidence);
  checkShuffles(shuffles, confidence);
  const y = renumbered("labels", labels), samples = y.states.length;
  const again = bootstrapResamples(samples, { seed, resamples });
  const [first, second] = [await statesOf("x1", sources[0], options), await statesOf("x2", sources[1], options)];
  const counted: Counted = [first.states, second.states, y.states];

  const plugIn = decompose(counted);
  const chance = await decomposeEach(shuffledLabels(counted, { shuffles, seed }));
  const drawn = await decomposeEach(drawnAnew(counted, again));
  const estimate = (name: keyof Bits) =>
    estimateOf(plugIn[name], chance.map((bits) => bits[name]), drawn.map((bits) => bits[name]), {
      samples,
      confidence,
    });
  return {
    redundancy: estimate("redundancy"),
    unique1: estimate("unique1"),
    unique2: estimate("unique2"),
    synergy: estimate("synergy"),
    total: estimate("total"),
    samples,
    states: [first.count, second.count],
    classes: y.count,
  };
}

type Bits = PartialInformation & { total: number };

/** States of both sources, and classes. */
type Counted = [x1: Int32Array, x2: Int32Array, y: Int32Array];

function decompose(counted: Counted): Bits {
  const atoms = brojaPid(jointDistribution(...counted), { accuracy: ACCURACY });
  return { ...atoms, total: sum(Object.values(atoms)) };
}

async function decomposeEach(many: Iterable<Counted>): Promise<Bits[]> {
  const results: Bits[] = [], pause = pauses();
  for (const counted of many) {
    results.push(decompose(counted));
    await pause();
  }
  return results;
}

function* shuffledLabels([x1, x2, y]: Counted, { shuffles, seed }: { shuffles: number; seed: number }) {
  const random = randomNumbers(seed, "shuffled labels");
  for (let shuffle = 0; shuffle < shuffles; shuffle++) {
    yield [x1, x2, random.permutation(y.length).map((i) => y[i])] satisfies Counted;
  }
}

function* drawnAnew(counted: Counted, resamples: Iterable<Int32Array>) {
  for (const indices of resamples) yield counted.map((states) => indices.map((i) => states[i])) as Counted;
}

/** Lets figures, sockets and the stop button have their turn, every 50 ms. */
function pauses(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 50) return;
    await new Promise((resume) => setTimeout(resume));
    last = performance.now();
  };
}

/** The states of a source, those of features being clusters. */
async function statesOf(name: string, source: Source, options: DiscretizeOptions) {
  return renumbered(name, source instanceof tf.Tensor ? await discretize(source, options) : source);
}

function estimateOf(
  plugIn: number,
  chance: number[],
  drawn: number[],
  { samples, confidence }: { samples: number; confidence: number },
): InformationEstimate {
  const mean = meanOf(chance), [low, high] = middle(chance, confidence), value = plugIn - mean;
  const corrected: Interval = { value, confidence, n: samples, over: "samples" };
  if (samples > 1) {
    const centre = meanOf(drawn), [least, most] = middle(drawn, confidence);
    Object.assign(corrected, { low: value - (most - centre), high: value - (least - centre) });
  }
  const pValue = (1 + chance.filter((bits) => bits >= plugIn - ACCURACY).length) / (1 + chance.length);
  const distinguishable = pValue <= 1 - confidence + 1e-9 && (corrected.low ?? 0) > 0;
  return { plugIn, null: { mean, low, high }, corrected, pValue, distinguishable };
}

const meanOf = (values: number[]): number => sum(values) / values.length;

/** The quantiles between which the middle part of the values lies. */
function middle(values: number[], part: number): [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b);
  return [quantileSorted(sorted, (1 - part) / 2), quantileSorted(sorted, (1 + part) / 2)];
}

/** @throws {RangeError} If no p-value of so many shuffles can be as small as 1 - confidence. */
function checkShuffles(shuffles: number, confidence: number): void {
  const least = Math.ceil(1 / (1 - confidence) - 1e-9) - 1;
  if (!(Number.isInteger(shuffles) && shuffles >= least)) {
    throw new RangeError(
      `Expected at least ${least} shuffles for a confidence of ${confidence}, got ${shuffles}: no p-value could be small ` +
        "enough",
    );
  }
}
