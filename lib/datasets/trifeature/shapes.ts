// The ten shapes of Trifeature (Hermann & Lampinen 2020) and their rotation.

import { SHAPES } from "./factors.ts";

/** Side of a shape's box in pixels. */
export const SHAPE_SIZE = 128;

/** Whether the pixel of row i (from the top) and column j lies inside the shape. */
type Shape = (i: number, j: number) => boolean;

const middleThird = (k: number) => 42 <= k && k < 85;
const middleBar = (k: number) => 43 <= k && k <= 85;

/** Whole steps in a distance; the rounded quotient `distance / step` can reach an integer that the exact one misses. */
const steps = (distance: number, step: number) => Math.round((distance - distance % step) / step);

const INSIDE: Record<typeof SHAPES[number], Shape> = {
  triangle: (i, j) => Math.abs(j - 64) <= Math.floor(i / 2),
  square: () => true,
  plus: (i, j) => middleBar(i) || middleBar(j),
  circle: (i, j) => (i + 0.5 - 64) ** 2 + (j + 0.5 - 64) ** 2 < 64 ** 2,
  tee: (i, j) => middleBar(j) || i < 42,
  rhombus(i, j) {
    const x = j - 64 + Math.floor(i / 2);
    return 0 < x && x < 64;
  },
  pentagon(i, j) {
    if (i < 51) return Math.abs(j - 64) < 1 + 1.25 * i;
    const x = steps(i - 51, 3.1);
    return x < j && j < 128 - x;
  },
  star(i, j) {
    if (i < 51) return Math.abs(j - 64) <= Math.floor(i / 4);
    const x = 2.4 * (i - 51); // the arms
    if (i < 76 && x < j && j < 128 - x) return true;
    const outer = 42.24 - 0.43 * (i - 70), inner = 79.36 - 1.05 * (i - 70); // the legs
    return i >= 70 && ((outer < j && j < inner) || (outer < 128 - j && 128 - j < inner));
  },
  fivesquare: (i, j) => middleThird(i) === middleThird(j),
  trapezoid(i, j) {
    const x = steps(i, 3.1);
    return x < j && j < 128 - x;
  },
};

/**
 * Draws an upright shape.
 *
 * @param shape Index in {@linkcode SHAPES}.
 * @returns 1 inside, 0 outside, `[128, 128]`.
 */
export function shapeMask(shape: number): Uint8Array {
  const inside = INSIDE[SHAPES[shape]], mask = new Uint8Array(SHAPE_SIZE ** 2);
  for (let i = 0; i < SHAPE_SIZE; i++) {
    for (let j = 0; j < SHAPE_SIZE; j++) mask[i * SHAPE_SIZE + j] = Number(inside(i, j));
  }
  return mask;
}

/** A shape after rotation. */
export interface RotatedShape {
  /** Rows and columns of the grown canvas. */
  side: number;
  /** How much of each pixel the shape covers, 0 to 1, `[side, side]`. */
  coverage: Float64Array;
}

/**
 * Turns a shape about its centre by bilinear interpolation, on a canvas that grows to hold it.
 *
 * @param mask The upright shape, `[128, 128]`.
 * @param degrees Angle, counter-clockwise.
 * @returns The rotated shape.
 */
export function rotateShape(mask: Uint8Array, degrees: number): RotatedShape {
  const cos = Math.cos(degrees * Math.PI / 180), sin = Math.sin(degrees * Math.PI / 180);
  const side = Math.floor(SHAPE_SIZE * (Math.abs(cos) + Math.abs(sin)) + 0.5);
  const centre = (side - 1) / 2, maskCentre = (SHAPE_SIZE - 1) / 2;
  const coverage = new Float64Array(side ** 2);
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const y = maskCentre + cos * (i - centre) + sin * (j - centre);
      const x = maskCentre - sin * (i - centre) + cos * (j - centre);
      coverage[i * side + j] = bilinear(mask, y, x);
    }
  }
  return { side, coverage };
}

/** Value between pixels; nothing lies beyond the centres of the outermost pixels. */
function bilinear(mask: Uint8Array, y: number, x: number): number {
  const last = SHAPE_SIZE - 1;
  if (y < 0 || x < 0 || y > last || x > last) return 0;
  const top = Math.min(Math.floor(y), last - 1), left = Math.min(Math.floor(x), last - 1);
  const down = y - top, right = x - left, at = top * SHAPE_SIZE + left;
  const upper = mask[at] * (1 - right) + mask[at + 1] * right;
  const lower = mask[at + SHAPE_SIZE] * (1 - right) + mask[at + SHAPE_SIZE + 1] * right;
  return upper * (1 - down) + lower * down;
}
