// A map of samples, drawn once for every way to colour them.

import { categoricalColors } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  axisSuffix,
  edgeMargin,
  type FigureText,
  INNER_WIDTH,
  requireFinite,
  requireLength,
  requireSome,
  sentences,
} from "./parts.ts";
import type { PlotlyLayout, PlotlyTrace } from "./spec.ts";
import { textWidth } from "./static/text_metrics.ts";
import { INK, SIZES } from "./theme.ts";

/** One way to colour the samples. */
export interface EmbeddingPanel {
  /** Above the panel, such as "by shape". */
  title: string;
  /** The category of every sample. */
  labels: readonly string[];
  /** Colour of each category by its name, in the order of the legend. Default: the ten colours without a meaning, by name. */
  colors?: Readonly<Record<string, string>>;
}

/** Options of {@linkcode embeddingMap}. */
export interface EmbeddingMapOptions extends FigureText {
  /** `[n, 2]`: where each sample lies. */
  points: readonly (readonly number[])[];
  /** The panels, left to right; at most three fit. */
  panels: readonly EmbeddingPanel[];
  /** How the map was made, for the caption, such as "UMAP of the fused vector, 15 neighbours". */
  method: string;
}

/** More samples would hide each other, and their coordinates would fill the notebook. */
const MAX_POINTS = 400;

/** Pixels: the gap between panels, the height of a panel's title and of a legend line, a legend entry's sign and gap. */
const BETWEEN = 14, TITLE = 24, LINE = 17, SIGN = 24, MAX_SIDE = 400;

/** Beyond the ten colours the signs differ too. */
const SYMBOLS = ["circle", "diamond", "cross", "triangle-up"];

/**
 * Scatter panels of the same points, each coloured by another property.
 *
 * @param options Points, panels and texts. Of more than 400 samples every k-th is drawn, and the caption says how many.
 * @returns The figure. Its axes have no unit: a map of neighbours has none.
 * @throws {RangeError} If there is no point or panel, more than three panels, more than 40 categories, a point without two
 *   finite coordinates, not one label per point, or a category without a colour where colours are given.
 *
 * @example
 * ```ts
 * import { embeddingMap } from "braid/plots/embedding_map.ts";
 *
 * embeddingMap({
 *   title: "Shapes form clusters",
 *   method: "UMAP of the fused vector",
 *   points: [[0, 0], [1, 0], [5, 5]],
 *   panels: [{ title: "by shape", labels: ["ring", "ring", "star"] }],
 * });
 * ```
 */
export function embeddingMap(options: EmbeddingMapOptions): Figure {
  const { points, panels, method, title } = options;
  validate(options);
  const kept = evenly(points.length), coordinates = kept.map((i) => points[i]);
  const width = (INNER_WIDTH - (panels.length - 1) * BETWEEN) / panels.length, side = Math.min(width, MAX_SIDE);
  const legends = panels.map((panel) => legend(categoriesOf(panel), width));
  const legendHeight = Math.max(...legends.map(({ height }) => height));
  const axes: Record<string, PlotlyLayout> = {};
  panels.forEach((_, panel) => Object.assign(axes, panelAxes(panel, width, side, legendHeight, coordinates)));
  return new Figure({
    title,
    description: `Map of ${kept.length} samples coloured ${panels.map((panel) => panel.title).join(", ")}.`,
    caption: sentences(
      `${method};`,
      kept.length < points.length ? `${kept.length} of n = ${points.length} samples.` : `n = ${points.length} samples.`,
      options.caption,
    ),
    data: panels.flatMap(({ labels }, panel) => [
      ...legends[panel].categories.map((category) =>
        samples(kept.filter((i) => labels[i] === category.name).map((i) => points[i]), category, panel)
      ),
      legends[panel].trace(panel),
    ]),
    layout: {
      ...axes,
      annotations: panels.map((panel, p) => ({
        text: panel.title,
        x: p * (width + BETWEEN) / INNER_WIDTH,
        xanchor: "left",
        xref: "paper",
        y: 1,
        yanchor: "bottom",
        yref: "paper",
      })),
    },
    height: TITLE + side + legendHeight + edgeMargin.b,
    margin: { ...edgeMargin, t: TITLE },
  });
}

function validate({ points, panels }: EmbeddingMapOptions): void {
  requireSome("points", points);
  requireSome("panels", panels);
  if (panels.length > 3) throw new RangeError(`Expected at most 3 panels, got ${panels.length}: make two figures`);
  for (const point of points) {
    requireLength("a point", point, 2);
    requireFinite("points", point);
  }
  for (const { title, labels, colors } of panels) {
    requireLength(`labels ${title}`, labels, points.length);
    const bare = colors && labels.find((label) => !Object.hasOwn(colors, label));
    if (bare !== undefined) throw new RangeError(`Expected a colour for every category ${title}, got none for ${bare}`);
    const categories = new Set(labels).size, most = categoricalColors.length * SYMBOLS.length;
    if (categories > most) throw new RangeError(`Expected at most ${most} categories ${title}, got ${categories}`);
  }
}

