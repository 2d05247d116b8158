// DMRNet: one classifier for every combination of modalities, which reads a draw from a Gaussian while it is trained.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../engine/random.ts";
import { type DmrnetLoss, dmrnetLoss, type DmrnetLossOptions } from "../../losses/dmrnet_loss.ts";
import type { FeatureEncoder } from "../../nn/feature_encoder.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { combinationsFromUniform, type DrawnCombinations } from "./combinations.ts";
import { maskedConcat } from "./masked_concat.ts";
import { type PmeOutput, ProbabilisticEmbedding } from "./probabilistic_embedding.ts";

/** Options of {@linkcode DMRNet}. */
export interface DMRNetOptions extends Initialization {
  /** One encoder a modality, in the order of the inputs. */
  encoders: FeatureEncoder[];
  classes: number;
  /** $\log \sigma^2$ is kept in ± this; the released code lets it go. Default 10. */
  limit?: number;
}

/** What a training step draws for a batch. */
export interface DMRNetDraws extends DrawnCombinations {
  /** $\varepsilon \sim \mathcal N(0, 1)$, `[batch, dim]`. */
  epsilon: tf.Tensor2D;
}

/** A batch with its draws. */
export interface DMRNetBatch extends Pick<DMRNetDraws, "masks" | "epsilon"> {
  /** One batch a modality, all complete: masks act on features. */
  x: tf.Tensor[];
  /** Int32 `[batch]`. */
  labels: tf.Tensor1D;
  /** 1 = the sample's combination is hard, int32 `[batch]`, of `HardCombinationMiner`. */
  hard: tf.Tensor1D;
}

/** Result of {@linkcode DMRNet.loss}: the loss with its terms, and what it was computed from. */
export interface DMRNetLoss extends DmrnetLoss, PmeOutput {}

/**
 * The model of DMRNet.
 *
 * Encoders give $f_m$; for each sample a combination of modalities $\delta$ is drawn, and $F = [\delta_1 f_1, \dots, \delta_M f_M]$;
 * two heads turn $F$ into a Gaussian. While training, a draw of it goes to the classifier, and the loss shapes the draw; at test
 * its mean does. The same weights serve every combination.
 *
 * Source: Wei, Luo, Wang, Luo 2024 (ECCV), section 3.
 *
 * @example The second modality is missing.
 * ```ts
 * import { DMRNet, RandomStream, useEngine, VectorEncoder } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const random = new RandomStream(0, "weights");
 * const encoders = [16, 20].map((width) => new VectorEncoder([width, 8], { random }));
 * const model = new DMRNet({ encoders, classes: 10, random });
 * assert.deepEqual(model.predict([tf.zeros([3, 16]), null]).logits.shape, [3, 10]);
 * ```
 */
export class DMRNet extends Module {
  readonly encoders: FeatureEncoder[];
  readonly embedding: ProbabilisticEmbedding;
  /** Width of the features side by side, and of the Gaussian. */
  readonly dim: number;
  readonly #limit: number;

  /** @throws {RangeError} If there is no encoder. */
  constructor({ encoders, classes, random, limit = 10 }: DMRNetOptions) {
    super();
    if (encoders.length < 1) throw new RangeError("Expected at least 1 modality, got 0");
    this.encoders = encoders;
    this.dim = encoders.reduce((width, { features }) => width + features, 0);
    this.embedding = new ProbabilisticEmbedding(this.dim, classes, { random });
    this.#limit = limit;
  }

  /** One combination a sample, each as likely, and the noise of the Gaussian. */
  draw(batch: number, random: RandomStream): DMRNetDraws {
    return tf.tidy(() => ({
      ...combinationsFromUniform(random.uniform([batch]), { modalities: this.encoders.length }),
      epsilon: random.normal<tf.Rank.R2>([batch, this.dim]),
    }));
  }

  /**
   * Gaussian and logits of a batch whose samples have combinations of their own.
   *
   * @param x One batch a modality, all complete: masks act on features, and the encoders see everything.
   * @param masks 1 = kept, int32 `[batch, modalities]`.
   * @param epsilon `[batch, dim]`; not looked at outside of training.
   * @throws {RangeError} If a shape does not fit, or a training batch has one sample.
   */
  forward(
    x: tf.Tensor[],
    masks: tf.Tensor2D,
    epsilon: tf.Tensor2D,
    { training }: { training: boolean },
  ): PmeOutput {
    this.#checkModalities(x);
    return tf.tidy(() => {
      const fused = maskedConcat(this.encoders.map((encoder, m) => encoder.forward(x[m])), masks);
      return { ...this.embedding.forward(fused, epsilon, { training, limit: this.#limit }) };
    });
  }

  /**
   * $\mathcal L$ of a batch with its draws.
   *
   * @param options Of {@linkcode dmrnetLoss}; `training` is true unless told. Then the running statistics move.
   */
  loss(
    { x, labels, masks, epsilon, hard }: DMRNetBatch,
    { training = true, ...options }: DmrnetLossOptions & { training?: boolean } = {},
  ): DMRNetLoss {
    return tf.tidy(() => {
      const output = this.forward(x, masks, epsilon, { training });
      const { logits, mu, logVariance } = output;
      return { ...dmrnetLoss(logits, labels, mu, logVariance, hard, options), ...output };
    });
  }

  /**
   * Logits and Gaussian at test, when a batch lacks the same modalities throughout; the classifier reads the mean.
   *
   * @param x One batch a modality, null for a missing one, whose features become zeros.
   * @throws {RangeError} If there is not one entry for each modality, all are missing, or batches differ.
   */
  predict(x: (tf.Tensor | null)[]): PmeOutput {
    this.#checkModalities(x);
    const batch = x.find((given) => given !== null)?.shape[0];
    if (batch === undefined) throw new RangeError("Expected at least one modality, got none: all are missing");
    return tf.tidy(() => {
      const features = this.encoders.map((encoder, m) => {
        const given = x[m];
        return given ? encoder.forward(given) : tf.zeros<tf.Rank.R2>([batch, encoder.features]);
      });
      const all = tf.ones<tf.Rank.R2>([batch, features.length]), options = { training: false, limit: this.#limit };
      return { ...this.embedding.forward(maskedConcat(features, all), tf.zeros([batch, this.dim]), options) };
    });
  }

  #checkModalities(x: unknown[]): void {
    if (x.length !== this.encoders.length) {
      throw new RangeError(
        `Expected one batch for each of ${this.encoders.length} modalities, got ${x.length}: ` +
          "leave modalities out by predict() with null, or by masks",
      );
    }
  }
}
