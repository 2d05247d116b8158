import * as tf from "@tensorflow/tfjs";

/** Options of {@linkcode klToStandardNormal}. */
export interface KlOptions {
  /**
   * Sum over all entries of a sample, then the mean over samples; or, for maps, sum over channels (the last axis), then the mean
   * over samples and positions. Default `sample`.
   */
  reduction?: "sample" | "position";
}

/**
 * Divergence of diagonal Gaussians from the standard one, which keeps their spread from collapsing.
 *
 * $$\mathcal L_{KL} = \frac1B \sum_b \sum_i \tfrac12 \big(\sigma_{b,i}^2 + \mu_{b,i}^2 - \log \sigma_{b,i}^2 - 1\big)$$
 *
 * Being a sum over entries, it grows with their number. Above 88, $\log \sigma^2$ gives an infinite variance in float32.
 *
 * Source: Wei et al. 2024 (DMRNet), eq. 9; per sample for classification, per position for segmentation.
 *
 * @param mu $\mu$, `[batch, …, dim]`.
 * @param logVariance $\log \sigma^2$, of the same shape.
 * @returns In nats, `[]`.
 * @throws {RangeError} If the shapes differ, there is no sample, or the reduction is unknown.
 *
 * @example A standard Gaussian diverges by 0, one moved by 2 by 2 nats.
 * ```ts
 * import { klToStandardNormal } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const zero = tf.zeros<tf.Rank.R2>([1, 1]);
 * assert.equal((await klToStandardNormal(zero, zero).data())[0], 0);
 * assert.equal((await klToStandardNormal(zero.add(2), zero).data())[0], 2);
 * ```
 */
export function klToStandardNormal<T extends tf.Tensor>(
  mu: T,
  logVariance: T,
  { reduction = "sample" }: KlOptions = {},
): tf.Scalar {
  if (mu.rank < 2 || String(mu.shape) !== String(logVariance.shape)) {
    throw new RangeError(
      `Expected mu and logVariance of the same shape [batch, …, dim], got [${mu.shape}] and [${logVariance.shape}]`,
    );
  }
  if (reduction !== "sample" && reduction !== "position") {
    throw new RangeError(`Expected reduction to be "sample" or "position", got ${reduction}`);
  }
  const means = reduction === "sample" ? mu.shape[0] : mu.size / mu.shape.at(-1)!;
  if (!(means > 0)) throw new RangeError(`Expected at least 1 sample, got shape [${mu.shape}]`);
  return tf.tidy(() => {
    const perEntry = logVariance.exp().add(mu.square()).sub(logVariance).sub(1);
    return perEntry.sum().mul(0.5 / means) as tf.Scalar;
  });
}
