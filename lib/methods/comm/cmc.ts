// CMC, the paper's baseline for three modalities: every pair of modalities is contrasted, nothing is fused.

import * as tf from "@tensorflow/tfjs";
import { cmcLoss } from "../../losses/cmc_loss.ts";
import type { NtXentOptions } from "../../losses/nt_xent.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import type { TokenEncoder } from "./comm.ts";

/** Options of {@linkcode CMC}. */
export interface CMCOptions extends Initialization {
  /** One encoder a modality; its last token stands for the sample. */
  encoders: TokenEncoder[];
  /** Width of the encoders' tokens. */
  dim: number;
  /** Width of what the loss compares. Default 13, the paper's for language, vision and sound. */
  out?: number;
}

/**
 * Contrastive multiview coding: a linear head without bias a modality, {@linkcode cmcLoss} over all pairs.
 *
 * Source: Tian et al. 2020; settings as in CoMM's baseline.
 */
export class CMC extends Module {
  readonly encoders: TokenEncoder[];
  readonly heads: Linear[];

  constructor({ encoders, dim, out = 13, random }: CMCOptions) {
    super();
    if (encoders.length < 2) throw new RangeError(`Expected at least 2 modalities, got ${encoders.length}`);
    this.encoders = encoders;
    this.heads = encoders.map(() => new Linear(dim, out, { random, bias: false }));
  }

  /** What probes read: the encoders' vectors without the heads, `[batch, modalities · dim]`. */
  embed(x: tf.Tensor[]): tf.Tensor2D {
    return tf.tidy(() => tf.concat(this.#encode(x, { training: false }), 1));
  }

  /** The vectors that the loss compares, `[modalities, batch, out]`. */
  project(x: tf.Tensor[], mode: { training: boolean } = { training: true }): tf.Tensor3D {
    return tf.tidy(() => tf.stack(this.#encode(x, mode).map((z, i) => this.heads[i].forward(z))) as tf.Tensor3D);
  }

  /** The loss of a batch, `[]`. */
  loss(x: tf.Tensor[], options?: NtXentOptions): tf.Scalar {
    return tf.tidy(() => cmcLoss(this.project(x), options));
  }

  #encode(x: tf.Tensor[], mode: { training: boolean }): tf.Tensor2D[] {
    if (x.length !== this.encoders.length) {
      throw new RangeError(`Expected one batch for each of ${this.encoders.length} modalities, got ${x.length}`);
    }
    return this.encoders.map((encoder, i) => {
      const tokens = encoder.forward(x[i], mode), [, steps, dim] = tokens.shape;
      return tf.reshape(tf.slice(tokens, [0, steps - 1, 0], [-1, 1, -1]), [-1, dim]) as tf.Tensor2D;
    });
  }
}
