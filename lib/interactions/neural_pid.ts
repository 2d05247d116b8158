import * as tf from "@tensorflow/tfjs";
import { RandomStream } from "../engine/random.ts";
import { checkLabels } from "../evaluation/labels.ts";
import { checkFeatures } from "../evaluation/logistic_probe.ts";
import { crossEntropies } from "../losses/cross_entropies.ts";
import { Perceptron } from "../nn/perceptron.ts";
import { batchesOf } from "../training/train.ts";
import { Coupling, HIDDEN } from "./coupling.ts";
import type { InformationTerms } from "./information_terms.ts";
import type { PartialInformation } from "./partial_information.ts";
import { minimize, onRows, type Training } from "./row_training.ts";

/** Features of two modalities with the class of each sample. */
export interface PairedFeatures {
  /** `[samples, dim1]`. */
  x1: tf.Tensor2D;
  /** `[samples, dim2]`. */
  x2: tf.Tensor2D;
  /** Class numbers from 0, `[samples]`. */
  labels: Int32Array;
}

/** Options of {@linkcode neuralPid}; defaults are the published ones. */
export interface NeuralPidOptions {
  /** What classifiers and coupling are trained on. */
  train: PairedFeatures;
  /** What the information is measured on. */
  test: PairedFeatures;
  classes: number;
  seed: number;
  /** Passes over the training samples of each of the three classifiers. Default 40. */
  classifierEpochs?: number;
  /** Passes over the training samples of the coupling. Default 10. */
  couplingEpochs?: number;
  /** Samples in a batch, in training and in measuring. Default 256. */
  batchSize?: number;
  /** Of Adam. Default 1e-3. */
  learningRate?: number;
  /** Rounds of Sinkhorn's scaling. Default 50. */
  rounds?: number;
}

/** Result of {@linkcode neuralPid} in bits. Nothing keeps an estimated atom from being a little below 0. */
export interface NeuralPid extends PartialInformation, Pick<InformationTerms, "i1" | "i2" | "i12"> {
  /** $I_q(X_1, X_2; Y)$, what is left without synergy. */
  withoutSynergy: number;
  /** The largest deviation of $q(y \mid x_2)$ from the classifier's, a difference of probabilities: 0 but for few rounds. */
  marginalError: number;
}

/**
 * Partial information decomposition of continuous features, by networks.
 *
 * Classifiers give $\hat p(y \mid x_1)$, $\hat p(y \mid x_2)$ and $\hat p(y \mid x_1, x_2)$. Two more networks give a coupling
 * $q$ of the samples of a batch that keeps the first two, by Sinkhorn's scaling, and are trained through it to make
 * $I_q(X_2; Y \mid X_1)$ small. Then, as in {@linkcode brojaPid} and with the means of a test set,
 *
 * $$I_q = I_1 + I_q(X_2; Y \mid X_1), \quad R = I_1 + I_2 - I_q, \quad U_1 = I_q - I_2, \quad U_2 = I_q - I_1,
 * \quad S = I_{12} - I_q, \qquad
 * I_i = \frac1N \sum_n \sum_y \hat p(y \mid x_i) \log_2 \frac{\hat p(y \mid x_i)}{p(y)}$$
 *
 * Information is what the classifiers claim, so those that are too sure of themselves claim too much; a weak joint
 * classifier takes from the synergy alone. $p(y)$ is the frequency in the training labels.
 *
 * Source: the estimator BATCH of Liang et al. 2023, Quantifying & modeling multimodal interactions.
 *
 * @throws {RangeError} If shapes, labels or options do not fit, a feature is not finite, or a set has fewer samples than a
 * batch.
 * @throws {DivergenceError} If training goes wrong, as for a learning rate that is too high.
 *
 * @example The label is the first source's sign: one bit, and only there. (A real estimate takes longer.)
 * ```ts
 * import { neuralPid, randomNumbers, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine();
 * const draw = (seed: number) => {
 *   const random = randomNumbers(seed, "features"), labels = Int32Array.from({ length: 256 }, () => random.integer(2));
 *   const x1 = tf.tensor2d(Array.from(labels, (y) => [2 * y - 1 + 0.1 * random.normal()]));
 *   const x2 = tf.tensor2d(Array.from(labels, () => [random.normal()]));
 *   return { x1, x2, labels };
 * };
 * const options = { classes: 2, seed: 1, batchSize: 64, learningRate: 0.01, classifierEpochs: 5, couplingEpochs: 2, rounds: 5 };
 * const { unique1, synergy } = await neuralPid({ train: draw(1), test: draw(2), ...options });
 * assert.ok(unique1 > 0.7 && synergy < 0.3);
 * ```
 */
