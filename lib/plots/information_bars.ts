// Stacked bars: into which kinds of information a target's bits fall.

import { roleColors } from "./colors.ts";
import { defaultMargin, Figure } from "./figure.ts";
import {
  type Estimate,
  type FigureText,
  legendAbove,
  minus,
  requireInterval,
  requireLength,
  requireSome,
  sampleSize,
  sentences,
  sideLabels,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT, textWidth } from "./static/text_metrics.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** A decomposition: what two variables tell about a target; estimates may have 95 % intervals. */
export interface InformationRow {
  /** What is decomposed. */
  label: string;
  /** Information that either variable gives. */
  redundancy: number | Estimate;
  /** Information that only the first gives. */
  unique1: number | Estimate;
  /** Information that only the second gives. */
  unique2: number | Estimate;
  /** Information that only both together give. */
  synergy: number | Estimate;
  /** A truth table, drawn beside the bar. */
  table?: TruthTable;
}

/** A small table of a function's inputs and output. */
export interface TruthTable {
  /** Names of the columns; short, such as "x₁". */
  columns: readonly string[];
  /** The entries, row by row. */
  rows: readonly (readonly (string | number)[])[];
}

/** Options of {@linkcode informationBars}. */
export interface InformationBarsOptions extends FigureText {
  /** The decompositions, top to bottom. */
  rows: readonly InformationRow[];
  /** Unit of all values. */
  units: "bits" | "nats";
}

/** The four kinds in the order of the stack. */
const KINDS = [
  { key: "redundancy", name: "shared", color: roleColors.shared },
  { key: "unique1", name: "unique 1", color: roleColors.unique1 },
  { key: "unique2", name: "unique 2", color: roleColors.unique2 },
  { key: "synergy", name: "synergy", color: roleColors.synergy },
] as const;

/** Pixels: a row without table, a bar, a line and a column of a table, the axis below. */
const ROW = 44, BAR = 25, TABLE_LINE = 15, TABLE_COLUMN = 26, AXIS = 48;

/** Pixels: a row with intervals, and the distance between the lines for them: one line a kind, as neighbours may overlap. */
const INTERVAL_ROW = 64, LANE = 6;

/**
 * Stacked bars of shared, unique and synergistic information; below them the 95 % intervals, each at the end of its part.
 *
 * @param options Rows, unit and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no row, a value is not finite, an estimate lies outside its interval, or a truth
 *   table's row has not one entry per column.
 *
 * @example
 * ```ts
 * import { informationBars } from "braid/plots/information_bars.ts";
 *
 * informationBars({
 *   title: "XOR is pure synergy",
 *   units: "bits",
 *   rows: [{ label: "XOR", redundancy: 0, unique1: 0, unique2: 0, synergy: 1 }],
 * });
 * ```
 */
export function informationBars(options: InformationBarsOptions): Figure {
  const { rows, units, title } = options;
  validate(rows);
  const hasIntervals = rows.some((row) => KINDS.some(({ key }) => estimateOf(row[key]).low !== undefined));
  const columns = Math.max(0, ...rows.map(({ table }) => table?.columns.length ?? 0));
  const lines = Math.max(0, ...rows.map(({ table }) => table ? table.rows.length + 1 : 0));
  const tableWidth = columns * TABLE_COLUMN + (columns > 0 ? 20 : 0);
  const labels = sideLabels(rows.map(({ label }) => label));
  const rowHeight = Math.max(
    hasIntervals ? INTERVAL_ROW : ROW,
    lines * TABLE_LINE + 18,
    Math.max(...labels.extra) + SIZES.text * LINE_HEIGHT + 8,
  );
  const plotHeight = rows.length * rowHeight;
  const left = EDGE + labels.width + 10 + tableWidth;
  const plot = { width: WIDTH - left - defaultMargin.r, height: plotHeight };
  const { legend, room } = legendAbove(KINDS.map(({ name }) => name), plot);
  const names = labels.texts.map((text, y) => ({
    text,
    x: 0,
    xanchor: "left",
    xref: "paper",
    xshift: EDGE - left,
    align: "left",
    y,
  }));
  return new Figure({
    title,
    description: `Stacked bars of shared, unique and synergistic information (${units}) for ${
      rows.map(({ label }) => label).join(", ")
    }.`,
    caption: caption(options, hasIntervals),
    data: [
      ...KINDS.map((kind) =>
        bars(kind, rows, { rowHeight, raised: hasIntervals ? RAISED : 0, unit: unitOf(rows, plot.width) })
      ),
      ...hasIntervals ? KINDS.map((_, kind) => intervals(kind, rows, rowHeight)) : [],
    ],
    layout: {
      annotations: [...names, ...rows.flatMap((row, y) => tableTexts(row.table, y, tableWidth))],
      barmode: "relative",
      legend,
      xaxis: { rangemode: "tozero", title: { text: `information (${units})` } },
      yaxis: { range: [rows.length - 0.5, -0.5], showgrid: false, showticklabels: false, ticklen: 0 },
    },
    height: plotHeight + room + AXIS,
    margin: { l: left, t: room, b: AXIS },
  });
}

