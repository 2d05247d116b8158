// Brackets: between which bounds the synergy lies, and where it is.

import { roleColors, tint } from "./colors.ts";
import { defaultMargin, Figure } from "./figure.ts";
import { type FigureText, legendAbove, requireFinite, requireSome, sentences, sideLabels } from "./parts.ts";
import type { PlotlyTrace } from "./spec.ts";
import { EDGE, SIZES, WIDTH } from "./theme.ts";

/** One table or pair of modalities. */
export interface SynergyBracket {
  label: string;
  /** The best lower bound in bits; below 0 it says nothing. */
  lower: number;
  /** The upper bound in bits. */
  upper: number;
  /** What there is, in bits. */
  synergy: number;
}

/** Options of {@linkcode synergyBrackets}. */
export interface SynergyBracketsOptions extends FigureText {
  /** Top to bottom. */
  rows: readonly SynergyBracket[];
}

/** Pixels: a row, the axis below, a bar's share of its row. */
const ROW = 30, AXIS = 52, BAR = 0.5;

/**
 * Bars from the lower to the upper bound on synergy, with a sign where the synergy is.
 *
 * @param options Rows and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no row, a value is not finite, or a lower bound lies above the upper one.
 *
 * @example
 * ```ts
 * import { synergyBrackets } from "braid/plots/synergy_brackets.ts";
 *
 * synergyBrackets({
 *   title: "AND leaves no choice, XOR every one",
 *   rows: [
 *     { label: "AND", lower: 0.5, upper: 0.5, synergy: 0.5 },
 *     { label: "XOR", lower: 0, upper: 1, synergy: 1 },
 *   ],
 * });
 * ```
 */
export function synergyBrackets({ title, caption, rows }: SynergyBracketsOptions): Figure {
  validate(rows);
  const labels = sideLabels(rows.map(({ label }) => label));
  const height = rows.length * (ROW + Math.max(...labels.extra));
  const left = EDGE + labels.width + 10, plot = { width: WIDTH - left - defaultMargin.r, height };
  const { legend, room } = legendAbove(["between the bounds", "synergy"], plot);
  return new Figure({
    title,
    description: `Bounds on the synergy (bits) of ${rows.map(({ label }) => label).join(", ")}, and the synergy.`,
    caption: sentences("Bar: from the best lower bound (0 where that is below) to the upper one.", caption),
    data: [bars(rows), ...ends(rows), points(rows)],
    layout: {
      legend,
      xaxis: { rangemode: "tozero", title: { text: "synergy (bits)" } },
      yaxis: {
        range: [rows.length - 0.5, -0.5],
        showgrid: false,
        tickmode: "array",
        ticklen: 9, // room for a sign at 0
        tickcolor: "#FFFFFF",
        tickvals: rows.map((_, y) => y),
        ticktext: labels.texts,
        tickfont: { size: SIZES.text },
      },
    },
    height: height + room + AXIS,
    margin: { l: left, t: room, b: AXIS },
  });
}

const start = ({ lower }: SynergyBracket): number => Math.max(0, lower);

const bars = (rows: readonly SynergyBracket[]): PlotlyTrace => ({
  type: "bar",
  name: "between the bounds",
  orientation: "h",
  base: rows.map(start),
  x: rows.map((row) => Math.max(0, row.upper - start(row))),
  y: rows.map((_, y) => y),
  width: BAR,
  marker: { color: tint(roleColors.synergy, 0.35) },
  customdata: rows.map(({ lower, upper }) => [lower, upper]),
  hovertemplate: "lower %{customdata[0]}, upper %{customdata[1]}<extra></extra>",
});

/** A line at either end, which shows a bar of no length too. */
const ends = (rows: readonly SynergyBracket[]): PlotlyTrace[] => [{
  type: "scatter",
  mode: "markers",
  x: rows.flatMap((row) => [start(row), Math.max(start(row), row.upper)]),
  y: rows.flatMap((_, y) => [y, y]),
  marker: { color: roleColors.synergy, line: { color: roleColors.synergy, width: 2 }, size: 15, symbol: "line-ns" },
  hoverinfo: "skip",
  showlegend: false,
}];

const points = (rows: readonly SynergyBracket[]): PlotlyTrace => ({
  type: "scatter",
  mode: "markers",
  name: "synergy",
  x: rows.map(({ synergy }) => synergy),
  y: rows.map((_, y) => y),
  marker: { color: "#222222", size: 9, symbol: "diamond" },
  cliponaxis: false,
  hovertemplate: "synergy %{x}<extra></extra>",
});

function validate(rows: readonly SynergyBracket[]): void {
  requireSome("rows", rows);
  for (const { label, lower, upper, synergy } of rows) {
    requireFinite(`bounds and synergy of ${label}`, [lower, upper, synergy]);
    // Bounds that meet may pass each other by what their searches leave undone.
    if (lower > upper + 1e-3) {
      throw new RangeError(`Expected bounds of ${label} to enclose something, got ${lower} and ${upper}`);
    }
  }
}
