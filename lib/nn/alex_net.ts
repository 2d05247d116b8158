import * as tf from "@tensorflow/tfjs";
import { Conv2d } from "./conv2d.ts";
import type { ImageEncoder } from "./conv_encoder.ts";
import type { Initialization } from "./initialize.ts";
import { Module } from "./module.ts";

/** AlexNet's five convolutions as in torchvision, without its classifier: 224 px to 6 x 6 x 256, 2,469,696 parameters. */
export class AlexNetTrunk extends Module implements ImageEncoder {
  readonly channels = 256;
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly conv3: Conv2d;
  readonly conv4: Conv2d;
  readonly conv5: Conv2d;

  constructor({ random }: Initialization) {
    super();
    this.conv1 = new Conv2d(3, 64, 11, { stride: 4, padding: 2, random });
    this.conv2 = new Conv2d(64, 192, 5, { padding: 2, random });
    this.conv3 = new Conv2d(192, 384, 3, { padding: 1, random });
    this.conv4 = new Conv2d(384, 256, 3, { padding: 1, random });
    this.conv5 = new Conv2d(256, 256, 3, { padding: 1, random });
  }

  forward(images: tf.Tensor4D): tf.Tensor4D {
    const pool = (x: tf.Tensor4D) => tf.maxPool(x, 3, 2, "valid");
    return tf.tidy(() => {
      const early = pool(tf.relu(this.conv2.forward(pool(tf.relu(this.conv1.forward(images))))));
      return pool([this.conv3, this.conv4, this.conv5].reduce((x, conv) => tf.relu(conv.forward(x)), early));
    });
  }

  mapSize(size: number): number {
    const pool = (side: number) => Math.floor((side - 3) / 2) + 1;
    return pool(pool(pool(Math.floor((size + 4 - 11) / 4) + 1)));
  }
}
