// What the tests of M3ixup's losses share: embeddings, and its mixtures by slow arithmetic in float64.

import * as tf from "@tensorflow/tfjs";
import { crossEntropy, dot, type Matrix, mean, unit } from "./reference.ts";

/** Four samples in three modalities, and complete: unit rows, nothing special about them. */
export const unimodal: Matrix[] = [
  [[1, 2, -1], [0.5, -1, 3], [-2, 0, 1], [1, 1, 1]],
  [[2, 1, 0], [0, -1, 2], [-1, 1, 1], [3, 1, 0]],
  [[0, 1, 1], [1, -2, 0.5], [-1, 0.5, 2], [2, 2, -1]],
].map((rows) => rows.map(unit));
export const joint: Matrix = [[1, 1, -0.5], [0, -1, 1], [-1, 0.3, 0.2], [1, 0.5, 2]].map(unit);
export const logits: Matrix = [[0.2, -1, 0.5], [1, 0.3, -0.4], [0, 0, 0], [-2, 0.5, 1]];
export const weights: Matrix = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [1, 0, 0], [0.25, 0.25, 0.5]];

export const z: tf.Tensor3D = tf.tensor3d(unimodal);
export const zM: tf.Tensor2D = tf.tensor2d(joint);
export const w: tf.Tensor2D = tf.tensor2d(weights);

/** The worked example of the mixtures: two samples in three modalities. */
export const exampleUnimodal: Matrix[] = [[[0.8, 0.6], [-0.6, 0.8]], [[0.6, -0.8], [0.6, 0.8]], [[0, 1], [1, 0]]];
export const exampleJoint: Matrix = [[1, 0], [0, 1]];

export const softmax = (scores: number[]): number[] => {
  const powers = scores.map((s) => Math.exp(s - Math.max(...scores))), sum = powers.reduce((a, b) => a + b);
  return powers.map((p) => p / sum);
};

/** n(Σ_u w_u z_u) of one sample. */
export const mixRow = (shares: number[], rows: Matrix): number[] =>
  unit(rows[0].map((_, d) => shares.reduce((sum, share, u) => sum + share * rows[u][d], 0)));

/** The rows of sample i in each modality. */
export const ofSample = (i: number, sets: Matrix[] = unimodal): Matrix => sets.map((set) => set[i]);

export const mixByLoop = (shares: Matrix, sets: Matrix[] = unimodal): Matrix =>
  shares.map((row, i) => mixRow(row, ofSample(i, sets)));

/** How well row i finds its sample, in nats. */
export const findByLoop = (row: number[], i: number, keys: Matrix, temperature: number): number =>
  crossEntropy(keys.map((key) => dot(row, key) / temperature), i);

/** J_i of the given logits of sample i. */
export const objectiveByLoop = (
  logits: number[],
  i: number,
  temperature: number,
  sets: Matrix[] = unimodal,
  keys: Matrix = joint,
): number => findByLoop(mixRow(softmax(logits), ofSample(i, sets)), i, keys, temperature);

/** The gradient of a function of a few numbers by central differences. */
export const differences = (f: (x: number[]) => number, x: number[], step = 1e-5): number[] =>
  x.map((_, k) => {
    const at = (by: number) => f(x.map((value, j) => j === k ? value + by : value));
    return (at(step) - at(-step)) / (2 * step);
  });

/** A step of the given length along the unit slope of J_i; a negative length descends. */
export const stepByLoop = (logits: number[], i: number, temperature: number, length: number): number[] => {
  const slope = differences((a) => objectiveByLoop(a, i, temperature), logits), norm = Math.hypot(...slope);
  return logits.map((a, u) => a + length * slope[u] / norm);
};

/** Mean cross-entropy of rows that search their targets among the keys. */
export const softLossByLoop = (queries: Matrix, keys: Matrix, targets: Matrix, temperature: number): number =>
  mean(targets.map((row, i) => row.reduce((sum, t, j) => sum + t * findByLoop(queries[i], j, keys, temperature), 0)));

export const transposed = (rows: Matrix): Matrix => rows[0].map((_, j) => rows.map((row) => row[j]));

/** The same in both directions; columns without a target count as 0. */
export const symmetricLossByLoop = (queries: Matrix, keys: Matrix, targets: Matrix, temperature: number): number => {
  const back = transposed(targets).map((row) => {
    const sum = row.reduce((total, t) => total + t, 0);
    return row.map((t) => sum === 0 ? 0 : t / sum);
  });
  const forth = softLossByLoop(queries, keys, targets, temperature);
  return (forth + softLossByLoop(keys, queries, back, temperature)) / 2;
};

export const identity = (size: number): Matrix =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => i === j ? 1 : 0));

/** λI + (1 - λ)P. */
export const targetsByLoop = (permutation: number[], lambda: number): Matrix =>
  identity(permutation.length).map((row, i) =>
    row.map((own, j) => lambda * own + (permutation[i] === j ? 1 - lambda : 0))
  );

/** The outer loss of a mixture with given weights. */
export const mixtureLossByLoop = (
  sets: Matrix[],
  keys: Matrix,
  shares: Matrix,
  temperature: number,
  beta: number,
): number => {
  const ofView = symmetricLossByLoop(mixByLoop(shares, sets), keys, identity(keys.length), temperature);
  const mixed = mean(
    shares.map((row, i) =>
      row.reduce((sum, share, u) => sum + share * findByLoop(sets[u][i], i, keys, temperature), 0)
    ),
  );
  return ofView + beta * mixed;
};

export const int = (values: number[]): tf.Tensor1D => tf.tensor1d(values, "int32");
