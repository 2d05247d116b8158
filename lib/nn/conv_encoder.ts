import * as tf from "@tensorflow/tfjs";
import { Conv2d } from "./conv2d.ts";
import type { Initialization } from "./initialize.ts";
import { LayerNorm } from "./layer_norm.ts";
import { Module } from "./module.ts";

/** What turns a batch of images into a map of features. */
export interface ImageEncoder extends Module {
  /** Channels of the map. */
  readonly channels: number;
  /** `[batch, height, width, in]` to `[batch, rows, columns, channels]`. */
  forward(images: tf.Tensor4D): tf.Tensor4D;
  /** Rows (and columns) of the map for square images of `size` pixels. */
  mapSize(size: number): number;
}

/** Options of {@linkcode ConvEncoder}. */
export interface ConvEncoderOptions extends Initialization {
  /** Layer norm over the channels after each convolution: the features then start at the scale of position codes. Default false. */
  norm?: boolean;
}

/** A small encoder for small images: 3x3 convolutions of stride 2 and padding 1, each with ReLU. */
export class ConvEncoder extends Module implements ImageEncoder {
  readonly layers: Conv2d[];
  readonly norms: LayerNorm[];
  readonly channels: number;

  /** @param widths Channels of the input and after each layer, e.g. `[3, 32, 64, 128, 256]`. */
  constructor(widths: number[], { random, norm = false }: ConvEncoderOptions) {
    super();
    if (widths.length < 2) throw new RangeError(`Expected the widths of at least one layer, got [${widths}]`);
    this.channels = widths.at(-1)!;
    this.layers = widths.slice(1).map((width, i) => new Conv2d(widths[i], width, 3, { stride: 2, padding: 1, random }));
    this.norms = norm ? widths.slice(1).map((width) => new LayerNorm(width)) : [];
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    const normalized = (x: tf.Tensor4D, i: number) => this.norms[i]?.forward(x) ?? x;
    return tf.tidy(() => this.layers.reduce((x, layer, i) => tf.relu(normalized(layer.forward(x), i)), images));
  }

  mapSize(size: number): number {
    return this.layers.reduce((side) => Math.floor((side - 1) / 2) + 1, size);
  }
}
