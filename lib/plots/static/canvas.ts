// A canvas of pixels: the few 2d operations by which Plotly paints heatmaps and images.

import { encode } from "fast-png";

/** RGBA pixels, row by row from the top left. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** The 2d context of one canvas. */
export class PixelContext {
  /** Colour of {@linkcode PixelContext.fillRect}: `rgb(…)` or `rgba(…)`. */
  fillStyle = "rgb(0, 0, 0)";
  readonly #canvas: { width: number; height: number };
  #pixels: Pixels = blank(0, 0);

  /** @param canvas The element whose size counts; as in a browser, a new size clears the picture. */
  constructor(canvas: { width: number; height: number }) {
    this.#canvas = canvas;
  }

  /** Transparent pixels of the given size. */
  createImageData(width: number, height: number): Pixels {
    return blank(width, height);
  }

  /** Overwrites a rectangle whose top left corner is at (x, y); what falls outside is dropped. */
  putImageData(image: Pixels, x: number, y: number): void {
    const target = this.#current(), first = Math.max(0, -x), last = Math.min(image.width, target.width - x);
    for (let row = Math.max(0, -y); row < Math.min(image.height, target.height - y) && first < last; row++) {
      const source = image.data.subarray(4 * (row * image.width + first), 4 * (row * image.width + last));
      target.data.set(source, 4 * ((row + y) * target.width + x + first));
    }
  }

  /** Fills a rectangle with the current colour, in whole pixels. */
  fillRect(x: number, y: number, width: number, height: number): void {
    const target = this.#current(), color = rgba(this.fillStyle);
    const left = Math.max(0, Math.round(x)), right = Math.min(target.width, Math.round(x + width));
    const top = Math.max(0, Math.round(y)), bottom = Math.min(target.height, Math.round(y + height));
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) target.data.set(color, 4 * (row * target.width + column));
    }
  }

  /** The picture as a PNG data URL. */
  toDataURL(): string {
    return pngDataUrl({ ...this.#current(), channels: 4 });
  }

  #current(): Pixels {
    const { width, height } = this.#canvas;
    if (width !== this.#pixels.width || height !== this.#pixels.height) this.#pixels = blank(width, height);
    return this.#pixels;
  }
}

/**
 * Encodes a picture as a PNG data URL.
 *
 * @param image Size, number of channels (1 grey, 3 RGB, 4 RGBA) and the bytes, row by row.
 * @returns `data:image/png;base64,…`
 */
export function pngDataUrl(
  image: { width: number; height: number; channels: 1 | 3 | 4; data: Uint8Array | Uint8ClampedArray },
): string {
  return `data:image/png;base64,${encode(image).toBase64()}`;
}

const blank = (width: number, height: number): Pixels => ({
  width,
  height,
  data: new Uint8ClampedArray(4 * width * height),
});

function rgba(style: string): number[] {
  const channels = /^rgba?\(([^)]+)\)$/.exec(style)?.[1].split(",").map(Number);
  if (!channels || channels.some(Number.isNaN)) {
    throw new RangeError(`Expected fillStyle to be rgb(…) or rgba(…), got ${style}`);
  }
  const [red, green, blue, alpha = 1] = channels;
  return [red, green, blue, 255 * alpha];
}
