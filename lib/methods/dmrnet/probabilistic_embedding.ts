// DMRNet's probabilistic embedding (PME): a Gaussian for each sample instead of a point.

import * as tf from "@tensorflow/tfjs";
import { BatchNorm, batchNorm, type BatchNormParameters } from "../../nn/batch_norm.ts";
import type { Initialization } from "../../nn/initialize.ts";
import { Linear, linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";

/** Result of {@linkcode pmeSample}. */
export interface PmeSample<T extends tf.Tensor> {
  /** $z$, what the predictor reads. */
  z: T;
  /** $\sigma$. */
  sigma: T;
}

/**
 * A draw from the Gaussian of each sample while training, its mean otherwise.
 *
 * $$z = \mu + \sigma \odot \varepsilon, \qquad \sigma = e^{\frac12 \log \sigma^2}$$
 *
 * Source: Wei et al. 2024 (DMRNet), section 3; the reparameterisation is that of Kingma & Welling 2014.
 *
 * @param mu $\mu$, `[batch, …, dim]`.
 * @param logVariance $\log \sigma^2$, of the same shape.
 * @param epsilon $\varepsilon \sim \mathcal N(0, 1)$, of the same shape; not looked at outside of training.
 * @throws {RangeError} If the shapes differ.
 *
 * @example
 * ```ts
 * import { pmeSample, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const { z } = pmeSample(tf.tensor2d([[1]]), tf.tensor2d([[0]]), tf.tensor2d([[2]]), { training: true });
 * assert.deepEqual(await z.array(), [[3]]);
 * ```
 */
export function pmeSample<T extends tf.Tensor>(
  mu: T,
  logVariance: T,
  epsilon: T,
  { training }: { training: boolean },
): PmeSample<T> {
  if (String(mu.shape) !== String(logVariance.shape) || String(mu.shape) !== String(epsilon.shape)) {
    throw new RangeError(
      "Expected mu, logVariance and epsilon of one shape, " +
        `got [${mu.shape}], [${logVariance.shape}] and [${epsilon.shape}]`,
    );
  }
  return tf.tidy(() => {
    const sigma = logVariance.mul<T>(0.5).exp<T>();
    return { z: training ? sigma.mul<T>(epsilon).add<T>(mu) : mu.clone(), sigma };
  });
}

/** A linear map and the batch normalisation after it. */
export interface NormalizedLinearParameters {
  linear: LinearParameters;
  norm: BatchNormParameters;
}

interface LinearParameters {
  /** `[out, in]`. */
  weight: tf.Tensor2D;
  /** `[out]`. */
  bias?: tf.Tensor1D;
}

/** Parameters of {@linkcode pmeHead}. */
export interface PmeHeadParameters {
  mean: NormalizedLinearParameters;
  logVariance: NormalizedLinearParameters;
  predictor: LinearParameters;
}

/** Options of {@linkcode pmeHead}. */
export interface PmeHeadOptions {
  /** Whether to draw, and to normalise by the batch. */
  training: boolean;
  /** $\log \sigma^2$ is kept in ± this, so that its exponential stays finite. Default Infinity, as released. */
  limit?: number;
}

/** What a head of DMRNet gives for a batch. */
export interface PmeOutput {
  /** `[batch, classes]`. */
  logits: tf.Tensor2D;
  /** $\mu$, `[batch, dim]`, what probes read. */
  mu: tf.Tensor2D;
  /** $\sigma$, `[batch, dim]`. */
  sigma: tf.Tensor2D;
  /** $\log \sigma^2$, `[batch, dim]`. */
  logVariance: tf.Tensor2D;
}

/** Running statistics of a batch normalisation, `[dim]` each. */
type RunningStatistics = Pick<BatchNormParameters, "runningMean" | "runningVar">;

/** Result of {@linkcode pmeHead}. */
export interface PmeHead extends PmeOutput {
  /** Running statistics of both normalisations after the call. */
  running: { mean: RunningStatistics; logVariance: RunningStatistics };
}

/**
 * The head of DMRNet: two maps give mean and log-variance, a draw goes to the predictor.
 *
 * $$\mu = \mathrm{BN}(A_\mu F + b_\mu), \quad \log \sigma^2 = \mathrm{BN}(A_v F + b_v), \quad z = \mu + \sigma \odot \varepsilon,
 * \quad s = A_s z + b_s$$
 *
 * Source: Wei et al. 2024 (DMRNet), section 3.
 *
 * @param features $F$, `[batch, in]`, of {@linkcode maskedConcat}.
 * @param epsilon $\varepsilon \sim \mathcal N(0, 1)$, `[batch, dim]`; not looked at outside of training.
 * @throws {RangeError} If a shape does not fit, the limit is not positive, or a training batch has one row.
 *
 * @example Outside of training the predictor reads the mean, here half of the feature.
 * ```ts
 * import { pmeHead, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const [zero, one] = [tf.zeros<tf.Rank.R1>([1]), tf.ones<tf.Rank.R1>([1])];
 * const norm = { weight: one, bias: zero, runningMean: zero, runningVar: tf.tensor1d([4]) };
 * const map = { linear: { weight: tf.tensor2d([[1]]), bias: zero }, norm };
 * const parameters = { mean: map, logVariance: map, predictor: { weight: tf.tensor2d([[1], [10]]) } };
 * const { logits } = pmeHead(tf.tensor2d([[6]]), parameters, tf.zeros([1, 1]), { training: false });
 * const [first, second] = await logits.data();
 * assert.ok(Math.abs(first - 3) < 1e-4 && Math.abs(second - 30) < 1e-3);
 * ```
 */
export function pmeHead(
  features: tf.Tensor2D,
  { mean, logVariance, predictor }: PmeHeadParameters,
  epsilon: tf.Tensor2D,
  { training, limit = Infinity }: PmeHeadOptions,
): PmeHead {
  if (features.rank !== 2) throw new RangeError(`Expected features of shape [batch, in], got [${features.shape}]`);
  if (!(limit > 0)) throw new RangeError(`Expected limit to be positive, got ${limit}`);
  return tf.tidy(() => {
    const normalised = ({ linear: { weight, bias }, norm }: NormalizedLinearParameters) =>
      batchNorm(linear(features, weight, bias), norm, { training });
    const { output: mu, ...ofMean } = normalised(mean), { output: unlimited, ...ofVariance } = normalised(logVariance);
    const limited: tf.Tensor2D = limit === Infinity ? unlimited : tf.clipByValue(unlimited, -limit, limit);
    const { z, sigma } = pmeSample<tf.Tensor2D>(mu, limited, epsilon, { training });
    const logits = linear(z, predictor.weight, predictor.bias);
    return { logits, mu, sigma, logVariance: limited, running: { mean: ofMean, logVariance: ofVariance } };
  });
}

/** A linear layer with batch normalisation. */
class NormalizedLinear extends Module {
  readonly linear: Linear;
  readonly norm: BatchNorm;

  constructor(inputs: number, outputs: number, { random }: Initialization) {
    super();
    this.linear = new Linear(inputs, outputs, { random });
    this.norm = new BatchNorm(outputs);
  }
}

/**
 * {@linkcode pmeHead} with its parameters: `inputs` features to as many Gaussian dimensions, and to `classes` logits.
 *
 * @example Noise moves the logits in training only.
 * ```ts
 * import { ProbabilisticEmbedding, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const random = new RandomStream(0, "weights"), head = new ProbabilisticEmbedding(3, 2, { random });
 * const features = random.normal<tf.Rank.R2>([4, 3]), noise = [0, 1].map((e) => tf.fill<tf.Rank.R2>([4, 3], e));
 * const logits = (training: boolean) =>
 *   noise.map((epsilon) => head.forward(features, epsilon, { training }).logits.arraySync());
 * assert.notDeepEqual(...logits(true) as [unknown, unknown]);
 * assert.deepEqual(...logits(false) as [unknown, unknown]);
 * ```
 */
export class ProbabilisticEmbedding extends Module {
  readonly mean: NormalizedLinear;
  readonly logVariance: NormalizedLinear;
  readonly predictor: Linear;

  constructor(inputs: number, classes: number, { random }: Initialization) {
    super();
    this.mean = new NormalizedLinear(inputs, inputs, { random });
    this.logVariance = new NormalizedLinear(inputs, inputs, { random });
    this.predictor = new Linear(inputs, classes, { random });
  }

  /** Features `[batch, inputs]` and noise `[batch, inputs]` to a Gaussian and logits; in training the running statistics move. */
  forward(features: tf.Tensor2D, epsilon: tf.Tensor2D, options: PmeHeadOptions): PmeOutput {
    return tf.tidy(() => {
      const { running, ...output } = pmeHead(features, this, epsilon, options);
      if (options.training) {
        for (const part of ["mean", "logVariance"] as const) {
          const { norm } = this[part], { runningMean, runningVar } = running[part];
          norm.runningMean.assign(runningMean);
          norm.runningVar.assign(runningVar);
        }
      }
      return output;
    });
  }
}
