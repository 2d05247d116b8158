import * as tf from "@tensorflow/tfjs";
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

/**
 * How often a sample's nearest neighbour, by cosine, has its label: what the map shows, as a number.
 *
 * @param features `[samples, dim]`, at least 2 samples.
 * @param labels One a sample.
 * @returns A fraction.
 * @throws {RangeError} If there are fewer than 2 samples, or not one label each.
 */
export async function neighbourAgreement(features: tf.Tensor2D, labels: ArrayLike<number>): Promise<number> {
  const [samples] = features.shape;
  if (samples < 2 || labels.length !== samples) {
    throw new RangeError(`Expected at least 2 samples with a label each, got ${samples} and ${labels.length} labels`);
  }
  const nearest = tf.tidy(() => {
    const unit = tf.div(features, tf.maximum(tf.norm(features, 2, 1, true), 1e-12)); // no NaN from a vector of zeros
    return tf.argMax(tf.sub(tf.matMul(unit, unit, false, true), tf.mul(tf.eye(samples), 3)), 1);
  });
  const neighbours = await nearest.data<"int32">();
  nearest.dispose();
  return neighbours.reduce((count, neighbour, i) => count + Number(labels[neighbour] === labels[i]), 0) / samples;
}
