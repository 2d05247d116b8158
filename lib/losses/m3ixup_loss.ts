import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { gmcLoss } from "./gmc_loss.ts";
import { m3ixupUnimodalLoss } from "./m3ixup_unimodal_loss.ts";
import { checkMixture } from "./mix_objective.ts";
import { mixtureLoss, samplewiseLosses } from "./mixture_contrastive_loss.ts";
import { adaptedLogits, type AdaptMixtureOptions, checkSteps, exploredLogits } from "./multimodal_mixup.ts";

/** Options of {@linkcode m3ixupLoss}. */
export interface M3ixupLossOptions extends AdaptMixtureOptions {
  /** Length $\eta$ of the exploring step; at least $2 K_a \rho$ leads past the random start. Default 4. */
  eta?: number;
  /** Weight $\beta$ of the mixed losses. Default 1. */
  beta?: number;
  /** Weight $\omega_U$ of unimodal mixup. Default 1. */
  weightUnimodal?: number;
  /** Weight $\omega_A$ of the adapting mixture. Default 0.3. */
  weightAdapt?: number;
  /** Weight $\omega_E$ of the exploring mixture. Default 0.3. */
  weightExplore?: number;
}

/** Embeddings and draws that {@linkcode m3ixupLoss} reads. */
export interface M3ixupInputs {
  /** $z_u$, `[modalities, batch, dim]`, unit rows. */
  unimodal: tf.Tensor3D;
  /** $z_M$, `[batch, dim]`, unit rows. */
  joint: tf.Tensor2D;
  /** $\tilde z_u$ of the mixed inputs or features, `[modalities, batch, dim]`, unit rows. */
  mixed: tf.Tensor3D;
  /** $\pi$, the index of each sample's partner, int32 `[batch]`. */
  permutation: tf.Tensor1D;
  /** $\lambda$, the sample's own share in its mixed inputs, `[]`. */
  lambda: tf.Scalar;
  /** $w^0$ of the mixtures, `[batch, modalities]`, rows on the simplex. */
  initialWeights: tf.Tensor2D;
}

/** Result of {@linkcode m3ixupLoss}: the sum and its terms before their weights, in nats, `[]` each. */
export interface M3ixupLoss {
  value: tf.Scalar;
  gmc: tf.Scalar;
  unimodalLoss: tf.Scalar;
  adapt: tf.Scalar;
  explore: tf.Scalar;
}

/**
 * The loss of M3ixup: GMC's, unimodal mixup, and the two mixtures of multimodal mixup.
 *
 * $$\mathcal L = \mathcal L_{GMC} + \omega_U \mathcal L_{uni} + \omega_A \mathcal L^{adapt} + \omega_E \mathcal L^{explore}$$
 *
 * The terms are {@linkcode gmcLoss}, {@linkcode m3ixupUnimodalLoss} and {@linkcode mixtureContrastiveLoss}, with the weights of
 * {@linkcode adaptMixture} and, from there, of {@linkcode exploreMixture}. These weights are constants of the loss: its gradient
 * flows through the embeddings alone, or the encoders would learn to make one modality win.
 *
 * Source: M3ixup (Lin & Hu 2024). The paper's weights are not known; the defaults are this library's.
 *
 * @throws {RangeError} If a shape does not fit, the batch has no negative, or an option is out of range.
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example
 * ```ts
 * import { m3ixupLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const joint = tf.tensor2d([[1, 0], [0, 1]]), unimodal = tf.stack([joint, joint]) as tf.Tensor3D;
 * const { gmc, adapt } = m3ixupLoss({
 *   ...{ unimodal, joint, mixed: unimodal, permutation: tf.tensor1d([1, 0], "int32"), lambda: tf.scalar(0.5) },
 *   initialWeights: tf.fill([2, 2], 0.5),
 * });
 * const [[first], [second]] = [await gmc.data(), await adapt.data()]; // every view agrees: nothing is left to align
 * assert.ok(first < 1e-3 && second < 1e-3);
 * ```
 */
export function m3ixupLoss(
  { unimodal, joint, mixed, permutation, lambda, initialWeights }: M3ixupInputs,
  options: M3ixupLossOptions = {},
): M3ixupLoss {
  const { temperature = 0.1, steps = 2, rho = 1, eta = 4, epsilon = 1e-12, beta = 1 } = options;
  const { weightUnimodal = 1, weightAdapt = 0.3, weightExplore = 0.3 } = options;
  checkMixture(unimodal, joint, initialWeights, "initialWeights", temperature);
  checkSteps(steps);
  const atLeast0 = { rho, eta, epsilon, beta, weightUnimodal, weightAdapt, weightExplore };
  for (const [name, value] of Object.entries(atLeast0)) checkWeight(value, name);
  return tf.tidy(() => {
    const gmc = gmcLoss(unimodal, joint, { temperature }).value;
    const unimodalLoss = m3ixupUnimodalLoss(mixed, joint, permutation, lambda, { temperature });
    const adapted = adaptedLogits(unimodal, joint, initialWeights, { temperature, steps, rho, epsilon });
    const explored = exploredLogits(unimodal, joint, adapted, { temperature, eta, epsilon });
    const losses = samplewiseLosses(unimodal, joint, temperature);
    const [adapt, explore] = [adapted, explored]
      .map((logits) => mixtureLoss(unimodal, joint, logits.softmax(), losses, { temperature, beta }));
    const value: tf.Scalar = tf.addN([
      gmc,
      unimodalLoss.mul(weightUnimodal),
      adapt.mul(weightAdapt),
      explore.mul(weightExplore),
    ]);
    return { value, gmc, unimodalLoss, adapt, explore };
  });
}