export async function neuralPid(options: NeuralPidOptions): Promise<NeuralPid> {
  const { train, test, classes, seed, batchSize = 256, learningRate = 1e-3, rounds = 50 } = options;
  const { classifierEpochs = 40, couplingEpochs = 10 } = options;
  checkSettings({ classifierEpochs, couplingEpochs, rounds }, { classes, learningRate });
  const dims: [number, number] = [train.x1.shape[1], train.x2.shape[1]];
  await checkPairs("train", train, { classes, dims, batchSize });
  await checkPairs("test", test, { classes, dims, batchSize });
  const random = new RandomStream(seed, "neural pid"), settings = { seed, batchSize, learningRate };
  const [trainJoint, testJoint] = [train, test].map(({ x1, x2 }) => tf.concat([x1, x2], 1) as tf.Tensor2D);
  const [first, second, joint] = [...dims, dims[0] + dims[1]].map((dim) =>
    new Perceptron([dim, ...HIDDEN, classes], { random })
  );
  const coupling = new Coupling({ dims, classes, random });
  try {
    const forClassifier = { ...settings, epochs: classifierEpochs };
    await trainClassifier(first, train.x1, train.labels, forClassifier);
    await trainClassifier(second, train.x2, train.labels, forClassifier);
    await trainClassifier(joint, trainJoint, train.labels, forClassifier);
    await trainCoupling(coupling, train, [first, second], {
      ...settings,
      epochs: couplingEpochs,
      rounds,
    });

    const logP = logFrequencies(train.labels, classes);
    const i1 = await claimed(first, test.x1, logP), i2 = await claimed(second, test.x2, logP);
    const i12 = await claimed(joint, testJoint, logP);
    const { information, marginalError } = await measure(coupling, test, [first, second], { batchSize, rounds });
    const withoutSynergy = i1 + information;
    return {
      redundancy: i1 + i2 - withoutSynergy,
      unique1: withoutSynergy - i2,
      unique2: information,
      synergy: i12 - withoutSynergy,
      ...{ i1, i2, i12, withoutSynergy, marginalError },
    };
  } finally {
    for (const model of [first, second, joint, coupling]) model.dispose();
    tf.dispose([trainJoint, testJoint, random.counter]);
  }
}

async function trainClassifier(
  classifier: Perceptron,
  x: tf.Tensor2D,
  labels: Int32Array,
  settings: Training,
): Promise<void> {
  const y = tf.tensor1d(labels, "int32");
  const loss = (x: tf.Tensor2D, y: tf.Tensor1D) => ({
    value: crossEntropies(classifier.forward(x), y).mean() as tf.Scalar,
  });
  await minimize(classifier, [x, y], settings, loss).finally(() => y.dispose());
}

async function trainCoupling(
  coupling: Coupling,
  { x1, x2 }: PairedFeatures,
  [first, second]: Perceptron[],
  { rounds, ...settings }: Training & { rounds: number },
): Promise<void> {
  const logP1 = logProbabilities(first, x1), logP2 = logProbabilities(second, x2);
  const loss = (...rows: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]) =>
    coupling.information(...rows, { rounds });
  await minimize(coupling, [x1, x2, logP1, logP2], settings, loss).finally(() => tf.dispose([logP1, logP2]));
}

const logProbabilities = (classifier: Perceptron, x: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => classifier.forward(x).logSoftmax());

/** The information that a classifier claims to have, in bits: the mean divergence of its answers from p(y). */
async function claimed(classifier: Perceptron, x: tf.Tensor2D, logP: Float32Array): Promise<number> {
  const nats = tf.tidy(() => {
    const answers = logProbabilities(classifier, x);
    return answers.exp().mul(answers.sub(tf.tensor1d(logP))).sum(1).mean();
  });
  const [value] = await nats.data();
  nats.dispose();
  return value / Math.LN2;
}

/** $I_q(X_2; Y \mid X_1)$ in bits, in the mean of whole batches. */
async function measure(
  coupling: Coupling,
  { x1, x2 }: PairedFeatures,
  [first, second]: Perceptron[],
  { batchSize, rounds }: { batchSize: number; rounds: number },
): Promise<{ information: number; marginalError: number }> {
  const logP1 = logProbabilities(first, x1), logP2 = logProbabilities(second, x2);
  const inOrder = Int32Array.from({ length: x1.shape[0] }, (_, i) => i);
  let sum = 0, batches = 0, marginalError = 0;
  for (const indices of batchesOf(inOrder, batchSize)) {
    const { value, marginalError: error } = onRows(
      [x1, x2, logP1, logP2],
      indices,
      (x1, x2, p1, p2) => coupling.information(x1, x2, p1, p2, { rounds }),
    );
    sum += (await value.data())[0];
    marginalError = Math.max(marginalError, (await error.data())[0]);
    batches++;
    tf.dispose([value, error]);
  }
  tf.dispose([logP1, logP2]);
  return { information: sum / batches / Math.LN2, marginalError };
}

/** Logarithms of the classes' frequencies, those of classes without sample being as if there were one. */
function logFrequencies(labels: Int32Array, classes: number): Float32Array {
  const counts = new Float32Array(classes);
  labels.forEach((label) => counts[label]++);
  return counts.map((count) => Math.log(Math.max(count, 1) / labels.length));
}

function checkSettings(
  counts: Record<string, number>,
  { classes, learningRate }: { classes: number; learningRate: number },
): void {
  for (const [name, count] of Object.entries(counts)) {
    if (!(Number.isInteger(count) && count >= 1)) {
      throw new RangeError(`Expected ${name} to be a positive integer, got ${count}`);
    }
  }
  if (!(classes >= 2)) throw new RangeError(`Expected at least 2 classes, got ${classes}`);
  if (!(learningRate > 0)) throw new RangeError(`Expected learningRate to be positive, got ${learningRate}`);
}

async function checkPairs(
  name: string,
  { x1, x2, labels }: PairedFeatures,
  { classes, dims, batchSize }: { classes: number; dims: readonly [number, number]; batchSize: number },
): Promise<void> {
  checkLabels(`labels of ${name}`, labels, classes);
  for (const [source, x] of [x1, x2].entries()) {
    await checkFeatures(`x${source + 1} of ${name}`, x, labels.length);
    if (x.shape[1] !== dims[source]) {
      throw new RangeError(
        `Expected x${source + 1} of ${name} to be [samples, ${dims[source]}] as in training, got [${x.shape}]`,
      );
    }
  }
  if (!(Number.isInteger(batchSize) && batchSize >= 2 && batchSize <= labels.length)) {
    throw new RangeError(
      `Expected batchSize to be an integer from 2 to the ${labels.length} samples of ${name}, got ${batchSize}`,
    );
  }
}
