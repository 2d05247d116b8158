// A figure is a value: a Plotly specification with a title that says what was found.

import { jupyterDisplay, rendersForCommit } from "./live/cell_context.ts";
import { liveHtml } from "./live/html.ts";
import { sendPlotly } from "./live/send_plotly.ts";
import type { Json, PlotlyLayout, PlotlySpec, PlotlyTrace } from "./spec.ts";
import { renderPng, renderSvg } from "./static/render.ts";
import { LINE_HEIGHT, wrapText } from "./static/text_metrics.ts";
import { EDGE, INK, SIZES, template, WIDTH } from "./theme.ts";

/** What a {@linkcode Figure} is made of. */
export interface FigureOptions {
  /** The finding, as a sentence; long ones are broken into lines. */
  title: string;
  /** One line that tells what is drawn, for those who cannot see it. */
  description: string;
  /** Below the drawing: sample size, what intervals and signs mean. */
  caption?: string;
  /** The series, in Plotly's terms. */
  data: readonly PlotlyTrace[];
  /** Plotly's layout, over the shared template. Title and caption get room of their own outside `margin`. */
  layout?: PlotlyLayout;
  /** Height in pixels of drawing and margins, without title and caption. Default 380. */
  height?: number;
  /** Room in pixels around the plot area for axis labels. */
  margin?: Partial<Margin>;
}

/** Room around the plot area in pixels: left, right, top, bottom. */
export interface Margin {
  l: number;
  r: number;
  t: number;
  b: number;
}

/** Room for two-digit tick labels and axis titles. */
export const defaultMargin: Readonly<Margin> = { l: 64, r: 24, t: 12, b: 52 };

/** What a front end chooses from to show a figure. */
export interface FigureBundle {
  /** For front ends with Plotly: the figure, live. */
  "application/vnd.plotly.v1+json": PlotlySpec;
  /** In a notebook that somebody looks at, for front ends without Plotly: the figure, live. */
  "text/html"?: string;
  /** In a notebook that is committed, for front ends without Plotly: the picture, base64. */
  "image/png"?: string;
  /** For terminals: title and description. */
  "text/plain": string;
}

/** Most bytes of a figure in a notebook: more makes notebooks slow to open and their history heavy. */
const BUNDLE_LIMIT = 100_000;

/** Pixels of the committed picture per pixel of the drawing, in order of preference. */
const BUNDLE_SCALES = [1.5, 1];

/** Significant digits of the numbers in a specification. */
const DIGITS = 4;

/**
 * A figure that a notebook cell shows as its last value and a script turns into a file.
 *
 * @example
 * ```ts
 * import { Figure } from "braid/plots/figure.ts";
 * import assert from "node:assert/strict";
 *
 * const figure = new Figure({
 *   title: "The loss halves with every epoch",
 *   description: "Line of the training loss against epochs.",
 *   caption: "n = 1 run.",
 *   data: [{ type: "scatter", x: [1, 2, 3], y: [2, 1, 0.5] }],
 *   layout: { xaxis: { title: { text: "epoch" } }, yaxis: { title: { text: "loss (nats)" } } },
 * });
 * assert.match(await figure.toSvg(), /^<svg /);
 * ```
 */
export class Figure {
  /** The finding. */
  readonly title: string;
  /** Title and one line that tells what is drawn. */
  readonly alt: string;
  readonly #description: string;
  readonly #spec: PlotlySpec;
  #svg?: Promise<string>;

  /**
   * @param options Title, description, series and layout.
   * @throws {RangeError} If title or description is empty, or the description has more than one line.
   */
  constructor(options: FigureOptions) {
    const { title, description } = options;
    if (title.trim() === "") throw new RangeError('Expected title to state the finding, got ""');
    if (description.trim() === "" || description.includes("\n")) {
      throw new RangeError(`Expected description to be one line, got ${JSON.stringify(description)}`);
    }
    this.title = title;
    this.alt = `${title.replace(/[.?!]?$/, (end) => end || ".")} ${description}`;
    this.#description = description;
    this.#spec = rounded({ data: options.data, layout: layoutOf(options) });
  }

  /** The figure as plotly.js takes it; fractions have 4 significant digits, whole numbers stay exact. */
  toJSON(): PlotlySpec {
    return this.#spec;
  }

  /**
   * Draws the figure without a browser. The first drawing in a process loads plotly.js, which takes about two seconds.
   *
   * @returns A complete SVG document; its text is in Open Sans.
   * @throws {Error} What plotly.js throws for a specification that it cannot draw.
   */
  toSvg(): Promise<string> {
    return this.#svg ??= renderSvg(this.#spec);
  }

