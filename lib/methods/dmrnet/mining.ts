// Which combinations of modalities are hard: what is averaged over each, and the choice of the highest.

import * as tf from "@tensorflow/tfjs";
import { filledBuffer } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { modalityCombinations, oneHotCombinations, subsetSizes } from "./combinations.ts";

/** Result of {@linkcode combinationMeans} and {@linkcode combinationStatistics}, in the order of {@linkcode modalityCombinations}. */
export interface CombinationStatistics {
  /** $v_S$, the mean over samples, 0 where no sample has the combination, `[combinations]`. */
  score: tf.Tensor1D;
  /** How many samples have the combination, int32 `[combinations]`. */
  count: tf.Tensor1D;
}

/**
 * The mean of a number under each combination of modalities, such as the cross-entropy.
 *
 * A sample without any modality counts nowhere.
 *
 * @param values One a sample, `[batch]`.
 * @param mask 1 = kept, int32 `[batch, modalities]`.
 * @throws {RangeError} If the shapes do not fit, or there is no sample.
 *
 * @example
 * ```ts
 * import { combinationMeans, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const mask = tf.tensor2d([[1, 0], [1, 1], [1, 0]], undefined, "int32");
 * const { score, count } = combinationMeans(tf.tensor1d([1, 5, 3]), mask);
 * assert.deepEqual([await score.array(), await count.array()], [[2, 0, 5], [2, 0, 1]]);
 * ```
 */
export function combinationMeans(values: tf.Tensor1D, mask: tf.Tensor2D): CombinationStatistics {
  if (values.rank !== 1 || mask.rank !== 2 || mask.shape[0] !== values.shape[0]) {
    throw new RangeError(
      "Expected values of shape [batch] and a mask of shape [batch, modalities], " +
        `got [${values.shape}] and [${mask.shape}]`,
    );
  }
  if (values.size === 0) throw new RangeError("Expected at least 1 sample, got 0");
  return tf.tidy(() => {
    const all = modalityCombinations(mask.shape[1]); // [S, M]
    const same = tf.all(mask.expandDims<tf.Tensor3D>(1).equal(all.expandDims<tf.Tensor3D>(0)), 2); // [B, S]
    const count = same.cast("float32").sum<tf.Tensor1D>(0);
    // Chosen, not multiplied: an infinite value of one combination must not become NaN in the others.
    const own = tf.where(same, values.expandDims(1), tf.scalar(0)); // [B, S]
    return { score: own.sum(0).div<tf.Tensor1D>(count.maximum(1)), count: count.cast<tf.Tensor1D>("int32") };
  });
}

/** Options of {@linkcode combinationStatistics}. */
export interface CombinationStatisticsOptions {
  /** What is averaged: $\sigma^2$ or $\log \sigma^2$. The latter depends less on how many modalities there are. Default `variance`. */
  statistic?: "variance" | "logVariance";
}

/**
 * The mean variance that DMRNet predicts under each combination of modalities.
 *
 * $$v_S = \frac{\sum_{b:\, S_b = S} \sum_i \sigma_{b,i}^2}{\#\{(b, i)\}}$$
 *
 * Several batches are pooled by {@linkcode HardCombinationMiner}, since they hold different numbers of each combination.
 *
 * Source: Wei et al. 2024 (DMRNet), eq. 10. Where a combination does not occur, the released code gives NaN.
 *
 * @param logVariance $\log \sigma^2$, `[batch, …]`.
 * @param mask 1 = kept, int32 `[batch, modalities]`.
 * @throws {RangeError} If the shapes do not fit, there is no sample, or the statistic is unknown.
 *
 * @example
 * ```ts
 * import { combinationStatistics, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const mask = tf.tensor2d([[1, 0], [1, 1]], undefined, "int32"), logVariance = tf.tensor2d([[0, 0], [2, 4]]);
 * const { score } = combinationStatistics(logVariance, mask, { statistic: "logVariance" });
 * assert.deepEqual(await score.array(), [0, 0, 3]);
 * ```
 */
export function combinationStatistics(
  logVariance: tf.Tensor,
  mask: tf.Tensor2D,
  { statistic = "variance" }: CombinationStatisticsOptions = {},
): CombinationStatistics {
  if (logVariance.rank < 2 || logVariance.size === 0) {
    throw new RangeError(`Expected logVariance of shape [batch, …] with at least 1 number, got [${logVariance.shape}]`);
  }
  if (statistic !== "variance" && statistic !== "logVariance") {
    throw new RangeError(`Expected statistic to be "variance" or "logVariance", got ${statistic}`);
  }
  return tf.tidy(() => {
    const entries = statistic === "variance" ? logVariance.exp() : logVariance;
    const perSample = entries.reshape([logVariance.shape[0], -1]).mean<tf.Tensor1D>(1);
    return { ...combinationMeans(perSample, mask) };
  });
}

/** Options of {@linkcode mineHardCombinations}. */
export interface MiningOptions {
  modalities: number;
  /** $V$, how many combinations are hard. Default 1. */
  count?: number;
  /** Only combinations of so many modalities compete, since scores of different sizes may not compare; 0: all. Default 0. */
  size?: number;
}

/**
 * The combinations of modalities with the highest scores: DMRNet's $\mathcal H$.
 *
 * Ties go to the lower index. NaN stands for a combination that was not seen, and does not compete; in the released code it
 * wins.
 *
 * Source: Wei et al. 2024 (DMRNet), section 3; `size: 1` is what the released audio-visual code does.
 *
 * @param score One number a combination, in the order of {@linkcode modalityCombinations}: a mean variance, or a mean loss.
 * @returns Indices, ascending.
 * @throws {RangeError} If there is not one score for each combination, or fewer combinations compete than are asked for.
 *
 * @example
 * ```ts
 * import { mineHardCombinations } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(mineHardCombinations([0.2, 0.7, 0.9], { modalities: 2 }), [2]);
 * assert.deepEqual(mineHardCombinations([0.2, 0.7, 0.9], { modalities: 2, size: 1 }), [1]);
 * ```
 */
