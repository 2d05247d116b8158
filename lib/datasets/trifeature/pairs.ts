// Pairs of Trifeature images with the same shape, and the labels of CoMM's four tasks.

import { randomNumbers } from "../../engine/random_numbers.ts";
import type { Samples } from "../card.ts";
import { SYNERGY_COLOR } from "./factors.ts";

/** The factors of a pool of images, each `[count]`. */
export interface ImageFactors {
  count: number;
  shape: Int32Array;
  texture: Int32Array;
  color: Int32Array;
}

/** A task on a pair: what both images share, what only one of them shows, what only both together tell. */
export type TrifeatureTask = "share" | "unique1" | "unique2" | "synergy";

/** Ordered pairs of images. */
export interface TrifeaturePairs extends Samples {
  /** Index of the first image in its pool, `[count]`. */
  first: Int32Array;
  /** Index of the second image in the same pool, `[count]`. */
  second: Int32Array;
  /**
   * Labels, each `[count]`: `share` the shape, `unique1` and `unique2` the texture of the first and second image,
   * `synergy` 1 where the texture of the first and the colour of the second image belong together.
   */
  labels: Record<TrifeatureTask, Int32Array>;
}

/** Which pairs to take. */
export interface PairOptions {
  /** Only pairs whose synergy label is 1, for pretraining. Default false. */
  biased?: boolean;
  /** How many. Default 10 000, or all where there are fewer. */
  count?: number;
  /** Seed of the choice. Default 42. */
  seed?: number;
}

const DEFAULT_COUNT = 10_000;

/** One in so many pairs of training images is kept for validation. */
const HELD_OUT = 10;

/**
 * All pairs that could be asked for: ordered pairs of images with equal shape, an image with itself included.
 *
 * @param images Factors of the pool.
 * @returns A number for each pair, `first * images.count + second`, in ascending order.
 */
export function sameShapePairs({ count, shape }: ImageFactors): Int32Array {
  const images = Array.from({ length: count }, (_, image) => image);
  const ofShape = Map.groupBy(images, (image) => shape[image]);
  return Int32Array.from(
    images.flatMap((first) => ofShape.get(shape[first])!.map((second) => first * count + second)),
  );
}

/**
 * Draws pairs without replacement, in random order.
 *
 * A tenth of the pairs of training images, the same whatever the options, is `"validation"` and never `"train"`.
 *
 * @param images Factors of the pool: the training images for `"train"` and `"validation"`.
 * @param split Which pairs to draw from.
 * @param options Which of them, and how many.
 * @returns The pairs with their labels.
 * @throws {RangeError} If there are fewer pairs than asked for.
 */
export function samplePairs(
  images: ImageFactors,
  split: Split,
  { biased = false, count, seed = 42 }: PairOptions = {},
): TrifeaturePairs {
  const candidates = splitPairs(images, split).filter((pair) => !biased || belongTogether(images, pair));
  const wanted = count ?? Math.min(DEFAULT_COUNT, candidates.length);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > candidates.length) {
    throw new RangeError(
      `Expected count to be an integer from 0 to ${candidates.length}, the number of ` +
        `${biased ? "biased" : "unbiased"} ${split} pairs, got ${wanted}`,
    );
  }
  const chosen = randomNumbers(seed, `trifeature/pairs/${split}`).sample(candidates.length, wanted);
  const pairs = chosen.map((index) => candidates[index]);
  const first = pairs.map((pair) => firstOf(images, pair)), second = pairs.map((pair) => secondOf(images, pair));
  return {
    count: wanted,
    first,
    second,
    labels: {
      share: first.map((image) => images.shape[image]),
      unique1: first.map((image) => images.texture[image]),
      unique2: second.map((image) => images.texture[image]),
      synergy: pairs.map((pair) => Number(belongTogether(images, pair))),
    },
  };
}

const firstOf = ({ count }: ImageFactors, pair: number) => Math.floor(pair / count);
const secondOf = ({ count }: ImageFactors, pair: number) => pair % count;

/** Whether the texture of the first image is mapped to the colour of the second. */
const belongTogether = (images: ImageFactors, pair: number): boolean =>
  SYNERGY_COLOR[images.texture[firstOf(images, pair)]] === images.color[secondOf(images, pair)];

type Split = "train" | "validation" | "test";

/** The pairs of each split of a pool that were once asked for: drawing the held-out ones takes longer than all the rest. */
const known = new WeakMap<ImageFactors, Partial<Record<Split, Int32Array>>>();

function splitPairs(images: ImageFactors, split: Split): Int32Array {
  const splits = known.get(images) ?? {};
  known.set(images, splits);
  return splits[split] ??= findSplitPairs(images, split);
}

function findSplitPairs(images: ImageFactors, split: Split): Int32Array {
  const pairs = sameShapePairs(images);
  if (split === "test") return pairs;
  const heldOut = new Uint8Array(pairs.length);
  const random = randomNumbers(42, "trifeature/validation pairs");
  for (const index of random.sample(pairs.length, Math.floor(pairs.length / HELD_OUT))) heldOut[index] = 1;
  return pairs.filter((_, index) => heldOut[index] === (split === "validation" ? 1 : 0));
}
