import * as tf from "@tensorflow/tfjs";
import { compile, type CompiledStep } from "../engine/compile.ts";
import { checkLabels } from "./labels.ts";
import { lbfgs, type ValueAndGradient } from "./lbfgs.ts";

/** Options of {@linkcode logisticProbe}. */
export interface LogisticProbeOptions {
  /** Inverse strength C > 0 of the L2 penalty; larger trusts the samples more. */
  c: number;
  /** Number of classes. Default: the largest label plus one. */
  classes?: number;
  /** Iterations of L-BFGS. Default 100. */
  maxIterations?: number;
  /** Largest gradient entry of the objective, divided by C · samples, at which to stop. Default 1e-4, as scikit-learn's. */
  tolerance?: number;
}

/** A fitted logistic regression, see {@linkcode logisticProbe}. Its two tensors live until {@linkcode dispose}. */
export class LogisticProbe {
  /** One row per class, `[classes, dim]`; `[1, dim]`, the log-odds of class 1, with two classes. */
  readonly weights: tf.Tensor2D;
  /** `[classes]`; `[1]` with two classes. */
  readonly bias: tf.Tensor1D;
  /** $\frac12 \lVert W\rVert^2 + C \sum_i \mathrm{CE}_i$ at the weights, in nats. */
  readonly objective: number;
  /** Whether L-BFGS met its tolerance before its iterations were used up. */
  readonly converged: boolean;
  readonly classes: number;

  constructor(solution: LogisticSolution, { classes, dim }: { classes: number; dim: number }) {
    const outputs = outputsOf(classes);
    this.weights = tf.tensor2d(Float32Array.from(solution.parameters.subarray(0, outputs * dim)), [outputs, dim]);
    this.bias = tf.tensor1d(Float32Array.from(solution.parameters.subarray(outputs * dim)));
    this.objective = solution.objective;
    this.converged = solution.converged;
    this.classes = classes;
  }

  /**
   * @param features `[samples, dim]`.
   * @returns Probability of each class, `[samples, classes]`; rows sum to 1.
   * @throws {RangeError} If dim differs from that of the training features.
   */
  predictProbabilities(features: tf.Tensor2D): tf.Tensor2D {
    const dim = this.weights.shape[1];
    if (features.shape[1] !== dim) {
      throw new RangeError(`Expected features to be [samples, ${dim}] as in training, got [${features.shape}]`);
    }
    return tf.tidy(() => logits(features, this.weights, this.bias).softmax());
  }

  /**
   * @param features `[samples, dim]`.
   * @returns The most probable class of each sample, `[samples]`.
   * @throws {RangeError} If dim differs from that of the training features.
   */
  async predict(features: tf.Tensor2D): Promise<Int32Array> {
    const classes = tf.tidy(() => this.predictProbabilities(features).argMax(1).toInt());
    const predictions = await classes.data<"int32">();
    classes.dispose();
    return Int32Array.from(predictions);
  }

  /** Frees weights and bias. */
  dispose(): void {
    tf.dispose([this.weights, this.bias]);
  }
}

/**
 * Logistic regression with an L2 penalty, as scikit-learn's `LogisticRegression` defines it:
 *
 * $$\min_{W, b} \; \tfrac12 \lVert W \rVert^2 + C \sum_i \mathrm{CE}\big(y_i, \mathrm{softmax}(W x_i + b)\big)$$
 *
 * The bias is free of the penalty, classes are not reweighted and features are taken as they are. With two classes there is
 * one weight vector, the log-odds of class 1. Value and gradient are computed on the current engine, where the features
 * stay; only the weights travel in each of the L-BFGS iterations, which start at zero.
 *
 * @param features `[samples, dim]`, float32; not disposed.
 * @param labels Class of each sample, `[samples]`; every class needs a sample.
 * @returns The probe at the optimum, or where the iterations ended (`converged` tells).
 * @throws {RangeError} If shapes, labels or options do not fit, or a feature is not finite.
 *
 * @example
 * ```ts
 * import { logisticProbe } from "braid/evaluation/logistic_probe.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const features = tf.tensor2d([[-2], [-1], [1], [2]]);
 * const probe = await logisticProbe(features, Int32Array.of(0, 0, 1, 1), { c: 1 });
 * assert.deepEqual([...await probe.predict(features)], [0, 0, 1, 1]);
 * probe.dispose();
 * ```
 */
export async function logisticProbe(
  features: tf.Tensor2D,
  labels: Int32Array,
  { c, classes = largestLabel(labels) + 1, maxIterations, tolerance }: LogisticProbeOptions,
): Promise<LogisticProbe> {
  checkC(c);
  await checkTrainingData(features, labels, classes);
  const data = new LogisticData(features, labels, classes);
  try {
    const solution = await data.fit({ c, maxIterations, tolerance });
    return new LogisticProbe(solution, { classes, dim: features.shape[1] });
  } finally {
    data.dispose();
  }
}

/** Where L-BFGS ended: the weights row by row, then the bias. */
export interface LogisticSolution {
  parameters: Float64Array;
  objective: number;
  converged: boolean;
}

/** Training data on the engine, to be fitted for one C after another. The features stay the caller's. */
export class LogisticData {
  readonly #features: tf.Tensor2D;
  readonly #outputs: number;
  readonly #targets: tf.Tensor2D; // [samples, classes], one-hot
  /** Losses `[samples]`, then the gradient of their mean, for weights and bias in one row. */
  readonly #lossesAndGradient: CompiledStep<
    [point: tf.Tensor1D, features: tf.Tensor2D, targets: tf.Tensor2D],
    tf.Tensor1D
  >;

