import { quantile } from "simple-statistics";
import { type RandomNumbers, randomNumbers } from "../engine/random_numbers.ts";
import { entropy, sum } from "./distribution.ts";
import { jointDistribution } from "./joint_distribution.ts";
import { brojaPid } from "./partial_information.ts";

/** Options of {@linkcode samplingBias}. */
export interface SamplingBiasOptions {
  /** Numbers of states of each source; even. */
  clusters: readonly number[];
  /** Numbers of samples. */
  samples: readonly number[];
  /** How often the label is a fair coin instead, 0 to 1; with 1 there is nothing to find. */
  noise: number;
  /** Data sets of each size. Default 10. */
  draws?: number;
  seed: number;
}

/** Synergy counted from data sets of one size, in bits. */
export interface SamplingBias {
  clusters: number;
  samples: number;
  /** What there is: $1 - h_2(\text{noise} / 2)$. */
  truth: number;
  /** Plug-in value: mean over the data sets, and between which values the middle 95 % of them lie. */
  plugIn: { mean: number; low: number; high: number };
  /** Mean of the same with shuffled labels. */
  chance: number;
  /** The plug-in value less `chance`. */
  corrected: { mean: number; low: number; high: number };
}

/**
 * How much synergy is counted from few samples where the truth is known.
 *
 * Two independent, uniform sources of $k$ states and the label $y = [(x_1 + x_2) \bmod k < k/2]$: neither source alone
 * tells anything, both together tell all, unless the label is a coin. Each data set is drawn, counted and decomposed by
 * {@linkcode brojaPid}, to 0.001 bit; so is one shuffling of its labels.
 *
 * @returns One record for each number of clusters and samples.
 * @throws {RangeError} If a number of clusters is not even, of samples not positive, or noise not in 0 … 1.
 *
 * @example Nothing to find, and yet nearly half a bit of it is found.
 * ```ts
 * import { samplingBias } from "braid";
 * import assert from "node:assert/strict";
 *
 * const [{ plugIn, corrected }] = samplingBias({ clusters: [8], samples: [60], noise: 1, seed: 1 });
 * assert.ok(plugIn.mean > 0.4 && Math.abs(corrected.mean) < 0.1);
 * ```
 */
export function samplingBias({ clusters, samples, noise, draws = 10, seed }: SamplingBiasOptions): SamplingBias[] {
  const odd = clusters.find((k) => !(Number.isInteger(k / 2) && k > 0));
  if (odd !== undefined) throw new RangeError(`Expected even numbers of clusters, got ${odd}`);
  const wrong = [...samples, draws].find((n) => !(Number.isInteger(n) && n > 0));
  if (wrong !== undefined) throw new RangeError(`Expected positive numbers of samples and draws, got ${wrong}`);
  if (!(noise >= 0 && noise <= 1)) throw new RangeError(`Expected noise to be in 0 … 1, got ${noise}`);
  const random = randomNumbers(seed, "sampling bias"), truth = 1 - entropy([noise / 2, 1 - noise / 2]);
  return clusters.flatMap((k) =>
    samples.map((n) => {
      const drawn = Array.from({ length: draws }, () => countedSynergy(k, n, noise, random));
      const chance = meanOf(drawn.map(({ shuffled }) => shuffled)),
        plugIn = spread(drawn.map(({ synergy }) => synergy));
      const { mean, low, high } = plugIn;
      const corrected = { mean: mean - chance, low: low - chance, high: high - chance };
      return { clusters: k, samples: n, truth, plugIn, chance, corrected };
    })
  );
}

/** Of every synergy, in bits: far below the bias that is shown, and within reach where two sources tell next to nothing. */
const ACCURACY = 1e-3;

/** Synergy of one data set, and of the same with shuffled labels. */
function countedSynergy(k: number, n: number, noise: number, random: RandomNumbers) {
  const draw = () => Array.from({ length: n }, () => random.integer(k)), x1 = draw(), x2 = draw();
  const y = x1.map((x, i) => random.uniform() < noise ? random.integer(2) : Number((x + x2[i]) % k < k / 2));
  const synergyOf = (labels: number[]) => brojaPid(jointDistribution(x1, x2, labels), { accuracy: ACCURACY }).synergy;
  return { synergy: synergyOf(y), shuffled: synergyOf(Array.from(random.permutation(n), (i) => y[i])) };
}

const spread = (values: number[]) => ({
  mean: meanOf(values),
  low: quantile(values, 0.025),
  high: quantile(values, 0.975),
});

const meanOf = (values: readonly number[]): number => sum(values) / values.length;
