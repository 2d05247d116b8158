import * as tf from "@tensorflow/tfjs";
import { checkTemperature } from "./checks.ts";
import { checkProxies, type ProxyLayout, proxyRows, proxySimilarity } from "./proxies.ts";

/** Options of {@linkcode multiModalLogits}: how the proxies lie in their matrix, the temperature, and ablations. */
export interface MultiModalOptions extends ProxyLayout {
  /** Temperature of both softmaxes, called gamma in the released code: similarities are multiplied by 1 / gamma. Default 0.1. */
  gamma?: number;
  /**
   * `full`: the method. Ablations: `noAttention` leaves the attended votes out, but not the plain ones;
   * `noClassSimilarity` leaves the similarity to the classes' proxies out; `softTripleAxis` lets the proxies of a class
   * compete, as SoftTriple does, instead of the classes. Default `full`.
   */
  variant?: "full" | "noAttention" | "noClassSimilarity" | "softTripleAxis";
}

/** Result of {@linkcode multiModalLogits}; all but `logits` is the same for every variant but `softTripleAxis`. */
export interface MultiModalLogits {
  /** $z$, `[batch, classes]`. */
  logits: tf.Tensor2D;
  /** $s$, the cosine of each decision and each proxy, in [0, 1], `[batch, classes · proxiesPerClass]`. */
  similarity: tf.Tensor2D;
  /** $a$, how much each proxy belongs to a decision; rows sum to 1, `[batch, classes · proxiesPerClass]`. */
  attention: tf.Tensor2D;
  /** $\hat a$, the mixture of proxies that belongs to a decision, `[batch, modalities · classes]`. */
  attended: tf.Tensor2D;
  /**
   * $v$, the similarity to the proxies of each class, `[batch, classes]`: at most `proxiesPerClass` in all, and at most 1 each
   * for `softTripleAxis`.
   */
  classSimilarity: tf.Tensor2D;
  /** $w$, the proxies that decisions are compared with, `[modalities · classes, classes · proxiesPerClass]`. */
  normalizedProxies: tf.Tensor2D;
}

/**
 * Class scores from unimodal decisions by way of proxies: those of the MultiModal loss.
 *
 * A decision $e = [p_1; \dots; p_M]$ holds the class probabilities of each modality. Proxy $k$ of class $c$, column
 * $j = cK + k$ of $W$, is a pattern of decisions, so each class has $K$ of them, its subgroups. With
 * $w_j = \max(W_j, 0) / \lVert \max(W_j, 0) \rVert$ and $s_j = e \cdot w_j / \lVert e \rVert$:
 *
 * $$a = \mathrm{softmax}_j(s_j / \gamma), \qquad \hat a = \sum_j a_j w_j, \qquad
 * u_c = \sum_m p_{m,c}\, (1 + \hat a_{m,c})$$
 *
 * $$q_{c,k} = \frac{\exp(s_{cK+k} / \gamma)}{\sum_{c'} \exp(s_{c'K+k} / \gamma)}, \qquad
 * v_c = \sum_k q_{c,k}\, s_{cK+k}, \qquad z_c = u_c + v_c$$
 *
 * A modality that says little in a sample's subgroup weighs less in $u$. In $v$ the classes compete for each slot $k$, so
 * that the order of a class's proxies matters.
 *
 * Source: Moon & Lee 2025 (Deep Metric Loss for Multimodal Learning), as in the released code.
 *
 * @param probabilities $e$, not logits: `[batch, modalities · classes]`, the classes of modality after modality.
 * @param proxies $W$, unbounded: `[modalities · classes, classes · proxiesPerClass]`, the proxies of class after class.
 * @throws {RangeError} If there are fewer than 2 classes, the shapes do not fit them, gamma is not positive, or the variant
 * is unknown.
 *
 * @example Where every proxy is the same, the votes of both modalities are all that tells classes apart.
 * ```ts
 * import { multiModalLogits } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const decisions = tf.tensor2d([[0.9, 0.1, 0.6, 0.4]]); // two modalities, both for class 0
 * const layout = { classes: 2, modalities: 2, proxiesPerClass: 3 };
 * const [[first, second]] = await multiModalLogits(decisions, tf.ones([4, 6]), layout).logits.array();
 * assert.ok(Math.abs(first - second - 1.5) < 1e-5); // (0.9 + 0.6 - 0.1 - 0.4) (1 + 1/2)
 * ```
 */
export function multiModalLogits(
  probabilities: tf.Tensor2D,
  proxies: tf.Tensor2D,
  { gamma = 0.1, variant = "full", ...layout }: MultiModalOptions,
): MultiModalLogits {
  checkProxies(probabilities, proxies, layout);
  checkTemperature(gamma, "gamma");
  checkVariant(variant);

  return tf.tidy(() => {
    const rows = proxyRows(proxies), similarity = proxySimilarity(probabilities, rows);
    const attention = tf.softmax(tf.div<tf.Tensor2D>(similarity, gamma));
    const attended: tf.Tensor2D = tf.matMul(attention, rows);
    const axis = variant === "softTripleAxis" ? "proxies" : "classes";
    const classSimilarity = similarityToClasses(similarity, axis, gamma, layout);

    const votes = variant === "noAttention" ? probabilities : probabilities.mul<tf.Tensor2D>(attended.add(1));
    const fused = sumOverModalities(votes, layout);
    return {
      logits: variant === "noClassSimilarity" ? fused : fused.add<tf.Tensor2D>(classSimilarity),
      similarity,
      attention,
      attended,
      classSimilarity,
      normalizedProxies: tf.transpose(rows),
    };
  });
}

/** Sum of each class's entries over the modalities: `[batch, modalities · classes]` to `[batch, classes]`. */
export function sumOverModalities(
  votes: tf.Tensor2D,
  { modalities, classes }: Pick<ProxyLayout, "classes" | "modalities">,
): tf.Tensor2D {
  return tf.sum(tf.reshape(votes, [votes.shape[0], modalities, classes]), 1);
}

/** $v$, with the softmax over the classes of a slot, or over the proxies of a class. */
function similarityToClasses(
  similarity: tf.Tensor2D,
  axis: "classes" | "proxies",
  gamma: number,
  { classes, proxiesPerClass }: ProxyLayout,
): tf.Tensor2D {
  const byClass = tf.reshape(similarity, [similarity.shape[0], classes, proxiesPerClass]);
  const scores = axis === "classes" ? tf.transpose(byClass, [0, 2, 1]) : byClass; // [batch, proxies, classes] or as it is
  return tf.sum(tf.softmax(scores.div(gamma)).mul(scores), axis === "classes" ? 1 : 2);
}

function checkVariant(variant: string): void {
  const known = ["full", "noAttention", "noClassSimilarity", "softTripleAxis"];
  if (!known.includes(variant)) {
    throw new RangeError(`Expected variant to be one of ${known.join(", ")}, got ${variant}`);
  }
}
