import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/**
 * Affine map of the last axis: `x Wᵀ + b`.
 *
 * @param x `[..., in]`.
 * @param weight `[out, in]`.
 * @param bias `[out]`, if any.
 * @returns `[..., out]`.
 *
 * @example
 * ```ts
 * import { linear, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = linear(tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4], [5, 6]]), tf.tensor1d([10, 20]));
 * assert.deepEqual(await y.array(), [[21, 37]]);
 * ```
 */
export function linear<T extends tf.Tensor>(x: T, weight: tf.Tensor2D, bias?: tf.Tensor1D): T {
  const [outputs, inputs] = weight.shape;
  if (x.shape.at(-1) !== inputs) {
    throw new RangeError(
      `Expected the last axis to have ${inputs} entries for weight [${weight.shape}], got [${x.shape}]`,
    );
  }
  return tf.tidy(() => {
    const product = tf.matMul(tf.reshape(x, [-1, inputs]) as tf.Tensor2D, weight, false, true);
    const shifted = bias ? tf.add(product, bias) : product;
    return tf.reshape(shifted, [...x.shape.slice(0, -1), outputs]) as T;
  });
}

/** Options of {@linkcode Linear}. */
export interface LinearOptions extends Initialization {
  /** Whether there is a bias. Default true. */
  bias?: boolean;
}

/** {@linkcode linear} with its parameters: PyTorch's `Linear`, uniform in ±1/sqrt(inputs) at first. */
export class Linear extends Module {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias?: tf.Variable<tf.Rank.R1>;

  constructor(inputs: number, outputs: number, { random, bias = true }: LinearOptions) {
    super();
    this.weight = uniformParameter<tf.Rank.R2>([outputs, inputs], inputs, random);
    if (bias) this.bias = uniformParameter<tf.Rank.R1>([outputs], inputs, random);
  }

  /** `[..., inputs]` to `[..., outputs]`. */
  forward<T extends tf.Tensor>(x: T): T {
    return linear(x, this.weight, this.bias);
  }
}
