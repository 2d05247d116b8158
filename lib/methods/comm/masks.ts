import * as tf from "@tensorflow/tfjs";

/**
 * CoMM's modality masks $\mathcal M = [e_1, \dots, e_n, \mathbf 1]$: each modality alone, then all.
 *
 * The last mask is the *prototype*: every other one is contrasted with it. Masked modalities are absent, not blanked.
 *
 * @param modalities $n \ge 1$.
 * @returns `[n + 1, n]` int32, 1 = kept.
 *
 * @example
 * ```ts
 * import { commMasks, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await commMasks(2).array(), [[1, 0], [0, 1], [1, 1]]);
 * ```
 */
export function commMasks(modalities: number): tf.Tensor2D {
  if (!(Number.isInteger(modalities) && modalities >= 1)) {
    throw new RangeError(`Expected at least 1 modality, got ${modalities}`);
  }
  return tf.tidy(() => tf.concat([tf.eye(modalities), tf.ones([1, modalities])]).cast("int32") as tf.Tensor2D);
}
