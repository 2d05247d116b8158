import * as tf from "@tensorflow/tfjs";
import { checkClassIndices, checkScalar } from "./checks.ts";
import { permutationMatrix } from "./rows.ts";

/**
 * What a batch of mixtures should resemble: its own sample by $\lambda$, its partner by the rest.
 *
 * $$T = \lambda I + (1 - \lambda) P_\pi, \qquad [P_\pi]_{i, \pi(i)} = 1$$
 *
 * Source: i-Mix (Lee et al. 2021), virtual labels, in matrix form.
 *
 * @param permutation $\pi$, the index of each sample's partner, int32 `[batch]`.
 * @param lambda $\lambda$ in [0, 1], `[]`.
 * @returns `[batch, batch]`, every row a distribution.
 * @throws {RangeError} If the permutation has another rank, or lambda is not a scalar.
 * @throws {TypeError} If the permutation is not int32.
 *
 * @example
 * ```ts
 * import { mixupTargets } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const targets = mixupTargets(tf.tensor1d([1, 0], "int32"), tf.scalar(0.75));
 * assert.deepEqual(await targets.array(), [[0.75, 0.25], [0.25, 0.75]]);
 * ```
 */
export function mixupTargets(permutation: tf.Tensor1D, lambda: tf.Scalar): tf.Tensor2D {
  checkClassIndices(permutation, permutation.shape[0], "permutation");
  checkScalar(lambda, "lambda");
  return tf.tidy(() => {
    const partner = permutationMatrix(permutation);
    return tf.eye(permutation.shape[0]).mul(lambda).add(partner.mul(tf.sub(1, lambda)));
  });
}
