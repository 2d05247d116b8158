// Points in a triangle: three shares that sum to 1, such as what three modalities contribute to a sample.

import { categoricalColors, sequentialScale } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  edgeMargin,
  type FigureText,
  INNER_WIDTH,
  legendAbove,
  pixelAxes,
  requireFinite,
  requireLength,
  requireSome,
  sentences,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT, wrapText } from "./static/text_metrics.ts";
import { INK, SIZES } from "./theme.ts";

/** Three shares, at least 0, that sum to 1. */
export type Shares = readonly [top: number, left: number, right: number];

/** A corner of the triangle, where its share is 1. */
export interface TernaryCorner {
  /** What the share is of. */
  label: string;
  /** Colour of its mark, `#rrggbb`. Default grey. */
  color?: string;
}

/** Options of {@linkcode ternaryPlot}. */
export interface TernaryPlotOptions extends FigureText {
  /** The top, the left and the right corner. */
  corners: readonly [TernaryCorner, TernaryCorner, TernaryCorner];
  /** One point per sample. */
  points: readonly Shares[];
  /** Category of each point: its colour and sign. */
  labels?: readonly string[];
  /** In place of categories, a number for each point: its colour, on a scale. */
  values?: { title: string; of: readonly number[] };
}

/** Pixels: side of the triangle, height of a line of its corner labels, their greatest width, room for points at a corner. */
const SIDE = 380, LABEL = SIZES.text * LINE_HEIGHT, LABEL_WIDTH = 140, CLEAR = 24;

const HEIGHT = SIDE * Math.sqrt(3) / 2, LEFT = (INNER_WIDTH - SIDE) / 2;

/** So many different points at most are drawn, evenly taken: more would hide each other. */
const MAX_POINTS = 400;

/** Pixels: from a place to the points of several categories around it, the largest point. */
const AROUND = 10, MAX_POINT = 20;

const SYMBOLS = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "cross",
  "x",
  "star",
  "pentagon",
  "hexagon",
  "hourglass",
];

/** How far rounding may take the sum of shares from 1. */
const TOLERANCE = 1e-3;

/**
 * A triangle of samples: the nearer a point is to a corner, the larger that share.
 *
 * Serves shares of contributions by sample, and the weights of a mixture of three (the mixup simplex) with a number such as
 * the loss at each. Equal points become one whose area grows with their number.
 *
 * @param options Corners, points, categories or values, and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no point, shares are negative or do not sum to 1, lists do not fit, there are more than
 *   ten categories, or both categories and values.
 *
 * @example
 * ```ts
 * import { ternaryPlot } from "braid/plots/ternary_plot.ts";
 *
 * ternaryPlot({
 *   title: "Most digits are heard rather than seen",
 *   corners: [{ label: "sound" }, { label: "image" }, { label: "pen strokes" }],
 *   points: [[0.8, 0.1, 0.1], [0.7, 0.3, 0], [0.2, 0.3, 0.5]],
 *   labels: ["seven", "seven", "one"],
 * });
 * ```
 */
export function ternaryPlot(options: TernaryPlotOptions): Figure {
  const { corners, points, labels, values, title } = options;
  validate(options);
  const categories = labels ? [...new Set(labels)].sort((a, b) => a.localeCompare(b, "en", { numeric: true })) : [];
  const merged = mergeEqual(options), shown = evenly(merged);
  const { legend, room } = legendAbove(categories, { width: INNER_WIDTH, height: HEIGHT });
  const names = corners.map(({ label }) => wrapText(label, LABEL_WIDTH, { size: SIZES.text }));
  const top = (categories.length > 0 ? room : 0) + names[0].length * LABEL + CLEAR;
  const bottom = Math.max(names[1].length, names[2].length) * LABEL + CLEAR;
  const traces = labels
    ? categories.map((name, c) => pointTrace(shown.filter(({ label }) => label === name), { name, category: c }))
    : [pointTrace(shown, { values })];
  return new Figure({
    title,
    description: `Triangle of ${corners.map(({ label }) => label).join(", ")} with ${points.length} points${
      categories.length > 0 ? ` of ${categories.join(", ")}` : values ? ` coloured by ${values.title}` : ""
    }.`,
    caption: sentences(
      shown.length < merged.length
        ? `${shown.length} of ${merged.length} different points, n = ${points.length}.`
        : `n = ${points.length}.`,
      merged.length < points.length && "Area: how many are equal.",
      "Grid: steps of a quarter.",
      options.caption,
    ),
    data: [grid, cornerMarks(corners), ...traces],
    layout: {
      ...pixelAxes(INNER_WIDTH, HEIGHT),
      annotations: cornerTexts(names),
      legend: { ...legend, y: 1 + (names[0].length * LABEL + CLEAR + 4) / HEIGHT, itemsizing: "constant" },
      showlegend: categories.length > 0,
    },
    height: top + HEIGHT + bottom,
    margin: { ...edgeMargin, t: top, b: bottom },
  });
}

