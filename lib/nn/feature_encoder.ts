import type * as tf from "@tensorflow/tfjs";
import type { Module } from "./module.ts";

/** What turns a batch of one modality into vectors, such as `ConvPoolEncoder`. */
export interface FeatureEncoder extends Module {
  /** Length of a vector. */
  readonly features: number;
  /** `[batch, …]` to `[batch, features]`. */
  forward(x: tf.Tensor): tf.Tensor2D;
}
