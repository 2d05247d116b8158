// From an encoder's output to a sequence of tokens.

import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "../../nn/initialize.ts";
import { linear } from "../../nn/linear.ts";
import type { ImageEncoder } from "../../nn/conv_encoder.ts";
import { Module } from "../../nn/module.ts";
import { sinCosPosition2d } from "../../nn/positions.ts";

/**
 * A feature map as tokens: a 1x1 projection of each place plus its fixed 2-D position.
 *
 * @param map `[batch, rows, columns, channels]`.
 * @param weight `[dim, channels]`.
 * @param bias `[dim]`.
 * @returns `[batch, rows · columns, dim]`, row by row.
 */
export function patchAdapter(map: tf.Tensor4D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor3D {
  const [batch, rows, columns, channels] = map.shape, [dim] = weight.shape;
  return tf.tidy(() => {
    const places = tf.reshape(map, [batch, rows * columns, channels]) as tf.Tensor3D;
    return tf.add(linear(places, weight, bias), sinCosPosition2d(rows, columns, dim)) as tf.Tensor3D;
  });
}

/** {@linkcode patchAdapter} with its parameters (initialised as a 1x1 convolution of PyTorch). */
export class PatchAdapter extends Module {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;

  constructor(channels: number, dim: number, { random }: Initialization) {
    super();
    this.weight = uniformParameter<tf.Rank.R2>([dim, channels], channels, random);
    this.bias = uniformParameter<tf.Rank.R1>([dim], channels, random);
  }

  /** `[batch, rows, columns, channels]` to `[batch, rows · columns, dim]`. */
  forward(map: tf.Tensor4D): tf.Tensor3D {
    return patchAdapter(map, this.weight, this.bias);
  }
}

/** An image encoder and its patch adapter: pictures to tokens. */
export class ImageTokens extends Module {
  readonly encoder: ImageEncoder;
  readonly adapter: PatchAdapter;

  constructor(encoder: ImageEncoder, dim: number, { random }: Initialization) {
    super();
    this.encoder = encoder;
    this.adapter = new PatchAdapter(encoder.channels, dim, { random });
  }

  /** `[batch, height, width, channels]` to `[batch, tokens, dim]`. */
  forward(images: tf.Tensor, mode: { training: boolean }): tf.Tensor3D {
    return tf.tidy(() => this.adapter.forward(this.encoder.forward(images as tf.Tensor4D, mode)));
  }
}

/** The mean over the places of an encoder's map, `[batch, channels]`. */
export const pooled = (encoder: ImageEncoder, images: tf.Tensor4D, mode: { training: boolean }): tf.Tensor2D =>
  tf.mean(encoder.forward(images, mode), [1, 2]);

/** An image encoder alone: pictures to one token each, the mean of the map. */
export class PooledImage extends Module {
  constructor(readonly encoder: ImageEncoder) {
    super();
  }

  /** `[batch, height, width, channels]` to `[batch, 1, channels]`. */
  forward(images: tf.Tensor, mode: { training: boolean }): tf.Tensor3D {
    return tf.tidy(() => tf.expandDims(pooled(this.encoder, images as tf.Tensor4D, mode), 1));
  }
}

/**
 * A feature vector as tokens, one a feature: token $k$ is $x_k W_k + b_k$.
 *
 * @param x `[batch, features]`.
 * @param weight `[features, dim]`.
 * @param bias `[features, dim]`.
 * @returns `[batch, features, dim]`.
 */
export function featureTokenizer(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor2D): tf.Tensor3D {
  if (x.shape[1] !== weight.shape[0]) {
    throw new RangeError(`Expected ${weight.shape[0]} features, got a batch of shape [${x.shape}]`);
  }
  return tf.tidy(() => tf.add(tf.mul(tf.expandDims(x, 2), weight), bias) as tf.Tensor3D);
}