  /**
   * Draws the figure as a picture on white.
   *
   * @param options `scale`: pixels of the picture per pixel of the drawing, default 2.
   * @returns The PNG file's bytes.
   * @throws {RangeError} If `scale` is not positive.
   */
  async toPng({ scale = 2 }: { scale?: number } = {}): Promise<Uint8Array> {
    if (!(scale > 0 && scale < Infinity)) throw new RangeError(`Expected scale to be positive, got ${scale}`);
    return await renderPng(await this.toSvg(), { scale });
  }

  /**
   * The live figure, for a page with plotly.js; until that is loaded, its description stands there.
   *
   * @returns An HTML fragment that draws the figure by `window.Plotly`, in the page's light or dark theme.
   */
  toHtml(): string {
    return liveHtml(this.#spec, this.alt);
  }

  /**
   * What a notebook shows of the figure. Where somebody looks on, it is live, and plotly.js comes to the page with the first
   * figure. Where `BRAID_RENDER` is `commit`, it is a picture and no HTML.
   *
   * @returns The MIME bundle; in a notebook to be committed at most 100 kB as JSON.
   * @throws {RangeError} If the figure is to be committed and cannot be made that small.
   */
  async [jupyterDisplay](): Promise<FigureBundle> {
    if (rendersForCommit()) return await this.#committed();
    await sendPlotly();
    return { ...this.#plain(), "text/html": this.toHtml() };
  }

  #plain(): FigureBundle {
    return { "application/vnd.plotly.v1+json": this.#spec, "text/plain": `${this.title}\n${this.#description}` };
  }

  async #committed(): Promise<FigureBundle> {
    let size = 0;
    for (const scale of BUNDLE_SCALES) {
      const png = await renderPng(await this.toSvg(), { scale, palette: true });
      const bundle = { ...this.#plain(), "image/png": png.toBase64() };
      size = new TextEncoder().encode(JSON.stringify(bundle)).length;
      if (size <= BUNDLE_LIMIT) return bundle;
    }
    throw new RangeError(
      `Expected figure "${this.title}" to take at most ${BUNDLE_LIMIT / 1000} kB in a notebook, got ` +
        `${Math.round(size / 1000)} kB: draw fewer points or smaller images`,
    );
  }
}

/** Height of a capital letter in font sizes. */
const CAP_HEIGHT = 0.71;

/** Vertical gap in pixels between title, drawing and caption. */
const GAP = 8;

function layoutOf({ title, caption, layout = {}, height = 380, margin }: FigureOptions): PlotlySpec["layout"] {
  const { l, r, t, b } = { ...defaultMargin, ...margin };
  const titleLines = wrapText(title, WIDTH - 2 * EDGE, { size: SIZES.title, bold: true });
  const captionLines = caption ? wrapText(caption, WIDTH - 2 * EDGE, { size: SIZES.small }) : [];
  const above = EDGE + titleLines.length * SIZES.title * LINE_HEIGHT + GAP;
  const below = captionLines.length === 0 ? 0 : captionLines.length * SIZES.small * LINE_HEIGHT + EDGE;
  const note = {
    align: "left",
    font: { color: INK.muted, size: SIZES.small },
    showarrow: false,
    text: captionLines.join("<br>"),
    x: 0,
    xanchor: "left",
    xref: "paper",
    xshift: EDGE - l,
    y: 0,
    yanchor: "top",
    yref: "paper",
    yshift: -b,
  };
  const total = Math.ceil(height + above + below);
  return {
    ...layout,
    annotations: [...annotationsOf(layout), ...(captionLines.length > 0 ? [note] : [])],
    height: total,
    margin: { l, r, t: Math.ceil(t + above), b: Math.ceil(b + below) },
    template,
    title: { text: titleLines.join("<br>"), y: 1 - (EDGE + SIZES.title * CAP_HEIGHT) / total },
    width: WIDTH,
  };
}

const annotationsOf = ({ annotations }: PlotlyLayout): readonly Json[] =>
  Array.isArray(annotations) ? annotations as readonly Json[] : [];

/** A copy with every fraction at {@linkcode DIGITS} significant digits; absent attributes and numbers JSON lacks left out. */
function rounded<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(
      value,
      (_, entry) => typeof entry === "number" && !Number.isInteger(entry) ? Number(entry.toPrecision(DIGITS)) : entry,
    ),
  );
}
