import * as tf from "@tensorflow/tfjs";
import { ntXent, type NtXentOptions } from "./nt_xent.ts";
import { retrievalAccuracy } from "./retrieval_accuracy.ts";

/** Options of {@linkcode commLoss}. */
export interface CommLossOptions extends NtXentOptions {
  /** Index of the mask that keeps every modality; negative counts from the end. Default -1, the last. */
  prototype?: number;
  /** One weight $w_m$ per mask, multiplied before the mean. Default 1 each. */
  weights?: tf.Tensor1D | number[];
}

/** Result of {@linkcode commLoss}. */
export interface CommLoss {
  /** The loss in nats, `[]`. */
  value: tf.Scalar;
  /** $L_m$, the loss of every mask before its weight, `[masks]`. */
  terms: tf.Tensor1D;
  /** Mean of `termAccuracies`, `[]`. */
  accuracy: tf.Scalar;
  /** How often a masked row finds its sample among the prototypes of the other view, `[masks]`, each in [0, 1]. */
  termAccuracies: tf.Tensor1D;
}

/**
 * The loss of CoMM: every masked embedding against the embedding of all modalities in the other view.
 *
 * With $z^{(v)}_m$ the embeddings of view $v$ under mask $m$, $p$ the mask of all modalities (the prototype) and $\ell$ the
 * loss {@linkcode ntXent}:
 *
 * $$L_m = \tfrac12 \big[\ell(z^{(1)}_m, z^{(2)}_p) + \ell(z^{(2)}_m, z^{(1)}_p)\big], \qquad
 * \mathcal L = \frac1M \sum_m w_m L_m$$
 *
 * $L_p$ alone would learn everything, synergy included, but slowly; the terms of single modalities carry what they share
 * with the whole and what is unique to each.
 *
 * Source: Dufumier et al. 2025 (CoMM), section 3; mean over masks as in the released code.
 *
 * @param view1 First augmented view, one batch of embeddings per mask, `[masks, batch, dim]`.
 * @param view2 Second augmented view of the same samples, `[masks, batch, dim]`.
 * @throws {RangeError} If the shapes differ, the batch has no negative, the prototype is no mask, the weights are not one
 * per mask, or the temperature is not positive.
 *
 * @example With equal rows under every mask, each term is log(2B - 1).
 * ```ts
 * import { commLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const view = tf.ones<tf.Rank.R3>([3, 4, 2]); // masks: first modality, second modality, both
 * const { terms } = commLoss(view, view, { temperature: 0.1 });
 * for (const term of await terms.data()) assert.ok(Math.abs(term - Math.log(7)) < 1e-5);
 * ```
 */
export function commLoss(
  view1: tf.Tensor3D,
  view2: tf.Tensor3D,
  { temperature = 0.1, prototype = -1, weights }: CommLossOptions = {},
): CommLoss {
  checkViews(view1, view2);
  const [masks] = view1.shape, p = prototypeIndex(prototype, masks);
  if (weights) checkWeights(weights, masks);

  return tf.tidy(() => {
    const z1 = tf.unstack(view1) as tf.Tensor2D[], z2 = tf.unstack(view2) as tf.Tensor2D[]; // masks times [batch, dim]
    const overMasks = (score: (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Scalar) =>
      tf.stack(z1.map((_, m) => score(z1[m], z2[p]).add(score(z2[m], z1[p])).div(2))) as tf.Tensor1D;
    const terms = overMasks((a, b) => ntXent(a, b, { temperature }));
    const termAccuracies = overMasks(retrievalAccuracy);
    const value = (weights ? terms.mul(weights) : terms).mean() as tf.Scalar;
    return { value, terms, accuracy: termAccuracies.mean() as tf.Scalar, termAccuracies };
  });
}

function checkViews(view1: tf.Tensor, view2: tf.Tensor): void {
  if (String(view1.shape) !== String(view2.shape)) {
    throw new RangeError(`Expected both views to have the same shape, got [${view1.shape}] and [${view2.shape}]`);
  }
  if (view1.rank !== 3) throw new RangeError(`Expected views of shape [masks, batch, dim], got [${view1.shape}]`);
}

function prototypeIndex(prototype: number, masks: number): number {
  if (!Number.isInteger(prototype) || prototype < -masks || prototype >= masks) {
    throw new RangeError(`Expected prototype to be the index of one of ${masks} masks, got ${prototype}`);
  }
  return prototype < 0 ? masks + prototype : prototype;
}

function checkWeights(weights: tf.Tensor1D | number[], masks: number): void {
  const shape = Array.isArray(weights) ? [weights.length] : weights.shape;
  if (String(shape) !== String([masks])) {
    throw new RangeError(`Expected one weight for each of ${masks} masks, got shape [${shape}]`);
  }
}
