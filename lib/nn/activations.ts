import * as tf from "@tensorflow/tfjs";

/**
 * QuickGELU, $x \, \sigma(1.702 x)$: a cheap stand-in for GELU, in CLIP's and CoMM's transformer blocks.
 *
 * @example
 * ```ts
 * import { quickGelu, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.ok(Math.abs((await quickGelu(tf.tensor1d([1])).data())[0] - 0.8458) < 1e-4);
 * ```
 */
export function quickGelu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))) as T);
}
