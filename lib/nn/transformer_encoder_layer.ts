import * as tf from "@tensorflow/tfjs";
import { type AttentionMasks, MultiHeadAttention, multiHeadAttention } from "./attention.ts";
import { dropout } from "./dropout.ts";
import type { Initialization } from "./initialize.ts";
import { LayerNorm } from "./layer_norm.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode TransformerEncoderLayer}. */
export interface TransformerEncoderLayerOptions extends Initialization {
  /** Attention heads; they divide the width. */
  heads: number;
  /** Width of the feed-forward part. Default 2048. */
  hidden?: number;
  /** Probability with which an entry is dropped, in [0, 1). Default 0.1. */
  dropoutRate?: number;
}

/**
 * PyTorch's `TransformerEncoderLayer` with norms first and ReLU, in its names:
 *
 * $$x \leftarrow x + D(\mathrm{MHA}_D(\mathrm{LN}_1 x)), \qquad
 * x \leftarrow x + D(W_2\, D(\mathrm{ReLU}(W_1\, \mathrm{LN}_2 x + b_1)) + b_2)$$
 *
 * with dropout $D$, in the attention on its weights.
 *
 * @throws {RangeError} If the heads do not divide the width or the rate is out of range (at the first call in training).
 *
 * @example
 * ```ts
 * import { RandomStream, TransformerEncoderLayer, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const layer = new TransformerEncoderLayer(8, { heads: 2, hidden: 16, random: new RandomStream(0, "layer") });
 * assert.deepEqual(layer.forward(tf.ones([2, 5, 8]), { training: true }).shape, [2, 5, 8]);
 * ```
 */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiHeadAttention;
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly #drop: <T extends tf.Tensor>(x: T, training: boolean) => T;

  /** @param dim Width of tokens. */
  constructor(dim: number, { random, heads, hidden = 2048, dropoutRate = 0.1 }: TransformerEncoderLayerOptions) {
    super();
    this.selfAttn = new MultiHeadAttention(dim, heads, { random });
    this.linear1 = new Linear(dim, hidden, { random });
    this.linear2 = new Linear(hidden, dim, { random });
    this.norm1 = new LayerNorm(dim);
    this.norm2 = new LayerNorm(dim);
    this.#drop = (x, training) => dropout(x, { rate: dropoutRate, random, training });
  }

  /**
   * @param x `[batch, tokens, dim]`.
   * @param options Whether entries are dropped; `padding` and `mask` as in {@linkcode multiHeadAttention}.
   * @returns `[batch, tokens, dim]`.
   */
  forward(
    x: tf.Tensor3D,
    { training, padding, mask }: { training: boolean } & Omit<AttentionMasks, "source">,
  ): tf.Tensor3D {
    const drop = <T extends tf.Tensor>(t: T) => this.#drop(t, training);
    const { selfAttn, norm1, norm2, linear1, linear2 } = this,
      options = { heads: selfAttn.heads, padding, mask, dropout: drop };
    return tf.tidy(() => {
      const attended = tf.add(x, drop(multiHeadAttention(norm1.forward(x), selfAttn.tensors, options))) as tf.Tensor3D;
      const hidden = drop(tf.relu(linear1.forward(norm2.forward(attended))));
      return tf.add(attended, drop(linear2.forward(hidden))) as tf.Tensor3D;
    });
  }
}
