// The augmentation of feature vectors, on the engine: it becomes part of a compiled step.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../engine/random.ts";

/** Options of {@linkcode augmentVectors}. */
export interface VectorAugmentation {
  /** Probability with which a feature is set to 0, in [0, 1]. Default 0.2. */
  drop?: number;
  /** Deviation of the Gaussian noise, at least 0. Default 0.1. */
  noise?: number;
}

/**
 * Augments feature vectors: sets features to 0, each on its own, then adds noise to all of them, dropped ones too.
 *
 * $$x' = m \odot x + \sigma \epsilon, \qquad m_{ij} \sim \mathrm{Bernoulli}(1 - p), \quad \epsilon_{ij} \sim \mathcal N(0, 1)$$
 *
 * A feature that is 0 is like one that was not measured only where 0 is the mean: standardise before.
 *
 * @param x `[batch, features]`.
 * @param augmentation $p$ and $\sigma$.
 * @param random Draws twice.
 * @returns Same shape.
 * @throws {RangeError} If the probability is not in [0, 1] or the deviation is negative.
 *
 * @example
 * ```ts
 * import { augmentVectors, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = augmentVectors(tf.ones([2, 8]), { drop: 0.5, noise: 0 }, new RandomStream(0, "views"));
 * assert.deepEqual([...new Set(await x.data())].sort(), [0, 1]);
 * ```
 */
export function augmentVectors(
  x: tf.Tensor2D,
  { drop = 0.2, noise = 0.1 }: VectorAugmentation,
  random: RandomStream,
): tf.Tensor2D {
  if (!(drop >= 0 && drop <= 1)) throw new RangeError(`Expected drop to be in [0, 1], got ${drop}`);
  if (!(noise >= 0)) throw new RangeError(`Expected noise to be at least 0, got ${noise}`);
  return tf.tidy(() => {
    const kept = random.bernoulli<tf.Rank.R2>(x.shape, 1 - drop);
    return tf.add(tf.mul(x, kept), random.normal<tf.Rank.R2>(x.shape, 0, noise));
  });
}
