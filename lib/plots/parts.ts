// Pieces that several figure families are built from.

import type { Margin } from "./figure.ts";
import type { PlotlyLayout, PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT, textWidth, wrapText } from "./static/text_metrics.ts";
import { EDGE, SIZES, WIDTH } from "./theme.ts";

/** Title and caption, which every figure family takes. */
export interface FigureText {
  /** The finding, as a sentence. */
  title: string;
  /** Ends the caption, after what the family itself says of its signs: protocol, seeds, source. */
  caption?: string;
}

/** An estimate with its 95 % interval. */
export interface Estimate {
  /** Point estimate, such as the mean over seeds. */
  mean: number;
  /** Lower end of the 95 % interval. */
  low?: number;
  /** Upper end of the 95 % interval. */
  high?: number;
  /** Number of independent runs or samples behind it. */
  n?: number;
  /** What n counts, where it is not the same for all estimates of a figure. */
  unit?: string;
}

/** Fails on an empty list. */
export function requireSome(name: string, list: { readonly length: number }): void {
  if (list.length === 0) throw new RangeError(`Expected ${name} to have at least one entry, got none`);
}

/** Fails on lists that should pair up and do not. */
export function requireLength(name: string, list: { readonly length: number }, length: number): void {
  if (list.length !== length) {
    throw new RangeError(
      `Expected ${name} to have ${length} ${length === 1 ? "entry" : "entries"}, got ${list.length}`,
    );
  }
}

/** Fails on NaN and infinities, which a drawing would drop without a word. */
export function requireFinite(name: string, values: Iterable<number>): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`Expected ${name} to be finite numbers, got ${value}`);
  }
}

/** Fails unless an estimate lies within its interval. */
export function requireInterval(name: string, { mean, low = mean, high = mean }: Estimate): void {
  requireFinite(name, [mean, low, high]);
  if (low > mean || mean > high) {
    throw new RangeError(`Expected ${name} to lie within its interval, got ${mean} and [${low}, ${high}]`);
  }
}

/** Joins the sentences that exist. */
export const sentences = (...parts: (string | false | undefined)[]): string => parts.filter(Boolean).join(" ");

/** "n = 5 seeds", "n = 3 to 5 seeds" or "n = 3 seeds or 4094 test pairs"; `undefined` if no entry has an n. */
export function sampleSize(estimates: readonly (Estimate | null)[], unit: string): string | undefined {
  const counted = estimates.flatMap((estimate) => estimate?.n === undefined ? [] : [{ ...estimate, n: estimate.n }]);
  if (counted.length === 0) return undefined;
  const sizes = [...Map.groupBy(counted, (estimate) => estimate.unit ?? unit)].map(([counts, group]) => {
    const all = group.map(({ n }) => n), least = Math.min(...all), most = Math.max(...all);
    return `${least === most ? least : `${least} to ${most}`} ${counts}`;
  });
  return `n = ${sizes.join(" or ")}`;
}

/** The widest of some texts in pixels. */
export const widest = (texts: readonly string[], size: number, bold = false): number =>
  Math.max(0, ...texts.flatMap((text) => text.split("<br>")).map((line) => textWidth(line, { size, bold })));

/** Most room for labels left of a drawing, in pixels: longer ones are broken into lines. */
const LABEL_WIDTH = 210;

/** Labels left of a drawing: their lines, joined for Plotly, how high each is beyond one line, and how wide the widest. */
export function sideLabels(labels: readonly string[]): { texts: string[]; extra: number[]; width: number } {
  const broken = labels.map((label) => wrapText(label, LABEL_WIDTH, { size: SIZES.text }));
  const texts = broken.map((lines) => lines.join("<br>"));
  return {
    texts,
    extra: broken.map(({ length }) => (length - 1) * SIZES.text * LINE_HEIGHT),
    width: widest(texts, SIZES.text),
  };
}

/** Where rows of some heights have their middles, from the top, and how high they are together. */
export function stackRows(heights: readonly number[]): { middles: number[]; height: number } {
  let height = 0;
  const middles = heights.map((row) => (height += row) - row / 2);
  return { middles, height };
}

