import * as tf from "@tensorflow/tfjs";
import { Conv2d, conv2d } from "./conv2d.ts";
import type { Initialization } from "./initialize.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

const PADDING = { padding: 1 };

/** Options of {@linkcode ConvPoolEncoder}. */
export interface ConvPoolEncoderOptions extends Initialization {
  /** Rows and columns of the images, e.g. `[28, 28]`; each layer halves them, rounded down. */
  size: [height: number, width: number];
  /** Length of the vector that comes out. */
  features: number;
}

/**
 * An encoder of small images and spectrograms to vectors: 3x3 convolutions of padding 1, each with ReLU and 2x2 max-pooling,
 * then a linear layer with ReLU.
 *
 * The last map is flattened channels first, `channel · rows · columns + row · columns + column`, as PyTorch does, so that
 * the weights of a PyTorch `Sequential` of the same layers give the same vectors. In a state dict the convolutions are
 * `layers.0`, `layers.1`, …, the linear layer is `linear`. Initial weights are PyTorch's.
 *
 * @example
 * ```ts
 * import { ConvPoolEncoder, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const random = new RandomStream(0, "weights");
 * const encoder = new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features: 128, random });
 * assert.deepEqual(encoder.linear.weight.shape, [128, 64 * 7 * 7]);
 * assert.deepEqual(encoder.forward(tf.zeros([2, 28, 28, 1])).shape, [2, 128]);
 * ```
 */
export class ConvPoolEncoder extends Module {
  readonly layers: Conv2d[];
  readonly linear: Linear;
  /** Length of the vector that comes out. */
  readonly features: number;
  readonly #imageShape: [height: number, width: number, channels: number];

  /**
   * @param widths Channels of the input and after each layer, e.g. `[1, 32, 64]`.
   * @throws {RangeError} If there is no layer, or the images are too small to be halved by each.
   */
  constructor(widths: number[], { size, features, random }: ConvPoolEncoderOptions) {
    super();
    if (widths.length < 2) throw new RangeError(`Expected the widths of at least one layer, got [${widths}]`);
    const depth = widths.length - 1, least = 2 ** depth;
    if (size.some((side) => side < least)) {
      throw new RangeError(`Expected images of at least ${least} x ${least} for ${depth} layers, got [${size}]`);
    }
    const [rows, columns] = size.map((side) => Math.floor(side / least));
    this.layers = widths.slice(1).map((width, i) => new Conv2d(widths[i], width, 3, { ...PADDING, random }));
    this.linear = new Linear(widths.at(-1)! * rows * columns, features, { random });
    this.features = features;
    this.#imageShape = [...size, widths[0]];
  }

  /**
   * `[batch, height, width, in]` to `[batch, features]`, none below 0.
   *
   * @throws {RangeError} If the images have another size or other channels than the encoder was made for.
   */
  forward(images: tf.Tensor4D): tf.Tensor2D {
    if (String(images.shape.slice(1)) !== String(this.#imageShape)) {
      throw new RangeError(`Expected images of shape [batch,${this.#imageShape}], got [${images.shape}]`);
    }
    return tf.tidy(() => {
      // Bias and ReLU after pooling are the same as before it, on a quarter of the numbers.
      const layer = (x: tf.Tensor4D, { weight, bias }: Conv2d): tf.Tensor4D =>
        tf.relu(tf.add(tf.maxPool(conv2d(x, weight, undefined, PADDING), 2, 2, "valid"), bias!));
      const map = this.layers.reduce(layer, images); // [batch, rows, columns, channels]
      const flat = tf.reshape(tf.transpose(map, [0, 3, 1, 2]), [images.shape[0], this.linear.weight.shape[1]]);
      return tf.relu(this.linear.forward(flat as tf.Tensor2D));
    });
  }
}
