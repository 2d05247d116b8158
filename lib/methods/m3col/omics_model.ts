// M3CoL for omics: an encoder a modality, a head on each and one on all of them; mixtures meet the contrastive loss alone.

import * as tf from "@tensorflow/tfjs";
import {
  type M3colLoss,
  m3colLoss,
  type M3colLossOptions,
  type M3coPhase,
  type SoftClipPhase,
} from "../../losses/m3col_loss.ts";
import { mixedRows, permutationMatrix } from "../../losses/rows.ts";
import { type Initialization, setGlorotNormal } from "../../nn/initialize.ts";
import { Module } from "../../nn/module.ts";
import { Perceptron, perceptron, type PerceptronParameters } from "../../nn/perceptron.ts";

/** Parameters of {@linkcode m3colForward}. */
export interface M3colParameters {
  /** $f_m$, one a modality: features to dim, the same for all. */
  encoders: PerceptronParameters[];
  /** $g_m$, one a modality: dim to classes. */
  heads: PerceptronParameters[];
  /** $g_F$: modalities · dim to classes. */
  fused: PerceptronParameters;
}

/** Result of {@linkcode m3colForward}. */
export interface M3colOutputs {
  /** $z^{(m)} = f_m(x^{(m)})$, `[modalities, batch, dim]`, not normalised. */
  embeddings: tf.Tensor3D;
  /** $g_m(z^{(m)})$, `[modalities, batch, classes]`. */
  unimodalLogits: tf.Tensor3D;
  /** $g_F([z^{(1)}; \dots; z^{(M)}])$, `[batch, classes]`. */
  fusedLogits: tf.Tensor2D;
}

/**
 * The forward pass of M3CoL on clean samples.
 *
 * $$z^{(m)} = f_m(x^{(m)}), \qquad \hat y^{(m)} = g_m(z^{(m)}), \qquad \hat y = g_F\big([z^{(1)}; \dots; z^{(M)}]\big)$$
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3.
 *
 * @param x One batch a modality, `[batch, features]`.
 * @throws {RangeError} If there is not one batch, encoder and head a modality, or a width does not fit.
 */
export function m3colForward(x: tf.Tensor2D[], { encoders, heads, fused }: M3colParameters): M3colOutputs {
  checkModalityCount(x, encoders.length);
  checkModalityCount(heads, encoders.length, "head");
  return tf.tidy(() => ({
    ...outputsOf(x.map((features, m) => perceptron(features, encoders[m])), { heads, fused }),
  }));
}

/** What heads make of the embeddings, M times `[batch, dim]`. */
function outputsOf(z: tf.Tensor2D[], { heads, fused }: Omit<M3colParameters, "encoders">): M3colOutputs {
  return {
    embeddings: tf.stack(z) as tf.Tensor3D,
    unimodalLogits: tf.stack(z.map((rows, m) => perceptron(rows, heads[m]))) as tf.Tensor3D,
    fusedLogits: perceptron(tf.concat(z, 1), fused),
  };
}

/** Options of {@linkcode M3CoL}. */
export interface M3colModelOptions extends Initialization {
  /** Width of each modality's input. */
  features: number[];
  /** How many classes there are. */
  classes: number;
  /** Width $d$ of embeddings and hidden layers. Default 1000, as for ROSMAP; 768 for BRCA. */
  width?: number;
}

/** Options of {@linkcode M3CoL.loss}: the phase with what it needs, and the weight of its term. */
export type M3colTrainingOptions =
  & (
    | Omit<M3coPhase, "mixed"> & {
      /**
       * Where samples are mixed: before the encoder, as the paper describes it for all but text, or after it, as the published
       * code does. Default "input".
       */
      mixLevel?: "input" | "embedding";
    }
    | SoftClipPhase
  )
  & Pick<M3colLossOptions, "beta">;

