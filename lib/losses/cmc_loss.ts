import * as tf from "@tensorflow/tfjs";
import { checkModalities } from "./checks.ts";
import { ntXent, type NtXentOptions } from "./nt_xent.ts";

/**
 * Contrastive multiview coding: {@linkcode ntXent}, here $\ell$, averaged over the pairs of $n$ modalities.
 *
 * $$\mathcal L = \binom n2^{-1} \sum_{i < j} \ell(z_i, z_j)$$
 *
 * Source: Tian et al. 2020 (CMC), section 3.3 (full graph), with the pair loss of Dufumier et al. 2025 (CoMM).
 *
 * @param embeddings One batch per modality, `[modalities, batch, dim]`.
 * @returns The loss in nats, `[]`.
 * @throws {RangeError} If there are fewer than two modalities, the batch has no negative, or the temperature is not positive.
 *
 * @example With equal rows everywhere, every pair costs log(2B - 1).
 * ```ts
 * import { cmcLoss } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const [loss] = await cmcLoss(tf.ones<tf.Rank.R3>([3, 4, 2])).data();
 * assert.ok(Math.abs(loss - Math.log(7)) < 1e-5);
 * ```
 */
export function cmcLoss(embeddings: tf.Tensor3D, { temperature = 0.1 }: NtXentOptions = {}): tf.Scalar {
  checkModalities(embeddings);
  return tf.tidy(() => {
    const z = tf.unstack(embeddings) as tf.Tensor2D[];
    const pairs = z.flatMap((zi, i) => z.slice(i + 1).map((zj) => ntXent(zi, zj, { temperature })));
    return tf.addN(pairs).div(pairs.length);
  });
}
