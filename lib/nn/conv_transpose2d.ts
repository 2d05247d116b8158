import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { Module } from "./module.ts";
import { checkPair, type Pair, pairOf } from "./windows.ts";

/** Options of {@linkcode convTranspose2d}. */
export interface ConvTranspose2dOptions {
  /** Step between the places of the output to which neighbouring inputs belong. Default 1. */
  stride?: Pair;
  /** How much is cut off at each of the four sides. Default 0. */
  padding?: Pair;
  /** Rows and columns added below and at the right, fewer than the stride. Default 0. */
  outputPadding?: Pair;
}

/**
 * Transposed convolution, the gradient of {@linkcode conv2d} with respect to its input, as in PyTorch but with channels last.
 *
 * @param x `[batch, height, width, in]`.
 * @param weight `[kernel, kernel, out, in]`.
 * @param bias `[out]`, if any.
 * @returns `[batch, (height - 1) stride - 2 padding + kernel + outputPadding, …, out]`.
 * @throws {RangeError} If the channels differ, nothing would be left, or an option is out of range.
 *
 * @example Each input writes its kernel; overlaps add up.
 * ```ts
 * import { convTranspose2d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = convTranspose2d(tf.ones([1, 1, 2, 1]), tf.ones([1, 3, 1, 1]), undefined, { stride: [1, 2] });
 * assert.deepEqual(await y.array(), [[[[1], [1], [2], [1], [1]]]]);
 * ```
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  bias?: tf.Tensor1D,
  { stride = 1, padding = 0, outputPadding = 0 }: ConvTranspose2dOptions = {},
): tf.Tensor4D {
  const [kernelHeight, kernelWidth, outChannels, inChannels] = weight.shape;
  if (x.rank !== 4 || x.shape[3] !== inChannels) {
    throw new RangeError(`Expected ${inChannels} channels (last axis), got an image batch of shape [${x.shape}]`);
  }
  checkPair("the stride", stride, 1);
  checkPair("the padding", padding, 0);
  checkPair("the output padding", outputPadding, 0);
  const strides = pairOf(stride), cut = pairOf(padding), added = pairOf(outputPadding), [batch, ...places] = x.shape;
  if (added.some((side, axis) => side >= strides[axis])) {
    throw new RangeError(`Expected the output padding to be below the stride [${strides}], got [${added}]`);
  }
  const [height, width] = [kernelHeight, kernelWidth].map((kernel, axis) =>
    (places[axis] - 1) * strides[axis] - 2 * cut[axis] + kernel + added[axis]
  );
  if (height < 1 || width < 1) {
    throw new RangeError(`Expected a padding that leaves some output, got [${cut}] and ${height} x ${width} places`);
  }
  return tf.tidy(() => {
    // All that the kernels write, without rows that the output padding may add; then cut.
    const full = places.slice(0, 2).map((side, axis) => (side - 1) * strides[axis] + [kernelHeight, kernelWidth][axis]);
    const written = tf.conv2dTranspose(x, weight, [batch, full[0], full[1], outChannels], strides, "valid");
    const beyond = [height, width].map((
      side,
      axis,
    ): [number, number] => [0, Math.max(0, side + cut[axis] - full[axis])]);
    const padded = beyond.some(([, after]) => after) ? tf.pad(written, [[0, 0], ...beyond, [0, 0]]) : written;
    const y = tf.slice(padded, [0, ...cut, 0], [batch, height, width, outChannels]) as tf.Tensor4D;
    return bias ? tf.add(y, bias) : y;
  });
}

/** Options of {@linkcode ConvTranspose2d}. */
export interface ConvTranspose2dLayerOptions extends ConvTranspose2dOptions, Initialization {
  /** Whether there is a bias. Default true. */
  bias?: boolean;
}

/**
 * {@linkcode convTranspose2d} with its parameters: PyTorch's `ConvTranspose2d`, uniform at first in ±1/sqrt(out · kernel²) as
 * there; weights are `[in, out, kernel, kernel]` in a state dict.
 */
export class ConvTranspose2d extends Module {
  readonly weight: tf.Variable<tf.Rank.R4>;
  readonly bias?: tf.Variable<tf.Rank.R1>;
  readonly #options: ConvTranspose2dOptions;

  /**
   * @param inChannels Channels of the input.
   * @param outChannels Channels of the output.
   * @param kernel Side of the square kernel, or `[height, width]`.
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernel: Pair,
    { random, bias = true, ...options }: ConvTranspose2dLayerOptions,
  ) {
    super();
    checkPair("the kernel", kernel, 1);
    const [height, width] = pairOf(kernel), fanIn = outChannels * height * width;
    this.weight = uniformParameter<tf.Rank.R4>([height, width, outChannels, inChannels], fanIn, random);
    if (bias) this.bias = uniformParameter<tf.Rank.R1>([outChannels], fanIn, random);
    this.#options = options;
  }

  protected override pyTorchAxes(): Record<string, number[]> {
    return { weight: [3, 2, 0, 1] };
  }

  /** `[batch, height, width, inChannels]` to a larger map with `outChannels`. */
  forward(x: tf.Tensor4D): tf.Tensor4D {
    return convTranspose2d(x, this.weight, this.bias, this.#options);
  }
}
