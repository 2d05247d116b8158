import type * as tf from "@tensorflow/tfjs";
import { Adam, type AdamOptions } from "./adam.ts";
import type { NamedParameters } from "./optimizer.ts";

/**
 * AdamW with PyTorch's conventions: weight decay shrinks the parameter itself and never enters the moments.
 *
 * $$\theta \leftarrow (1 - \eta \lambda)\, \theta, \quad\text{then the step of {@linkcode Adam} on the bare gradient}$$
 *
 * `decays` makes the usual two groups of parameters, with and without decay.
 *
 * Source: Loshchilov & Hutter 2019, algorithm 2.
 *
 * @throws {RangeError} If there is no parameter or an option is out of range.
 *
 * @example Without a gradient to speak of, only matrices shrink.
 * ```ts
 * import { AdamW } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const weight = tf.variable(tf.ones([1, 1])), bias = tf.variable(tf.ones([1]));
 * const decays = (_name: string, parameter: tf.Variable) => parameter.rank >= 2;
 * const optimizer = new AdamW([["weight", weight], ["bias", bias]], { learningRate: 0.1, weightDecay: 0.5, decays });
 * optimizer.step({ weight: tf.zeros([1, 1]), bias: tf.zeros([1]) });
 * assert.ok(Math.abs((await weight.data())[0] - 0.95) < 1e-6);
 * assert.equal((await bias.data())[0], 1);
 * ```
 */
export class AdamW extends Adam {
  /**
   * @param parameters What to optimise, with names: a model's `parameters()`.
   * @param options Defaults are PyTorch's.
   */
  constructor(parameters: NamedParameters, { weightDecay = 0.01, ...options }: AdamOptions = {}) {
    super(parameters, { weightDecay, ...options });
  }

  /** @inheritdoc */
  protected override regularized(_name: string, _parameter: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    return gradient;
  }

  /** @inheritdoc */
  protected override decayed(name: string, parameter: tf.Variable): tf.Tensor {
    const decay = this.decayOf(name);
    return decay ? parameter.sub(parameter.mul(this.rate.mul(decay))) : parameter;
  }
}
