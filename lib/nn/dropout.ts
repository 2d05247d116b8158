import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../engine/random.ts";

/**
 * Dropout: in training each entry is kept with probability $1 - p$ and divided by it, else it becomes 0.
 *
 * @param x Any shape.
 * @param options `rate` $p$ in [0, 1), the stream that draws the mask, and whether this is training.
 * @returns Same shape; `x` itself, copied, outside of training.
 *
 * @example
 * ```ts
 * import { dropout, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = tf.ones([1000]), random = new RandomStream(0, "dropout");
 * const kept = await dropout(x, { rate: 0.5, random, training: true }).mean().data();
 * assert.ok(Math.abs(kept[0] - 1) < 0.15);
 * ```
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  { rate, random, training }: { rate: number; random: RandomStream; training: boolean },
): T {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`Expected a dropout rate in [0, 1), got ${rate}`);
  if (!training || rate === 0) return x.clone() as T;
  return tf.tidy(() => tf.mul(x, tf.div(random.bernoulli(x.shape, 1 - rate), 1 - rate)) as T);
}
