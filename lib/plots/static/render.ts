// From a Plotly specification to SVG and PNG, without a browser. Plotly, the page and the fonts load at the first drawing.

import type { PlotlySpec } from "../spec.ts";
import { openWindow } from "./dom.ts";
import { fontFile, SUBSETS, WEIGHTS } from "./fonts.ts";
import { palettePng } from "./palette_png.ts";

/** What is used of plotly.js, which ships no types. */
interface Plotly {
  toImage(
    spec: PlotlySpec,
    options: { format: "svg"; imageDataOnly: true; width: number; height: number },
  ): Promise<string>;
}

/**
 * Draws a figure as SVG text.
 *
 * @param spec Data and layout; `layout.width` and `layout.height` are the size in pixels.
 * @returns A complete SVG document.
 * @throws {Error} What plotly.js throws for a specification that it cannot draw.
 */
export async function renderSvg(spec: PlotlySpec): Promise<string> {
  const { width, height } = spec.layout;
  const plotly = await (plotlyLoading ??= loadPlotly());
  const svg = await plotly.toImage(spec, { format: "svg", imageDataOnly: true, width, height });
  return withSharpPixels(svg);
}

/**
 * Draws SVG text as a PNG on white.
 *
 * @param svg A document from {@linkcode renderSvg}.
 * @param options `scale`: pixels of the picture for each pixel of the drawing; `palette`: 256 colours, for a small file.
 * @returns The PNG file's bytes.
 */
export async function renderPng(
  svg: string,
  { scale, palette = false }: { scale: number; palette?: boolean },
): Promise<Uint8Array> {
  const { Resvg, fontBuffers } = await (rasterizerLoading ??= loadRasterizer());
  const font = { fontBuffers, defaultFontFamily: "Open Sans" };
  const drawing = new Resvg(svg, { font, background: "white", fitTo: { mode: "zoom", value: scale } });
  const image = drawing.render(), { width, height } = image;
  const png = palette ? palettePng({ width, height, data: new Uint8ClampedArray(image.pixels) }) : image.asPng();
  image.free();
  drawing.free();
  return png;
}

let plotlyLoading: Promise<Plotly> | undefined;

async function loadPlotly(): Promise<Plotly> {
  const window = await openWindow();
  const { default: script } = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  window.eval(script as unknown as string);
  return (window as unknown as { Plotly: Plotly }).Plotly;
}

let rasterizerLoading: ReturnType<typeof loadRasterizer> | undefined;

async function loadRasterizer() {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  await initWasm(Deno.readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  const weights = Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[];
  const fontBuffers = await Promise.all(weights.flatMap((weight) => SUBSETS.map((subset) => fontFile(subset, weight))));
  return { Resvg, fontBuffers };
}

/** resvg reads this attribute, not the CSS value that Plotly writes: heatmaps would blur. */
const withSharpPixels = (svg: string): string =>
  svg.replace(/style="([^"]*)image-rendering: ?pixelated;?/g, 'image-rendering="optimizeSpeed" style="$1');
