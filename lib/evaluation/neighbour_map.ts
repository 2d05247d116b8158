import type * as tf from "@tensorflow/tfjs";
import { UMAP } from "umap-js";
import { randomNumbers } from "../engine/random_numbers.ts";

/**
 * A map of vectors in the plane by UMAP: neighbours stay neighbours, distances between far groups mean nothing.
 *
 * Source: McInnes, Healy, Melville 2018.
 *
 * @param features `[samples, dim]`.
 * @param options `seed` of the layout; `neighbors`, default 15.
 * @returns `[samples, 2]`.
 */
export async function neighbourMap(
  features: tf.Tensor2D,
  { seed, neighbors = 15 }: { seed: number; neighbors?: number },
): Promise<number[][]> {
  const [samples] = features.shape;
  if (samples <= neighbors) {
    throw new RangeError(`Expected more than ${neighbors} samples for as many neighbours, got ${samples}`);
  }
  const { uniform } = randomNumbers(seed, "neighbour map");
  return new UMAP({ nNeighbors: neighbors, random: uniform }).fit(await features.array());
}
