import * as tf from "@tensorflow/tfjs";
import { bootstrapInterval } from "./bootstrap.ts";
import { scoreOf, type Scoring } from "./classification_metrics.ts";
import type { Interval } from "./interval.ts";
import { checkLabels } from "./labels.ts";
import { checkC, checkFeatures, checkTrainingData, LogisticData, LogisticProbe } from "./logistic_probe.ts";
import { stratifiedFolds } from "./stratified_folds.ts";

/** Features `[samples, dim]` on the engine with the class of each row. */
export interface LabelledFeatures {
  features: tf.Tensor2D;
  labels: Int32Array;
}

/** Options of {@linkcode linearProbe}. */
export interface LinearProbeOptions {
  train: LabelledFeatures;
  /** Scored once, after everything is chosen. */
  test: LabelledFeatures;
  classes: number;
  /** Seed of the bootstrap over test samples; the probe itself draws nothing. */
  seed: number;
  /** Values of C to choose from. Default 1e-4, 1e-2, 1, 1e2, 1e4; a single one needs no cross-validation. */
  cs?: readonly number[];
  /** Folds of the cross-validation. Default 5. */
  folds?: number;
  /** Iterations of L-BFGS for each fit. Default 100. */
  maxIterations?: number;
  /** What selects C and what the interval belongs to. Default `"balancedAccuracy"`. */
  scoring?: Scoring;
}

/** Result of {@linkcode linearProbe}; scores are fractions in [0, 1]. */
export interface LinearProbeResult {
  balancedAccuracy: number;
  accuracy: number;
  /** Bootstrap over the test samples, of the score that `scoring` names. */
  interval: Interval;
  /** Number of test samples. */
  n: number;
  /** The chosen C. */
  c: number;
  /** Mean validation score of each C, in the order of `cs`; empty when there was nothing to choose. */
  validationScores: number[];
  /** Predicted class of each test sample. */
  predictions: Int32Array;
}

/**
 * The linear probe: how well do frozen features tell the classes apart with a linear boundary?
 *
 * Protocol of the CoMM notebooks, which is scikit-learn's `LogisticRegressionCV`: for each of 5 stratified folds without
 * shuffling, fit every C in turn, each from the weights of the one before; take the C of the best mean validation score (the
 * first of equals); fit all training samples from the mean weights of the folds; score the test samples once.
 *
 * @returns Scores, interval and predictions on the test samples.
 * @throws {RangeError} If shapes, labels or options do not fit, a feature is not finite, or a class has fewer training
 * samples than there are folds.
 *
 * @example
 * ```ts
 * import { linearProbe } from "braid/evaluation/linear_probe.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const train = { features: tf.tensor2d([[-2], [-1], [-3], [1], [2], [3]]), labels: Int32Array.of(0, 0, 0, 1, 1, 1) };
 * const test = { features: tf.tensor2d([[-1.5], [1.5]]), labels: Int32Array.of(0, 1) };
 * const { balancedAccuracy } = await linearProbe({ train, test, classes: 2, folds: 3, seed: 1 });
 * assert.equal(balancedAccuracy, 1);
 * ```
 */
export async function linearProbe(
  {
    train,
    test,
    classes,
    seed,
    cs = [1e-4, 1e-2, 1, 1e2, 1e4],
    folds = 5,
    maxIterations,
    scoring = "balancedAccuracy",
  }: LinearProbeOptions,
): Promise<LinearProbeResult> {
  if (cs.length === 0) throw new RangeError("Expected at least one value in cs, got none");
  cs.forEach(checkC);
  await checkTrainingData(train.features, train.labels, classes);
  await checkFeatures("test features", test.features, test.labels.length);
  checkLabels("test labels", test.labels, classes);
  const dim = train.features.shape[1];
  if (test.features.shape[1] !== dim) {
    throw new RangeError(`Expected test features to be [samples, ${dim}] as in training, got [${test.features.shape}]`);
  }

  const choice = cs.length === 1
    ? { c: cs[0], validationScores: [] }
    : await chooseC(train, { classes, cs, folds, maxIterations, scoring });
  const data = new LogisticData(train.features, train.labels, classes);
  const probe = new LogisticProbe(await data.fit({ ...choice, maxIterations }), { classes, dim });
  const predictions = await probe.predict(test.features);
  data.dispose();
  probe.dispose();

  const score = (scoring: Scoring) => (indices: Int32Array) =>
    scoreOf(test.labels, predictions, { classes, scoring, indices });
  const all = Int32Array.from(test.labels.keys());
  return {
    balancedAccuracy: score("balancedAccuracy")(all),
    accuracy: score("accuracy")(all),
    interval: bootstrapInterval(all.length, score(scoring), { seed }),
    n: all.length,
    c: choice.c,
    validationScores: choice.validationScores,
    predictions,
  };
}

interface Choice {
  c: number;
  validationScores: number[];
  /** Mean weights of the folds at that C. */
  start: Float64Array;
}

async function chooseC(
  { features, labels }: LabelledFeatures,
  { classes, cs, folds, maxIterations, scoring }:
    & Required<Pick<LinearProbeOptions, "classes" | "cs" | "folds" | "scoring">>
    & Pick<LinearProbeOptions, "maxIterations">,
): Promise<Choice> {
  const scores = new Array<number>(cs.length).fill(0); // summed over the folds
  const starts = cs.map((): Float64Array[] => []);
  for (const held of stratifiedFolds(labels, folds)) {
    const isHeld = new Set(held);
    const kept = Array.from(labels.keys()).filter((i) => !isHeld.has(i));
    const [fitting, validation] = [rows(features, labels, kept), rows(features, labels, held)];
    const data = new LogisticData(fitting.features, fitting.labels, classes);
    let start: Float64Array | undefined;
    for (const [k, c] of cs.entries()) {
      const solution = await data.fit({ c, maxIterations, start });
      start = solution.parameters;
      starts[k].push(start);
      const probe = new LogisticProbe(solution, { classes, dim: features.shape[1] });
      const predictions = await probe.predict(validation.features);
      probe.dispose();
      const indices = Int32Array.from(predictions.keys());
      scores[k] += scoreOf(validation.labels, predictions, { classes, scoring, indices });
    }
    data.dispose();
    tf.dispose([fitting.features, validation.features]);
  }
  const best = scores.indexOf(Math.max(...scores));
  return { c: cs[best], validationScores: scores.map((sum) => sum / folds), start: meanOf(starts[best]) };
}

function rows(features: tf.Tensor2D, labels: Int32Array, indices: number[]): LabelledFeatures {
  return {
    features: tf.tidy(() => features.gather(tf.tensor1d(indices, "int32"))),
    labels: Int32Array.from(indices, (i) => labels[i]),
  };
}

const meanOf = (vectors: readonly Float64Array[]): Float64Array =>
  vectors[0].map((_, d) => vectors.reduce((sum, vector) => sum + vector[d], 0) / vectors.length);
