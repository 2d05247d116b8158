import * as tf from "@tensorflow/tfjs";
import { checkBatch } from "./checks.ts";

/** Two estimates of mutual information in nats, `[]`. */
export type MutualInformationBounds = {
  /** InfoNCE: a lower bound, at most $\ln B$. */
  value: tf.Scalar;
  /** CLUB: an upper bound if the critic is $\ln p(b \mid a)$ up to a function of $b$. */
  club: tf.Scalar;
};

/**
 * Bounds on mutual information from the scores $s_{ij}$ of a critic for the first item $i$ with the second item $j$.
 *
 * $$\hat I_{NCE} = \frac1B \sum_j \Big[s_{jj} - \ln \frac1B \sum_i e^{s_{ij}}\Big], \qquad
 * \hat I_{CLUB} = \frac1B \sum_i s_{ii} - \frac1{B^2} \sum_{i, j} s_{ij}$$
 *
 * Every second item has to find its first one. For the other direction transpose the scores. To train a critic, minimise
 * `value.neg()`.
 *
 * Source: InfoNCE, van den Oord et al. 2018; CLUB, Cheng et al. 2020; together: FactorCL, Liang et al. 2023.
 *
 * @param scores `[batch, batch]`; pairs that belong together on the diagonal.
 * @returns Both bounds in nats.
 * @throws {RangeError} If the scores are not square or there is no negative.
 *
 * @example A critic that sees no difference finds no information.
 * ```ts
 * import { mutualInformationBounds } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const { value, club } = mutualInformationBounds(tf.zeros<tf.Rank.R2>([4, 4]));
 * assert.ok(Math.abs((await value.data())[0]) < 1e-6);
 * assert.equal((await club.data())[0], 0);
 * ```
 */
export function mutualInformationBounds(scores: tf.Tensor2D): MutualInformationBounds {
  const [batch, columns] = scores.shape;
  if (scores.rank !== 2 || batch !== columns) {
    throw new RangeError(`Expected scores of shape [batch, batch], got [${scores.shape}]`);
  }
  checkBatch(batch);

  return tf.tidy(() => {
    const together = scores.mul(tf.eye(batch)).sum().div(batch);
    return {
      value: together.sub(scores.logSumExp(0).mean()).add(Math.log(batch)) as tf.Scalar,
      club: together.sub(scores.mean()) as tf.Scalar,
    };
  });
}
