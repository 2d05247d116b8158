import * as tf from "@tensorflow/tfjs";
import { Conv2d } from "./conv2d.ts";
import type { ImageEncoder } from "./conv_encoder.ts";
import type { Initialization } from "./initialize.ts";
import { Module } from "./module.ts";
import { maxPool2d } from "./pooling.ts";
import { countWindows } from "./windows.ts";

type Layer = Conv2d | ((x: tf.Tensor4D) => tf.Tensor4D);

const relu = (x: tf.Tensor4D) => tf.relu(x);
const pool = (x: tf.Tensor4D) => maxPool2d(x, 3, { stride: 2 });

/**
 * AlexNet's five convolutions without its classifier, in torchvision's names: 224 px to 6 x 6 x 256, 2,469,696 parameters. A
 * torchvision checkpoint loads without its `classifier.*`.
 */
export class AlexNetTrunk extends Module implements ImageEncoder {
  readonly channels = 256;
  /** The layers in torchvision's order, by which the convolutions are `features.0`, `3`, `6`, `8` and `10`. */
  readonly features: Layer[];

  constructor({ random }: Initialization) {
    super();
    this.features = [
      ...[new Conv2d(3, 64, 11, { stride: 4, padding: 2, random }), relu, pool],
      ...[new Conv2d(64, 192, 5, { padding: 2, random }), relu, pool],
      ...[new Conv2d(192, 384, 3, { padding: 1, random }), relu],
      ...[new Conv2d(384, 256, 3, { padding: 1, random }), relu],
      ...[new Conv2d(256, 256, 3, { padding: 1, random }), relu, pool],
    ];
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() =>
      this.features.reduce((x, layer) => layer instanceof Conv2d ? layer.forward(x) : layer(x), images)
    );
  }

  mapSize(size: number): number {
    const pooled = (side: number) => countWindows(side, { kernel: 3, stride: 2, padding: 0 });
    return pooled(pooled(pooled(countWindows(size, { kernel: 11, stride: 4, padding: 2 }))));
  }
}
