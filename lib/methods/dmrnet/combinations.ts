// Which modalities a sample is seen with: all non-empty subsets, in one order everywhere.

import * as tf from "@tensorflow/tfjs";

/** The subsets as rows of 0 and 1, by size and then by the first modality in which they differ. */
function subsets(modalities: number): number[][] {
  if (!(Number.isInteger(modalities) && modalities >= 1 && modalities <= 16)) {
    throw new RangeError(`Expected 1 to 16 modalities, got ${modalities}`);
  }
  const all = Array.from({ length: 2 ** modalities - 1 }, (_, i) => {
    const bits = 2 ** modalities - 1 - i; // from the first modality down: already lexicographic
    return Array.from({ length: modalities }, (_, m) => (bits >> (modalities - 1 - m)) & 1);
  });
  return all.sort((a, b) => subsetSize(a) - subsetSize(b));
}

const subsetSize = (subset: number[]): number => subset.reduce((size, kept) => size + kept);

/** Sizes of the subsets, in their order. */
export const subsetSizes = (modalities: number): number[] => subsets(modalities).map(subsetSize);

/**
 * All $2^M - 1$ combinations of modalities that leave something, by size, then by the first modality.
 *
 * Source: Wei et al. 2024 (DMRNet), released code.
 *
 * @param modalities $M$, 1 to 16.
 * @returns `[2^M - 1, M]` int32, 1 = kept.
 * @throws {RangeError} If the number of modalities is out of range.
 *
 * @example
 * ```ts
 * import { modalityCombinations, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await modalityCombinations(2).array(), [[1, 0], [0, 1], [1, 1]]);
 * ```
 */
export function modalityCombinations(modalities: number): tf.Tensor2D {
  return tf.tensor2d(subsets(modalities), undefined, "int32");
}

/** Result of {@linkcode combinationsFromUniform}. */
export interface DrawnCombinations {
  /** Rows of {@linkcode modalityCombinations}, int32 `[batch]`. */
  indices: tf.Tensor1D;
  /** 1 = kept, int32 `[batch, modalities]`. */
  masks: tf.Tensor2D;
}

/**
 * One combination of modalities a sample, each as likely: index $\lfloor u\,(2^M - 1) \rfloor$.
 *
 * This is not independent dropout: no sample loses everything, and of three modalities all are there in one sample of seven.
 *
 * Source: Wei et al. 2024 (DMRNet), released code.
 *
 * @param uniform $u$ in [0, 1), `[batch]`, e.g. of a `RandomStream`.
 * @throws {RangeError} If `uniform` has another rank, or the number of modalities is out of range.
 *
 * @example
 * ```ts
 * import { combinationsFromUniform, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const { masks } = combinationsFromUniform(tf.tensor1d([0, 0.5, 0.99]), { modalities: 2 });
 * assert.deepEqual(await masks.array(), [[1, 0], [0, 1], [1, 1]]);
 * ```
 */
export function combinationsFromUniform(
  uniform: tf.Tensor1D,
  { modalities }: { modalities: number },
): DrawnCombinations {
  if (uniform.rank !== 1) throw new RangeError(`Expected uniform numbers of shape [batch], got [${uniform.shape}]`);
  const combinations = 2 ** modalities - 1;
  return tf.tidy(() => {
    const all = modalityCombinations(modalities).cast<tf.Tensor2D>("float32");
    const indices = uniform.mul(combinations).floor().minimum(combinations - 1).cast<tf.Tensor1D>("int32");
    const masks = oneHotCombinations(indices, combinations).matMul(all).cast<tf.Tensor2D>("int32");
    return { indices, masks };
  });
}

/** One row a sample, 1 at its combination, float32 `[batch, combinations]`; `tf.oneHot()` refuses a single combination. */
export function oneHotCombinations(indices: tf.Tensor1D, combinations: number): tf.Tensor2D {
  return tf.tidy(() => {
    const all = tf.range(0, combinations, 1, "int32").expandDims<tf.Tensor2D>(0);
    return indices.expandDims<tf.Tensor2D>(1).equal<tf.Tensor2D>(all).cast<tf.Tensor2D>("float32");
  });
}