/** Indices of at most {@linkcode MAX_POINTS} of n samples, evenly spaced. */
function evenly(n: number): number[] {
  const count = Math.min(n, MAX_POINTS);
  return Array.from({ length: count }, (_, i) => Math.floor(i * n / count));
}

const byNumber = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

/** A category with its sign. */
interface Category {
  name: string;
  color: string;
  symbol: string;
}

/** The categories of a panel that occur, in the order of the legend. */
function categoriesOf({ labels, colors }: EmbeddingPanel): Category[] {
  const occurring = new Set(labels);
  if (!colors) {
    return [...occurring].sort(byNumber).map((name, i) => ({
      name,
      color: categoricalColors[i % categoricalColors.length],
      symbol: SYMBOLS[Math.floor(i / categoricalColors.length)],
    }));
  }
  return Object.entries(colors).filter(([name]) => occurring.has(name))
    .map(([name, color]) => ({ name, color, symbol: SYMBOLS[0] }));
}

/** The axes of a panel: its map above, its legend, in pixels, below. */
function panelAxes(
  panel: number,
  width: number,
  side: number,
  legendHeight: number,
  points: readonly (readonly number[])[],
): Record<string, PlotlyLayout> {
  const start = panel * (width + BETWEEN), total = side + legendHeight;
  const map = axisSuffix(2 * panel), below = axisSuffix(2 * panel + 1);
  const domain = (length: number) => [start / INNER_WIDTH, Math.min(1, (start + length) / INNER_WIDTH)];
  const [rangeX, rangeY] = window(points);
  const frame = { mirror: true, showgrid: false, showticklabels: false, ticks: "" };
  const hidden = { fixedrange: true, visible: false };
  return {
    [`xaxis${map}`]: { ...frame, anchor: `y${map}`, domain: domain(side), range: rangeX },
    [`yaxis${map}`]: {
      ...frame,
      anchor: `x${map}`,
      domain: [legendHeight / total, 1],
      range: rangeY,
    },
    [`xaxis${below}`]: { ...hidden, anchor: `y${below}`, domain: domain(width), range: [0, width] },
    [`yaxis${below}`]: { ...hidden, anchor: `x${below}`, domain: [0, legendHeight / total], range: [legendHeight, 0] },
  };
}

/** The ranges of a square window around all points: a unit is as long in both directions. */
function window(points: readonly (readonly number[])[]): [number, number][] {
  const reach = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]), least = Math.min(...values), most = Math.max(...values);
    return { middle: (least + most) / 2, half: (most - least) / 2 };
  });
  const half = 1.08 * Math.max(...reach.map(({ half }) => half)) || 1;
  return reach.map(({ middle }) => [middle - half, middle + half]);
}

/** The samples of one category in one panel. */
function samples(
  points: readonly (readonly number[])[],
  { name, color, symbol }: Category,
  panel: number,
): PlotlyTrace {
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    xaxis: `x${axisSuffix(2 * panel)}`,
    yaxis: `y${axisSuffix(2 * panel)}`,
    marker: { color, symbol, line: { color: "#00000040", width: 0.5 }, opacity: 0.85, size: 5 },
    hoverinfo: "name",
    showlegend: false,
  };
}

/** A panel's legend: its entries in columns that fit below the panel. */
function legend(categories: readonly Category[], width: number) {
  const entry = SIGN + Math.max(...categories.map(({ name }) => textWidth(name, { size: SIZES.tiny })));
  const columns = Math.max(1, Math.min(categories.length, Math.floor(width / entry)));
  const rows = Math.ceil(categories.length / columns), pitch = Math.min(entry + 8, width / columns);
  const trace = (panel: number): PlotlyTrace => ({
    type: "scatter",
    mode: "markers+text",
    x: categories.map((_, i) => 6 + Math.floor(i / rows) * pitch),
    y: categories.map((_, i) => 12 + (i % rows) * LINE),
    xaxis: `x${axisSuffix(2 * panel + 1)}`,
    yaxis: `y${axisSuffix(2 * panel + 1)}`,
    marker: { color: categories.map(({ color }) => color), symbol: categories.map(({ symbol }) => symbol), size: 8 },
    text: categories.map(({ name }) => `\u00a0${name}`), // an ordinary space would be trimmed
    textfont: { color: INK.text, size: SIZES.tiny },
    textposition: "middle right",
    cliponaxis: false,
    hoverinfo: "skip",
    showlegend: false,
  });
  return { categories, height: rows * LINE + 12, trace };
}
