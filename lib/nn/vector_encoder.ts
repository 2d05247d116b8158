// The encoder of vectors; `ConvPoolEncoder` is one for images and spectrograms.

import * as tf from "@tensorflow/tfjs";
import type { FeatureEncoder } from "./feature_encoder.ts";
import type { Initialization } from "./initialize.ts";
import { Perceptron } from "./perceptron.ts";

/**
 * An encoder of vectors, such as pen strokes: linear layers, each with ReLU, the last one too.
 *
 * @example
 * ```ts
 * import { RandomStream, useEngine, VectorEncoder } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const encoder = new VectorEncoder([16, 128, 32], { random: new RandomStream(0, "weights") });
 * assert.deepEqual(encoder.forward(tf.zeros([2, 16])).shape, [2, encoder.features]);
 * ```
 */
export class VectorEncoder extends Perceptron implements FeatureEncoder {
  readonly features: number;

  /** @param widths Of the input and after each layer, e.g. `[16, 128, 128]`. */
  constructor(widths: number[], { random }: Initialization) {
    super(widths, { random });
    this.features = widths.at(-1)!;
  }

  /** `[batch, in]` to `[batch, features]`, none below 0. */
  override forward(x: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.relu(super.forward(x)));
  }
}
