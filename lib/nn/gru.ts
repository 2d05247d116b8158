import * as tf from "@tensorflow/tfjs";
import { linear } from "./linear.ts";
import { readSequences, Recurrent, type RecurrentOptions, type RecurrentParameters } from "./recurrent.ts";

/** How {@linkcode gru} reads. */
export interface GRUReading {
  /** The state before the first step, `[layers · directions, batch, hidden]`. Default: zeros. */
  initial?: tf.Tensor3D;
  /** `[batch, steps]`, 1 = padding: the state skips such a step, and its output is 0. */
  padding?: tf.Tensor2D;
}

/** What {@linkcode gru} returns. */
export interface GRUResult {
  /** Outputs of the last layer, `[batch, steps, directions · hidden]`. */
  output: tf.Tensor3D;
  /** The state after the last step, `[layers · directions, batch, hidden]`. */
  hidden: tf.Tensor3D;
}

/**
 * Gated recurrent unit over sequences, PyTorch's `GRU` with the batch first:
 *
 * $$r, z = \sigma(W x_t + b + U h_{t-1} + b'), \quad n = \tanh(W x_t + b + r \odot (U h_{t-1} + b')), \quad
 * h_t = (1 - z) \odot n + z \odot h_{t-1}$$
 *
 * with weights of their own for each gate, stacked in the order $r, z, n$; the reset gate acts after the product, as in
 * PyTorch. Padding as in {@linkcode lstm}.
 *
 * Source: Cho et al. 2014, in the variant of PyTorch.
 *
 * @param x `[batch, steps, inputs]`.
 * @param layers Parameters of each layer, of one direction or two (forth and back).
 * @throws {RangeError} If there is no step, or shapes do not fit.
 *
 * @example Without weights the new value is 0, and half of the state remains at each step.
 * ```ts
 * import { gru, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const weight = tf.zeros<tf.Rank.R2>([3, 1]), bias = tf.zeros<tf.Rank.R1>([3]);
 * const layer = { weightIh: weight, weightHh: weight, biasIh: bias, biasHh: bias };
 * const { output } = gru(tf.ones([1, 3, 1]), [[layer]], { initial: tf.ones([1, 1, 1]) });
 * assert.deepEqual([...await output.data()], [0.5, 0.25, 0.125]);
 * ```
 */
export function gru(
  x: tf.Tensor3D,
  layers: RecurrentParameters[][],
  { initial, padding }: GRUReading = {},
): GRUResult {
  const { output, state: [hidden] } = readSequences(x, layers, { gates: 3, step, initial: [initial], padding });
  return { output, hidden };
}

function step(
  fromInput: tf.Tensor2D,
  [hidden]: tf.Tensor2D[],
  { weightHh, biasHh }: RecurrentParameters,
): tf.Tensor2D[] {
  const [resetX, updateX, newX] = tf.split(fromInput, 3, 1);
  const [resetH, updateH, newH] = tf.split(linear(hidden, weightHh, biasHh), 3, 1);
  const reset = tf.sigmoid(tf.add(resetX, resetH)), update = tf.sigmoid(tf.add(updateX, updateH));
  const next = tf.tanh(tf.add(newX, tf.mul(reset, newH)));
  return [tf.add(next, tf.mul(update, tf.sub(hidden, next)))];
}

/** {@linkcode gru} with its parameters: PyTorch's `GRU`, uniform in ±1/sqrt(hidden) at first. */
export class GRU extends Recurrent {
  /**
   * @param inputs Width of the input.
   * @param hidden Width of the state, and of each direction's output.
   */
  constructor(inputs: number, hidden: number, options: RecurrentOptions) {
    super(3, inputs, hidden, options);
  }

  /** `[batch, steps, inputs]` to what {@linkcode gru} returns. */
  forward(x: tf.Tensor3D, reading: GRUReading = {}): GRUResult {
    return gru(x, this.tensors, reading);
  }
}
