// Multimodal mixup of M3ixup: how the mixture of a sample's modalities moves, first down and then up the same objective.

import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { detached } from "./detached.ts";
import {
  checkMixture,
  direction,
  mixGradient,
  type MixObjectiveOptions,
  type Mixture,
  mixtureAt,
} from "./mix_objective.ts";

/** Options of {@linkcode adaptMixture}. */
export interface AdaptMixtureOptions extends MixObjectiveOptions {
  /** Steps $K_a$. Default 2. */
  steps?: number;
  /** Length $\rho$ of a step, in logits. Default 1. */
  rho?: number;
  /** Added to the norm of a gradient. Default 1e-12. */
  epsilon?: number;
}

/** Options of {@linkcode exploreMixture}. */
export interface ExploreMixtureOptions extends MixObjectiveOptions {
  /** Length $\eta$ of the step, in logits; below twice the way that adapting went, it only leads back. Default 4. */
  eta?: number;
  /** Added to the norm of a gradient. Default 1e-12. */
  epsilon?: number;
}

/**
 * The adapting step of M3ixup: each sample's mixture moves to where it finds its sample best, which bridges the gap between
 * the unimodal embeddings and the joint one.
 *
 * $K_a$ steps of normalised gradient descent on the objective $J$ of {@linkcode mixObjective}, from $a = \log w^0$:
 *
 * $$a_i \leftarrow a_i - \rho\, \frac{\nabla_{a_i} J}{\lVert \nabla_{a_i} J \rVert_2 + \epsilon}$$
 *
 * Source: M3ixup (Lin & Hu 2024), "adapting"; that the weights are what moves is this library's reading.
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$, `[batch, dim]`, unit rows.
 * @param initialWeights $w^0$, `[batch, modalities]`, rows on the simplex, e.g. of a Dirichlet distribution; a weight of 0 remains 0.
 * @returns The mixture after the last step. Logits and weights are constants: a gradient flows through the embeddings alone.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or an option is out of range.
 *
 * @example The weight moves to the modality that lies near the joint embedding.
 * ```ts
 * import { adaptMixture } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const joint = tf.tensor2d([[1, 0], [0, 1]]), off = tf.tensor2d([[0, 1], [1, 0]]);
 * const unimodal = tf.stack([joint, off]) as tf.Tensor3D;
 * const { weights } = adaptMixture(unimodal, joint, tf.fill([2, 2], 0.5), { temperature: 0.5 });
 * for (const [near, far] of await weights.array()) assert.ok(near > 0.9 && far < 0.1);
 * ```
 */
export function adaptMixture(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  initialWeights: tf.Tensor2D,
  { temperature = 0.1, steps = 2, rho = 1, epsilon = 1e-12 }: AdaptMixtureOptions = {},
): Mixture {
  checkMixture(unimodal, joint, initialWeights, "initialWeights", temperature);
  checkSteps(steps);
  checkWeight(rho, "rho");
  checkWeight(epsilon, "epsilon");
  return tf.tidy(() => {
    const logits = adaptedLogits(unimodal, joint, initialWeights, { temperature, steps, rho, epsilon });
    return { ...mixtureAt(unimodal, joint, logits, temperature) };
  });
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
 * @returns The mixture after the step. Logits and weights are constants: a gradient flows through the embeddings alone.
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

/** Number of steps. */
export function checkSteps(steps: number): void {
  if (!(Number.isInteger(steps) && steps >= 0)) {
    throw new RangeError(`Expected steps to be a whole number of at least 0, got ${steps}`);
  }
}

/** The logits alone, after the last adapting step; constant. */
export function adaptedLogits(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  initialWeights: tf.Tensor2D,
  { temperature, steps, rho, epsilon }: Required<AdaptMixtureOptions>,
): tf.Tensor2D {
  return detached([unimodal, joint, initialWeights], (unimodal, joint, weights) => {
    let logits = weights.log();
    for (let step = 0; step < steps; step++) {
      logits = logits.sub(direction(mixGradient(unimodal, joint, logits, temperature), epsilon).mul(rho));
    }
    return logits;
  });
}

/** The logits alone, after the exploring step; constant. */
export function exploredLogits(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  mixLogits: tf.Tensor2D,
  { temperature, eta, epsilon }: Required<ExploreMixtureOptions>,
): tf.Tensor2D {
  return detached(
    [unimodal, joint, mixLogits],
    (unimodal, joint, logits) =>
      logits.add(direction(mixGradient(unimodal, joint, logits, temperature), epsilon).mul(eta)),
  );
}
