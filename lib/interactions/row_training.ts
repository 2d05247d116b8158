// Training on rows of tensors that belong together: the short way, for small networks.

import * as tf from "@tensorflow/tfjs";
import { compile } from "../engine/compile.ts";
import { randomNumbers } from "../engine/random_numbers.ts";
import type { Module } from "../nn/module.ts";
import { Adam } from "../training/adam.ts";
import { batchesOf, type StepResult, train } from "../training/train.ts";

/** How something is trained. */
export interface Training {
  /** Of the order in which rows are seen. */
  seed: number;
  batchSize: number;
  learningRate: number;
  epochs: number;
}

/** Trains a model on rows of tensors that belong together, in a new order each epoch. */
export async function minimize<Rows extends tf.Tensor[]>(
  model: Module,
  samples: Rows,
  { seed, batchSize, learningRate, epochs }: Training,
  loss: (...rows: Rows) => StepResult,
): Promise<void> {
  const count = samples[0].shape[0], optimizer = new Adam(model.parameters(), { learningRate });
  const step = compile((...rows: Rows) => optimizer.minimize(() => loss(...rows)));
  const batches = (epoch: number) => batchesOf(randomNumbers(seed, `order/${epoch}`).permutation(count), batchSize);
  const onBatch = (indices: Int32Array) => onRows(samples, indices, step);
  const steps = epochs * Math.floor(count / batchSize);
  try {
    for await (const _ of train({ batches, step: onBatch, steps, batchSize, reportEvery: steps }));
  } finally {
    step.dispose();
    optimizer.dispose();
  }
}

/** Calls a function with some rows of each tensor. */
export function onRows<Rows extends tf.Tensor[], Result>(
  samples: Rows,
  indices: Int32Array,
  run: (...rows: Rows) => Result,
): Result {
  const rows = tf.tidy(() => {
    const numbers = tf.tensor1d(indices, "int32");
    return samples.map((tensor) => tf.gather(tensor, numbers));
  }) as Rows;
  try {
    return run(...rows);
  } finally {
    tf.dispose(rows);
  }
}
