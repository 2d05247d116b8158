// A forest plot: an effect with its interval, subgroup by subgroup.

import { categoricalColors } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  type Estimate,
  type FigureText,
  requireFinite,
  requireInterval,
  requireSome,
  sentences,
  widest,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { EDGE, INK, SIZES } from "./theme.ts";

/** One subgroup. */
export interface ForestRow extends Required<Estimate> {
  /** Name of the subgroup. */
  label: string;
}

/** Options of {@linkcode forestPlot}. */
export interface ForestPlotOptions extends FigureText {
  /** The subgroups, top to bottom. */
  rows: readonly ForestRow[];
  /** The value that means "no difference", such as the score over all samples. */
  reference: number;
  /** What the reference is, written at its line. */
  referenceLabel: string;
  /** The effect and its unit, such as "accuracy (%)". */
  xTitle: string;
}

/** Pixels: a row, the room above for the headings, the room below for the axis. */
const ROW = 24, TOP = 24, BOTTOM = 50;

/** Blue below the reference, orange above, grey where the interval holds it. */
const COLORS = { below: categoricalColors[0], above: categoricalColors[4], neither: INK.muted };

/**
 * Estimates with 95 % intervals in rows, n and numbers beside, and a line at the reference.
 *
 * @param options Rows, reference and texts. Rows whose interval excludes the reference are coloured by their side of it.
 * @returns The figure.
 * @throws {RangeError} If there is no row, a value is not finite, or an estimate lies outside its interval.
 *
 * @example
 * ```ts
 * import { forestPlot } from "braid/plots/forest_plot.ts";
 *
 * forestPlot({
 *   title: "Stripes are harder than dots",
 *   xTitle: "accuracy (%)",
 *   reference: 80,
 *   referenceLabel: "all: 80",
 *   rows: [
 *     { label: "dots", mean: 90, low: 86, high: 94, n: 120 },
 *     { label: "stripes", mean: 71, low: 65, high: 77, n: 118 },
 *   ],
 * });
 * ```
 */
export function forestPlot(options: ForestPlotOptions): Figure {
  const { rows, reference, xTitle, title } = options;
  requireSome("rows", rows);
  requireFinite("reference", [reference]);
  rows.forEach((row) => requireInterval(row.label, row));
  const numbers = rows.map(withInterval), sizes = rows.map(({ n }) => String(n));
  const left = EDGE + widest(rows.map(({ label }) => label), SIZES.text) + 10;
  const sizesWidth = Math.max(widest(sizes, SIZES.small), 12) + 14;
  const numbersWidth = widest([...numbers, NUMBERS_HEADING], SIZES.small);
  const right = EDGE + sizesWidth + numbersWidth + 8;
  const column = (texts: readonly string[], heading: string, end: number) => [
    ...texts.map((text, y) => beside(text, y, end)),
    { ...beside(heading, -0.5, end), font: { color: INK.muted, size: SIZES.small }, yanchor: "bottom", yshift: 3 },
  ];
  return new Figure({
    title,
    description: `Forest plot of ${xTitle} with intervals for ${rows.length} subgroups.`,
    caption: sentences(
      "Points: estimate; lines: 95 % interval; coloured where it excludes the reference.",
      options.caption,
    ),
    data: [points(options, "below"), points(options, "above"), points(options, "neither")],
    layout: {
      annotations: [
        ...rows.map(({ label }, y) => ({ text: label, x: 0, xanchor: "left", xref: "paper", xshift: EDGE - left, y })),
        ...column(numbers, NUMBERS_HEADING, right - EDGE),
        ...column(sizes, "n", right - EDGE - numbersWidth - 14),
        {
          font: { color: INK.muted, size: SIZES.small },
          text: options.referenceLabel,
          x: reference,
          y: 1,
          yanchor: "bottom",
          yref: "paper",
        },
      ],
      shapes: [{
        type: "line",
        x0: reference,
        x1: reference,
        y0: 0,
        y1: 1,
        yref: "paper",
        layer: "between",
        line: { color: INK.muted, dash: "5px,3px", width: 1.5 },
      }],
      xaxis: { title: { text: xTitle } },
      yaxis: {
        range: [rows.length - 0.5, -0.5],
        showgrid: false,
        showline: false,
        showticklabels: false,
        ticklen: 0,
      },
    },
    height: TOP + rows.length * ROW + BOTTOM,
    margin: { l: left, r: right, t: TOP, b: BOTTOM },
  });
}

const NUMBERS_HEADING = "estimate [95 % interval]";

/** The rows on one side of the reference, as one trace: its error bars have one colour. */
function points({ rows, reference }: ForestPlotOptions, side: keyof typeof COLORS): PlotlyTrace {
  const own = rows.map((row, y) => ({ ...row, y })).filter((row) => sideOf(row, reference) === side);
  return {
    type: "scatter",
    mode: "markers",
    x: own.map(({ mean }) => mean),
    y: own.map(({ y }) => y),
    error_x: {
      type: "data",
      array: own.map(({ mean, high }) => high - mean),
      arrayminus: own.map(({ mean, low }) => mean - low),
      color: COLORS[side],
      symmetric: false,
      thickness: 1.8,
      width: 0,
    },
    marker: { color: COLORS[side], size: 8, symbol: "square" },
    text: own.map(({ label, n }) => `${label}, n = ${n}`),
    hovertemplate: "%{text}: %{x}<extra></extra>",
    showlegend: false,
  };
}

const sideOf = ({ low, high }: ForestRow, reference: number): keyof typeof COLORS =>
  high < reference ? "below" : low > reference ? "above" : "neither";

/** A text in a column right of the plot area that ends `end` pixels from it. */
const beside = (text: string, y: number, end: number): Record<string, Json> => ({
  font: { size: SIZES.small },
  text,
  x: 1,
  xanchor: "right",
  xref: "paper",
  xshift: end,
  y,
});

/** "71.2 [65.0, 77.4]": as many decimals as give the half-width two significant digits. */
function withInterval({ mean, low, high }: ForestRow): string {
  const halfWidth = (high - low) / 2;
  const decimals = halfWidth > 0 ? Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(halfWidth)))) : 2;
  const text = (value: number) => value.toFixed(decimals).replace("-", "−");
  return `${text(mean)} [${text(low)}, ${text(high)}]`;
}
