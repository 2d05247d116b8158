import * as tf from "@tensorflow/tfjs";
import { type NamedParameters, Optimizer } from "./optimizer.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions {
  /** Step size $\eta$. Default 1e-3. */
  learningRate?: number;
  /** Decay $\beta_1$ of the mean of gradients, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay $\beta_2$ of the mean of squared gradients, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  epsilon?: number;
  /** Weight decay $\lambda$. Default 0 for {@linkcode Adam}, 0.01 for {@linkcode AdamW}. */
  weightDecay?: number;
  /** Whether a parameter is decayed. Default: every one is. */
  decays?: (name: string, parameter: tf.Variable) => boolean;
}

/**
 * Adam with PyTorch's conventions: weight decay is L2 regularisation, part of the gradient.
 *
 * $$g \leftarrow g + \lambda \theta, \quad m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
 * v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
 * \theta \leftarrow \theta - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}$$
 *
 * Source: Kingma & Ba 2015, algorithm 1.
 *
 * @throws {RangeError} If there is no parameter or an option is out of range.
 *
 * @example The first step has the length of the learning rate, whatever the gradient's.
 * ```ts
 * import { Adam } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const weight = tf.variable(tf.scalar(1));
 * const optimizer = new Adam([["weight", weight]], { learningRate: 0.1 });
 * const loss = optimizer.minimize(() => weight.mul(1000).asScalar());
 * assert.equal((await loss.data())[0], 1000);
 * assert.ok(Math.abs((await weight.data())[0] - 0.9) < 1e-6);
 * ```
 */
export class Adam extends Optimizer {
  /** Weight decay of a parameter, 0 if it is exempt. */
  protected readonly decayOf: (name: string) => number;
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;

  /**
   * @param parameters What to optimise, with names: a model's `parameters()`.
   * @param options Defaults are PyTorch's.
   */
  constructor(parameters: NamedParameters, options: AdamOptions = {}) {
    const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
    const { weightDecay = 0, decays = () => true } = options;
    for (const [name, beta] of Object.entries({ beta1, beta2 })) {
      if (!(beta >= 0 && beta < 1)) throw new RangeError(`Expected ${name} to be in [0, 1), got ${beta}`);
    }
    if (!(epsilon >= 0)) throw new RangeError(`Expected epsilon to be at least 0, got ${epsilon}`);
    if (!(weightDecay >= 0)) throw new RangeError(`Expected weightDecay to be at least 0, got ${weightDecay}`);
    super(parameters, learningRate, ["firstMoment", "secondMoment"]);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
    const decayed = new Set(parameters.filter(([name, parameter]) => decays(name, parameter)).map(([name]) => name));
    this.decayOf = (name) => decayed.has(name) ? weightDecay : 0;
  }

  /** @inheritdoc */
  protected override update(gradients: Record<string, tf.Tensor>): void {
    const stepSize = this.rate.div(this.#biasCorrection(this.#beta1));
    const spread = this.#biasCorrection(this.#beta2).sqrt();
    for (const [name, gradient] of Object.entries(gradients)) {
      const parameter = this.parameters[name];
      const moments = this.#updateMoments(name, this.regularized(name, parameter, gradient));
      const scale = moments.second.sqrt().div(spread).add(this.#epsilon);
      parameter.assign(this.decayed(name, parameter).sub(moments.first.div(scale).mul(stepSize)));
    }
  }

  /** The gradient with the part that weight decay adds to it. */
  protected regularized(name: string, parameter: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    const decay = this.decayOf(name);
    return decay ? gradient.add(parameter.mul(decay)) : gradient;
  }

  /** The parameter before the step, shrunk if weight decay does so. */
  protected decayed(_name: string, parameter: tf.Variable): tf.Tensor {
    return parameter;
  }

  #updateMoments(name: string, gradient: tf.Tensor): { first: tf.Variable; second: tf.Variable } {
    const first = this.slot("firstMoment", name), second = this.slot("secondMoment", name);
    first.assign(first.mul(this.#beta1).add(gradient.mul(1 - this.#beta1)));
    second.assign(second.mul(this.#beta2).add(gradient.square().mul(1 - this.#beta2)));
    return { first, second };
  }

  /** $1 - \beta^t$, by way of expm1: a float32 power next to 1 would lose the digits that count. */
  #biasCorrection(beta: number): tf.Tensor {
    return beta === 0 ? tf.scalar(1) : this.stepCount.mul(Math.log(beta)).expm1().neg();
  }
}
