// Stacked bars: into which kinds of information a target's bits fall.

import { roleColors } from "./colors.ts";
import { defaultMargin, Figure } from "./figure.ts";
import { type FigureText, legendAbove, requireFinite, requireLength, requireSome, sentences, widest } from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** A decomposition: what two variables tell about a target. */
export interface InformationRow {
  /** What is decomposed. */
  label: string;
  /** Information that either variable gives. */
  redundancy: number;
  /** Information that only the first gives. */
  unique1: number;
  /** Information that only the second gives. */
  unique2: number;
  /** Information that only both together give. */
  synergy: number;
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

/** Pixels: a row without table, a line and a column of a table, the axis below. */
const ROW = 44, TABLE_LINE = 15, TABLE_COLUMN = 26, AXIS = 48;

/**
 * Stacked bars of shared, unique and synergistic information.
 *
 * @param options Rows, unit and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no row, a value is not finite, or a truth table's row has not one entry per column.
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
  const { rows, units, title, caption } = options;
  validate(rows);
  const columns = Math.max(0, ...rows.map(({ table }) => table?.columns.length ?? 0));
  const lines = Math.max(0, ...rows.map(({ table }) => table ? table.rows.length + 1 : 0));
  const tableWidth = columns * TABLE_COLUMN + (columns > 0 ? 20 : 0);
  const plotHeight = rows.length * Math.max(ROW, lines * TABLE_LINE + 18);
  const left = EDGE + widest(rows.map(({ label }) => label), SIZES.text) + 10 + tableWidth;
  const plot = { width: WIDTH - left - defaultMargin.r, height: plotHeight };
  const { legend, room } = legendAbove(KINDS.map(({ name }) => name), plot);
  const names = rows.map((row, y) => ({
    text: row.label,
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
    caption: sentences(`Length: information about the target in ${units}.`, caption),
    data: KINDS.map((kind) => bars(kind, rows)),
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

function validate(rows: readonly InformationRow[]): void {
  requireSome("rows", rows);
  for (const row of rows) {
    requireFinite(`information of ${row.label}`, KINDS.map(({ key }) => row[key]));
    row.table?.rows.forEach((entries) =>
      requireLength(`truth table row of ${row.label}`, entries, row.table!.columns.length)
    );
  }
}

const bars = ({ key, name, color }: typeof KINDS[number], rows: readonly InformationRow[]): PlotlyTrace => ({
  type: "bar",
  name,
  orientation: "h",
  x: rows.map((row) => row[key]),
  y: rows.map((_, y) => y),
  width: 0.56,
  marker: { color, line: { color: "#FFFFFF", width: 1 } },
  text: rows.map((row) => Math.abs(row[key]) < 0.005 ? "" : row[key].toFixed(2)),
  textposition: "inside",
  insidetextanchor: "middle",
  textangle: 0,
  textfont: { size: SIZES.small },
  constraintext: "none",
  hovertemplate: `${name}: %{x}`,
});

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
