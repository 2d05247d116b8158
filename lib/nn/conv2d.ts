import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Step between positions. Default 1. */
  stride?: number;
  /** Zeros added at each of the four sides. Default 0. */
  padding?: number;
}

/**
 * Two-dimensional convolution (cross-correlation), as in PyTorch but with channels last.
 *
 * @param x `[batch, height, width, in]`.
 * @param weight `[kernel, kernel, in, out]`.
 * @param bias `[out]`, if any.
 * @returns `[batch, floor((height + 2 padding - kernel) / stride) + 1, …, out]`.
 *
 * @example
 * ```ts
 * import { conv2d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = conv2d(tf.ones([1, 4, 4, 1]), tf.ones([3, 3, 1, 1]), undefined, { stride: 2, padding: 1 });
 * assert.deepEqual(await y.array(), [[[[4], [6]], [[6], [9]]]]);
 * ```
 */
export function conv2d(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  bias?: tf.Tensor1D,
  { stride = 1, padding = 0 }: Conv2dOptions = {},
): tf.Tensor4D {
  if (x.shape[3] !== weight.shape[2]) {
    throw new RangeError(`Expected ${weight.shape[2]} channels (last axis), got an image batch of shape [${x.shape}]`);
  }
  return tf.tidy(() => {
    const sides: [number, number] = [padding, padding];
    const y = tf.conv2d(x, weight, stride, [[0, 0], sides, sides, [0, 0]], "NHWC", 1, "floor");
    return bias ? tf.add(y, bias) : y;
  });
}

/** Options of {@linkcode Conv2d}. */
export interface Conv2dLayerOptions extends Conv2dOptions, Initialization {}

/** {@linkcode conv2d} with its parameters: PyTorch's `Conv2d`; weights are `[out, in, kernel, kernel]` in a state dict. */
export class Conv2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly #options: Conv2dOptions;

  constructor(inChannels: number, outChannels: number, kernel: number, { random, ...options }: Conv2dLayerOptions) {
    super();
    const fanIn = inChannels * kernel * kernel;
    this.weight = uniformParameter<tf.Rank.R4>([kernel, kernel, inChannels, outChannels], fanIn, random);
    this.bias = uniformParameter<tf.Rank.R1>([outChannels], fanIn, random);
    this.#options = options;
  }

  protected override pyTorchAxes(): Record<string, number[]> {
    return { weight: [3, 2, 0, 1] };
  }

  /** `[batch, height, width, inChannels]` to a map with `outChannels`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return conv2d(x, this.weight, this.bias, this.#options);
  }
}
