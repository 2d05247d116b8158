import * as tf from "@tensorflow/tfjs";
import { counter, filledBuffer, filledParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/** Parameters and running statistics of {@linkcode batchNorm}, each `[dim]`. */
export interface BatchNormParameters {
  weight: tf.Tensor1D;
  bias: tf.Tensor1D;
  runningMean: tf.Tensor1D;
  runningVar: tf.Tensor1D;
}

/** Options of {@linkcode batchNorm}. */
export interface BatchNormOptions {
  /** True: normalise by the batch and move the running statistics; false: normalise by them. */
  training: boolean;
  /** How far the running statistics move to those of the batch. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  epsilon?: number;
}

/**
 * Batch normalisation over all axes but the last, as in PyTorch: the batch is normalised by its biased variance, the running
 * variance gets the unbiased one.
 *
 * @param x `[..., dim]`.
 * @returns The output `[..., dim]` and the running statistics after the call.
 * @throws {RangeError} If a training batch has one row: its variance says nothing.
 *
 * @example
 * ```ts
 * import { batchNorm, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const weight = tf.ones<tf.Rank.R1>([1]), bias = tf.zeros<tf.Rank.R1>([1]);
 * const start = { weight, bias, runningMean: bias, runningVar: weight };
 * const { runningMean, runningVar } = batchNorm(tf.tensor2d([[0], [2]]), start, { training: true });
 * assert.ok(Math.abs(runningMean.dataSync()[0] - 0.1) < 1e-6); // 0.9 · 0 + 0.1 · 1
 * assert.ok(Math.abs(runningVar.dataSync()[0] - 1.1) < 1e-6); // 0.9 · 1 + 0.1 · 2
 * ```
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  { weight, bias, runningMean, runningVar }: BatchNormParameters,
  { training, momentum = 0.1, epsilon = 1e-5 }: BatchNormOptions,
): { output: T; runningMean: tf.Tensor1D; runningVar: tf.Tensor1D } {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis), rows = x.size / x.shape.at(-1)!;
  if (training && rows < 2) {
    throw new RangeError(
      `Expected at least 2 rows to normalise a training batch, got ${rows}: drop a last batch of one`,
    );
  }
  return tf.tidy(() => {
    const normalise = (centred: tf.Tensor, variance: tf.Tensor) =>
      tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), weight), bias) as T;
    if (!training) {
      const output = normalise(tf.sub(x, runningMean), runningVar);
      return { output, runningMean: runningMean.clone(), runningVar: runningVar.clone() };
    }
    const mean = tf.mean(x, axes) as tf.Tensor1D, centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), axes) as tf.Tensor1D;
    const move = (from: tf.Tensor1D, to: tf.Tensor) => tf.add(tf.mul(from, 1 - momentum), tf.mul(to, momentum));
    return {
      output: normalise(centred, variance),
      runningMean: move(runningMean, mean) as tf.Tensor1D,
      runningVar: move(runningVar, tf.mul(variance, rows / (rows - 1))) as tf.Tensor1D,
    };
  });
}

/** {@linkcode batchNorm} with its parameters and buffers: PyTorch's `BatchNorm1d` or `2d`, channels last. */
export class BatchNorm extends Module {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly runningMean: tf.Variable<tf.Rank.R1>;
  readonly runningVar: tf.Variable<tf.Rank.R1>;
  /** How many training batches there were, int32 (64 bits in PyTorch, which takes 32 too). Only state dicts need it. */
  readonly numBatchesTracked: tf.Variable<tf.Rank.R0>;

  constructor(dim: number) {
    super();
    this.weight = filledParameter<tf.Rank.R1>([dim], 1);
    this.bias = filledParameter<tf.Rank.R1>([dim], 0);
    this.runningMean = filledBuffer<tf.Rank.R1>([dim], 0);
    this.runningVar = filledBuffer<tf.Rank.R1>([dim], 1);
    this.numBatchesTracked = counter();
  }

  /** `[..., dim]` to `[..., dim]`; in training the running statistics move. */
  forward<T extends tf.Tensor>(x: T, { training }: { training: boolean }): T {
    return tf.tidy(() => {
      const { output, runningMean, runningVar } = batchNorm(x, this, { training });
      if (training) {
        this.runningMean.assign(runningMean);
        this.runningVar.assign(runningVar);
        this.numBatchesTracked.assign(tf.add(this.numBatchesTracked, tf.scalar(1, "int32")));
      }
      return output;
    });
  }
}
