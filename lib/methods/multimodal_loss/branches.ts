// One modality: an encoder and the head that decides by it.

import * as tf from "@tensorflow/tfjs";
import type { FeatureEncoder } from "../../nn/feature_encoder.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";

/** $f_m$: a batch of one modality to logits. */
export interface UnimodalBranch extends Module {
  /** How many classes it tells apart. */
  readonly classes: number;
  /** `[batch, …]` to `[batch, classes]`, before the softmax. */
  forward(x: tf.Tensor): tf.Tensor2D;
}

/** An encoder with a linear head. */
export class EncoderBranch extends Module implements UnimodalBranch {
  readonly encoder: FeatureEncoder;
  readonly head: Linear;
  readonly classes: number;

  constructor(encoder: FeatureEncoder, classes: number, { random }: Initialization) {
    super();
    this.encoder = encoder;
    this.head = new Linear(encoder.features, classes, { random });
    this.classes = classes;
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.head.forward(this.encoder.forward(x)));
  }
}

/** The branch of the synthetic experiment: linear layers with nothing between them. */
export class DeepLinearBranch extends Module implements UnimodalBranch {
  readonly layers: Linear[];
  readonly classes: number;

  /**
   * @param widths From the input's to the number of classes; as published `[2000, 500, 100, 20, 2]`.
   * @throws {RangeError} If there is no layer.
   */
  constructor(widths: number[], { random }: Initialization) {
    super();
    if (widths.length < 2) throw new RangeError(`Expected the widths of at least one layer, got [${widths}]`);
    this.layers = widths.slice(1).map((width, i) => new Linear(widths[i], width, { random }));
    this.classes = widths.at(-1)!;
  }

  forward(x: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.layers.reduce((h, layer) => layer.forward(h), x as tf.Tensor2D));
  }
}
