import * as tf from "@tensorflow/tfjs";
import type { Initialization } from "./initialize.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Parameters of {@linkcode perceptron}: one affine map a layer. */
export interface PerceptronParameters {
  layers: { weight: tf.Tensor2D; bias?: tf.Tensor1D }[];
}

/**
 * Affine maps with ReLU between them, none after the last.
 *
 * @param x `[batch, in]`.
 * @returns `[batch, out]`.
 *
 * @example
 * ```ts
 * import { perceptron } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const weight = tf.tensor2d([[-1]]);
 * const y = perceptron(tf.tensor2d([[2], [-2]]), { layers: [{ weight }, { weight }] });
 * assert.deepEqual(await y.array(), [[0], [-2]]);
 * ```
 */
export function perceptron(x: tf.Tensor2D, { layers }: PerceptronParameters): tf.Tensor2D {
  return tf.tidy(() => layers.reduce((h, { weight, bias }, i) => linear(i === 0 ? h : tf.relu(h), weight, bias), x));
}

/** {@linkcode perceptron} with its parameters. */
export class Perceptron extends Module {
  readonly layers: Linear[];

  /** @param widths From the input's to the output's, all in between those of hidden layers. */
  constructor(widths: number[], { random }: Initialization) {
    super();
    if (widths.length < 2) throw new RangeError(`Expected at least an input's and an output's width, got [${widths}]`);
    this.layers = widths.slice(1).map((width, i) => new Linear(widths[i], width, { random }));
  }

  /** `[batch, in]` to `[batch, out]`. */
  forward(x: tf.Tensor2D): tf.Tensor2D {
    return perceptron(x, this);
  }
}
