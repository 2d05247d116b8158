import * as tf from "@tensorflow/tfjs";
import { checkJointViews } from "../../losses/checks.ts";

/**
 * GMC's embedding of what is there: the joint one of a complete observation, else the mean of the available modalities.
 *
 * $$z = \begin{cases} z_M & \mathcal O = \{1, \dots, U\} \\ \frac1{|\mathcal O|} \sum_{u \in \mathcal O} z_u & \text{else} \end{cases}$$
 *
 * The mean is not normalised again: with several modalities it is shorter than 1, as in the published protocol.
 *
 * Source: Poklukar et al. 2022 (GMC), released code.
 *
 * @param unimodal $z_u$, `[modalities, batch, dim]`; rows of modalities that are not there are not looked at.
 * @param joint $z_M$, `[batch, dim]`.
 * @param available 1 = there, int32 `[modalities]`, for the whole batch; with none, all rows are 0.
 * @returns `[batch, dim]`.
 * @throws {RangeError} If a shape does not fit.
 *
 * @example
 * ```ts
 * import { gmcFuse } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const unimodal = tf.tensor3d([[[1, 0]], [[0, 1]]]), joint = tf.tensor2d([[0.6, 0.8]]);
 * const fuse = (available: number[]) => gmcFuse(unimodal, joint, tf.tensor1d(available, "int32")).array();
 * assert.deepEqual(await fuse([0, 1]), [[0, 1]]);
 * assert.ok((await fuse([1, 1]))[0][1] > 0.79); // complete: the joint embedding
 * ```
 */
export function gmcFuse(unimodal: tf.Tensor3D, joint: tf.Tensor2D, available: tf.Tensor1D): tf.Tensor2D {
  checkJointViews(unimodal, joint, { negatives: false });
  const [modalities] = unimodal.shape;
  if (String(available.shape) !== String([modalities])) {
    throw new RangeError(`Expected available of shape [${modalities}], one per modality, got [${available.shape}]`);
  }
  return tf.tidy(() => {
    const there = available.notEqual(0), count = there.sum(); // a comparison and a choice: absent rows may be anything
    const kept = tf.where(there.reshape([modalities, 1, 1]), unimodal, tf.zerosLike(unimodal));
    const mean = kept.sum<tf.Tensor2D>(0).div<tf.Tensor2D>(tf.maximum(count, tf.scalar(1, "int32")).cast("float32"));
    return tf.where(count.equal(modalities), joint, mean);
  });
}