  constructor(features: tf.Tensor2D, labels: Int32Array, classes: number) {
    this.#features = features;
    const outputs = this.#outputs = outputsOf(classes);
    // Cast: WebAssembly's oneHot() writes whole numbers whatever type is asked for.
    this.#targets = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), classes), "float32") as tf.Tensor2D);
    this.#lossesAndGradient = compile((point, features, targets) => {
      const [samples, dim] = features.shape;
      const weights = point.slice([0], [outputs * dim]).reshape<tf.Tensor2D>([outputs, dim]);
      const scores = logits(features, weights, point.slice([outputs * dim], [outputs])); // [samples, classes]
      const losses = scores.logSumExp(1).sub(scores.mul(targets).sum(1)); // [samples]
      const allResiduals = scores.softmax().sub(targets).div(samples);
      const residuals = outputs === 1 ? allResiduals.slice([0, 1], [samples, 1]) : allResiduals; // [samples, outputs]
      const gradient = residuals.transpose().matMul(features); // [outputs, dim]
      return tf.concat([losses, gradient.flatten(), residuals.sum(0)]) as tf.Tensor1D;
    });
  }

  /** Minimises the objective from `start`, or from zero. */
  async fit(
    { c, maxIterations, tolerance = 1e-4, start }: {
      c: number;
      maxIterations?: number;
      tolerance?: number;
      start?: Float64Array;
    },
  ): Promise<LogisticSolution> {
    const [samples, dim] = this.#features.shape, weights = this.#outputs * dim;
    const penalty = 1 / (c * samples); // the mean cross-entropy keeps the gradient of one size whatever C and samples

    const { point, value, stopped } = await lbfgs(
      async (parameters) => {
        const { value, gradient } = await this.#meanCrossEntropy(parameters);
        let squares = 0;
        for (let i = 0; i < weights; i++) {
          squares += parameters[i] ** 2;
          gradient[i] += penalty * parameters[i];
        }
        return { value: value + penalty * squares / 2, gradient };
      },
      start ?? new Float64Array(weights + this.#outputs),
      { maxIterations, tolerance, valuePrecision: FLOAT32_PRECISION },
    );
    return { parameters: point, objective: value * c * samples, converged: stopped === "converged" };
  }

  async #meanCrossEntropy(parameters: Float64Array): Promise<ValueAndGradient> {
    const [samples] = this.#features.shape;
    const point = tf.tensor1d(Float32Array.from(parameters));
    const packed = this.#lossesAndGradient(point, this.#features, this.#targets);
    const values = Float64Array.from(await packed.data());
    tf.dispose([point, packed]);
    const losses = values.subarray(0, samples); // added in float64: engines lose up to 1e-5 of a long float32 sum
    return { value: losses.reduce((sum, loss) => sum + loss, 0) / samples, gradient: values.subarray(samples) };
  }

  dispose(): void {
    this.#lossesAndGradient.dispose();
    this.#targets.dispose();
  }
}

/** @throws {RangeError} If C is not positive and finite. */
export function checkC(c: number): void {
  if (!(c > 0 && Number.isFinite(c))) throw new RangeError(`Expected c to be positive and finite, got ${c}`);
}

/** @throws {RangeError} If features and labels cannot train a probe of these classes. */
export async function checkTrainingData(features: tf.Tensor2D, labels: Int32Array, classes: number): Promise<void> {
  await checkFeatures("training features", features, labels.length);
  checkLabels("labels", labels, classes);
  const present = new Set(labels);
  const missing = Array.from({ length: classes }, (_, c) => c).find((label) => !present.has(label));
  if (classes < 2) {
    throw new RangeError("Expected samples of at least 2 classes, got samples of one: there is nothing to tell apart");
  }
  if (missing !== undefined) {
    throw new RangeError(`Expected a training sample of each of ${classes} classes, got none of class ${missing}`);
  }
}

/** @throws {RangeError} If the features are not `[samples, dim]` or one of them is NaN or infinite. */
export async function checkFeatures(name: string, features: tf.Tensor2D, samples: number): Promise<void> {
  if (features.rank !== 2 || features.shape[0] !== samples || features.size === 0) {
    throw new RangeError(
      `Expected ${name} to be [samples, dim] with one row for each of ${samples} labels, got [${features.shape}]`,
    );
  }
  const zero = tf.tidy(() => features.toFloat().mul(0).sum()); // 0 · x is NaN exactly where x is not finite
  const [sum] = await zero.data();
  zero.dispose();
  if (sum === 0) return;
  const row = Math.floor((await features.data()).findIndex((x) => !Number.isFinite(x)) / features.shape[1]);
  throw new RangeError(`Expected ${name} to be finite, got NaN or infinity in row ${row}`);
}

/** Each sample's loss is rounded to the 24 bits of float32. */
const FLOAT32_PRECISION = 1e-7;

/** Two classes share one weight vector. */
const outputsOf = (classes: number): number => classes === 2 ? 1 : classes;

/** `[samples, classes]`; with two classes the score of class 0 is 0. */
function logits(features: tf.Tensor2D, weights: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const scores = features.matMul(weights.transpose()).add(bias) as tf.Tensor2D;
  return weights.shape[0] === 1 ? scores.pad([[0, 0], [1, 0]]) : scores;
}

const largestLabel = (labels: Int32Array): number => labels.reduce((max, label) => Math.max(max, label), 0);
