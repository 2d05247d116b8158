import * as tf from "@tensorflow/tfjs";
import { conv2d } from "./conv2d.ts";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { Module } from "./module.ts";
import { checkPair } from "./windows.ts";

/** Options of {@linkcode conv1d}. */
export interface Conv1dOptions {
  /** Step between positions. Default 1. */
  stride?: number;
  /** Zeros added at both ends. Default 0. */
  padding?: number;
}

/**
 * One-dimensional convolution (cross-correlation), as in PyTorch but with channels last.
 *
 * @param x `[batch, steps, in]`.
 * @param weight `[kernel, in, out]`.
 * @param bias `[out]`, if any.
 * @returns `[batch, floor((steps + 2 padding - kernel) / stride) + 1, out]`.
 * @throws {RangeError} If the channels differ, the sequence is shorter than the kernel, or an option is out of range.
 *
 * @example
 * ```ts
 * import { conv1d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = conv1d(tf.ones([1, 4, 1]), tf.ones([3, 1, 1]), tf.tensor1d([10]), { padding: 1 });
 * assert.deepEqual(await y.array(), [[[12], [13], [13], [12]]]);
 * ```
 */
export function conv1d(
  x: tf.Tensor3D,
  weight: tf.Tensor3D,
  bias?: tf.Tensor1D,
  { stride = 1, padding = 0 }: Conv1dOptions = {},
): tf.Tensor3D {
  if (x.rank !== 3 || x.shape[2] !== weight.shape[1]) {
    throw new RangeError(`Expected sequences of shape [batch, steps, ${weight.shape[1]}], got [${x.shape}]`);
  }
  return tf.tidy(() => {
    const row = tf.expandDims(x, 1) as tf.Tensor4D, kernel = tf.expandDims(weight, 0) as tf.Tensor4D;
    return tf.squeeze(conv2d(row, kernel, bias, { stride: [1, stride], padding: [0, padding] }), [1]) as tf.Tensor3D;
  });
}

/** Options of {@linkcode Conv1d}. */
export interface Conv1dLayerOptions extends Conv1dOptions, Initialization {
  /** Whether there is a bias. Default true. */
  bias?: boolean;
}

/** {@linkcode conv1d} with its parameters: PyTorch's `Conv1d`; weights are `[out, in, kernel]` in a state dict. */
export class Conv1d extends Module {
  readonly weight: tf.Variable<tf.Rank.R3>;
  readonly bias?: tf.Variable<tf.Rank.R1>;
  readonly #options: Conv1dOptions;

  constructor(
    inChannels: number,
    outChannels: number,
    kernel: number,
    { random, bias = true, ...options }: Conv1dLayerOptions,
  ) {
    super();
    checkPair("the kernel", kernel, 1);
    const fanIn = inChannels * kernel;
    this.weight = uniformParameter<tf.Rank.R3>([kernel, inChannels, outChannels], fanIn, random);
    if (bias) this.bias = uniformParameter<tf.Rank.R1>([outChannels], fanIn, random);
    this.#options = options;
  }

  protected override pyTorchAxes(): Record<string, number[]> {
    return { weight: [2, 1, 0] };
  }

  /** `[batch, steps, inChannels]` to `[batch, …, outChannels]`. */
  forward(x: tf.Tensor3D): tf.Tensor3D {
    return conv1d(x, this.weight, this.bias, this.#options);
  }
}
