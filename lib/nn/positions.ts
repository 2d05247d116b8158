import * as tf from "@tensorflow/tfjs";

/**
 * Fixed sine-cosine positions in one dimension, interleaved: row $p$ is
 * $[\sin p\omega_0, \cos p\omega_0, \sin p\omega_1, \dots]$ with $\omega_j = 10000^{-j/k}$, $k = \mathrm{dim}/2$.
 *
 * Source: Vaswani et al. 2017, section 3.5.
 *
 * @param length Number of positions.
 * @param dim Width, even.
 * @returns `[length, dim]`.
 *
 * @example
 * ```ts
 * import { sinCosPosition1d, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await sinCosPosition1d(1, 4).array(), [[0, 1, 0, 1]]);
 * ```
 */
export function sinCosPosition1d(length: number, dim: number): tf.Tensor2D {
  checkDivisible(dim, 2);
  const row = (position: number) => angles(position, dim).flatMap((angle) => [Math.sin(angle), Math.cos(angle)]);
  return tf.tensor2d(Array.from({ length }, (_, position) => row(position)), [length, dim]);
}

/**
 * Fixed sine-cosine positions of a grid, row by row: $[\sin r\omega, \cos r\omega, \sin c\omega, \cos c\omega]$ with
 * $\omega_j = 10000^{-j/k}$, $k = \mathrm{dim}/4$. Source: CoMM's patch adapter.
 *
 * @param height Rows of the grid.
 * @param width Columns of the grid.
 * @param dim Width of an embedding, divisible by 4.
 * @returns `[height · width, dim]`.
 *
 * @example
 * ```ts
 * import { sinCosPosition2d, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await sinCosPosition2d(1, 1, 4).array(), [[0, 1, 0, 1]]);
 * ```
 */
export function sinCosPosition2d(height: number, width: number, dim: number): tf.Tensor2D {
  checkDivisible(dim, 4);
  const half = (position: number) => {
    const turns = angles(position, dim / 2);
    return [...turns.map(Math.sin), ...turns.map(Math.cos)];
  };
  const cells = Array.from({ length: height * width }, (_, i) => [...half(Math.floor(i / width)), ...half(i % width)]);
  return tf.tensor2d(cells, [height * width, dim]);
}

/** A position in units of `dim / 2` wavelengths. */
function angles(position: number, dim: number): number[] {
  return Array.from({ length: dim / 2 }, (_, j) => position * 10000 ** (-j / (dim / 2)));
}

function checkDivisible(dim: number, by: number): void {
  if (!(Number.isInteger(dim) && dim > 0 && dim % by === 0)) {
    throw new RangeError(`Expected a width divisible by ${by}, got ${dim}`);
  }
}
