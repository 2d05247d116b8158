import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../engine/random.ts";
import { gate, type MixEmbeddingsOptions } from "../../losses/mix_embeddings.ts";

/** What {@linkcode drawMixing} draws for. */
export interface MixingOptions extends MixEmbeddingsOptions {
  /** $M$. */
  modalities: number;
  /** $N$. */
  batch: number;
  random: RandomStream;
  /** $\alpha > 0$ of Beta(α, α). Default 0.15, which leaves two thirds of the shares within 0.05 of 0 or 1. */
  alpha?: number;
}

/** Who is mixed with whom, and by how much. */
export interface Mixing {
  /** $\pi$ of each modality, int32 `[modalities, batch]`. */
  permutations: tf.Tensor2D;
  /** $\lambda$ of each modality, 1 where a sample is not mixed, `[modalities, batch]`. */
  lambdas: tf.Tensor2D;
}

/**
 * Draws one step's mixtures: partners and shares of every modality, independent of the others'.
 *
 * $\pi$ is uniform over all permutations, fixed points included; $\lambda_i \sim \mathrm{Beta}(\alpha, \alpha)$, and 1 for all
 * but a share $s$ of the samples. All are drawn on the engine: a compiled step draws anew in each call.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3; per-sample $\lambda$ and gate as in the released code.
 *
 * @throws {RangeError} If alpha is not positive or the threshold not in [0, 1].
 *
 * @example
 * ```ts
 * import { drawMixing, RandomStream } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { permutations, lambdas } = drawMixing({ modalities: 3, batch: 8, random: new RandomStream(0, "mixing") });
 * assert.deepEqual([permutations.shape, lambdas.shape], [[3, 8], [3, 8]]);
 * ```
 */
export function drawMixing({ modalities, batch, random, alpha = 0.15, threshold = 0.5 }: MixingOptions): Mixing {
  return tf.tidy(() => {
    const permutations = tf.stack(Array.from({ length: modalities }, () => random.permutation(batch)));
    const shares = random.symmetricBeta<tf.Rank.R2>([modalities, batch], alpha);
    const lambdas = gate(shares, random.uniform<tf.Rank.R2>([modalities, batch]), threshold);
    return { permutations: permutations as tf.Tensor2D, lambdas: lambdas as tf.Tensor2D };
  });
}
