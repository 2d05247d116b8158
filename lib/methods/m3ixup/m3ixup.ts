// M3ixup: GMC's networks, trained with mixtures of samples and of modalities as well.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../engine/random.ts";
import { checkClassIndices, checkScalar } from "../../losses/checks.ts";
import { type M3ixupInputs, type M3ixupLoss, m3ixupLoss, type M3ixupLossOptions } from "../../losses/m3ixup_loss.ts";
import { mixedRows, permutationMatrix } from "../../losses/rows.ts";
import { GMC } from "./gmc_model.ts";

/** The random numbers of a step of {@linkcode M3ixup}. */
export type M3ixupDraws = Pick<M3ixupInputs, "permutation" | "lambda" | "initialWeights">;

/** Options of {@linkcode M3ixup.mixupLoss}. */
export interface M3ixupOptions extends M3ixupLossOptions {
  /** Whether batch norm looks at the batch. Default true. */
  training?: boolean;
  /** What unimodal mixup mixes: inputs, or what the base encoders make of them (manifold mixup). Default `inputs`. */
  mixes?: "inputs" | "features";
}

/**
 * The model of M3ixup on MHD.
 *
 * Networks, embeddings and what is done about missing modalities are GMC's; M3ixup changes the loss alone.
 *
 * Source: Lin & Hu 2024. The paper's formulas were not at hand: see {@linkcode m3ixupLoss} for this library's reading.
 */
export class M3ixup extends GMC {
  /**
   * $\mathcal L$ of complete observations.
   *
   * Where inputs are mixed, the base encoders see the batch a second time; their running statistics follow the unmixed one.
   *
   * @param x One batch a modality.
   * @param draws As {@linkcode m3ixupDraws} makes them.
   * @param options Of {@linkcode m3ixupLoss}, and what is mixed.
   * @throws {RangeError} As {@linkcode m3ixupLoss}, and if the observation is incomplete or it is unknown what is mixed.
   */
  mixupLoss(
    x: tf.Tensor[],
    { permutation, lambda, initialWeights }: M3ixupDraws,
    { training = true, mixes = "inputs", ...options }: M3ixupOptions = {},
  ): M3ixupLoss {
    if (mixes !== "inputs" && mixes !== "features") {
      throw new RangeError(`Expected mixes to be "inputs" or "features", got ${mixes}`);
    }
    return tf.tidy(() => {
      const partner = permutationMatrix(permutation);
      const h = this.base(x, { training });
      checkClassIndices(permutation, x[0].shape[0], "permutation");
      checkScalar(lambda, "lambda");
      const mixedH = mixes === "inputs"
        ? this.base(x.map((batch) => mixedRows(batch, partner, lambda)), { training, tracking: false })
        : mixFeatures(h, partner, lambda);
      const [unimodal, mixed, joint] = this.encode([h, mixedH, this.jointBase(x, { training })]);
      const inputs = { unimodal, mixed, joint: joint.squeeze<tf.Tensor2D>([0]), permutation, lambda, initialWeights };
      return { ...m3ixupLoss(inputs, options) };
    });
  }
}

/** The features of each modality `[modalities, batch, dim]` mixed by the same partners. */
function mixFeatures(h: tf.Tensor3D, partner: tf.Tensor2D, lambda: tf.Scalar): tf.Tensor3D {
  return tf.transpose(mixedRows(tf.transpose(h, [1, 0, 2]), partner, lambda), [1, 0, 2]);
}

/**
 * Draws for a step of M3ixup: a partner for each sample, $\lambda \sim \mathrm{Beta}(1, 1)$ for the batch and
 * $w^0 \sim \mathrm{Dirichlet}(1, \dots, 1)$ for each sample.
 *
 * @param random Draws three times.
 * @param size How many samples and modalities there are.
 *
 * @example
 * ```ts
 * import { m3ixupDraws, RandomStream, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const { permutation, initialWeights } = m3ixupDraws(new RandomStream(0, "mixup"), { batch: 4, modalities: 3 });
 * assert.deepEqual([...await permutation.data()].sort(), [0, 1, 2, 3]);
 * assert.deepEqual(initialWeights.shape, [4, 3]);
 * ```
 */
export function m3ixupDraws(
  random: RandomStream,
  { batch, modalities }: { batch: number; modalities: number },
): M3ixupDraws {
  return tf.tidy(() => {
    const permutation = random.permutation(batch);
    const lambda = random.uniform<tf.Rank.R0>([]); // with all parameters 1, both distributions are uniform
    const waits = tf.log(tf.sub(1, random.uniform<tf.Rank.R2>([batch, modalities]))).neg().add(1e-6);
    return { permutation, lambda, initialWeights: waits.div(waits.sum(1, true)) };
  });
}
