// The ten textures of Trifeature (Hermann & Lampinen 2020): binary patterns with a period of 10 pixels.

import type { RandomNumbers } from "../../engine/random_numbers.ts";
import { TEXTURES } from "./factors.ts";

/** Side of the sheet a texture is drawn on, in pixels. */
export const TEXTURE_SIZE = 448;

const PERIOD = 10;

/** Whether the pixel of row i and column j of the sheet is on. */
export type Texture = (i: number, j: number) => boolean;

/** A texture that repeats: x and y are the position within the tile, I and J on the sheet after the shift. */
type Pattern = (y: number, x: number, I: number, J: number) => boolean;

const modulo = (value: number, period: number) => ((value % period) + period) % period;

const isOddTile = (I: number) => Math.floor(I / PERIOD) % 2 === 1;

const PATTERNS: Record<Exclude<typeof TEXTURES[number], "noise" | "rain">, Pattern> = {
  solid: () => true,
  stripes: (y) => y < 3,
  grid: (y, x) => y < 3 || x < 3,
  hexgrid(y, _x, I, J) {
    const k = Math.floor(1.73 * I);
    return modulo(J + k, PERIOD) < 2 || modulo(J - k, PERIOD) < 2 || y < 2;
  },
  dots: (y, x) => (x - 5) ** 2 + (y - 5) ** 2 < 16,
  triangles: (y, x) => Math.floor(y / 2) > Math.abs(x - 5),
  zigzags(y, x, I) {
    const across = isOddTile(I) ? 9 - x : x, start = Math.floor(y / 2);
    return start < across && across < 5 + start;
  },
  pluses(y, x, I) {
    const inRow = Math.abs(y - 5) < 1.5, inColumn = Math.abs(x - 5) < 1.5;
    return isOddTile(I) ? x < 1.5 || 10 - x < 1.5 || (inRow && !inColumn) : inColumn || inRow;
  },
};

/**
 * Makes a texture with a random shift.
 *
 * @param texture Index in {@linkcode TEXTURES}.
 * @param random Draws the shift (rows, then columns), and the pixels of noise and rain when they are first looked at.
 * @returns The texture.
 */
export function randomTexture(texture: number, random: RandomNumbers): Texture {
  const down = random.integer(PERIOD), right = random.integer(PERIOD), name = TEXTURES[texture];
  if (name === "noise") return coins(0.5, random);
  if (name === "rain") {
    const starts = coins(0.05, random);
    // a drop is 7 pixels long: look for its start here and above, at all 7 places
    return (i, j) => {
      for (let above = 0; above < 7; above++) if (i >= above && starts(i - above, j)) return true;
      return false;
    };
  }
  return shifted(PATTERNS[name], down, right);
}

/** A pattern moved up and to the left. */
const shifted = (pattern: Pattern, down: number, right: number): Texture => (i, j) =>
  pattern((i + down) % PERIOD, (j + right) % PERIOD, i + down, j + right);

/** One biased coin a pixel, tossed when first looked at: most of the sheet stays unseen. */
function coins(probability: number, random: RandomNumbers): Texture {
  const tossed = new Int8Array(TEXTURE_SIZE ** 2); // 0 not yet, 1 on, -1 off
  return (i, j) => {
    const at = i * TEXTURE_SIZE + j;
    if (tossed[at] === 0) tossed[at] = random.uniform() < probability ? 1 : -1;
    return tossed[at] === 1;
  };
}
