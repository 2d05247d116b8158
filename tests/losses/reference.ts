// What the tests of losses share: slow arithmetic in float64, and comparisons.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";

await tf.setBackend("cpu");

export type Matrix = number[][];

/** Four samples in two views: nothing special about them. */
export const a: Matrix = [[1, 2, -1], [0.5, -1, 3], [-2, 0, 1], [1, 1, 1]];
export const b: Matrix = [[2, 1, 0], [0, -1, 2], [-1, 1, 1], [3, 1, 0]];

/** The worked example of CoMM's losses: three samples, two views. */
export const exampleA: Matrix = [[1, 0], [0, 1], [-1, 0]];
export const exampleB: Matrix = [[0.8, 0.6], [-0.6, 0.8], [-1, 0]];

export const close = (got: number, want: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want)), `got ${got}, want ${want}`);

export const value = async (scalar: tf.Tensor): Promise<number> => (await scalar.data())[0];
export const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
export const dot = (x: number[], y: number[]): number => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
export const unit = (row: number[]): number[] => row.map((x) => x / Math.hypot(...row));
export const scaled = (rows: Matrix, factor: number): Matrix => rows.map((row) => row.map((x) => factor * x));
export const reordered = <T>(rows: T[], order: number[]): T[] => order.map((i) => rows[i]);

/** Cross-entropy in nats of one row of scores whose target is `target`. */
export function crossEntropy(scores: number[], target: number): number {
  const largest = Math.max(...scores);
  return largest + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - largest), 0)) - scores[target];
}

/** NT-Xent by its definition, one score at a time. */
export function ntXentByLoop(a: Matrix, b: Matrix, temperature: number): number {
  const z = [...a, ...b].map(unit);
  return mean(z.map((zi, i) => {
    const others = z.flatMap((_, k) => k === i ? [] : [k]);
    return crossEntropy(others.map((k) => dot(zi, z[k]) / temperature), others.indexOf((i + a.length) % z.length));
  }));
}

/** Compares the gradient of a loss at `at` with central differences of its slow definition. */
export async function checkGradient(
  loss: (x: tf.Tensor2D) => tf.Scalar,
  definition: (x: Matrix) => number,
  at: Matrix,
): Promise<void> {
  const gradient = await tf.grad((x) => loss(x as tf.Tensor2D))(tf.tensor2d(at)).array() as Matrix;
  const step = 1e-4;
  at.forEach((row, i) =>
    row.forEach((_, d) => {
      const shifted = (by: number) => at.map((r, k) => k === i ? r.map((x, e) => e === d ? x + by : x) : r);
      close(gradient[i][d], (definition(shifted(step)) - definition(shifted(-step))) / (2 * step), 1e-4);
    })
  );
}

/** Runs something whose result is disposed, and sees that no tensor is left. */
export function leavesNothing(run: () => tf.TensorContainer): void {
  const before = tf.memory().numTensors;
  tf.dispose(run());
  assert.equal(tf.memory().numTensors, before);
}

/** A tensor of a shape that the compiler would refuse: notebooks are not always checked. */
export const unchecked = <T extends tf.Tensor>(shape: number[]): T => tf.ones(shape) as T;
