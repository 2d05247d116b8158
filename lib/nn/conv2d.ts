import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { Module } from "./module.ts";
import { checkPair, countWindows, type Pair, pairOf } from "./windows.ts";

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Step between positions, or `[down, across]`. Default 1. */
  stride?: Pair;
  /** Zeros added at each of the four sides, or `[above and below, left and right]`. Default 0. */
  padding?: Pair;
}

/**
 * Two-dimensional convolution (cross-correlation), as in PyTorch but with channels last.
 *
 * @param x `[batch, height, width, in]`.
 * @param weight `[kernel, kernel, in, out]`, or of two kernel sizes.
 * @param bias `[out]`, if any.
 * @returns `[batch, floor((height + 2 padding - kernel) / stride) + 1, …, out]`.
 * @throws {RangeError} If the channels differ, the image is smaller than the kernel, or an option is out of range.
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
  if (x.rank !== 4 || x.shape[3] !== weight.shape[2]) {
    throw new RangeError(`Expected ${weight.shape[2]} channels (last axis), got an image batch of shape [${x.shape}]`);
  }
  checkPair("the stride", stride, 1);
  checkPair("the padding", padding, 0);
  const strides = pairOf(stride), sides = pairOf(padding);
  for (const axis of [0, 1]) {
    countWindows(x.shape[axis + 1], { kernel: weight.shape[axis], stride: strides[axis], padding: sides[axis] });
  }
  return tf.tidy(() => {
    // TensorFlow computes a convolution with paddings of its own up to three times slower than these two.
    const keepsSize = [0, 1].every((axis) => strides[axis] === 1 && weight.shape[axis] === 2 * sides[axis] + 1);
    const y = keepsSize ? tf.conv2d(x, weight, 1, "same") : tf.conv2d(padded(x, sides), weight, strides, "valid");
    return bias ? tf.add(y, bias) : y;
  });
}

/** Zeros around each image. */
function padded(x: tf.Tensor4D, [vertical, horizontal]: [number, number]): tf.Tensor4D {
  if (!vertical && !horizontal) return x;
  return tf.pad(x, [[0, 0], [vertical, vertical], [horizontal, horizontal], [0, 0]]);
}

/** Options of {@linkcode Conv2d}. */
export interface Conv2dLayerOptions extends Conv2dOptions, Initialization {
  /** Whether there is a bias. Default true. */
  bias?: boolean;
}

/** {@linkcode conv2d} with its parameters: PyTorch's `Conv2d`; weights are `[out, in, kernel, kernel]` in a state dict. */
export class Conv2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias?: tf.Variable<tf.Rank.R1>;
  readonly #options: Conv2dOptions;

  /**
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernel Side of the square kernel, or `[height, width]`.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernel: Pair,
    { random, bias = true, ...options }: Conv2dLayerOptions,
  ) {
    super();
    checkPair("the kernel", kernel, 1);
    const [height, width] = pairOf(kernel), fanIn = inChannels * height * width;
    this.weight = uniformParameter<tf.Rank.R4>([height, width, inChannels, outChannels], fanIn, random);
    if (bias) this.bias = uniformParameter<tf.Rank.R1>([outChannels], fanIn, random);
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
