// CoMM: one fused vector for a multimodal sample, contrasted with that of an augmented copy and with each modality alone.

import * as tf from "@tensorflow/tfjs";
import { type CommLoss, commLoss, type CommLossOptions } from "../../losses/comm_loss.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { ProjectionHead } from "../../nn/projection_head.ts";
import { FusionTransformer } from "./fusion_transformer.ts";

/** An encoder $f_i$ with its adapter: a batch of one modality to tokens `[batch, tokens, dim]`. */
export interface TokenEncoder extends Module {
  forward(x: tf.Tensor, mode: Mode): tf.Tensor3D;
}

/** Whether dropout is on and batch norm looks at the batch. */
interface Mode {
  training: boolean;
}

/** Options of {@linkcode CoMM}. */
export interface CoMMOptions extends Initialization {
  /** One encoder a modality, in the order of the inputs. */
  encoders: TokenEncoder[];
  /** Width $d$ of tokens and of the fused vector. */
  dim: number;
  /** Attention heads of the fusion. Default 8. */
  heads?: number;
  /** Blocks of the fusion. Default 1. */
  layers?: number;
}

/**
 * The model of CoMM.
 *
 * Encoders give tokens $T_i$; a fusion transformer turns those of all kept modalities into $Z \in \mathbb R^d$; a projection
 * head maps $Z$ to the space of the loss. Without the other modalities the same network gives $Z_i$.
 *
 * Source: Dufumier, Castillo-Navarro, Tuia, Thiran 2025, section 3.
 */
export class CoMM extends Module {
  readonly encoders: TokenEncoder[];
  readonly fusion: FusionTransformer;
  readonly head: ProjectionHead;

  constructor({ encoders, dim, heads = 8, layers = 1, random }: CoMMOptions) {
    super();
    if (encoders.length < 2) throw new RangeError(`Expected at least 2 modalities, got ${encoders.length}`);
    this.encoders = encoders;
    this.fusion = new FusionTransformer(dim, heads, { random, layers });
    this.head = new ProjectionHead(dim, { random });
  }

  /** $Z$, what probes read: one batch a modality, to `[batch, dim]`. */
  embed(x: tf.Tensor[]): tf.Tensor2D {
    return tf.tidy(() => this.fusion.forward(this.#tokens(x, { training: false })));
  }

  /** $Z_1, \dots, Z_n, Z$: each modality alone, then all; `[masks, batch, dim]`. */
  embedMasks(x: tf.Tensor[], mode: Mode = { training: false }): tf.Tensor3D {
    return tf.tidy(() => this.fusion.forwardMasks(this.#tokens(x, mode)));
  }

  /** The vectors that the loss compares, one a mask: `[masks, batch, 256]`, not normalised. Training moves running statistics. */
  project(x: tf.Tensor[], mode: Mode = { training: true }): tf.Tensor3D {
    return tf.tidy(() => {
      const masks = tf.unstack(this.embedMasks(x, mode)) as tf.Tensor2D[];
      // One call a mask: batch norm must not mix them.
      return tf.stack(masks.map((z) => this.head.forward(z, mode))) as tf.Tensor3D;
    });
  }

  /**
   * $\mathcal L_{CoMM}$ of two augmented views of the same samples.
   *
   * @param view1 One batch a modality.
   * @param view2 The same samples, augmented anew.
   * @param options Of {@linkcode commLoss}; `training` is true unless told.
   */
  loss(
    view1: tf.Tensor[],
    view2: tf.Tensor[],
    { training = true, ...options }: CommLossOptions & Partial<Mode> = {},
  ): CommLoss {
    return tf.tidy(() => ({
      ...commLoss(this.project(view1, { training }), this.project(view2, { training }), options),
    }));
  }

  #tokens(x: tf.Tensor[], mode: Mode): tf.Tensor3D[] {
    if (x.length !== this.encoders.length) {
      throw new RangeError(
        `Expected one batch for each of ${this.encoders.length} modalities, got ${x.length}: ` +
          "leave modalities out by embedMasks(), which fuses each alone",
      );
    }
    return this.encoders.map((encoder, i) => encoder.forward(x[i], mode));
  }
}
