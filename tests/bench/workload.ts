// What a benchmark times: one training step, built from the library's public pieces.

import type { Module, Optimizer } from "braid";
import * as tf from "@tensorflow/tfjs";

/** Tensors by name; names and layouts are those of the PyTorch twin's file. */
export type Tensors = Record<string, tf.Tensor>;

/**
 * A training step that PyTorch runs too.
 *
 * Both sides start from the same `model.stateDict()`, `inputs` and, for the comparison of losses, the same draws.
 */
export interface Workload {
  /** What is trained: its state dict has the names and layouts of the PyTorch twin's model. */
  model: Module;
  optimizer: Optimizer;
  /** The resident batch. */
  inputs: Tensors;
  /** The step's random numbers, drawn inside the timed step; none by default. */
  draws?(): Tensors;
  /** The loss that the step minimises; with `training` false, dropout and batch statistics are off. */
  loss(inputs: Tensors, draws: Tensors, options: { training: boolean }): tf.Scalar;
}

/** Builds a workload: weights and inputs come from fixed seeds. */
export type WorkloadBuilder = () => Workload;

/** The whole step as a function of the batch, ready for `compile()`; it returns the loss. */
export function stepOf(
  { optimizer, inputs, draws = () => ({}), loss }: Workload,
): (...batch: tf.Tensor[]) => tf.Scalar {
  const names = Object.keys(inputs);
  return function step(...batch) {
    const named = Object.fromEntries(names.map((name, i) => [name, batch[i]]));
    return tf.tidy(() => {
      const drawn = draws(); // outside of the gradient
      return optimizer.minimize(() => loss(named, drawn, { training: true }));
    });
  };
}
