import * as tf from "@tensorflow/tfjs";
import { checkScalar } from "./checks.ts";

/** Cosines are kept this far from ±1, where the angle has no finite gradient; the weights change by less than 1e-6. */
const MARGIN = 1e-6;

/**
 * Mixes unit rows along the great circle through both, so that the mixture is a unit row at a $\lambda$ share of the way.
 *
 * $$m_\lambda(a, b) = \frac{\sin \lambda\theta}{\sin\theta}\, a + \frac{\sin (1 - \lambda)\theta}{\sin\theta}\, b,
 * \qquad \cos\theta = a \cdot b$$
 *
 * $\lambda = 1$ gives $a$. Equal rows give themselves; opposite ones have no great circle of their own, and the result is finite
 * but means nothing.
 *
 * Source: Oh et al. 2023 (m²-Mix), geodesic mixup; the mixture has length 1 already and is not normalised again.
 *
 * @param a Unit rows, `[batch, dim]`.
 * @param b Unit rows, `[batch, dim]`.
 * @param lambda $\lambda$ in [0, 1], `[]`.
 * @returns `[batch, dim]`, unit rows for unit rows.
 * @throws {RangeError} If the shapes differ or lambda is not a scalar.
 *
 * @example Half of the way between two axes is the diagonal.
 * ```ts
 * import { geodesicMixup } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const [x, y] = await geodesicMixup(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]]), tf.scalar(0.5)).data();
 * assert.ok(Math.abs(x - Math.SQRT1_2) < 1e-6 && Math.abs(y - Math.SQRT1_2) < 1e-6);
 * ```
 */
export function geodesicMixup(a: tf.Tensor2D, b: tf.Tensor2D, lambda: tf.Scalar): tf.Tensor2D {
  if (a.rank !== 2 || String(a.shape) !== String(b.shape)) {
    throw new RangeError(
      `Expected both sets of rows to have the same shape [batch, dim], got [${a.shape}] and [${b.shape}]`,
    );
  }
  checkScalar(lambda, "lambda");
  return tf.tidy(() => {
    const cosine = a.mul(b).sum(1, true).clipByValue(-1 + MARGIN, 1 - MARGIN);
    const angle = cosine.acos(); // [batch, 1]
    const share = (part: tf.Tensor) => angle.mul(part).sin().div(angle.sin());
    return a.mul<tf.Tensor2D>(share(lambda)).add(b.mul(share(tf.sub(1, lambda))));
  });
}
