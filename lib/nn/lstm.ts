import * as tf from "@tensorflow/tfjs";
import { linear } from "./linear.ts";
import { readSequences, Recurrent, type RecurrentOptions, type RecurrentParameters } from "./recurrent.ts";

/** What an LSTM carries from step to step, `[layers · directions, batch, hidden]` each. */
export interface LSTMState {
  hidden: tf.Tensor3D;
  cell: tf.Tensor3D;
}

/** How {@linkcode lstm} reads. */
export interface LSTMReading {
  /** The state before the first step; a direction's follows its layer's. Default: zeros. */
  initial?: LSTMState;
  /** `[batch, steps]`, 1 = padding: the state skips such a step, and its output is 0. */
  padding?: tf.Tensor2D;
}

/**
 * Long short-term memory over sequences, PyTorch's `LSTM` with the batch first:
 *
 * $$i, f, o = \sigma(W x_t + b + U h_{t-1} + b'), \quad g = \tanh(W x_t + b + U h_{t-1} + b'), \quad
 * c_t = f \odot c_{t-1} + i \odot g, \quad h_t = o \odot \tanh c_t$$
 *
 * with weights of their own for each gate, stacked in the order $i, f, g, o$. Padding has the semantics of PyTorch's packed
 * sequences: the final state is that after a sequence's last step, and the way back begins there. A sequence of nothing but
 * padding, which PyTorch refuses, keeps its initial state. A compiled step records every step of the sequence: compile it as
 * a graph, since XLA takes a second or more for each.
 *
 * Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
 *
 * @param x `[batch, steps, inputs]`.
 * @param layers Parameters of each layer, of one direction or two (forth and back).
 * @returns `output` `[batch, steps, directions · hidden]` of the last layer, and the state after the last step.
 * @throws {RangeError} If there is no step, or shapes do not fit.
 *
 * @example
 * ```ts
 * import { lstm, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const weight = tf.zeros<tf.Rank.R2>([4, 1]), bias = tf.tensor1d([50, -50, 50, 50]); // write, forget, keep 1, show
 * const layer = { weightIh: weight, weightHh: weight, biasIh: bias, biasHh: tf.zeros<tf.Rank.R1>([4]) };
 * const { output, cell } = lstm(tf.ones([1, 3, 1]), [[layer]]);
 * assert.deepEqual([output.shape, cell.shape], [[1, 3, 1], [1, 1, 1]]);
 * assert.ok(Math.abs((await cell.data())[0] - 1) < 1e-6);
 * ```
 */
export function lstm(
  x: tf.Tensor3D,
  layers: RecurrentParameters[][],
  { initial, padding }: LSTMReading = {},
): { output: tf.Tensor3D } & LSTMState {
  const starts = [initial?.hidden, initial?.cell];
  const { output, state: [hidden, cell] } = readSequences(x, layers, { gates: 4, step, initial: starts, padding });
  return { output, hidden, cell };
}

function step(
  fromInput: tf.Tensor2D,
  [hidden, cell]: tf.Tensor2D[],
  { weightHh, biasHh }: RecurrentParameters,
): tf.Tensor2D[] {
  const [i, f, g, o] = tf.split(tf.add(fromInput, linear(hidden, weightHh, biasHh)), 4, 1);
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g))) as tf.Tensor2D;
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
}

/** {@linkcode lstm} with its parameters: PyTorch's `LSTM`, uniform in ±1/sqrt(hidden) at first. */
export class LSTM extends Recurrent {
  /**
   * @param inputs Width of the input.
   * @param hidden Width of the state, and of each direction's output.
   */
  constructor(inputs: number, hidden: number, options: RecurrentOptions) {
    super(4, inputs, hidden, options);
  }

  /** `[batch, steps, inputs]` to what {@linkcode lstm} returns. */
  forward(x: tf.Tensor3D, reading: LSTMReading = {}): { output: tf.Tensor3D } & LSTMState {
    return lstm(x, this.tensors, reading);
  }
}
