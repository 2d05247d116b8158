import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkPair, checkPerSample, checkTemperature } from "./checks.ts";
import { dotProducts, permutationMatrix, softTargetCrossEntropy, unitRows } from "./rows.ts";

/** Options of {@linkcode m3coLoss}. */
export interface M3coLossOptions {
  /** Temperature $\tau > 0$ of the softmax. Default 0.1. */
  temperature?: number;
  /**
   * What a sample that is its own partner is worth: its two shares added, which is 1, or $1 - \lambda_i$ alone, as the
   * published code has it by writing one over the other. Default "add".
   */
  fixedPoints?: "add" | "overwrite";
  /** Mean of both directions; otherwise only mixtures search, and `value` is `row`. Default true. */
  bidirectional?: boolean;
}

/** Result of {@linkcode m3coLoss}, in nats. */
export interface M3coLoss {
  /** $\mathcal L$, `[]`. */
  value: tf.Scalar;
  /** $\ell_{\text{row}}$: mixtures search among the clean samples, `[]`. */
  row: tf.Scalar;
  /** $\ell_{\text{col}}$: clean samples search among the mixtures, `[]`. */
  column: tf.Scalar;
  /** $P$, `[batch, batch]`: by how much each mixture consists of each sample. */
  targets: tf.Tensor2D;
}

/**
 * The mixup contrastive loss of M3CoL: a mixture in one modality resembles both of its samples in the other.
 *
 * With $\tilde z_i$ the mixture of samples $i$ and $\pi(i)$ in one modality, $z_k$ sample $k$ in the other, and cosines
 * $S_{ik} = \cos(\tilde z_i, z_k) / \tau$:
 *
 * $$P = \mathrm{diag}(\lambda) + \mathrm{diag}(1 - \lambda) P_\pi, \qquad
 * \ell_{\text{row}} = -\frac1N \sum_{ik} P_{ik} \log \frac{e^{S_{ik}}}{\sum_n e^{S_{in}}}, \qquad
 * \ell_{\text{col}} = -\frac1N \sum_{ik} P_{ik} \log \frac{e^{S_{ik}}}{\sum_n e^{S_{nk}}}$$
 *
 * $$\mathcal L = \tfrac12 \big[\ell_{\text{row}} + \ell_{\text{col}}\big]$$
 *
 * Rows of $P$ are distributions, columns are not and stay so. $\lambda = 1$ everywhere gives {@linkcode infoNCE}.
 *
 * Source: Kumar et al. 2025 (M3CoL), section 3, $\mathcal L_{\text{M3Co}}$.
 *
 * @param mixed $\tilde z$, embeddings with which something was mixed, `[batch, dim]`; rows are normalised here.
 * @param clean $z$, embeddings of the other modality, `[batch, dim]`, row by row the same samples.
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`; a partner may be shared.
 * @param lambda $\lambda$, each sample's own share in [0, 1], `[batch]`.
 * @throws {RangeError} If the shapes do not fit, the batch has no negative, the temperature is not positive or
 * `fixedPoints` unknown.
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example Equal rows cannot be told apart, mixed or not: the loss is log(batch).
 * ```ts
 * import { m3coLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const rows = tf.ones<tf.Rank.R2>([3, 2]), partners = tf.tensor1d([1, 2, 0], "int32");
 * const { value, targets } = m3coLoss(rows, rows, partners, tf.tensor1d([0.75, 1, 0]));
 * assert.ok(Math.abs((await value.data())[0] - Math.log(3)) < 1e-5);
 * assert.deepEqual(await targets.array(), [[0.75, 0.25, 0], [0, 1, 0], [1, 0, 0]]);
 * ```
 */
export function m3coLoss(
  mixed: tf.Tensor2D,
  clean: tf.Tensor2D,
  permutation: tf.Tensor1D,
  lambda: tf.Tensor1D,
  { temperature = 0.1, fixedPoints = "add", bidirectional = true }: M3coLossOptions = {},
): M3coLoss {
  checkPair(mixed, clean);
  checkClassIndices(permutation, mixed.shape[0], "permutation");
  checkPerSample(lambda, mixed.shape[0], "lambda");
  checkTemperature(temperature);
  if (fixedPoints !== "add" && fixedPoints !== "overwrite") {
    throw new RangeError(`Expected fixedPoints to be "add" or "overwrite", got ${fixedPoints}`);
  }

  return tf.tidy(() => {
    const targets = mixtureTargets(permutation, lambda, fixedPoints); // P
    const scores = dotProducts(unitRows(mixed), unitRows(clean)).div<tf.Tensor2D>(temperature); // S, [N, N]
    const row = softTargetCrossEntropy(scores, targets);
    const column = softTargetCrossEntropy(tf.transpose(scores), tf.transpose(targets));
    return { value: bidirectional ? row.add(column).div<tf.Scalar>(2) : row.clone(), row, column, targets };
  });
}

/** $P$: own shares on the diagonal, the rest at the partners. */
function mixtureTargets(
  permutation: tf.Tensor1D,
  lambda: tf.Tensor1D,
  fixedPoints: "add" | "overwrite",
): tf.Tensor2D {
  const own = lambda.expandDims(1), partner = permutationMatrix(permutation), itself = tf.eye(permutation.shape[0]);
  const kept = fixedPoints === "add" ? itself : itself.mul(tf.sub(1, partner));
  return kept.mul(own).add<tf.Tensor2D>(partner.mul(tf.sub(1, own)));
}
