// A grid of small pictures: samples of a data set, pairs with their labels, the worst cases.

import { Figure } from "./figure.ts";
import {
  edgeMargin,
  type FigureText,
  INNER_WIDTH,
  pixelAxes,
  requireFinite,
  requireLength,
  requireSome,
  sentences,
  textTrace,
  widest,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import type { Pixels } from "./static/canvas.ts";
import { palettePng } from "./static/palette_png.ts";
import { LINE_HEIGHT, wrapText } from "./static/text_metrics.ts";
import { INK, SIZES } from "./theme.ts";

/** A picture. */
export interface GridImage {
  /** `[height, width, channels]`, flat: bytes, or floats from 0 (black) to 1 (white). */
  pixels: Uint8Array | Uint8ClampedArray | Float32Array;
  /** Height in pixels. */
  height: number;
  /** Width in pixels. */
  width: number;
  /** 1 for grey, 3 for red, green and blue. */
  channels: 1 | 3;
}

/** Options of {@linkcode imageGrid}. */
export interface ImageGridOptions extends FigureText {
  /** The pictures, row by row; the last row may be short. */
  images: readonly GridImage[];
  /** Number of columns. */
  columns: number;
  /** A name left of each row. */
  rowLabels?: readonly string[];
  /** A name above each column. */
  columnLabels?: readonly string[];
  /** A text below each picture. */
  captions?: readonly string[];
}

/** Pixels: most side length of a cell, the gap between cells, the gap between a cell and its texts. */
const MAX_CELL = 132, GAP = 10, TEXT_GAP = 4;

/** Height of a line of the captions in pixels. */
const LINE = SIZES.tiny * LINE_HEIGHT;

/**
 * Pictures in rows and columns, with texts beside, above and below.
 *
 * @param options Pictures, number of columns and texts.
 * @returns The figure; each picture keeps its aspect.
 * @throws {RangeError} If there is no picture, a number of pixels or labels does not fit, or a float lies outside 0 to 1.
 *
 * @example
 * ```ts
 * import { imageGrid } from "braid/plots/image_grid.ts";
 *
 * const grey = { pixels: new Uint8Array(64).fill(128), height: 8, width: 8, channels: 1 } as const;
 * imageGrid({ title: "Both are grey", images: [grey, grey], columns: 2, captions: ["left", "right"] });
 * ```
 */
export function imageGrid(options: ImageGridOptions): Figure {
  const { images, columns, captions, rowLabels = [], columnLabels = [], title } = options;
  validate(options);
  const rows = Math.ceil(images.length / columns);
  const left = rowLabels.length > 0 ? widest(rowLabels, SIZES.small) + GAP : 0;
  const cell = Math.min(MAX_CELL, (INNER_WIDTH - left - (columns - 1) * GAP) / columns);
  const lines = captions?.map((text) => wrapText(text, cell, { size: SIZES.tiny })) ?? [];
  const textHeight = lines.length > 0 ? Math.max(...lines.map((text) => text.length)) * LINE + TEXT_GAP : 0;
  const top = columnLabels.length > 0 ? LINE + TEXT_GAP : 0;
  const pitch = cell + textHeight + GAP;
  const cells = images.map((image, i) => ({
    image,
    x: left + (i % columns) * (cell + GAP),
    y: top + Math.floor(i / columns) * pitch,
  }));
  const middle = cell / 2;
  const texts = [
    textTrace(
      cells.map(({ x, y }, i) => ({ x: x + middle, y: y + cell + TEXT_GAP / 2, text: lines[i]?.join("<br>") ?? "" })),
      { position: "bottom center", size: SIZES.tiny },
    ),
    textTrace(
      columnLabels.map((text, column) => ({ x: left + column * (cell + GAP) + middle, y: top, text })),
      { position: "top center", size: SIZES.tiny },
    ),
    textTrace(
      rowLabels.map((text, row) => ({ x: left - GAP, y: top + row * pitch + middle, text })),
      { position: "middle left" },
    ),
  ];
  const height = top + rows * pitch - GAP;
  return new Figure({
    title,
    description: `Grid of ${images.length} pictures in ${rows} ${rows === 1 ? "row" : "rows"}.`,
    caption: sentences(`n = ${images.length} pictures.`, options.caption),
    data: [frames(cells, cell), ...texts],
    layout: {
      images: cells.map(({ image, x, y }) => layoutImage(image, x, y, cell)),
      ...pixelAxes(INNER_WIDTH, height),
    },
    height: height + edgeMargin.b,
    margin: edgeMargin,
  });
}

function validate({ images, columns, rowLabels, columnLabels, captions }: ImageGridOptions): void {
  requireSome("images", images);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`Expected columns to be a positive whole number, got ${columns}`);
  }
  if (rowLabels) requireLength("rowLabels", rowLabels, Math.ceil(images.length / columns));
  if (columnLabels) requireLength("columnLabels", columnLabels, columns);
  if (captions) requireLength("captions", captions, images.length);
  for (const { pixels, height, width, channels } of images) {
    requireSome("pixels", pixels);
    requireLength(`pixels of [${height}, ${width}, ${channels}]`, pixels, height * width * channels);
  }
}

function layoutImage(image: GridImage, x: number, y: number, cell: number): Json {
  return {
    source: `data:image/png;base64,${palettePng(reduced(image, cell * PIXEL_RATIO)).toBase64()}`,
    sizex: cell,
    sizey: cell,
    sizing: "contain",
    x,
    xref: "x",
    y,
    yref: "y",
  };
}

/** More pixels than this a pixel of the drawing would only take room in a notebook. */
const PIXEL_RATIO = 1.5;

/** The picture as RGBA, averaged down where it has more pixels than `side`. */
function reduced({ pixels, height, width, channels }: GridImage, side: number): Pixels {
  const data = bytes(pixels), block = Math.max(1, Math.floor(Math.max(height, width) / side));
  const rows = Math.floor(height / block), columns = Math.floor(width / block);
  const output = new Uint8ClampedArray(4 * rows * columns).fill(255);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < block * block; i++) {
          const y = row * block + Math.floor(i / block), x = column * block + i % block;
          sum += data[(y * width + x) * channels + (channels === 3 ? channel : 0)];
        }
        output[4 * (row * columns + column) + channel] = sum / (block * block);
      }
    }
  }
  return { width: columns, height: rows, data: output };
}

function bytes(pixels: GridImage["pixels"]): Uint8Array | Uint8ClampedArray {
  if (!(pixels instanceof Float32Array)) return pixels;
  requireFinite("pixels", pixels);
  const outside = pixels.find((value) => value < 0 || value > 1);
  if (outside !== undefined) {
    throw new RangeError(`Expected float pixels from 0 to 1, got ${outside}: undo the normalisation first`);
  }
  return Uint8ClampedArray.from(pixels, (value) => 255 * value);
}

/** Thin outlines, so that white pictures end somewhere. */
const frames = (cells: readonly { x: number; y: number }[], size: number): PlotlyTrace => ({
  type: "scatter",
  mode: "lines",
  x: cells.flatMap(({ x }) => [x, x + size, x + size, x, x, null]),
  y: cells.flatMap(({ y }) => [y, y, y + size, y + size, y, null]),
  line: { color: INK.grid, width: 1 },
  cliponaxis: false,
  hoverinfo: "skip",
  showlegend: false,
});