const estimateOf = (value: number | Estimate): Estimate => typeof value === "number" ? { mean: value } : value;

function caption({ rows, units, caption }: InformationBarsOptions, hasIntervals: boolean): string {
  const size = sampleSize(rows.flatMap((row) => KINDS.map(({ key }) => estimateOf(row[key]))), "samples");
  return sentences(
    `Length: information about the target in ${units}${size ? `, ${size}` : ""}.`,
    hasIntervals && "Lines below a bar: 95 % interval of each part's length, drawn at its end.",
    caption,
  );
}

function validate(rows: readonly InformationRow[]): void {
  requireSome("rows", rows);
  for (const row of rows) {
    for (const { key } of KINDS) requireInterval(`information of ${row.label}`, estimateOf(row[key]));
    row.table?.rows.forEach((entries) =>
      requireLength(`truth table row of ${row.label}`, entries, row.table!.columns.length)
    );
  }
}

/** How far a bar stands above the middle of its row to leave room for the intervals, in pixels. */
const RAISED = (4 * LANE + 2) / 2;

const bars = (
  { key, name, color }: typeof KINDS[number],
  rows: readonly InformationRow[],
  { rowHeight, raised, unit }: { rowHeight: number; raised: number; unit: number },
): PlotlyTrace => {
  const values = rows.map((row) => estimateOf(row[key]).mean);
  return {
    type: "bar",
    name,
    orientation: "h",
    x: values,
    y: rows.map((_, y) => y - raised / rowHeight),
    width: BAR / rowHeight,
    marker: { color, line: { color: "#FFFFFF", width: 1 } },
    text: values.map((value) => fits(value, unit) ? minus(value.toFixed(2)) : ""),
    textposition: "inside",
    insidetextanchor: "middle",
    textangle: 0,
    textfont: { size: SIZES.small },
    constraintext: "none",
    hovertemplate: `${name}: %{x}`,
  };
};

/** About how many pixels a unit of information is long: axes end a little beyond the longest bar or interval. */
function unitOf(rows: readonly InformationRow[], width: number): number {
  const ends = rows.flatMap((row) =>
    KINDS.flatMap(({ key }, kind) => {
      const { mean, low = mean, high = mean } = estimateOf(row[key]), end = endOf(row, kind);
      return [end + low - mean, end + high - mean];
    })
  );
  return width / (1.06 * (Math.max(0, ...ends) - Math.min(0, ...ends)) || 1);
}

/** Whether a part is long enough for its number. */
const fits = (value: number, unit: number): boolean =>
  Math.abs(value) * unit >= textWidth(value.toFixed(2), { size: SIZES.small }) + 4;

/** The intervals of one kind, on its own line below the bars. */
function intervals(kind: number, rows: readonly InformationRow[], rowHeight: number): PlotlyTrace {
  const { key, name, color } = KINDS[kind];
  const shown = rows.map((row, y) => ({ ...estimateOf(row[key]), end: endOf(row, kind), y }))
    .filter(({ low, high }) => low !== undefined || high !== undefined);
  const below = -RAISED + BAR / 2 + 5 + kind * LANE;
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: shown.map(({ end }) => end),
    y: shown.map(({ y }) => y + below / rowHeight),
    error_x: {
      type: "data",
      array: shown.map(({ mean, high = mean }) => high - mean),
      arrayminus: shown.map(({ mean, low = mean }) => mean - low),
      color,
      symmetric: false,
      thickness: 2,
      width: 2.5,
    },
    marker: { color, size: 5 },
    customdata: shown.map(({ low = null, high = null }) => [low, high]),
    hovertemplate: `${name}: [%{customdata[0]}, %{customdata[1]}]<extra></extra>`,
    showlegend: false,
  };
}

/** Where a part of a stack ends; negative parts are stacked to the left. */
function endOf(row: InformationRow, kind: number): number {
  const values = KINDS.map(({ key }) => estimateOf(row[key]).mean);
  return values.slice(0, kind + 1).filter((value) => value < 0 === values[kind] < 0)
    .reduce((sum, value) => sum + value, 0);
}

/** One text per column of a truth table, left of the bars. */
function tableTexts(table: TruthTable | undefined, y: number, width: number): Json[] {
  if (!table) return [];
  return table.columns.map((name, column) => ({
    font: { color: INK.muted, size: SIZES.tiny },
    text: [`<span style="color: ${INK.text}">${name}</span>`, ...table.rows.map((entries) => entries[column])].join(
      "<br>",
    ),
    x: 0,
    xanchor: "center",
    xref: "paper",
    xshift: -width + (column + 0.5) * TABLE_COLUMN,
    y,
  }));
}
