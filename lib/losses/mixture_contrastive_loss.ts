import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { checkMixture, type MixObjectiveOptions, weightedSum } from "./mix_objective.ts";
import { infoNCE } from "./info_nce.ts";
import { unitRows } from "./rows.ts";
import { scoresAgainst } from "./soft_target_contrastive.ts";

/** Options of {@linkcode mixtureContrastiveLoss}. */
export interface MixtureContrastiveLossOptions extends MixObjectiveOptions {
  /** Weight $\beta$ of the mixed losses. Default 1. */
  beta?: number;
}

/**
 * The outer loss of M3ixup's multimodal mixup, for given weights: the mixed embedding is pulled to the joint one, and the same
 * weights mix the losses of the modalities.
 *
 * $$\mathcal L = \ell^\leftrightarrow\big(\mathrm n(\textstyle\sum_u w_u z_u), z_M\big) +
 * \beta \sum_u \frac1B \sum_i w_{iu}\, \ell_i(z_u, z_M)$$
 *
 * with $\ell$ of {@linkcode infoNCE}, without normalisation, and $\ell_i$ its summand of sample $i$, one-sided. With the weights
 * of {@linkcode adaptMixture} it is $\mathcal L^{adapt}$, with those of {@linkcode exploreMixture} $\mathcal L^{explore}$.
 *
 * Source: M3ixup (Lin & Hu 2024), multimodal mixup; the form is this library's reading.
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$, `[batch, dim]`, unit rows.
 * @param weights $w$, `[batch, modalities]`, rows on the simplex.
 * @returns Mean loss in nats, `[]`.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or an option is out of range.
 *
 * @example Equal rows cannot be told apart: both parts are log(batch).
 * ```ts
 * import { mixtureContrastiveLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const rows = tf.fill<tf.Rank.R2>([4, 2], Math.SQRT1_2), unimodal = tf.stack([rows, rows]) as tf.Tensor3D;
 * const [loss] = await mixtureContrastiveLoss(unimodal, rows, tf.fill([4, 2], 0.5)).data();
 * assert.ok(Math.abs(loss - 2 * Math.log(4)) < 1e-4);
 * ```
 */
export function mixtureContrastiveLoss(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  weights: tf.Tensor2D,
  { temperature = 0.1, beta = 1 }: MixtureContrastiveLossOptions = {},
): tf.Scalar {
  checkMixture(unimodal, joint, weights, "weights", temperature);
  checkWeight(beta, "beta");
  return tf.tidy(() => {
    const losses = samplewiseLosses(unimodal, joint, temperature);
    return mixtureLoss(unimodal, joint, weights, losses, { temperature, beta });
  });
}

/** $\ell_i(z_u, z_M)$, `[batch, modalities]`. */
export function samplewiseLosses(unimodal: tf.Tensor3D, joint: tf.Tensor2D, temperature: number): tf.Tensor2D {
  const positive = unimodal.mul(joint).sum(2).div(temperature); // [U, B]
  return tf.transpose(scoresAgainst(unimodal, joint, temperature).logSumExp(2).sub(positive));
}

/** {@linkcode mixtureContrastiveLoss} from the losses of each sample and modality. */
export function mixtureLoss(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  weights: tf.Tensor2D,
  losses: tf.Tensor2D,
  { temperature, beta }: Required<MixtureContrastiveLossOptions>,
): tf.Scalar {
  const mixed = unitRows(weightedSum(unimodal, weights));
  const ofView = infoNCE(mixed, joint, { temperature, normalize: false });
  return ofView.add(losses.mul(weights).sum(1).mean().mul(beta));
}
