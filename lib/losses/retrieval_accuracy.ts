import * as tf from "@tensorflow/tfjs";
import { checkPair } from "./checks.ts";
import { dotProducts, unitRows } from "./rows.ts";

/**
 * How often the most similar row of the other set is the row's own partner: top-1 accuracy of retrieval by cosine.
 *
 * $$\frac1B \sum_i \big[\arg\max_j \hat a_i \cdot \hat b_j = i\big]$$
 *
 * A monitor, not a loss: it has no gradient, and chance is 1/batch.
 *
 * @param a Queries, `[batch, dim]`.
 * @param b Candidates, `[batch, dim]`, row by row the same samples.
 * @returns A fraction in [0, 1], `[]`.
 * @throws {RangeError} If the shapes differ or the batch has no negative.
 *
 * @example One of two queries finds its partner.
 * ```ts
 * import { retrievalAccuracy } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const queries = tf.tensor2d([[1, 0], [1, 0]]), candidates = tf.tensor2d([[2, 0], [0, 2]]);
 * assert.equal(await retrievalAccuracy(queries, candidates).array(), 0.5);
 * ```
 */
export function retrievalAccuracy(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  checkPair(a, b);
  return tf.tidy(() => {
    const nearest = dotProducts(a, unitRows(b)).argMax(1); // [B]; the length of a query does not change its ranking
    return nearest.equal(tf.range(0, a.shape[0], 1, "int32")).cast("float32").mean();
  });
}
