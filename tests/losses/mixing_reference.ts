// What the tests of M3CoL's losses share: their definitions, one score at a time, and draws.

import * as tf from "@tensorflow/tfjs";
import { crossEntropy, dot, type Matrix, mean, unit } from "./reference.ts";

/** Partners and own shares: two samples are mixed, one stays, one is all its partner's. */
export const partners = [2, 0, 3, 1], shares = [0.3, 1, 0, 0.85];
/** Other draws, with a sample that is its own partner. */
export const fixedPartners = [0, 3, 1, 2], fixedShares = [0.3, 0.6, 1, 0.1];

export const int = (values: number[]) => tf.tensor1d(values, "int32");
export const int2 = (values: Matrix) => tf.tensor2d(values, undefined, "int32");

export const mixedByLoop = (x: Matrix, permutation: number[], lambda: number[]): Matrix =>
  x.map((row, i) => row.map((xi, d) => lambda[i] * xi + (1 - lambda[i]) * x[permutation[i]][d]));

export interface Direction {
  row: number;
  column: number;
}

/** Both directions of M3Co: each mixture looks for its two samples, each sample for the mixtures that have a share of it. */
export function m3coByLoop(
  mixed: Matrix,
  clean: Matrix,
  permutation: number[],
  lambda: number[],
  temperature: number,
  fixedPoints: "add" | "overwrite" = "add",
): Direction {
  const scores = mixed.map((u) => clean.map((v) => dot(unit(u), unit(v)) / temperature));
  const columns = clean.map((_, k) => scores.map((row) => row[k]));
  const over = (cost: (i: number, k: number) => number) =>
    mean(scores.map((_, i) => {
      const partner = (1 - lambda[i]) * cost(i, permutation[i]);
      const overwritten = permutation[i] === i && fixedPoints === "overwrite";
      return overwritten ? partner : partner + lambda[i] * cost(i, i);
    }));
  return {
    row: over((i, k) => crossEntropy(scores[i], k)),
    column: over((i, k) => crossEntropy(columns[k], i)),
  };
}

/** M3Co from each modality to the next; the other side is clean, or mixed too. */
export function m3coRingByLoop(
  z: Matrix[],
  permutations: Matrix,
  lambdas: Matrix,
  temperature: number,
  { mixed = z.map((rows, m) => mixedByLoop(rows, permutations[m], lambdas[m])), others = z } = {},
): number[] {
  return z.map((_, m) => {
    const { row, column } = m3coByLoop(
      mixed[m],
      others[(m + 1) % z.length],
      permutations[m],
      lambdas[m],
      temperature,
    );
    return (row + column) / 2;
  });
}

/** SoftCLIP's targets: by how much each row of b resembles each row of b. */
export const softTargetsByLoop = (b: Matrix, temperature: number): Matrix =>
  b.map((u) => {
    const scores = b.map((v) => dot(unit(u), unit(v)) / temperature);
    return b.map((_, k) => Math.exp(-crossEntropy(scores, k)));
  });

/** Directed SoftCLIP; targets may be given, as constants. */
export function softClipByLoop(
  a: Matrix,
  b: Matrix,
  temperature: number,
  targets = softTargetsByLoop(b, temperature),
): number {
  const scores = a.map((u) => b.map((v) => dot(unit(u), unit(v)) / temperature));
  const columns = b.map((_, k) => scores.map((row) => row[k]));
  const cost = (rows: Matrix) =>
    mean(rows.map((row, i) => targets[i].reduce((sum, q, k) => sum + q * crossEntropy(row, k), 0)));
  return (cost(scores) + cost(columns)) / 2;
}