/**
 * The model of M3CoL's omics experiments.
 *
 * Encoders $f_m$ are Linear, ReLU, Linear; heads $g_m$ and $g_F$ too, with a hidden layer of the same width. Weights start as
 * Glorot and Bengio's normal numbers, biases at 0. The published dropout of 0.5 is never applied in the released code, and is
 * left out.
 *
 * Source: Kumar, Singhal, Kulkarni, Mehta, Jadhav 2025 (M3CoL), section 3 and omics experiments.
 *
 * @example One loss of each phase, of made-up samples in two modalities.
 * ```ts
 * import { drawMixing, M3CoL, RandomStream } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const random = new RandomStream(0, "m3col"), model = new M3CoL({ features: [5, 3], classes: 2, width: 4, random });
 * const x = [random.uniform<tf.Rank.R2>([6, 5]), random.uniform<tf.Rank.R2>([6, 3])];
 * const labels = tf.tensor1d([0, 1, 0, 1, 1, 0], "int32"), mixing = drawMixing({ modalities: 2, batch: 6, random });
 * const losses = [model.loss(x, labels, { phase: "m3co", ...mixing }), model.loss(x, labels, { phase: "sclip" })];
 * for (const { value } of losses) assert.ok((await value.data())[0] > 0);
 * ```
 */
export class M3CoL extends Module {
  readonly encoders: Perceptron[];
  readonly heads: Perceptron[];
  readonly fused: Perceptron;

  constructor({ features, classes, width = 1000, random }: M3colModelOptions) {
    super();
    if (features.length < 2) throw new RangeError(`Expected at least 2 modalities, got ${features.length}`);
    this.encoders = features.map((inputs) => new Perceptron([inputs, width, width], { random }));
    this.heads = features.map(() => new Perceptron([width, width, classes], { random }));
    this.fused = new Perceptron([features.length * width, width, classes], { random });
    setGlorotNormal(this, random);
  }

  /** What probes read: the embeddings side by side, `[batch, modalities · width]`. */
  embed(x: tf.Tensor2D[]): tf.Tensor2D {
    return tf.tidy(() => tf.concat(this.#encode(x), 1));
  }

  /** Logits of the fused head, the one that predicts, `[batch, classes]`. */
  predict(x: tf.Tensor2D[]): tf.Tensor2D {
    return tf.tidy(() => this.fused.forward(this.embed(x)));
  }

  /**
   * $\mathcal L$ of a batch.
   *
   * @param x One batch a modality, `[batch, features]`.
   * @param labels $y$, int32 `[batch]`.
   * @param options Of {@linkcode m3colLoss}, and where samples are mixed.
   */
  loss(x: tf.Tensor2D[], labels: tf.Tensor1D, options: M3colTrainingOptions): M3colLoss {
    return tf.tidy(() => {
      const [z, mixed] = this.#encodeWithMixtures(x, options);
      const { embeddings, unimodalLogits, fusedLogits } = outputsOf(z, this);
      const phase = options.phase === "m3co" ? { ...options, mixed } : options;
      return { ...m3colLoss(fusedLogits, unimodalLogits, labels, embeddings, phase) };
    });
  }

  /** $z$, and $\tilde z = f(\tilde x)$ if inputs are mixed. */
  #encodeWithMixtures(x: tf.Tensor2D[], options: M3colTrainingOptions): [z: tf.Tensor2D[], mixed?: tf.Tensor3D] {
    if (options.phase !== "m3co" || options.mixLevel === "embedding") return [this.#encode(x)];
    if (options.mixLevel !== undefined && options.mixLevel !== "input") {
      throw new RangeError(`Expected mixLevel to be "input" or "embedding", got ${options.mixLevel}`);
    }
    checkModalityCount(x, this.encoders.length);
    const permutations = tf.unstack(options.permutations) as tf.Tensor1D[], lambdas = tf.unstack(options.lambdas);
    // Samples and mixtures go through an encoder in one batch: fewer and larger products.
    const both = x.map((clean, m) =>
      tf.concat([clean, mixedRows(clean, permutationMatrix(permutations[m]), lambdas[m])])
    );
    const halves = this.#encode(both).map((z) => tf.split(z, 2) as tf.Tensor2D[]);
    return [halves.map(([z]) => z), tf.stack(halves.map(([, mixed]) => mixed)) as tf.Tensor3D];
  }

  #encode(x: tf.Tensor2D[]): tf.Tensor2D[] {
    checkModalityCount(x, this.encoders.length);
    return x.map((features, m) => this.encoders[m].forward(features));
  }
}

function checkModalityCount(got: unknown[], modalities: number, what = "batch"): void {
  if (got.length !== modalities) {
    throw new RangeError(`Expected one ${what} for each of ${modalities} modalities, got ${got.length}`);
  }
}
