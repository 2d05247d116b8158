import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { detached } from "./detached.ts";
import { checkMixture, direction, objectiveSlope, weightedSum } from "./mix_objective.ts";
import type { ExploreMixtureOptions } from "./multimodal_mixup.ts";
import { unitRows } from "./rows.ts";

/**
 * Another reading of M3ixup's exploring step: the weights stay, the mixed embedding itself climbs the objective $J$ of
 * {@linkcode mixObjective}.
 *
 * $$z^{mix}_i = \mathrm n\Big(\sum_u w_{iu} z_{u,i}\Big), \qquad
 * z^E_i = \mathrm n\Big(z^{mix}_i + \eta\, \frac{\nabla_{z_i} J}{\lVert \nabla_{z_i} J \rVert_2 + \epsilon}\Big)$$
 *
 * Source: M3ixup (Lin & Hu 2024), figure; the form is that of adversarial training on embeddings (Miyato et al. 2017).
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`, unit rows.
 * @param joint $z_M$, `[batch, dim]`, unit rows.
 * @param weights $w$, `[batch, modalities]`, rows on the simplex.
 * @param options Here `eta` is a length in the space of embeddings, 0.5 unless told.
 * @returns $z^E$, `[batch, dim]`, unit rows. The step is constant: a gradient flows through the mixture alone.
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or an option is out of range.
 *
 * @example The mixture moves away from its sample.
 * ```ts
 * import { perturbMixture } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const joint = tf.tensor2d([[1, 0], [0, 1]]), unimodal = tf.stack([joint, joint]) as tf.Tensor3D;
 * const mixed = perturbMixture(unimodal, joint, tf.fill([2, 2], 0.5), { temperature: 0.5 });
 * for (const cosine of await mixed.mul(joint).sum(1).data()) assert.ok(cosine < 0.9);
 * ```
 */
export function perturbMixture(
  unimodal: tf.Tensor3D,
  joint: tf.Tensor2D,
  weights: tf.Tensor2D,
  { temperature = 0.1, eta = 0.5, epsilon = 1e-12 }: ExploreMixtureOptions = {},
): tf.Tensor2D {
  checkMixture(unimodal, joint, weights, "weights", temperature);
  checkWeight(eta, "eta");
  checkWeight(epsilon, "epsilon");
  return tf.tidy(() => {
    const mixed = unitRows(weightedSum(unimodal, weights));
    const climb = detached([mixed, joint], (z, joint) => direction(objectiveSlope(z, joint, temperature), epsilon));
    return unitRows(mixed.add<tf.Tensor2D>(climb.mul(eta)));
  });
}
