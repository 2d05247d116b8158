// CoMM: one fused vector for a multimodal sample, contrasted with that of an augmented copy and with each modality alone.

import * as tf from "@tensorflow/tfjs";
import { type CommLoss, commLoss, type CommLossOptions } from "../../losses/comm_loss.ts";
import { supConLoss, type SupConLossOptions } from "../../losses/sup_con_loss.ts";
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

/** What makes one vector of the tokens of several modalities. */
export interface Fusion extends Module {
  /** Tokens `[batch, tokens, dim]` of all modalities, to `[batch, dim]`. */
  forward(tokens: tf.Tensor3D[]): tf.Tensor2D;
  /** Each modality alone, then all: `[masks, batch, dim]`. */
  forwardMasks(tokens: tf.Tensor3D[]): tf.Tensor3D;
}

/** Options of {@linkcode CoMM}. */
export interface CoMMOptions extends Initialization {
  /** One encoder a modality, in the order of the inputs. */
  encoders: TokenEncoder[];
  /** Width $d$ of tokens and of the fused vector. */
  dim: number;
  /** Attention heads of the fusion transformer. Default 8. */
  heads?: number;
  /** Blocks of the fusion transformer. Default 1. */
  layers?: number;
  /** Another fusion in the place of the transformer. */
  fusion?: Fusion;
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
  readonly fusion: Fusion;
  readonly head: ProjectionHead;

  constructor({ encoders, dim, heads = 8, layers = 1, fusion, random }: CoMMOptions) {
    super();
    if (encoders.length < 2) throw new RangeError(`Expected at least 2 modalities, got ${encoders.length}`);
    this.encoders = encoders;
    this.fusion = fusion ?? new FusionTransformer(dim, heads, { random, layers });
    this.head = new ProjectionHead(dim, { random });
  }

  /** $Z$, what probes read: one batch a modality, to `[batch, dim]`. */
  embed(x: tf.Tensor[], mode: Mode = { training: false }): tf.Tensor2D {
    return tf.tidy(() => this.fusion.forward(this.#tokens(x, mode)));
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

  /**
   * The supervised loss of two augmented views of the same samples, `[]`: {@linkcode supConLoss} on $Z$ itself, without head.
   *
   * It fine-tunes a model that CoMM has trained, or trains one from the start as a baseline.
   *
   * @param labels Class of each sample, int32 `[batch]`.
   * @param options Of {@linkcode supConLoss}.
   */
  supervisedLoss(
    view1: tf.Tensor[],
    view2: tf.Tensor[],
    labels: tf.Tensor1D,
    options?: SupConLossOptions,
  ): tf.Scalar {
    return tf.tidy(() => {
      const views = [view1, view2].map((view) => this.embed(view, { training: true }));
      return supConLoss(tf.stack(views, 1) as tf.Tensor3D, labels, options);
    });
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
