import * as tf from "@tensorflow/tfjs";
import { filledParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/**
 * Group normalisation, as in PyTorch but with channels last: the channels of a sample are split into groups of neighbours,
 * and each group is normalised over all places by its mean and biased variance; then each channel is scaled and shifted.
 *
 * Source: Wu & He 2018, equations 1-2 and 7.
 *
 * @param x `[batch, ..., channels]`.
 * @param groups How many; they divide the channels. 1 normalises a whole sample, as many as channels each channel alone.
 * @param weight `[channels]`.
 * @param bias `[channels]`.
 * @param options `epsilon`, 1e-5 as in PyTorch.
 * @returns `[batch, ..., channels]`.
 * @throws {RangeError} If the groups do not divide the channels, or the weight has another size.
 *
 * @example
 * ```ts
 * import { groupNorm, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const y = await groupNorm(tf.tensor2d([[1, 3, 10, 30]]), 2, tf.ones([4]), tf.zeros([4])).data();
 * assert.deepEqual([...y].map(Math.round), [-1, 1, -1, 1]);
 * ```
 */
export function groupNorm<T extends tf.Tensor>(
  x: T,
  groups: number,
  weight: tf.Tensor1D,
  bias: tf.Tensor1D,
  { epsilon = 1e-5 }: { epsilon?: number } = {},
): T {
  const [channels] = weight.shape;
  checkGroups(channels, groups);
  if (x.rank < 2 || x.shape.at(-1) !== channels) {
    throw new RangeError(`Expected samples with ${channels} channels (last axis), got a batch of shape [${x.shape}]`);
  }
  return tf.tidy(() => {
    const [batch, ...places] = x.shape.slice(0, -1), size = tf.util.sizeFromShape(places);
    const grouped = tf.reshape(x, [batch, size, groups, channels / groups]);
    const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
    const variance = tf.mean(tf.square(centred), [1, 3], true);
    const normal = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), x.shape);
    return tf.add(tf.mul(normal, weight), bias) as T;
  });
}

/** {@linkcode groupNorm} with its parameters: PyTorch's `GroupNorm`. */
export class GroupNorm extends Module {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;

  /**
   * @param groups Number of groups.
   * @param channels Number of channels, which the groups divide.
   */
  constructor(readonly groups: number, channels: number) {
    super();
    checkGroups(channels, groups);
    this.weight = filledParameter<tf.Rank.R1>([channels], 1);
    this.bias = filledParameter<tf.Rank.R1>([channels], 0);
  }

  /** `[batch, ..., channels]` to the same. */
  forward<T extends tf.Tensor>(x: T): T {
    return groupNorm(x, this.groups, this.weight, this.bias);
  }
}

function checkGroups(channels: number, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new RangeError(`Expected a number of groups that divides ${channels} channels, got ${groups}`);
  }
}
