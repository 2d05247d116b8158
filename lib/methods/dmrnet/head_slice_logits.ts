import * as tf from "@tensorflow/tfjs";

/**
 * What each modality contributes to the logits of a linear head on concatenated features: they add up to the fused logits.
 *
 * $$s_m = F_m W_m^\top + \tfrac1M b$$
 *
 * with $F_m$ and $W_m$ the columns of modality $m$, all of the same width.
 *
 * Source: released code of Wei et al. 2024 (DMRNet), after OGM-GE (Peng et al. 2022).
 *
 * @param features $F$, `[batch, modalities · dim]`.
 * @param weight $W$, `[classes, modalities · dim]`.
 * @param bias $b$, `[classes]`.
 * @returns `[modalities, batch, classes]`.
 * @throws {RangeError} If a shape does not fit, or the features cannot be cut into equal slices.
 *
 * @example
 * ```ts
 * import { headSliceLogits, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const logits = headSliceLogits(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]]), tf.tensor1d([10]), { modalities: 2 });
 * assert.deepEqual(await logits.array(), [[[8]], [[13]]]); // together 3 + 8 + 10
 * ```
 */
export function headSliceLogits(
  features: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  { modalities }: { modalities: number },
): tf.Tensor3D {
  const width = features.shape[1], [classes] = weight.shape;
  if (features.rank !== 2 || String(weight.shape) !== String([classes, width]) || String(bias.shape) !== `${classes}`) {
    throw new RangeError(
      "Expected features [batch, dim], a weight [classes, dim] and a bias [classes], " +
        `got [${features.shape}], [${weight.shape}] and [${bias.shape}]`,
    );
  }
  if (!(Number.isInteger(modalities) && modalities >= 1 && width % modalities === 0)) {
    throw new RangeError(`Expected ${width} features to be equal slices of the modalities, got ${modalities} of them`);
  }
  return tf.tidy(() => {
    const cut = (x: tf.Tensor2D) => tf.split(x, modalities, 1);
    const weights = cut(weight), share = bias.div(modalities);
    return tf.stack(cut(features).map((x, m) => tf.matMul(x, weights[m], false, true).add(share))) as tf.Tensor3D;
  });
}
