import * as tf from "@tensorflow/tfjs";

/**
 * Scales gradients down together if their common norm is too large: each by
 * $\min\!\big(1, \frac{c}{\lVert g \rVert_2 + 10^{-6}}\big)$, with $\lVert g \rVert_2$ the norm of all of them as one vector.
 *
 * Source: Pascanu, Mikolov & Bengio 2013, in the form of PyTorch's `clip_grad_norm_`.
 *
 * @param gradients By name; they stay the caller's.
 * @param options `maxNorm` $c$, above 0.
 * @returns `clipped` by the same names, and the `norm` before.
 * @throws {RangeError} If `maxNorm` is not above 0.
 *
 * @example
 * ```ts
 * import { clipGradientNorm, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const { clipped, norm } = clipGradientNorm({ a: tf.tensor1d([3]), b: tf.tensor1d([4]) }, { maxNorm: 1 });
 * assert.equal((await norm.data())[0], 5);
 * assert.ok(Math.abs((await clipped.b.data())[0] - 0.8) < 1e-6);
 * ```
 */
export function clipGradientNorm<Name extends string>(
  gradients: Record<Name, tf.Tensor>,
  { maxNorm }: { maxNorm: number },
): { clipped: Record<Name, tf.Tensor>; norm: tf.Scalar } {
  if (!(maxNorm > 0)) throw new RangeError(`Expected maxNorm to be above 0, got ${maxNorm}`);
  return tf.tidy(() => {
    const entries = Object.entries(gradients) as [Name, tf.Tensor][];
    const squares = entries.map(([, gradient]) => tf.sum(tf.square(gradient)));
    const norm = tf.sqrt(squares.length ? tf.addN(squares) : tf.scalar(0)) as tf.Scalar;
    const scale = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    const clipped = Object.fromEntries(entries.map(([name, gradient]) => [name, tf.mul(gradient, scale)]));
    return { clipped: clipped as Record<Name, tf.Tensor>, norm };
  });
}
