// The augmentations of feature sequences, on the engine: they become part of a compiled step.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../engine/random.ts";

/** Options of {@linkcode augmentSequences}. */
export interface SequenceAugmentation {
  /** Time steps that are set to 0; none if absent. */
  drop?: {
    /** Part of the samples that it happens to. */
    probability: number;
    /** Largest share of the steps; the share is drawn uniformly from 0 to this. */
    most: number;
  };
  /** Gaussian noise; none if absent. */
  noise?: {
    /** Part of the samples that get it. */
    probability: number;
    deviation: number;
  };
}

/** Half of the samples lose up to 80 % of their steps, half of them get noise. Source: CoMM's released code, "drop+noise". */
export const dropNoise: SequenceAugmentation = {
  drop: { probability: 0.5, most: 0.8 },
  noise: { probability: 0.5, deviation: 0.1 },
};

/**
 * Augments the sequences of several modalities, sample by sample: drops steps, then adds noise, on dropped steps too.
 *
 * Whether either happens is drawn once a sample, for all of its modalities; which steps go, how many and the noise itself are
 * drawn for each modality. A share $s$ of $T$ steps is $\lfloor sT \rfloor$ of them.
 *
 * @param sequences Per modality `[batch, steps, features]`, of one batch.
 * @param augmentation What to do.
 * @param random Draws everything.
 * @returns Same shapes.
 * @throws {RangeError} If there is no modality or they differ in their batch.
 *
 * @example
 * ```ts
 * import { augmentSequences, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = tf.ones<tf.Rank.R3>([2, 5, 3]), random = new RandomStream(0, "views");
 * const [dropped] = augmentSequences([x], { drop: { probability: 1, most: 0.8 } }, random);
 * for (const step of (await dropped.array()).flat()) assert.equal(new Set(step).size, 1); // whole steps go
 * ```
 */
export function augmentSequences(
  sequences: tf.Tensor3D[],
  { drop, noise }: SequenceAugmentation,
  random: RandomStream,
): tf.Tensor3D[] {
  const [batch] = sequences[0]?.shape ?? [];
  if (batch === undefined || sequences.some(({ shape }) => shape[0] !== batch)) {
    throw new RangeError(
      `Expected sequences [batch, steps, features] of one batch, got ${
        sequences.map(({ shape }) => `[${shape}]`).join(", ") || "none"
      }`,
    );
  }
  return tf.tidy(() => {
    const dropped = drop && random.bernoulli<tf.Rank.R2>([batch, 1], drop.probability);
    const noisy = noise && random.bernoulli<tf.Rank.R3>([batch, 1, 1], noise.probability);
    return sequences.map((sequence) => {
      const [, steps] = sequence.shape;
      let x: tf.Tensor = sequence;
      if (drop && dropped) {
        const share = tf.mul(dropped, random.uniform<tf.Rank.R2>([batch, 1], 0, drop.most));
        x = tf.mul(x, tf.expandDims(keptSteps(random.uniform([batch, steps]), tf.floor(tf.mul(share, steps))), 2));
      }
      if (noise && noisy) x = tf.add(x, tf.mul(noisy, random.normal(sequence.shape, 0, noise.deviation)));
      return x as tf.Tensor3D;
    });
  });
}

/** 1 for each step but the `count` with the smallest of their numbers, `[batch, steps]`. */
function keptSteps(numbers: tf.Tensor2D, count: tf.Tensor): tf.Tensor2D {
  const smaller = tf.less(tf.expandDims(numbers, 1), tf.expandDims(numbers, 2)); // [batch, steps, steps]
  const rank = tf.sum(tf.cast(smaller, "float32"), 2);
  return tf.cast(tf.greaterEqual(rank, count), "float32") as tf.Tensor2D;
}
