// The distribution q(x1, x2, y) of a batch that keeps p(x1, y) and p(x2, y), given by two networks.

import * as tf from "@tensorflow/tfjs";
import type { Initialization } from "../nn/initialize.ts";
import { Module } from "../nn/module.ts";
import { Perceptron } from "../nn/perceptron.ts";
import { sinkhorn } from "./sinkhorn.ts";

/** Width and number of the hidden layers of all networks here. */
export const HIDDEN = [32, 32, 32, 32];
/** Width of the embedding of a source for each class. */
const WIDTH = 10;

/** Result of {@linkcode Coupling.information}, `[]`. */
export type CouplingInformation = {
  /** $I_q(X_2; Y \mid X_1)$ in nats. */
  value: tf.Scalar;
  /** The largest deviation of a sample's $q(y \mid x_2)$ from $p(y \mid x_2)$: what Sinkhorn's rounds have left. */
  marginalError: tf.Scalar;
};

/**
 * Two networks whose embeddings say which pairs of samples belong together, given the class.
 *
 * Each maps a source to one embedding a class, standardised over its coordinates; with those of $x_1^{(a)}$ and $x_2^{(b)}$,
 * $A_y[a, b] = \exp(\langle e^1_{a,y}, e^2_{b,y} \rangle / \sqrt{10})$ is scaled to the sums $p(y \mid x_1^{(a)})$ of rows
 * and, up to a factor, $p(y \mid x_2^{(b)})$ of columns.
 */
export class Coupling extends Module {
  readonly first: Perceptron;
  readonly second: Perceptron;
  readonly #classes: number;

  constructor({ dims, classes, random }: Initialization & { dims: readonly [number, number]; classes: number }) {
    super();
    this.first = new Perceptron([dims[0], ...HIDDEN, classes * WIDTH], { random });
    this.second = new Perceptron([dims[1], ...HIDDEN, classes * WIDTH], { random });
    this.#classes = classes;
  }

  /**
   * $$I_q(X_2; Y \mid X_1) = \frac1B \sum_a \sum_{b, y} p(y \mid a)\, q(b \mid a, y) \ln
   * \frac{q(b \mid a, y)}{\sum_{y'} q(b \mid a, y')\, p(y' \mid a)}$$
   *
   * @param x1 `[batch, dim]`, and so `x2`.
   * @param logP1 $\ln p(y \mid x_1)$, `[batch, classes]`.
   * @param logP2 $\ln p(y \mid x_2)$, `[batch, classes]`.
   */
  information(
    x1: tf.Tensor2D,
    x2: tf.Tensor2D,
    logP1: tf.Tensor2D,
    logP2: tf.Tensor2D,
    { rounds }: { rounds: number },
  ): CouplingInformation {
    return tf.tidy(() => {
      const e1 = this.#embed(this.first, x1), e2 = this.#embed(this.second, x2); // [classes, batch, width]
      const scores = e1.matMul(e2, false, true).div(Math.sqrt(WIDTH)) as tf.Tensor3D; // [classes, a, b]
      const rows = logP1.transpose() as tf.Tensor2D, columns = logP2.transpose() as tf.Tensor2D; // [classes, batch]
      const logQ = sinkhorn(scores, rows, columns, { rounds });
      const logShare = logQ.sub(rows.expandDims(2)); // ln q(b | a, y)
      const logMixture = logQ.logSumExp(0, true); // ln Σ q(b | a, y) p(y | a)
      const scale = columns.logSumExp(1, true).sub(rows.logSumExp(1, true)); // the totals of a batch differ
      const found = logQ.logSumExp(1).add(scale).exp();
      return {
        value: logQ.exp().mul(logShare.sub(logMixture)).sum().div(x1.shape[0]) as tf.Scalar,
        marginalError: found.sub(columns.exp()).abs().max() as tf.Scalar,
      };
    });
  }

  #embed(network: Perceptron, x: tf.Tensor2D): tf.Tensor3D {
    const embeddings = network.forward(x).reshape([-1, this.#classes, WIDTH]);
    const { mean, variance } = tf.moments(embeddings, 2, true);
    return embeddings.sub(mean).div(variance.add(1e-8).sqrt()).transpose([1, 0, 2]) as tf.Tensor3D;
  }
}
