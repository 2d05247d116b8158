// Which combinations of modalities are hard: what is averaged over each, and the choice of the highest.

import * as tf from "@tensorflow/tfjs";
import { modalityCombinations, subsetSizes } from "./combinations.ts";

/** Options of {@linkcode combinationStatistics}. */
export interface CombinationStatisticsOptions {
  /** What is averaged: $\sigma^2$ or $\log \sigma^2$. The latter depends less on how many modalities there are. Default `variance`. */
  statistic?: "variance" | "logVariance";
}

/** Result of {@linkcode combinationStatistics}. */
export interface CombinationStatistics {
  /** $v_S$ in the order of {@linkcode modalityCombinations}, 0 where no sample has the combination, `[combinations]`. */
  score: tf.Tensor1D;
  /** How many samples have the combination, int32 `[combinations]`. */
  count: tf.Tensor1D;
}

/**
 * The mean variance that DMRNet predicts under each combination of modalities.
 *
 * $$v_S = \frac{\sum_{b:\, S_b = S} \sum_i \sigma_{b,i}^2}{\#\{(b, i)\}}$$
 *
 * Over several batches, add up `score * count` and `count`, and divide at the end: batches hold different numbers of each.
 *
 * Source: Wei et al. 2024 (DMRNet), eq. 10. Where a combination does not occur, the released code gives NaN.
 *
 * @param logVariance $\log \sigma^2$, `[batch, …]`.
 * @param mask 1 = kept, int32 `[batch, modalities]`.
 * @throws {RangeError} If the shapes do not fit or the statistic is unknown.
 *
 * @example
 * ```ts
 * import { combinationStatistics, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const mask = tf.tensor2d([[1, 0], [1, 1], [1, 0]], undefined, "int32"), logVariance = tf.tensor2d([[1], [5], [3]]);
 * const { score, count } = combinationStatistics(logVariance, mask, { statistic: "logVariance" });
 * assert.deepEqual([await score.array(), await count.array()], [[2, 0, 5], [2, 0, 1]]);
 * ```
 */
export function combinationStatistics(
  logVariance: tf.Tensor,
  mask: tf.Tensor2D,
  { statistic = "variance" }: CombinationStatisticsOptions = {},
): CombinationStatistics {
  if (logVariance.rank < 2 || mask.rank !== 2 || mask.shape[0] !== logVariance.shape[0]) {
    throw new RangeError(
      "Expected logVariance of shape [batch, …] and a mask of shape [batch, modalities], " +
        `got [${logVariance.shape}] and [${mask.shape}]`,
    );
  }
  if (statistic !== "variance" && statistic !== "logVariance") {
    throw new RangeError(`Expected statistic to be "variance" or "logVariance", got ${statistic}`);
  }
  const [batch, modalities] = mask.shape;
  return tf.tidy(() => {
    const entries = statistic === "variance" ? logVariance.exp() : logVariance;
    const perSample = entries.reshape([batch, logVariance.size / batch]).mean(1).expandDims<tf.Tensor2D>(0); // [1, B]
    const all = modalityCombinations(modalities); // [S, M]
    const equal = mask.expandDims<tf.Tensor3D>(1).equal<tf.Tensor3D>(all.expandDims(0)); // [B, S, M]
    const same: tf.Tensor2D = tf.cast(tf.all(equal, 2), "float32"); // [B, S]
    const count = same.sum<tf.Tensor1D>(0);
    const score = perSample.matMul(same).squeeze<tf.Tensor1D>([0]).div<tf.Tensor1D>(count.maximum(1));
    return { score, count: count.cast<tf.Tensor1D>("int32") };
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
 * Ties go to the lower index. A score that is no finite number stands for a combination that was not seen, and does not compete:
 * give NaN where the count of {@linkcode combinationStatistics} is 0.
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
  const competing = sizes.flatMap((own, i) => (size === 0 || own === size) && Number.isFinite(score[i]) ? [i] : []);
  if (!(Number.isInteger(count) && count >= 0 && count <= competing.length)) {
    throw new RangeError(
      `Expected count to be a whole number of at most ${competing.length}, as many combinations compete, got ${count}`,
    );
  }
  return competing.sort((i, j) => score[j] - score[i] || i - j).slice(0, count).sort((i, j) => i - j);
}
