// The head between fused vectors and the loss; thrown away after training.

import * as tf from "@tensorflow/tfjs";
import { BatchNorm, batchNorm, type BatchNormParameters } from "./batch_norm.ts";
import type { Initialization } from "./initialize.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Parameters of {@linkcode projectionHead}: three affine maps and two batch norms. */
export interface ProjectionHeadParameters {
  linears: { weight: tf.Tensor2D; bias: tf.Tensor1D }[];
  norms: BatchNormParameters[];
}

/**
 * CoMM's projection head: Linear, batch norm, ReLU, twice, then Linear.
 *
 * @param x `[batch, dim]`.
 * @param options `training`: normalise by the batch, or by the running statistics.
 * @returns The output and each norm's running statistics after the call.
 */
export function projectionHead(
  x: tf.Tensor2D,
  { linears: [first, second, last], norms: [norm1, norm2] }: ProjectionHeadParameters,
  { training }: { training: boolean },
): { output: tf.Tensor2D; running: { runningMean: tf.Tensor1D; runningVar: tf.Tensor1D }[] } {
  return tf.tidy(() => {
    const { output: h1, ...running1 } = batchNorm(linear(x, first.weight, first.bias), norm1, { training });
    const { output: h2, ...running2 } = batchNorm(linear(tf.relu(h1), second.weight, second.bias), norm2, { training });
    return { output: linear(tf.relu(h2), last.weight, last.bias), running: [running1, running2] };
  });
}

/** {@linkcode projectionHead} with its parameters: `dim -> hidden -> hidden -> out`. */
export class ProjectionHead extends Module {
  readonly linears: Linear[];
  readonly norms: BatchNorm[];

  constructor(dim: number, { random, hidden = 512, out = 256 }: Initialization & { hidden?: number; out?: number }) {
    super();
    const widths = [dim, hidden, hidden, out];
    this.linears = widths.slice(1).map((width, i) => new Linear(widths[i], width, { random }));
    this.norms = [new BatchNorm(hidden), new BatchNorm(hidden)];
  }

  /** `[batch, dim]` to `[batch, out]`; in training the running statistics move. */
  forward(x: tf.Tensor2D, { training }: { training: boolean }): tf.Tensor2D {
    return tf.tidy(() => {
      const [first, second, last] = this.linears, [norm1, norm2] = this.norms;
      const hidden = tf.relu(norm1.forward(first.forward(x), { training }));
      return last.forward(tf.relu(norm2.forward(second.forward(hidden), { training })));
    });
  }
}