/** "71.2" and "[65.0, 77.4]": as many decimals as give the half-width two significant digits. */
export function estimateText({ mean, low, high }: Estimate): { value: string; interval?: string } {
  if (low === undefined || high === undefined) return { value: minus(String(Number(mean.toPrecision(3)))) };
  const halfWidth = (high - low) / 2;
  const decimals = halfWidth > 0 ? Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(halfWidth)))) : 2;
  const text = (value: number) => minus(value.toFixed(decimals));
  return { value: text(mean), interval: `[${text(low)}, ${text(high)}]` };
}

/** A number with a proper minus sign. */
export const minus = (text: string): string => text.replace("-", "−");

/** An adjusted p-value as it is printed. */
export const pText = (p: number): string => p < 0.001 ? "< 0.001" : p.toFixed(p < 0.0995 ? 3 : 2);

/** Below this, an adjusted p-value counts as a finding. */
export const SIGNIFICANT = 0.05;

/** Fails on what is no probability. */
export function requireProbability(name: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`Expected ${name} to be within 0 and 1, got ${p}`);
}

/** What follows "x" or "xaxis" in the name of the i-th axis, counted from 0. */
export const axisSuffix = (i: number): string => i === 0 ? "" : String(i + 1);

/**
 * Moves places on a line apart, by the least sum of squared moves.
 *
 * @param places In rising order.
 * @param distance Least distance between neighbours.
 * @returns The new places, in the same order.
 */
export function apart(places: readonly number[], distance: number): number[] {
  const groups: { middle: number; size: number }[] = [];
  for (const place of places) {
    let group = { middle: place, size: 1 };
    for (let last = groups.at(-1); last && tooClose(last, group, distance); last = groups.at(-1)) {
      groups.pop();
      const size = last.size + group.size;
      group = { middle: (last.middle * last.size + group.middle * group.size) / size, size };
    }
    groups.push(group);
  }
  return groups.flatMap(({ middle, size }) =>
    Array.from({ length: size }, (_, i) => middle + (i - (size - 1) / 2) * distance)
  );
}

const tooClose = (a: { middle: number; size: number }, b: { middle: number; size: number }, distance: number) =>
  b.middle - a.middle < (a.size + b.size) / 2 * distance;

/** Two axes, unseen, whose unit is the pixel: y downwards, as in a picture. */
export function pixelAxes(width: number, height: number): PlotlyLayout {
  const axis = { fixedrange: true, visible: false };
  return { xaxis: { ...axis, range: [0, width] }, yaxis: { ...axis, range: [height, 0] } };
}

/** Margins of a drawing that fills the figure's width. */
export const edgeMargin: Margin = { l: EDGE, r: EDGE, t: 0, b: 8 };

/** Width of such a drawing. */
export const INNER_WIDTH = WIDTH - 2 * EDGE;

/** Texts at points, as one trace. */
export function textTrace(
  labels: readonly { x: number; y: number; text: string }[],
  style: { position: string; size?: number; color?: string },
): PlotlyTrace {
  return {
    type: "scatter",
    mode: "text",
    x: labels.map(({ x }) => x),
    y: labels.map(({ y }) => y),
    text: labels.map(({ text }) => text),
    textposition: style.position,
    textfont: { size: style.size ?? SIZES.small, ...(style.color ? { color: style.color } : {}) },
    cliponaxis: false,
    hoverinfo: "skip",
    showlegend: false,
  };
}

/** Plotly's room for an entry's sign and the gaps around it, and the height of a row, in pixels. */
const LEGEND_SIGN = 45, LEGEND_ROW = 20;

/**
 * A legend in rows above the plot area, as wide as that.
 *
 * @param names Its entries, for the room they take.
 * @param plot Size of the plot area in pixels.
 * @returns The layout's legend, and the room in pixels that it needs above the plot area.
 */
export function legendAbove(
  names: readonly string[],
  plot: { width: number; height: number },
): { legend: PlotlyLayout; room: number } {
  const widths = names.map((name) => textWidth(name, { size: SIZES.small }) + LEGEND_SIGN);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const columns = Math.max(1, Math.floor(plot.width / Math.max(...widths)));
  const rows = total <= plot.width ? 1 : Math.ceil(names.length / columns);
  const legend = {
    orientation: "h",
    x: 0,
    xanchor: "left",
    y: 1 + 6 / plot.height,
    yanchor: "bottom",
    traceorder: "normal",
  };
  return { legend, room: rows * LEGEND_ROW + 6 };
}
