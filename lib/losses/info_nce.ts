import * as tf from "@tensorflow/tfjs";
import { checkPair, checkTemperature } from "./checks.ts";
import { dotProducts, unitRows } from "./rows.ts";

/** Options of {@linkcode infoNCE}. */
export interface InfoNCEOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.1. */
  temperature?: number;
  /** Mean of both directions; otherwise only the rows of `a` are queries. Default true. */
  symmetric?: boolean;
  /** Divide rows by their L2 norm first, so that scores are cosines. Default true. */
  normalize?: boolean;
}

/**
 * Contrastive loss of two sets whose negatives come from the other set only.
 *
 * Row $i$ of $a$ has to find its partner among the rows of $b$:
 *
 * $$\ell(a, b) = -\frac1B \sum_i \log \frac{\exp(a_i \cdot b_i / \tau)}{\sum_j \exp(a_i \cdot b_j / \tau)},
 * \qquad \mathcal L = \tfrac12 \big[\ell(a, b) + \ell(b, a)\big]$$
 *
 * $\log B - \ell$ is a lower bound on the mutual information of the pair.
 *
 * Source: InfoNCE, van den Oord et al. 2018, eq. 4; symmetric form: Radford et al. 2021 (CLIP), fig. 3.
 *
 * @param a First set, `[batch, dim]`.
 * @param b Second set, `[batch, dim]`, row by row the same samples.
 * @returns Mean loss in nats, `[]`.
 * @throws {RangeError} If the shapes differ, the batch has no negative, or the temperature is not positive.
 *
 * @example Identical rows cannot be told apart: the loss is log B.
 * ```ts
 * import { infoNCE } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const set = tf.ones<tf.Rank.R2>([4, 3]);
 * const [loss] = await infoNCE(set, set).data();
 * assert.ok(Math.abs(loss - Math.log(4)) < 1e-5);
 * ```
 */
export function infoNCE(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  { temperature = 0.1, symmetric = true, normalize = true }: InfoNCEOptions = {},
): tf.Scalar {
  checkPair(a, b);
  checkTemperature(temperature);

  return tf.tidy(() => {
    const [za, zb] = normalize ? [unitRows(a), unitRows(b)] : [a, b];
    const scores = dotProducts(za, zb).div(temperature); // [B, B]
    const positive = za.mul(zb).sum(1).div(temperature).mean();
    const normalizer = (axis: number) => scores.logSumExp(axis).mean();
    const rows = normalizer(1);
    return (symmetric ? rows.add(normalizer(0)).div(2) : rows).sub(positive) as tf.Scalar;
  });
}
