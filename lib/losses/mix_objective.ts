import * as tf from "@tensorflow/tfjs";
import { checkJointViews, checkShares, checkTemperature } from "./checks.ts";
import { dotProducts, rowNorms, unitRows } from "./rows.ts";

/** Options of {@linkcode mixObjective}. */
export interface MixObjectiveOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.1. */
  temperature?: number;
}

/** A mixture of the unimodal embeddings of each sample. */
export interface Mixture {
  /** $a$, `[batch, modalities]`. */
  logits: tf.Tensor2D;
  /** $w = \mathrm{softmax}(a)$, `[batch, modalities]`. */
  weights: tf.Tensor2D;
  /** $z^{mix}$, `[batch, dim]`, unit rows. */
  mixed: tf.Tensor2D;
  /** $J_i$ in nats, `[batch]`. */
  objective: tf.Tensor1D;
}

/** Result of {@linkcode mixObjective}. */
export interface MixObjective extends Omit<Mixture, "logits"> {
  /** $J$, the sum of the objectives in nats, `[]`. */
  value: tf.Scalar;
  /** $\nabla_a J$ in closed form, `[batch, modalities]`. */
  gradient: tf.Tensor2D;
}

/**
 * How well a mixture of the unimodal embeddings finds its sample among the joint ones: what M3ixup's mixtures descend and
 * climb.
 *
 * $$z^{mix}_i = \mathrm n\Big(\sum_u w_{iu} z_{u,i}\Big), \quad w = \mathrm{softmax}_u(a), \qquad
 * J(a) = \sum_i -\log \frac{\exp(z^{mix}_i \cdot z_{M,i} / \tau)}{\sum_j \exp(z^{mix}_i \cdot z_{M,j} / \tau)}$$
 *
 * With $m_i$ the mixture before its normalisation, $n_i$ its norm and $p_{ij}$ the softmax, the gradient is
 *
 * $$\frac{\partial J}{\partial z_i} = \frac1\tau \Big(\sum_j p_{ij} z_{M,j} - z_{M,i}\Big), \quad
 * \frac{\partial J}{\partial m_i} = \frac1{n_i} \Big(\frac{\partial J}{\partial z_i} -
 * \big(z_i \cdot \tfrac{\partial J}{\partial z_i}\big) z_i\Big), \quad
 * \frac{\partial J}{\partial w_{iu}} = z_{u,i} \cdot \frac{\partial J}{\partial m_i}$$
 *
 * and from there through the softmax; it needs no nested differentiation.
 *
 * Source: M3ixup (Lin & Hu 2024), multimodal mixup; the objective is this library's reading of the abstract and the figure.
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$, `[batch, dim]`, unit rows, row by row the same samples.
 * @param mixLogits $a$, `[batch, modalities]`.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or the temperature is not positive.
 *
 * @example Where both modalities agree, mixing them changes nothing.
 * ```ts
 * import { mixObjective } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const rows = tf.tensor2d([[1, 0], [0, 1]]), unimodal = tf.stack([rows, rows]) as tf.Tensor3D;
 * const { mixed, gradient } = mixObjective(unimodal, rows, tf.tensor2d([[0, 1], [2, 0]]));
 * assert.deepEqual((await mixed.array()).flat().map(Math.round), [1, 0, 0, 1]);
 * assert.ok((await gradient.data()).every((slope) => Math.abs(slope) < 1e-6));
 * ```
 */
export function mixObjective(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  mixLogits: tf.Tensor2D,
  { temperature = 0.1 }: MixObjectiveOptions = {},
): MixObjective {
  checkMixture(unimodal, joint, mixLogits, "mixLogits", temperature);
  return tf.tidy(() => {
    const { weights, mixed, objective } = mixtureAt(unimodal, joint, mixLogits, temperature);
    const gradient = mixGradient(unimodal, joint, mixLogits, temperature);
    return { value: objective.sum() as tf.Scalar, objective, mixed, weights, gradient };
  });
}

/** What all functions of mixtures ask. */
export function checkMixture(
  unimodal: tf.Tensor,
  joint: tf.Tensor,
  shares: tf.Tensor,
  name: string,
  temperature: number,
): void {
  checkJointViews(unimodal, joint);
  checkShares(shares, unimodal, name);
  checkTemperature(temperature);
}

/** $\sum_u w_{iu} z_{u,i}$, `[batch, dim]`, not normalised. */
export function weightedSum(unimodal: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor2D {
  return unimodal.mul(tf.transpose(weights).expandDims(2)).sum(0);
}

/** The mixture of given logits. */
export function mixtureAt(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  logits: tf.Tensor2D,
  temperature: number,
): Mixture {
  const weights = logits.softmax(), mixed = unitRows(weightedSum(unimodal, weights));
  const scores = dotProducts(mixed, joint).div(temperature); // [B, B]
  const positive = mixed.mul(joint).sum(1).div(temperature);
  return { logits, weights, mixed, objective: scores.logSumExp(1).sub(positive) };
}

/** $\nabla_a J$ in closed form, `[batch, modalities]`. */
export function mixGradient(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  logits: tf.Tensor2D,
  temperature: number,
): tf.Tensor2D {
  const weights = logits.softmax(), sum = weightedSum(unimodal, weights), norm = rowNorms(sum);
  const mixed = sum.div<tf.Tensor2D>(norm), inMixed = objectiveSlope(mixed, joint, temperature);
  const inSum = inMixed.sub(mixed.mul(mixed.mul(inMixed).sum(1, true))).div(norm);
  const inWeights = tf.transpose(unimodal.mul(inSum).sum(2)); // [B, U]
  return weights.mul(inWeights.sub(weights.mul(inWeights).sum(1, true)));
}

/** $\partial J / \partial z$ at unit rows $z$, `[batch, dim]`. */
export function objectiveSlope(mixed: tf.Tensor2D, joint: tf.Tensor2D, temperature: number): tf.Tensor2D {
  const found = dotProducts(mixed, joint).div<tf.Tensor2D>(temperature).softmax(); // p, [B, B]
  // The positive's p - 1 is minus the sum of the others: subtracting would lose the digits of a sample that is nearly found.
  const others = found.mul<tf.Tensor2D>(tf.sub(1, tf.eye(joint.shape[0])));
  return others.matMul(joint).sub<tf.Tensor2D>(joint.mul(others.sum(1, true))).div(temperature);
}

/** Rows divided by their norm plus epsilon: where there is no slope, there is no step. */
export function direction(slope: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  return slope.div(slope.square().sum(1, true).sqrt().add(epsilon));
}
