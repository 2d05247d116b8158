import type * as tf from "@tensorflow/tfjs";
import { randomNumbers } from "../engine/random_numbers.ts";
import { principalComponents } from "./principal_components.ts";

/** Options of {@linkcode discretize}. */
export interface DiscretizeOptions {
  seed: number;
  /** How many clusters k-means looks for. Default 20. */
  clusters?: number;
  /** To how many principal components rows are reduced before. Default 5. */
  components?: number;
}

/**
 * Turns features into states: rows are divided by their L2 norm, reduced to principal components and clustered by k-means.
 *
 * Labels play no part, so no information about them is made up; more clusters keep more of what there is, but need more
 * samples for it to be counted, see {@linkcode dataPid}. Rows that are equal share a state. If no more than `clusters`
 * different rows are left, each is a state of its own; a cluster may also lose all of its rows to others.
 *
 * Source: the recipe of Liang et al. 2023, Quantifying & modeling multimodal interactions; k-means++ of Arthur &
 * Vassilvitskii 2007.
 *
 * @param features `[samples, dim]`.
 * @returns The cluster of each row, in 0 … clusters - 1.
 * @throws {RangeError} If there is no row or column, a feature is not finite, or an option is no positive integer.
 *
 * @example
 * ```ts
 * import { discretize } from "braid/interactions/discretize.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const [a, b, c] = await discretize(tf.tensor2d([[1, 0], [0, 3], [2, 0]]), { seed: 1 });
 * assert.equal(a, c); // they differ only in length
 * assert.notEqual(a, b);
 * ```
 */
export async function discretize(
  features: tf.Tensor2D,
  { seed, clusters = 20, components = 5 }: DiscretizeOptions,
): Promise<Int32Array> {
  for (const [name, count] of Object.entries({ clusters, components })) {
    if (!(Number.isInteger(count) && count >= 1)) {
      throw new RangeError(`Expected ${name} to be a positive integer, got ${count}`);
    }
  }
  const random = randomNumbers(seed, "k-means");
  if (features.rank !== 2 || features.size === 0) {
    throw new RangeError(`Expected features of shape [samples, dim], got [${features.shape}]`);
  }
  const rows = await principalComponents((await features.array()).map(unitRow), components);
  const names = rows.map(String), distinct = [...new Set(names)];
  if (distinct.length <= clusters) return Int32Array.from(names, (name) => distinct.indexOf(name));
  const { kmeans } = await import("ml-kmeans"); // a tenth of a second that few need
  return Int32Array.from(kmeans(rows, clusters, { seed: random.integer(2 ** 31) }).clusters);
}

function unitRow(row: number[], sample: number): number[] {
  const norm = Math.hypot(...row);
  if (!Number.isFinite(norm)) throw new RangeError(`Expected finite features, got [${row}] at sample ${sample}`);
  return norm > 0 ? row.map((x) => x / norm) : row;
}
