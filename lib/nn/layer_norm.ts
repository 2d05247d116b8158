import * as tf from "@tensorflow/tfjs";
import { filledParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/**
 * Layer normalisation of the last axis: $(x - \mu) / \sqrt{\sigma^2 + \epsilon} \cdot w + b$ with the biased variance.
 *
 * @param x `[..., dim]`.
 * @param weight `[dim]`.
 * @param bias `[dim]`.
 * @param options `epsilon`, 1e-5 as in PyTorch.
 * @returns `[..., dim]`.
 *
 * @example
 * ```ts
 * import { layerNorm, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = await layerNorm(tf.tensor2d([[1, 3]]), tf.ones([2]), tf.zeros([2])).array();
 * assert.ok(Math.abs(y[0][1] - 1) < 1e-4 && Math.abs(y[0][0] + 1) < 1e-4);
 * ```
 */
export function layerNorm<T extends tf.Tensor>(
  x: T,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): T {
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), weight), bias) as T;
  });
}

/** {@linkcode layerNorm} with its parameters: PyTorch's `LayerNorm`. */
export class LayerNorm extends Module {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;

  constructor(dim: number) {
    super();
    this.weight = filledParameter<tf.Rank.R1>([dim], 1);
    this.bias = filledParameter<tf.Rank.R1>([dim], 0);
  }

  /** `[..., dim]` to `[..., dim]`. */
  forward<T extends tf.Tensor>(x: T): T {
    return layerNorm(x, this.weight, this.bias);
  }
}
