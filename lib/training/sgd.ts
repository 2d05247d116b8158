import * as tf from "@tensorflow/tfjs";
import { type NamedParameters, Optimizer } from "./optimizer.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /** Step size $\eta$. Default 1e-3. */
  learningRate?: number;
  /** Momentum $\mu$, in [0, 1). Default 0. */
  momentum?: number;
  /** Whether to step from where the momentum leads, after Nesterov; it needs a momentum. Default false. */
  nesterov?: boolean;
  /** Weight decay $\lambda$. Default 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with PyTorch's conventions: weight decay is L2 regularisation, the momentum is not damped.
 *
 * $$g \leftarrow g + \lambda \theta, \quad b \leftarrow \mu b + g, \quad
 * \theta \leftarrow \theta - \eta \begin{cases} g + \mu b & \text{Nesterov} \\ b & \text{else} \end{cases}$$
 *
 * Source: Sutskever et al. 2013, in PyTorch's form (the learning rate scales the whole step).
 *
 * @throws {RangeError} If there is no parameter or an option is out of range.
 *
 * @example The momentum adds up steps of the same direction.
 * ```ts
 * import { SGD } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const weight = tf.variable(tf.scalar(1));
 * const optimizer = new SGD([["weight", weight]], { learningRate: 0.1, momentum: 0.5 });
 * for (let step = 0; step < 2; step++) optimizer.step({ weight: tf.scalar(1) });
 * assert.ok(Math.abs((await weight.data())[0] - (1 - 0.1 - 0.15)) < 1e-6);
 * ```
 */
export class SGD extends Optimizer {
  readonly #momentum: number;
  readonly #nesterov: boolean;
  readonly #weightDecay: number;

  /**
   * @param parameters What to optimise, with names: a model's `parameters()`.
   * @param options Defaults are PyTorch's.
   */
  constructor(parameters: NamedParameters, options: SGDOptions = {}) {
    const { learningRate = 1e-3, momentum = 0, nesterov = false, weightDecay = 0 } = options;
    if (!(momentum >= 0 && momentum < 1)) throw new RangeError(`Expected momentum to be in [0, 1), got ${momentum}`);
    if (nesterov && momentum === 0) throw new RangeError("Expected a momentum above 0 for Nesterov's step, got 0");
    if (!(weightDecay >= 0)) throw new RangeError(`Expected weightDecay to be at least 0, got ${weightDecay}`);
    super(parameters, learningRate, momentum > 0 ? ["momentum"] : []);
    this.#momentum = momentum;
    this.#nesterov = nesterov;
    this.#weightDecay = weightDecay;
  }

  /** @inheritdoc */
  protected override update(gradients: Record<string, tf.Tensor>): void {
    for (const [name, given] of Object.entries(gradients)) {
      const parameter = this.parameters[name], decay = this.#weightDecay;
      const gradient = decay ? given.add(parameter.mul(decay)) : given;
      parameter.assign(parameter.sub(this.#direction(name, gradient).mul(this.rate)));
    }
  }

  #direction(name: string, gradient: tf.Tensor): tf.Tensor {
    if (this.#momentum === 0) return gradient;
    const momentum = this.slot("momentum", name);
    momentum.assign(momentum.mul(this.#momentum).add(gradient));
    return this.#nesterov ? gradient.add(momentum.mul(this.#momentum)) : momentum;
  }
}
