// A critic: how well two vectors go together, by a network that looks at both.

import * as tf from "@tensorflow/tfjs";
import { linear } from "../../nn/linear.ts";
import { perceptron, type PerceptronParameters } from "../../nn/perceptron.ts";

/**
 * The scores $f(a_i, b_j)$ of every row of one batch with every row of another, $f$ a perceptron of the concatenated pair.
 *
 * The first layer is affine, so what it makes of a pair is a sum of what it makes of each side: rows pass it once, not once a
 * pair.
 *
 * Source: critic of FactorCL (Liang et al. 2023).
 *
 * @param a `[rows of a, in a]`.
 * @param b `[rows of b, in b]`.
 * @param parameters Of a perceptron from in a + in b to 1, of at least two layers.
 * @returns `[rows of a, rows of b]`.
 * @throws {RangeError} If the widths do not fit the first layer.
 */
export function pairScores(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  { layers: [{ weight, bias }, ...rest] }: PerceptronParameters,
): tf.Tensor2D {
  const widths = [a.shape[1], b.shape[1]];
  if (widths[0] + widths[1] !== weight.shape[1]) {
    throw new RangeError(`Expected rows of ${weight.shape[1]} numbers in all, got ${widths.join(" and ")}`);
  }
  return tf.tidy(() => {
    const [ofA, ofB] = tf.split(weight, widths, 1) as tf.Tensor2D[];
    const sums = tf.add(tf.expandDims(linear(a, ofA, bias), 1), tf.expandDims(linear(b, ofB), 0)); // [a, b, hidden]
    const hidden = tf.reshape(tf.relu(sums), [-1, weight.shape[0]]) as tf.Tensor2D;
    return tf.reshape(perceptron(hidden, { layers: rest }), [a.shape[0], b.shape[0]]) as tf.Tensor2D;
  });
}
