import * as tf from "@tensorflow/tfjs";
import { Conv2d } from "./conv2d.ts";
import type { Initialization } from "./initialize.ts";
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

/**
 * A small encoder for small images: 3x3 convolutions of stride 2 and padding 1, each with ReLU.
 *
 * Weights start normal with variance 2 / fan-in and biases at 0 (He et al. 2015), not at PyTorch's default, under which the
 * features would shrink with each layer and drown in the position codes that are added to them.
 */
export class ConvEncoder extends Module implements ImageEncoder {
  readonly layers: Conv2d[];
  readonly channels: number;

  /** @param widths Channels of the input and after each layer, e.g. `[3, 32, 64, 128, 256]`. */
  constructor(widths: number[], { random }: Initialization) {
    super();
    if (widths.length < 2) throw new RangeError(`Expected the widths of at least one layer, got [${widths}]`);
    this.channels = widths.at(-1)!;
    this.layers = widths.slice(1).map((width, i) => new Conv2d(widths[i], width, 3, { stride: 2, padding: 1, random }));
    for (const { weight, bias } of this.layers) {
      const fanIn = weight.size / weight.shape[3];
      tf.tidy(() => {
        weight.assign(random.normal<tf.Rank.R4>(weight.shape, 0, Math.sqrt(2 / fanIn)));
        bias!.assign(tf.zeros(bias!.shape));
      });
    }
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => this.layers.reduce((x, layer) => tf.relu(layer.forward(x)), images));
  }

  mapSize(size: number): number {
    return this.layers.reduce((side) => Math.floor((side - 1) / 2) + 1, size);
  }
}
