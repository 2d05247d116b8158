import * as tf from "@tensorflow/tfjs";
import { checkProxies, type ProxyLayout, proxyRows, proxySimilarity } from "../../losses/proxies.ts";

/** Result of {@linkcode proxyAssignments}. */
export interface ProxyAssignments {
  /** $j^\star$, the proxy that a decision is most similar to, int32 `[batch]`. */
  proxy: tf.Tensor1D;
  /** Class of that proxy, int32 `[batch]`: the subgroup's, not always the predicted one. */
  class: tf.Tensor1D;
  /** Which of its class's proxies it is, int32 `[batch]`. */
  slot: tf.Tensor1D;
  /** $\rho$, the share of each modality in each proxy; rows sum to 1, `[classes · proxiesPerClass, modalities]`. */
  contribution: tf.Tensor2D;
}

/**
 * The subgroup of each sample, and what each subgroup listens to.
 *
 * $$j^\star_i = \arg\max_j s_{ij}, \qquad \rho_{j,m} = \sum_c w_{j,m,c}^2$$
 *
 * with $s$ and $w$ of {@linkcode multiModalLogits}. Training assigns softly; this is a reading of it. Of equally similar
 * proxies the first counts. A proxy without a positive entry is similar to nothing, and no modality has a share in it.
 *
 * Source: our reading of Moon & Lee 2025; the released code assigns no sample.
 *
 * @param probabilities $e$: `[batch, modalities · classes]`, the classes of modality after modality.
 * @param proxies $W$: `[modalities · classes, classes · proxiesPerClass]`, the proxies of class after class.
 * @throws {RangeError} If there are fewer than 2 classes, or the shapes do not fit them.
 *
 * @example A sample whose second modality alone is sure, and a proxy that says the same.
 * ```ts
 * import { proxyAssignments } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const decision = tf.tensor2d([[0.5, 0.5, 0, 1]]);
 * const proxies = tf.tensor2d([[1, 0], [0, 0], [0, 0], [0, 1]]); // one a class
 * const layout = { classes: 2, modalities: 2, proxiesPerClass: 1 };
 * const { class: of, contribution } = proxyAssignments(decision, proxies, layout);
 * assert.deepEqual(await of.array(), [1]);
 * assert.deepEqual(await contribution.array(), [[1, 0], [0, 1]]);
 * ```
 */
export function proxyAssignments(
  probabilities: tf.Tensor2D,
  proxies: tf.Tensor2D,
  layout: ProxyLayout,
): ProxyAssignments {
  checkProxies(probabilities, proxies, layout);
  const { classes, modalities, proxiesPerClass } = layout;
  return tf.tidy(() => {
    const rows = proxyRows(proxies), slots = tf.scalar(proxiesPerClass, "int32");
    const proxy: tf.Tensor1D = tf.argMax(proxySimilarity(probabilities, rows), 1);
    const blocks = tf.reshape(tf.square(rows), [classes * proxiesPerClass, modalities, classes]);
    return {
      proxy,
      class: tf.floorDiv<tf.Tensor1D>(proxy, slots),
      slot: tf.mod<tf.Tensor1D>(proxy, slots),
      contribution: tf.sum<tf.Tensor2D>(blocks, 2),
    };
  });
}
