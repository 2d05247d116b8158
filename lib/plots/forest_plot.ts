// A forest plot: an effect with its interval, subgroup by subgroup.

import { categoricalColors } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  type Estimate,
  estimateText,
  type FigureText,
  pText,
  requireFinite,
  requireInterval,
  requireProbability,
  requireSome,
  sentences,
  sideLabels,
  SIGNIFICANT,
  stackRows,
  widest,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { EDGE, INK, SIZES } from "./theme.ts";

/** One subgroup; without an interval where it has a single sample. */
export interface ForestRow extends Estimate {
  /** Name of the subgroup. */
  label: string;
  n: number;
  /** P-value of its distance from the reference, adjusted for the number of rows; in all rows or in none. */
  adjustedPValue?: number;
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

/** Pixels: a row, between columns of numbers, above for the headings, below for the axis. */
const ROW = 24, COLUMN_GAP = 14, TOP = 24, BOTTOM = 50;

/** Blue below the reference, orange above, grey where it may be either. */
const COLORS = { below: categoricalColors[0], above: categoricalColors[4], neither: INK.muted };

/**
 * Estimates with 95 % intervals in rows, n, numbers and adjusted p-values beside, and a line at the reference.
 *
 * @param options Rows, reference and texts. Rows are coloured by their side of the reference where the adjusted p-value is
 * below 0.05, or, without p-values, where the interval excludes the reference.
 * @returns The figure.
 * @throws {RangeError} If there is no row, a value is not finite, an estimate lies outside its interval, or only
 *   some rows have a p-value.
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
  validate(options);
  const labels = sideLabels(rows.map(({ label }) => label)), left = EDGE + labels.width + 10;
  const { middles, height } = stackRows(labels.extra.map((extra) => ROW + extra));
  const hasPValues = rows[0].adjustedPValue !== undefined;
  const columns = [
    { heading: "n", texts: rows.map(({ n }) => String(n)) },
    { heading: "estimate [95 % interval]", texts: rows.map(numbers) },
    ...hasPValues ? [{ heading: "adjusted p", texts: rows.map(({ adjustedPValue }) => pText(adjustedPValue!)) }] : [],
  ];
  const widths = columns.map(({ heading, texts }) => widest([heading, ...texts], SIZES.small));
  const column = ({ heading, texts }: typeof columns[number], c: number) => {
    const end = widths.slice(0, c + 1).reduce((sum, width) => sum + width + COLUMN_GAP, -4);
    return [
      ...texts.map((text, row) => beside(text, middles[row], end)),
      { ...beside(heading, 0, end), font: { color: INK.muted, size: SIZES.small }, yanchor: "bottom", yshift: 3 },
    ];
  };
  const right = EDGE + widths.reduce((sum, width) => sum + width + COLUMN_GAP, -4);
  return new Figure({
    title,
    description: `Forest plot of ${xTitle} with intervals for ${rows.length} subgroups.`,
    caption: sentences(
      "Points: estimate; lines: 95 % interval;",
      hasPValues ? `coloured where the adjusted p < ${SIGNIFICANT}.` : "coloured where it excludes the reference.",
      options.caption,
    ),
    data: (["below", "above", "neither"] as const).map((side) => points(options, side, middles)),
    layout: {
      annotations: [
        ...labels.texts.map((text, row) => ({
          align: "left",
          text,
          x: 0,
          xanchor: "left",
          xref: "paper",
          xshift: EDGE - left,
          y: middles[row],
        })),
        ...columns.flatMap(column),
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
        range: [height, 0],
        showgrid: false,
        showline: false,
        showticklabels: false,
        ticklen: 0,
      },
    },
    height: TOP + height + BOTTOM,
    margin: { l: left, r: right, t: TOP, b: BOTTOM },
  });
}

function validate({ rows, reference }: ForestPlotOptions): void {
  requireSome("rows", rows);
  requireFinite("reference", [reference]);
  for (const row of rows) {
    requireInterval(row.label, row);
    if (row.adjustedPValue !== undefined) requireProbability(`adjusted p-value of ${row.label}`, row.adjustedPValue);
  }
  const tested = rows.filter(({ adjustedPValue }) => adjustedPValue !== undefined).length;
  if (tested > 0 && tested < rows.length) {
    throw new RangeError(`Expected an adjusted p-value in all rows or in none, got ${tested} of ${rows.length}`);
  }
}

/** The rows on one side of the reference, as one trace: its error bars have one colour. */
function points(
  { rows, reference }: ForestPlotOptions,
  side: keyof typeof COLORS,
  middles: readonly number[],
): PlotlyTrace {
  const own = rows.map((row, i) => ({ ...row, y: middles[i] })).filter((row) => sideOf(row, reference) === side);
  return {
    type: "scatter",
    mode: "markers",
    x: own.map(({ mean }) => mean),
    y: own.map(({ y }) => y),
    error_x: {
      type: "data",
      array: own.map(({ mean, high = mean }) => high - mean),
      arrayminus: own.map(({ mean, low = mean }) => mean - low),
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

function sideOf(row: ForestRow, reference: number): keyof typeof COLORS {
  const { mean, low, high, adjustedPValue } = row;
  const isApart = adjustedPValue !== undefined
    ? adjustedPValue < SIGNIFICANT
    : low !== undefined && high !== undefined && (high < reference || low > reference);
  return isApart ? mean < reference ? "below" : "above" : "neither";
}

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

function numbers(row: ForestRow): string {
  const { value, interval } = estimateText(row);
  return interval ? `${value} ${interval}` : value;
}
