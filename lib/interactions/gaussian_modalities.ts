// Modalities made of Gaussian numbers, with a label whose kind of information is known by design.

import { randomNumbers } from "../engine/random_numbers.ts";

/** Whose latent numbers make the label: what both modalities see, what only the first or the second sees, or both of the latter. */
const chosenLatents = {
  redundancy: ["shared"],
  unique1: ["first"],
  unique2: ["second"],
  synergy: ["first", "second"],
} as const;

/** Which kind of information the label is meant to be. */
export type GaussianDesign = keyof typeof chosenLatents;

/** Options of {@linkcode gaussianModalities}. */
export interface GaussianOptions {
  samples: number;
  seed: number;
  /** Classes, equally frequent. Default 2. */
  classes?: number;
  /** Probability with which a latent number is missing from the label, in [0, 1). Default 0.2. */
  lost?: number;
}

/** Result of {@linkcode gaussianModalities}. */
export interface GaussianModalities {
  /** `[samples][64]`: the first half is this modality's own, the second what it shares. */
  x1: number[][];
  x2: number[][];
  /** `[samples]`. */
  labels: Int32Array;
}

/** Length of each latent vector, of its image in a modality, and the variance of its numbers. */
const LATENT = 5, FEATURES = 32, VARIANCE = 1.5;

/**
 * Two modalities of 64 features each whose label is made of what they share, of what one of them has alone, or of both.
 *
 * Latent vectors $z_1, z_2, z_{12} \sim \mathcal N(0, 1.5\, I_5)$ are mapped by fixed matrices with entries from U(0, 1):
 *
 * $$x_1 = (z_1 A_1, z_{12} A_{12}), \qquad x_2 = (z_2 A_2, z_{12} A'_{12})$$
 *
 * The label is the quantile in which the mean of the chosen latent numbers falls, after some of them were set to 0, each by a
 * coin of its own.
 *
 * Source: the synthetic data of Liang et al. 2023, Quantifying & modeling multimodal interactions, as its released notebook
 * describes them. It does not tell the number of classes. With two, the share 0.2 that it names leaves about twice the
 * information that it prints; a share of 0.45 leaves what it prints, for all designs.
 *
 * @param design What makes the label.
 * @throws {RangeError} If there are fewer samples than classes, fewer than two classes, or `lost` is out of range.
 *
 * @example
 * ```ts
 * import { gaussianModalities } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { x1, labels } = gaussianModalities("synergy", { samples: 10, seed: 1 });
 * assert.deepEqual([x1.length, x1[0].length], [10, 64]);
 * assert.equal(labels.filter((label) => label === 1).length, 5);
 * ```
 */
export function gaussianModalities(
  design: GaussianDesign,
  { samples, seed, classes = 2, lost = 0.2 }: GaussianOptions,
): GaussianModalities {
  if (!(Number.isInteger(classes) && classes >= 2)) {
    throw new RangeError(`Expected at least 2 classes, got ${classes}`);
  }
  if (!(Number.isInteger(samples) && samples >= classes)) {
    throw new RangeError(`Expected at least ${classes} samples for as many classes, got ${samples}`);
  }
  if (!(lost >= 0 && lost < 1)) throw new RangeError(`Expected lost to be in [0, 1), got ${lost}`);
  const draws = randomNumbers(seed, "gaussian modalities"), maps = randomNumbers(seed, "gaussian modalities/maps");
  const table = (rows: number, columns: number, draw: () => number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, draw));
  const latent = () => table(samples, LATENT, () => Math.sqrt(VARIANCE) * draws.normal());
  const map = () => table(LATENT, FEATURES, () => maps.uniform());
  const z = { first: latent(), second: latent(), shared: latent() };
  const side = (own: number[][]) => {
    const [ofOwn, ofShared] = [map(), map()];
    return own.map((row, i) => [...mapped(row, ofOwn), ...mapped(z.shared[i], ofShared)]);
  };
  const chosen = chosenLatents[design].map((name) => z[name]);
  const scores = Array.from({ length: samples }, (_, i) => {
    const kept = chosen.flatMap((rows) => rows[i]).map((value) => draws.uniform() < lost ? 0 : value);
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  });
  return { x1: side(z.first), x2: side(z.second), labels: quantiles(scores, classes) };
}

const mapped = (row: number[], matrix: number[][]): number[] =>
  matrix[0].map((_, k) => row.reduce((sum, value, j) => sum + value * matrix[j][k], 0));

/** In which of equally filled bins each score falls. */
function quantiles(scores: number[], classes: number): Int32Array {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]), bins = new Int32Array(scores.length);
  order.forEach((i, rank) => bins[i] = Math.floor(rank * classes / scores.length));
  return bins;
}
