// One Trifeature image: a coloured, textured, rotated shape somewhere on grey.

import type { RandomNumbers } from "../../engine/random_numbers.ts";
import { COLOR_VALUES, type Factors, SHAPES } from "./factors.ts";
import { rotateShape, shapeMask } from "./shapes.ts";
import { randomTexture, type Texture, TEXTURE_SIZE } from "./textures.ts";

/** Side of a rendered image in pixels. */
export const CANVAS_SIZE = 224;

const BACKGROUND = 0.5;

const MASKS = SHAPES.map((_, shape) => shapeMask(shape));

/**
 * Renders an image of the given factors; position, both rotations and the texture's shift are drawn.
 *
 * @param factors Shape, texture and colour.
 * @param random Where the draws come from.
 * @param options `textureScale`: how many times its published width a texture has. Default 1.
 * @returns Red, green and blue, `[224, 224, 3]`.
 */
export function renderImage(
  { shape, texture, color }: Factors,
  random: RandomNumbers,
  { textureScale = 1 }: { textureScale?: number } = {},
): Uint8Array {
  const { side, coverage } = rotateShape(MASKS[shape], angle(random));
  const top = random.integer(CANVAS_SIZE - side), left = random.integer(CANVAS_SIZE - side);
  const isOn = rotatedTexture(angle(random), randomTexture(texture, random), textureScale);

  const paint = COLOR_VALUES[color], pixels = new Uint8Array(CANVAS_SIZE ** 2 * 3).fill(Math.floor(255 * BACKGROUND));
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const m = coverage[i * side + j];
      if (m > 0 && isOn(top + i, left + j)) {
        const at = ((top + i) * CANVAS_SIZE + left + j) * 3;
        for (let c = 0; c < 3; c++) pixels[at + c] = Math.floor(255 * (m * paint[c] + (1 - m) * BACKGROUND));
      }
    }
  }
  return pixels;
}

/** Whole degrees in [-45, 44]. */
const angle = (random: RandomNumbers): number => random.integer(90) - 45;

/** The centre of the sheet, enlarged and turned counter-clockwise, by nearest neighbour. */
function rotatedTexture(degrees: number, texture: Texture, scale: number): Texture {
  const cos = Math.cos(degrees * Math.PI / 180) / scale, sin = Math.sin(degrees * Math.PI / 180) / scale;
  const centre = (CANVAS_SIZE - 1) / 2, sheetCentre = (TEXTURE_SIZE - 1) / 2;
  return (i, j) =>
    texture(
      Math.floor(sheetCentre + cos * (i - centre) + sin * (j - centre) + 0.5),
      Math.floor(sheetCentre - sin * (i - centre) + cos * (j - centre) + 0.5),
    );
}