export function mineHardCombinations(
  score: ArrayLike<number>,
  { modalities, count = 1, size = 0 }: MiningOptions,
): number[] {
  const sizes = subsetSizes(modalities);
  if (score.length !== sizes.length) {
    throw new RangeError(`Expected a score for each of ${sizes.length} combinations, got ${score.length}`);
  }
  const competing = sizes.flatMap((own, i) => (size === 0 || own === size) && !Number.isNaN(score[i]) ? [i] : []);
  if (!(Number.isInteger(count) && count >= 0 && count <= competing.length)) {
    throw new RangeError(
      `Expected count to be a whole number of at most ${competing.length}, as many combinations compete, got ${count}`,
    );
  }
  const harder = (i: number, j: number) => score[i] === score[j] ? i - j : score[j] - score[i]; // ∞ - ∞ is no number
  return competing.sort(harder).slice(0, count).sort((i, j) => i - j);
}

/** Result of {@linkcode HardCombinationMiner.mine}, numbers in the order of {@linkcode modalityCombinations}. */
export interface MinedCombinations {
  /** Indices of the hard combinations, ascending. */
  hard: number[];
  /** The mean over the samples of each combination, NaN where there was none. */
  score: number[];
  /** How many samples were seen of each. */
  count: number[];
}

/**
 * Collects scores of combinations while DMRNet warms up, then chooses the hard ones and says which samples have them.
 *
 * Everything is kept in buffers, so that a compiled step collects, and follows a choice that is made after it was recorded.
 * Until then no sample is hard.
 *
 * Source: Wei et al. 2024 (DMRNet), section 3; pooled over samples, where the released code averages the means of batches.
 *
 * @example
 * ```ts
 * import { combinationMeans, HardCombinationMiner, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const miner = new HardCombinationMiner(2), indices = tf.tensor1d([1, 0, 1], "int32");
 * miner.add(combinationMeans(tf.tensor1d([1, 5]), tf.tensor2d([[1, 0], [0, 1]], undefined, "int32")));
 * assert.deepEqual(await miner.hardSamples(indices).array(), [0, 0, 0]);
 * assert.deepEqual((await miner.mine()).hard, [1]); // the second modality alone; both together were not seen
 * assert.deepEqual(await miner.hardSamples(indices).array(), [1, 0, 1]);
 * ```
 */
export class HardCombinationMiner extends Module {
  /** Sum of the scores of all samples, `[combinations]`. */
  readonly total: tf.Variable<tf.Rank.R1>;
  /** Number of samples, `[combinations]`. */
  readonly count: tf.Variable<tf.Rank.R1>;
  /** 1 = hard, `[combinations]`. */
  readonly hard: tf.Variable<tf.Rank.R1>;
  readonly #modalities: number;

  /**
   * @param modalities $M$, 1 to 16.
   * @throws {RangeError} If the number of modalities is out of range.
   */
  constructor(modalities: number) {
    super();
    const { length } = subsetSizes(modalities);
    this.#modalities = modalities;
    this.total = filledBuffer<tf.Rank.R1>([length], 0);
    this.count = filledBuffer<tf.Rank.R1>([length], 0);
    this.hard = filledBuffer<tf.Rank.R1>([length], 0);
  }

  /** Adds the samples of a batch, of {@linkcode combinationStatistics} or {@linkcode combinationMeans}. */
  add({ score, count }: CombinationStatistics): void {
    tf.tidy(() => {
      const seen = count.greater(0); // a sum of 0 · ∞ would be no number
      this.total.assign(this.total.add(tf.where(seen, score.mul(count), tf.zerosLike(score))));
      this.count.assign(this.count.add(count));
    });
  }

  /** Chooses the hard combinations by what was collected, as {@linkcode mineHardCombinations} does. */
  async mine(options: Omit<MiningOptions, "modalities"> = {}): Promise<MinedCombinations> {
    const [total, count] = await Promise.all([this.total.array(), this.count.array()]);
    const score = total.map((sum, i) => sum / count[i]); // 0 / 0 where none was seen
    const hard = mineHardCombinations(score, { ...options, modalities: this.#modalities });
    this.choose(hard);
    return { hard, score, count };
  }

  /**
   * Makes these combinations the hard ones, whatever was collected.
   *
   * @param hard Indices in the order of {@linkcode modalityCombinations}.
   * @throws {RangeError} If one of them is no combination.
   */
  choose(hard: number[]): void {
    const [combinations] = this.hard.shape, flags = new Float32Array(combinations);
    for (const index of hard) {
      if (!(Number.isInteger(index) && index >= 0 && index < combinations)) {
        throw new RangeError(`Expected indices of ${combinations} combinations, got ${index}`);
      }
      flags[index] = 1;
    }
    tf.tidy(() => this.hard.assign(tf.tensor1d(flags)));
  }

  /**
   * Which samples have a hard combination.
   *
   * @param indices Rows of {@linkcode modalityCombinations}, int32 `[batch]`.
   * @returns 1 = hard, int32 `[batch]`.
   */
  hardSamples(indices: tf.Tensor1D): tf.Tensor1D {
    return tf.tidy(() => oneHotCombinations(indices, this.hard.size).mul(this.hard).sum(1).cast<tf.Tensor1D>("int32"));
  }
}
