// Residual networks of basic blocks, torchvision's ResNet-18 and -34 without the classifier.

import * as tf from "@tensorflow/tfjs";
import { BatchNorm } from "./batch_norm.ts";
import { Conv2d } from "./conv2d.ts";
import type { ImageEncoder } from "./conv_encoder.ts";
import type { Initialization } from "./initialize.ts";
import { Module } from "./module.ts";
import { adaptiveAvgPool2d, maxPool2d } from "./pooling.ts";
import { countWindows } from "./windows.ts";

type Mode = { training: boolean };

/** Sizes of {@linkcode ResNetTrunk}. */
export interface ResNetOptions extends Initialization {
  /** Channels of the pictures. Default 3. */
  inChannels?: number;
  /** Channels of the first stage; each later one has twice as many. Default 64. */
  width?: number;
  /** Blocks of each stage. Default `[2, 2, 2, 2]`, ResNet-18; `[3, 4, 6, 3]` is ResNet-34. */
  blocks?: number[];
}

/**
 * Two 3x3 convolutions with batch norm and a way around them: $\mathrm{ReLU}(F(x) + x)$, torchvision's `BasicBlock`. Where
 * size or channels change, the way around is a 1x1 convolution with batch norm.
 *
 * Source: He et al. 2016, equation 1 and figure 2.
 */
export class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm;
  readonly downsample?: [Conv2d, BatchNorm];

  constructor(inChannels: number, outChannels: number, { random, stride = 1 }: Initialization & { stride?: number }) {
    super();
    this.conv1 = convolution(inChannels, outChannels, 3, { random, stride, padding: 1 });
    this.bn1 = new BatchNorm(outChannels);
    this.conv2 = convolution(outChannels, outChannels, 3, { random, stride: 1, padding: 1 });
    this.bn2 = new BatchNorm(outChannels);
    if (stride !== 1 || inChannels !== outChannels) {
      const project = convolution(inChannels, outChannels, 1, { random, stride, padding: 0 });
      this.downsample = [project, new BatchNorm(outChannels)];
    }
  }

  /** `[batch, height, width, inChannels]` to `[batch, ceil(height / stride), …, outChannels]`. */
  forward(x: tf.Tensor4D, mode: Mode): tf.Tensor4D {
    return tf.tidy(() => {
      const hidden = tf.relu(this.bn1.forward(this.conv1.forward(x), mode));
      const residual = this.bn2.forward(this.conv2.forward(hidden), mode);
      const [project, norm] = this.downsample ?? [];
      return tf.relu(tf.add(residual, project && norm ? norm.forward(project.forward(x), mode) : x));
    });
  }
}

/**
 * ResNet-18 without its classifier, in torchvision's names: 224 px to 7 x 7 x 512, 11,176,512 parameters. A torchvision
 * checkpoint loads without its `fc.*`.
 *
 * Weights start normal with variance 2 / fan-out, norms as the identity (He et al. 2015, as in torchvision).
 *
 * Source: He et al. 2016, table 1.
 *
 * @example
 * ```ts
 * import { RandomStream, ResNetTrunk, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const trunk = new ResNetTrunk({ width: 4, random: new RandomStream(0, "weights") });
 * const map = trunk.forward(tf.zeros([1, 64, 64, 3]), { training: false });
 * assert.deepEqual(map.shape, [1, 2, 2, 32]);
 * ```
 */
export class ResNetTrunk extends Module implements ImageEncoder {
  readonly channels: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly layer4: BasicBlock[];

  constructor({ random, inChannels = 3, width = 64, blocks = [2, 2, 2, 2] }: ResNetOptions) {
    super();
    if (blocks.length !== 4 || !blocks.every((count) => Number.isInteger(count) && count >= 1)) {
      throw new RangeError(`Expected the numbers of blocks of four stages, got [${blocks}]`);
    }
    this.conv1 = convolution(inChannels, width, 7, { random, stride: 2, padding: 3 });
    this.bn1 = new BatchNorm(width);
    const stage = (index: number) => {
      const outChannels = width * 2 ** index;
      return Array.from({ length: blocks[index] }, (_, block) => {
        const first = block === 0, before = first && index > 0 ? outChannels / 2 : outChannels;
        return new BasicBlock(before, outChannels, { random, stride: first && index > 0 ? 2 : 1 });
      });
    };
    [this.layer1, this.layer2, this.layer3, this.layer4] = [0, 1, 2, 3].map(stage);
    this.channels = width * 8;
  }

  /** Pictures `[batch, height, width, inChannels]` to a map `[batch, rows, columns, channels]`. */
  forward(images: tf.Tensor4D, mode: Mode): tf.Tensor4D {
    return tf.tidy(() => {
      const stem = tf.relu(this.bn1.forward(this.conv1.forward(images), mode));
      const { layer1, layer2, layer3, layer4 } = this;
      return [layer1, layer2, layer3, layer4].flat().reduce(
        (x, block) => block.forward(x, mode),
        maxPool2d(stem, 3, { stride: 2, padding: 1 }),
      );
    });
  }

  /** The mean over the map's places, `[batch, channels]`: what torchvision's classifier reads. */
  pooled(images: tf.Tensor4D, mode: Mode): tf.Tensor2D {
    return tf.tidy(() => tf.squeeze(adaptiveAvgPool2d(this.forward(images, mode), 1), [1, 2]));
  }

  mapSize(size: number): number {
    const halved = (side: number, kernel: number) =>
      countWindows(side, { kernel, stride: 2, padding: (kernel - 1) / 2 });
    return [7, 3, 3, 3, 3].reduce(halved, size);
  }
}

/** A convolution without bias, normal with variance 2 / fan-out at first. */
function convolution(
  inChannels: number,
  outChannels: number,
  kernel: number,
  options: Initialization & { stride: number; padding: number },
): Conv2d {
  const conv = new Conv2d(inChannels, outChannels, kernel, { ...options, bias: false });
  const deviation = Math.sqrt(2 / (outChannels * kernel ** 2));
  tf.tidy(() => conv.weight.assign(options.random.normal<tf.Rank.R4>(conv.weight.shape, 0, deviation)));
  return conv;
}
