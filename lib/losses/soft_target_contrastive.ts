import * as tf from "@tensorflow/tfjs";
import { checkPair, checkTemperature } from "./checks.ts";

/** Options of {@linkcode softTargetContrastive}. */
export interface SoftTargetContrastiveOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.1. */
  temperature?: number;
  /** Mean of both directions; otherwise only the rows of `queries` search. Default true. */
  symmetric?: boolean;
}

/**
 * Contrastive loss of queries that have several, weighted positives among the keys.
 *
 * $$\ell(Q, K; T) = -\frac1B \sum_i \sum_j T_{ij} \log \frac{\exp(Q_i \cdot K_j / \tau)}{\sum_k \exp(Q_i \cdot K_k / \tau)},
 * \qquad \ell^\leftrightarrow = \tfrac12 \big[\ell(Q, K; T) + \ell(K, Q; \mathrm{rownorm}(T^\top))\big]$$
 *
 * A key that no query wants has no distribution over the queries: its row of $T^\top$ stays 0 and adds nothing.
 *
 * Source: i-Mix (Lee et al. 2021) and MixCo (Kim et al. 2020), soft targets in InfoNCE.
 *
 * @param queries $Q$, `[batch, dim]`; rows are not normalised here.
 * @param keys $K$, `[batch, dim]`.
 * @param targets $T$, `[batch, batch]`, each row a distribution over the keys.
 * @returns Mean loss in nats, `[]`; at least the mean entropy of the targets.
 * @throws {RangeError} If the shapes do not fit, the batch has no negative, or the temperature is not positive.
 *
 * @example Equal rows leave log(batch), whatever the targets.
 * ```ts
 * import { mixupTargets, softTargetContrastive } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const rows = tf.ones<tf.Rank.R2>([3, 2]), targets = mixupTargets(tf.tensor1d([1, 2, 0], "int32"), tf.scalar(0.3));
 * const [loss] = await softTargetContrastive(rows, rows, targets).data();
 * assert.ok(Math.abs(loss - Math.log(3)) < 1e-5);
 * ```
 */
export function softTargetContrastive(
  queries: tf.Tensor2D,
  keys: tf.Tensor2D,
  targets: tf.Tensor2D,
  { temperature = 0.1, symmetric = true }: SoftTargetContrastiveOptions = {},
): tf.Scalar {
  checkPair(queries, keys);
  checkTemperature(temperature);
  const [batch] = queries.shape;
  if (String(targets.shape) !== String([batch, batch])) {
    throw new RangeError(`Expected targets of shape [${batch},${batch}], got [${targets.shape}]`);
  }
  return tf.tidy(() => {
    const set = queries.expandDims<tf.Tensor3D>(0);
    return softTargetTerms(set, keys, targets, { temperature, symmetric }).asScalar();
  });
}

/** {@linkcode softTargetContrastive} of several sets of queries `[sets, batch, dim]` at once: `[sets]`. */
export function softTargetTerms(
  queries: tf.Tensor3D,
  keys: tf.Tensor2D,
  targets: tf.Tensor2D,
  { temperature, symmetric }: Required<SoftTargetContrastiveOptions>,
): tf.Tensor1D {
  const scores = scoresAgainst(queries, keys, temperature); // [sets, B, B]
  const forth = towardsTargets(scores, targets);
  if (!symmetric) return forth;
  const wanted = targets.sum(0, true).maximum(1e-12); // [1, B]
  const back = towardsTargets(tf.transpose(scores, [0, 2, 1]), tf.transpose(targets.div(wanted)));
  return forth.add<tf.Tensor1D>(back).div(2);
}

/** Scores of each set's rows against the keys, `[sets, batch, batch]`, by one product. */
export function scoresAgainst(queries: tf.Tensor3D, keys: tf.Tensor2D, temperature: number): tf.Tensor3D {
  const [sets, batch, dim] = queries.shape;
  const rows = queries.reshape<tf.Tensor2D>([sets * batch, dim]);
  return tf.matMul(rows, keys, false, true).div<tf.Tensor>(temperature).reshape([sets, batch, batch]);
}

function towardsTargets(scores: tf.Tensor3D, targets: tf.Tensor2D): tf.Tensor1D {
  return scores.logSoftmax().mul(targets).sum(2).mean<tf.Tensor1D>(1).neg();
}
