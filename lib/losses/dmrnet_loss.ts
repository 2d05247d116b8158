import * as tf from "@tensorflow/tfjs";
import { checkWeight } from "./checks.ts";
import { crossEntropies } from "./cross_entropies.ts";
import { checkHard, type HardCombinationLossOptions, hardPart } from "./hard_combination_loss.ts";
import { klToStandardNormal } from "./kl_to_standard_normal.ts";

/** Options of {@linkcode dmrnetLoss}. */
export interface DmrnetLossOptions extends HardCombinationLossOptions {
  /** Weight $\alpha$ of the divergence. Default 1e-3. */
  alpha?: number;
  /** Weight $\beta$ of the hard combinations; published values belong to the released form. Default 1. */
  beta?: number;
  /** $e$, the current epoch, from 0. Default Infinity: long past the warm-up. */
  epoch?: number;
  /** $E_w$: hard combinations count from the next epoch on. Default 5. */
  warmupEpochs?: number;
}

/** Result of {@linkcode dmrnetLoss}: the sum and its terms before their weights, in nats, `[]` each. */
export interface DmrnetLoss {
  value: tf.Scalar;
  /** Mean cross-entropy. */
  classification: tf.Scalar;
  /** {@linkcode klToStandardNormal}, per sample. */
  kl: tf.Scalar;
  /** {@linkcode hardCombinationLoss}; 0 while warming up. */
  hcr: tf.Scalar;
}

/**
 * The loss of DMRNet: cross-entropy of the sampled representation, its divergence from a standard Gaussian, and, after the
 * warm-up, the cross-entropy of hard combinations once more.
 *
 * $$\mathcal L = \mathcal L_{CE} + \alpha\, \mathcal L_{KL} + \mathbb 1[e > E_w]\, \beta\, \mathcal L_{HCR}$$
 *
 * Source: Wei et al. 2024 (DMRNet), section 3.
 *
 * @param logits `[batch, classes]`.
 * @param labels int32 `[batch]`, each in 0 … classes - 1.
 * @param mu $\mu$, `[batch, …, dim]`.
 * @param logVariance $\log \sigma^2$, of the same shape.
 * @param hard 1 = the sample's combination of modalities is hard, int32 `[batch]`.
 * @throws {RangeError} If a shape does not fit, the batch is empty, or an option is out of range.
 * @throws {TypeError} If labels or `hard` are not int32.
 *
 * @example With a standard Gaussian and no hard sample, the cross-entropy is left.
 * ```ts
 * import { dmrnetLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const zeros = tf.zeros<tf.Rank.R2>([2, 4]), int = tf.zeros<tf.Rank.R1>([2], "int32");
 * const { value } = dmrnetLoss(zeros, int, zeros, zeros, int);
 * assert.ok(Math.abs((await value.data())[0] - Math.log(4)) < 1e-6);
 * ```
 */
export function dmrnetLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  mu: tf.Tensor,
  logVariance: tf.Tensor,
  hard: tf.Tensor1D,
  { alpha = 1e-3, beta = 1, form = "paper", epoch = Infinity, warmupEpochs = 5 }: DmrnetLossOptions = {},
): DmrnetLoss {
  checkHard(hard, logits, form);
  if (mu.shape[0] !== logits.shape[0]) {
    throw new RangeError(`Expected mu of ${logits.shape[0]} samples, as many as logits, got shape [${mu.shape}]`);
  }
  for (const [name, value] of Object.entries({ alpha, beta, epoch, warmupEpochs })) checkWeight(value, name);
  return tf.tidy(() => {
    const losses = crossEntropies(logits, labels), classification = losses.mean() as tf.Scalar;
    const kl = klToStandardNormal(mu, logVariance);
    const hcr = epoch > warmupEpochs ? hardPart(losses, hard, form) : tf.scalar(0);
    const value: tf.Scalar = tf.addN([classification, kl.mul(alpha), hcr.mul(beta)]);
    return { value, classification, kl, hcr };
  });
}
