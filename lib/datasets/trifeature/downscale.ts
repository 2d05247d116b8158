// Antialiased reduction of images.

/** For each pixel of the result: the first source pixel it sees, and the weights from there on. */
interface Taps {
  first: number;
  weights: Float64Array;
}

/**
 * Reduces square images with a triangle filter as wide as the reduction asks for (bilinear with antialiasing, as
 * Pillow's and torchvision's Resize): first along rows, then along columns, each rounded to 8 bits.
 *
 * @param from Side of the images in pixels.
 * @param to Side of the results, at most `from`.
 * @returns A function from `[from, from, 3]` to `[to, to, 3]`.
 */
export function downscaler(from: number, to: number): (pixels: Uint8Array) => Uint8Array {
  const taps = triangleTaps(from, to);
  return (pixels) => {
    const narrow = new Uint8Array(from * to * 3); // [from, to, 3]
    reduce(pixels, narrow, taps, from, { line: from * 3, step: 3 }, { line: to * 3, step: 3 });
    const small = new Uint8Array(to * to * 3); // [to, to, 3], the lines are now columns
    reduce(narrow, small, taps, to, { line: 3, step: to * 3 }, { line: 3, step: to * 3 });
    return small;
  };
}

function triangleTaps(from: number, to: number): Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - scale + 0.5)), end = Math.min(from, Math.floor(centre + scale + 0.5));
    const weights = Float64Array.from(
      { length: end - first },
      (_, tap) => Math.max(0, 1 - Math.abs(first + tap + 0.5 - centre) / scale),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** How far apart the lines, and the pixels on a line, lie in memory. */
interface Layout {
  line: number;
  step: number;
}

function reduce(
  source: Uint8Array,
  result: Uint8Array,
  taps: Taps[],
  lines: number,
  from: Layout,
  to: Layout,
): void {
  for (let line = 0; line < lines; line++) {
    for (let index = 0; index < taps.length; index++) {
      const { first, weights } = taps[index];
      let red = 0, green = 0, blue = 0, at = line * from.line + first * from.step;
      for (let tap = 0; tap < weights.length; tap++, at += from.step) {
        red += weights[tap] * source[at];
        green += weights[tap] * source[at + 1];
        blue += weights[tap] * source[at + 2];
      }
      const pixel = line * to.line + index * to.step;
      result[pixel] = red + 0.5;
      result[pixel + 1] = green + 0.5;
      result[pixel + 2] = blue + 0.5;
    }
  }
}
