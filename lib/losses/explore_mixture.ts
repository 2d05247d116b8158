import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import {
  checkMixture,
  direction,
  mixGradient,
  type MixObjectiveOptions,
  type Mixture,
  mixtureAt,
} from "./mix_objective.ts";

/** Options of {@linkcode exploreMixture}. */
export interface ExploreMixtureOptions extends MixObjectiveOptions {
  /** Length $\eta$ of the step, in logits; below twice the way that adapting went, it only leads back. Default 4. */
  eta?: number;
  /** Added to the norm of a gradient. Default 1e-12. */
  epsilon?: number;
}

/**
 * The exploring step of M3ixup: one long step up the objective $J$ of {@linkcode mixObjective}, to mixtures that are hard to
 * align.
 *
 * $$a^E_i = a^A_i + \eta\, \frac{\nabla_{a_i} J(a^A)}{\lVert \nabla_{a_i} J(a^A) \rVert_2 + \epsilon}$$
 *
 * Source: M3ixup (Lin & Hu 2024), "exploring"; that the weights are what moves is this library's reading.
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$, `[batch, dim]`, unit rows.
 * @param mixLogits $a^A$, `[batch, modalities]`, as {@linkcode adaptMixture} leaves them.
 * @returns The mixture after the step.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or an option is out of range.
 *
 * @example The weight moves to the modality that lies far from the joint embedding.
 * ```ts
 * import { exploreMixture } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const joint = tf.tensor2d([[1, 0], [0, 1]]), off = tf.tensor2d([[0, 1], [1, 0]]);
 * const unimodal = tf.stack([joint, off]) as tf.Tensor3D;
 * const { weights } = exploreMixture(unimodal, joint, tf.zeros([2, 2]), { temperature: 0.5 });
 * for (const [near, far] of await weights.array()) assert.ok(near < 0.01 && far > 0.99);
 * ```
 */
export function exploreMixture(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  mixLogits: tf.Tensor2D,
  { temperature = 0.1, eta = 4, epsilon = 1e-12 }: ExploreMixtureOptions = {},
): Mixture {
  checkMixture(unimodal, joint, mixLogits, "mixLogits", temperature);
  checkWeight(eta, "eta");
  checkWeight(epsilon, "epsilon");
  return tf.tidy(() => {
    const logits = exploredLogits(unimodal, joint, mixLogits, { temperature, eta, epsilon });
    return { ...mixtureAt(unimodal, joint, logits, temperature) };
  });
}

/** The logits alone, after the step. */
export function exploredLogits(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  logits: tf.Tensor2D,
  { temperature, eta, epsilon }: Required<ExploreMixtureOptions>,
): tf.Tensor2D {
  return logits.add(direction(mixGradient(unimodal, joint, logits, temperature), epsilon).mul(eta));
}