function validate({ points, labels, values, corners }: TernaryPlotOptions): void {
  requireLength("corners", corners, 3);
  requireSome("points", points);
  for (const shares of points) {
    requireLength("a point", shares, 3);
    requireFinite("points", shares);
    const sum = shares[0] + shares[1] + shares[2];
    if (shares.some((share) => share < -TOLERANCE) || Math.abs(sum - 1) > TOLERANCE) {
      throw new RangeError(`Expected three shares of at least 0 that sum to 1, got [${shares}]: divide by their sum`);
    }
  }
  if (labels && values) throw new RangeError("Expected labels or values, got both: make two figures");
  if (labels) {
    requireLength("labels", labels, points.length);
    const categories = new Set(labels).size;
    if (categories > SYMBOLS.length) {
      throw new RangeError(`Expected at most ${SYMBOLS.length} categories, got ${categories}`);
    }
  }
  if (values) {
    requireLength("values", values.of, points.length);
    requireFinite("values", values.of);
  }
}

const place = ([top, left, right]: Shares) => ({
  x: LEFT + SIDE * (right + top / 2) / (top + left + right),
  y: HEIGHT * (1 - top / (top + left + right)),
});

interface Point {
  x: number;
  y: number;
  count: number;
  shares: Shares;
  label?: string;
  value?: number;
}

/** Points at one place and of one category, as one; its value is their mean. */
function mergeEqual({ points, labels, values }: TernaryPlotOptions): Point[] {
  const merged = new Map<string, Point>();
  points.forEach((shares, i) => {
    const at = place(shares), label = labels?.[i], key = `${at.x.toFixed(1)} ${at.y.toFixed(1)} ${label}`;
    const known = merged.get(key);
    if (known) {
      known.count++;
      if (values) known.value! += (values.of[i] - known.value!) / known.count;
    } else merged.set(key, { ...at, count: 1, shares, label, value: values?.of[i] });
  });
  return sideBySide([...merged.values()]);
}

/** Moves points of several categories at one place around it, so that none hides another. */
function sideBySide(points: readonly Point[]): Point[] {
  const at = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    at.set(key, [...at.get(key) ?? [], point]);
  }
  return [...at.values()].flatMap((group) =>
    group.map((point, k) => {
      const angle = 2 * Math.PI * k / group.length, radius = group.length > 1 ? AROUND : 0;
      return { ...point, x: point.x + radius * Math.sin(angle), y: point.y - radius * Math.cos(angle) };
    })
  );
}

function evenly(points: readonly Point[]): Point[] {
  const count = Math.min(points.length, MAX_POINTS);
  return Array.from({ length: count }, (_, i) => points[Math.floor(i * points.length / count)]);
}

function pointTrace(
  points: readonly Point[],
  { name, category, values }: { name?: string; category?: number; values?: TernaryPlotOptions["values"] },
): PlotlyTrace {
  const scale = values && {
    color: points.map(({ value }) => value!),
    colorscale: sequentialScale,
    showscale: true,
    colorbar: {
      len: 0.8,
      outlinewidth: 0,
      thickness: 12,
      tickfont: { size: SIZES.small },
      title: { side: "right", text: values.title, font: { size: SIZES.text } },
      x: 1,
      xanchor: "right",
    },
  };
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    marker: {
      color: category === undefined ? INK.muted : categoricalColors[category],
      symbol: category === undefined ? "circle" : SYMBOLS[category],
      size: points.map(({ count }) => Math.min(MAX_POINT, (values ? 9 : 7) * Math.sqrt(count))),
      line: { color: "#FFFFFF", width: 0.7 },
      opacity: values ? 1 : 0.75,
      ...scale,
    },
    cliponaxis: false,
    text: points.map(({ shares, count }) => `${shares.map((share) => share.toFixed(2)).join(", ")}; n = ${count}`),
    hovertemplate: values ? "%{text}; %{marker.color}<extra></extra>" : "%{text}",
  };
}

/** The triangle and lines at each quarter, three directions. */
const grid: PlotlyTrace = (() => {
  const lines = [0, 0.25, 0.5, 0.75].flatMap((share): [Shares, Shares][] => [
    [[share, 1 - share, 0], [share, 0, 1 - share]],
    [[1 - share, share, 0], [0, share, 1 - share]],
    [[1 - share, 0, share], [0, 1 - share, share]],
  ]);
  const ends = lines.map(([from, to]) => [place(from), place(to)]);
  return {
    type: "scatter",
    mode: "lines",
    x: ends.flatMap(([from, to]) => [from.x, to.x, null]),
    y: ends.flatMap(([from, to]) => [from.y, to.y, null]),
    line: { color: INK.line, width: 0.8 },
    cliponaxis: false,
    hoverinfo: "skip",
    showlegend: false,
  };
})();

const CORNERS: readonly Shares[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

const cornerMarks = (corners: readonly TernaryCorner[]): PlotlyTrace => ({
  type: "scatter",
  mode: "markers",
  x: CORNERS.map((corner) => place(corner).x),
  y: CORNERS.map((corner) => place(corner).y),
  marker: {
    color: "#FFFFFF",
    line: { color: corners.map(({ color = INK.line }) => color), width: 3 },
    size: 13,
  },
  cliponaxis: false,
  hoverinfo: "skip",
  showlegend: false,
});

const cornerTexts = (names: readonly string[][]): Json[] =>
  names.map((lines, corner) => ({
    ...place(CORNERS[corner]),
    text: lines.join("<br>"),
    yanchor: corner === 0 ? "bottom" : "top",
    yshift: corner === 0 ? CLEAR - 4 : 4 - CLEAR,
  }));
