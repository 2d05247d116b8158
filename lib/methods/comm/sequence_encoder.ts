// CoMM's encoder of sequences on MultiBench.

import * as tf from "@tensorflow/tfjs";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { TransformerEncoderLayer } from "../../nn/transformer_encoder_layer.ts";
import type { TokenEncoder } from "./comm.ts";

/** Options of {@linkcode SequenceEncoder}. */
export interface SequenceEncoderOptions extends Initialization {
  /** Width of tokens. Default 40. */
  dim?: number;
  /** Layers. Default 5. */
  layers?: number;
  /** Attention heads. Default 5. */
  heads?: number;
  /** Probability with which an entry is dropped. Default 0.1. */
  dropoutRate?: number;
}

/**
 * A sequence of feature vectors to as many tokens: a projection without bias, then transformer encoder layers, without
 * positions, padding mask or final norm.
 *
 * Source: CoMM's released code, "Transformer-40" of the MultiBench configurations.
 *
 * @example
 * ```ts
 * import { RandomStream, SequenceEncoder, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const encoder = new SequenceEncoder(20, { layers: 1, random: new RandomStream(0, "sequences") });
 * assert.deepEqual(encoder.forward(tf.ones([2, 7, 20]), { training: false }).shape, [2, 7, 40]);
 * ```
 */
export class SequenceEncoder extends Module implements TokenEncoder {
  /** The projection, PyTorch's 1x1 convolution without bias. */
  readonly conv: Linear;
  readonly layers: TransformerEncoderLayer[];

  /** @param features Width of the input. */
  constructor(
    features: number,
    { random, dim = 40, layers = 5, heads = 5, dropoutRate = 0.1 }: SequenceEncoderOptions,
  ) {
    super();
    this.conv = new Linear(features, dim, { random, bias: false });
    this.layers = Array.from(
      { length: layers },
      () => new TransformerEncoderLayer(dim, { random, heads, dropoutRate }),
    );
  }

  /** `[batch, steps, features]` to `[batch, steps, dim]`. */
  forward(x: tf.Tensor, mode: { training: boolean }): tf.Tensor3D {
    return tf.tidy(() =>
      this.layers.reduce((tokens, layer) => layer.forward(tokens, mode), this.conv.forward(x as tf.Tensor3D))
    );
  }
}
