// The paper's baselines: they contrast one modality with the other, so they can only keep what both know.

import * as tf from "@tensorflow/tfjs";
import { clipLoss } from "../../losses/clip_loss.ts";
import { crossSelfLoss } from "../../losses/cross_self_loss.ts";
import type { ImageEncoder } from "../../nn/conv_encoder.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import { ProjectionHead } from "../../nn/projection_head.ts";
import { pooled } from "./adapters.ts";

/** Options of the baselines. */
export interface CrossOptions extends Initialization {
  /** One image encoder a modality. */
  encoders: [ImageEncoder, ImageEncoder];
}

/**
 * Cross: CLIP on pairs of images. A linear projection a modality, cosine scores, a learned scale.
 *
 * Source: Radford et al. 2021; settings as in CoMM's Trifeature baseline.
 */
export class Cross extends Module {
  readonly encoders: ImageEncoder[];
  readonly projections: Linear[];
  /** $\lambda$, the logarithm of the scale; starts at ln(1 / 0.07). */
  readonly logitScale: tf.Variable<tf.Rank.R0>;

  constructor({ encoders, random, out = 512 }: CrossOptions & { out?: number }) {
    super();
    this.encoders = encoders;
    this.projections = encoders.map(({ channels }) => new Linear(channels, out, { random, bias: false }));
    tf.tidy(() => {
      for (const { weight } of this.projections) {
        weight.assign(random.normal<tf.Rank.R2>(weight.shape, 0, weight.shape[1] ** -0.5));
      }
    });
    this.logitScale = tf.tidy(() => tf.variable(tf.scalar(Math.log(1 / 0.07))));
  }

  /** What probes read: both projected vectors, `[batch, 2 · out]`. */
  embed(x: tf.Tensor4D[]): tf.Tensor2D {
    return tf.tidy(() => tf.concat(this.project(x), 1));
  }

  /** CLIP's loss of a batch of pairs, `[]`; the scale stays between 1 and 100. */
  loss(x: tf.Tensor4D[]): tf.Scalar {
    return tf.tidy(() => {
      const [a, b] = this.project(x, { training: true });
      const scale = tf.exp(tf.clipByValue(this.logitScale, 0, Math.log(100))) as tf.Scalar;
      return clipLoss(a, b, scale).value;
    });
  }

  /** The vectors that the loss compares, `[batch, out]` for each modality. */
  project(x: tf.Tensor4D[], mode: { training: boolean } = { training: false }): [tf.Tensor2D, tf.Tensor2D] {
    return x.map((images, i) => this.projections[i].forward(pooled(this.encoders[i], images, mode))) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ];
  }
}

/**
 * Cross+Self: NT-Xent between the modalities, and within each one between two augmented views.
 *
 * Source: CoMM's baseline after Yuan et al. 2021, with one head a modality for all of its terms.
 */
export class CrossSelf extends Module {
  readonly encoders: ImageEncoder[];
  readonly heads: ProjectionHead[];

  constructor({ encoders, random }: CrossOptions) {
    super();
    this.encoders = encoders;
    this.heads = encoders.map(({ channels }) => new ProjectionHead(channels, { random, hidden: 1024 }));
  }

  /** What probes read: both encoders' vectors, without the heads, `[batch, 2 · channels]`. */
  embed(x: tf.Tensor4D[]): tf.Tensor2D {
    return tf.tidy(() => tf.concat(x.map((images, i) => pooled(this.encoders[i], images, { training: false })), 1));
  }

  /**
   * The loss of a batch, `[]`.
   *
   * @param x Both modalities.
   * @param views Two augmented views of both.
   */
  loss(x: tf.Tensor4D[], [view1, view2]: [tf.Tensor4D[], tf.Tensor4D[]]): tf.Scalar {
    return tf.tidy(() => {
      const a = this.project(view1), b = this.project(view2);
      return crossSelfLoss(this.project(x), [[a[0], b[0]], [a[1], b[1]]]);
    });
  }

  /** The vectors that the loss compares, `[batch, 256]` for each modality. Moves running statistics. */
  project(x: tf.Tensor4D[]): [tf.Tensor2D, tf.Tensor2D] {
    const mode = { training: true };
    const heads = x.map((images, i) => this.heads[i].forward(pooled(this.encoders[i], images, mode), mode));
    return heads as [tf.Tensor2D, tf.Tensor2D];
  }
}
