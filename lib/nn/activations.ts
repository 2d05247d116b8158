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

/**
 * GELU, $x\,\Phi(x)$ with the normal distribution function $\Phi$: PyTorch's default, the exact one.
 *
 * Source: Hendrycks & Gimpel 2016, section 2.
 *
 * @example
 * ```ts
 * import { gelu, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.ok(Math.abs((await gelu(tf.tensor1d([1])).data())[0] - 0.8413) < 1e-4);
 * ```
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)) as T);
}

/**
 * SiLU, also called Swish, $x\,\sigma(x)$: in GMC's networks.
 *
 * @example
 * ```ts
 * import { silu, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.ok(Math.abs((await silu(tf.tensor1d([1])).data())[0] - 0.7311) < 1e-4);
 * ```
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(x)) as T);
}
