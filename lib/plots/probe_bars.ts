// Grouped bars: how well each method's representation answers each question.

import { roleColors, tint } from "./colors.ts";
import { defaultMargin, Figure } from "./figure.ts";
import {
  type Estimate,
  type FigureText,
  legendAbove,
  requireFinite,
  requireInterval,
  requireLength,
  requireSome,
  sampleSize,
  sentences,
} from "./parts.ts";
import type { PlotlyTrace } from "./spec.ts";
import { wrapText } from "./static/text_metrics.ts";
import { INK, SIZES, WIDTH } from "./theme.ts";

/** One question: a group of bars. */
export interface ProbeGroup {
  /** Name below the group. */
  label: string;
  /** Colour of its bars, `#rrggbb`; the kinds of information have theirs in {@linkcode roleColors}. */
  color: string;
  /** What guessing scores. */
  chance?: number;
}

/** One method: a bar in every group. */
export interface ProbeMethod {
  /** Name in the legend. */
  name: string;
  /** Score in each group; `null` where it was not measured. */
  values: readonly (Estimate | null)[];
  /** Published score in each group; `null` where there is none. */
  published?: readonly (number | null)[];
}

/** Options of {@linkcode probeBars}. */
export interface ProbeBarsOptions extends FigureText {
  /** The questions, left to right. */
  groups: readonly ProbeGroup[];
  /** The methods, left to right within each group. */
  methods: readonly ProbeMethod[];
  /** Score and unit, such as "linear-probe accuracy (%)". */
  yTitle: string;
  /** What the n of an estimate counts. Default "seeds". */
  unit?: string;
}

/** Share of the distance between groups that their bars fill. */
const FILL = 0.8;

const HEIGHT = 380, BOTTOM = 32, PLOT_WIDTH = WIDTH - defaultMargin.l - defaultMargin.r;

/**
 * Bars of a score by question and method, with 95 % intervals, published scores as diamonds and chance as a line.
 *
 * Serves every comparison of that form: probes of shared, unique and synergistic information, ablations, or the accuracy
 * from one modality, the other, and both.
 *
 * @param options Groups, methods and texts. A bar that is missing is said to be missing, in its place and in the caption.
 * @returns The figure.
 * @throws {RangeError} If there is no group or method, a list has not one entry per group, a value is not finite, or an
 *   estimate lies outside its interval.
 *
 * @example
 * ```ts
 * import { probeBars } from "braid/plots/probe_bars.ts";
 * import { roleColors } from "braid/plots/colors.ts";
 *
 * probeBars({
 *   title: "Only the full loss finds the synergy",
 *   yTitle: "linear-probe accuracy (%)",
 *   groups: [
 *     { label: "shared", color: roleColors.shared, chance: 10 },
 *     { label: "synergy", color: roleColors.synergy, chance: 50 },
 *   ],
 *   methods: [
 *     { name: "Cross", values: [{ mean: 99, low: 98, high: 100, n: 5 }, null], published: [100, 50] },
 *     { name: "CoMM", values: [{ mean: 99, low: 98, high: 100, n: 5 }, { mean: 71, low: 69, high: 73, n: 5 }] },
 *   ],
 * });
 * ```
 */
export function probeBars(options: ProbeBarsOptions): Figure {
  const { groups, methods, yTitle, title } = options;
  validate(options);
  const missing = missingBars(options), published = publishedTrace(options), chance = chanceTrace(options);
  const extra = [...published, ...chance];
  const names = [...methods.map(({ name }) => name), ...extra.map(({ name }) => String(name))];
  const labels = groups.map(({ label }) => wrapText(label, PLOT_WIDTH / groups.length - 8, { size: SIZES.text }));
  const bottom = BOTTOM + 17 * (Math.max(...labels.map((lines) => lines.length)) - 1);
  const { legend, room } = legendAbove(names, { width: PLOT_WIDTH, height: HEIGHT - bottom });
  return new Figure({
    title,
    description: `Bars of ${yTitle} for ${groups.map(({ label }) => label).join(", ")}, by method: ${
      methods.map(({ name }) => name).join(", ")
    }.`,
    caption: caption(options, missing),
    data: [...methods.map((_, m) => swatch(options, m)), ...methods.map((_, m) => bars(options, m)), ...extra],
    layout: {
      annotations: missing.map(({ x }) => ({
        bgcolor: "#FFFFFF",
        font: { color: INK.muted, size: SIZES.tiny },
        text: "not measured",
        textangle: -90,
        x,
        y: 0,
        yanchor: "bottom",
        yshift: 4,
      })),
      barmode: "overlay",
      legend,
      xaxis: {
        range: [-0.5, groups.length - 0.5],
        showgrid: false,
        tickfont: { size: SIZES.text },
        ticklen: 0,
        ticktext: labels.map((lines) => lines.join("<br>")),
        tickvals: groups.map((_, g) => g),
      },
      yaxis: { rangemode: "tozero", title: { text: yTitle } },
    },
    height: HEIGHT + room,
    margin: { t: room, b: bottom },
  });
}

function validate({ groups, methods }: ProbeBarsOptions): void {
  requireSome("groups", groups);
  requireSome("methods", methods);
  for (const { label, chance } of groups) if (chance !== undefined) requireFinite(`chance of ${label}`, [chance]);
  for (const { name, values, published } of methods) {
    requireLength(`values of ${name}`, values, groups.length);
    if (published) requireLength(`published values of ${name}`, published, groups.length);
    requireFinite(`published values of ${name}`, present(published ?? []));
    present(values).forEach((estimate) => requireInterval(`score of ${name}`, estimate));
  }
}

const present = <T>(list: readonly (T | null)[]): T[] => list.filter((entry) => entry !== null);

/** Distance between two bars of a group, in groups. */
const step = ({ methods }: ProbeBarsOptions) => FILL / methods.length;

/** Where the bar of method m in group g stands. */
const position = (options: ProbeBarsOptions, g: number, m: number) =>
  g + (m - (options.methods.length - 1) / 2) * step(options);

/** The later a method stands, the stronger its colours. */
const strength = ({ methods }: ProbeBarsOptions, m: number) => 1 - 0.75 * (methods.length - 1 - m) / methods.length;

function bars(options: ProbeBarsOptions, m: number): PlotlyTrace {
  const { name, values } = options.methods[m];
  const shown = values.flatMap((estimate, g) => estimate ? [{ ...estimate, g }] : []);
  return {
    type: "bar",
    name,
    x: shown.map(({ g }) => position(options, g, m)),
    y: shown.map(({ mean }) => mean),
    width: 0.88 * step(options),
    error_y: {
      type: "data",
      array: shown.map(({ mean, high = mean }) => high - mean),
      arrayminus: shown.map(({ mean, low = mean }) => mean - low),
      color: INK.text,
      symmetric: false,
      thickness: 1.4,
      width: 3,
    },
    marker: {
      color: shown.map(({ g }) => tint(options.groups[g].color, strength(options, m))),
      line: { color: shown.map(({ g }) => options.groups[g].color), width: 1 },
    },
    text: shown.map(({ g }) => options.groups[g].label),
    textposition: "none",
    hovertemplate: "%{text}: %{y}",
    showlegend: false,
  };
}

/** The legend's entry of a method, in grey since its bars have the colours of their groups. */
const swatch = (options: ProbeBarsOptions, m: number): PlotlyTrace => ({
  type: "bar",
  name: options.methods[m].name,
  x: [null],
  y: [null],
  marker: { color: tint("#444444", strength(options, m)), line: { color: "#444444", width: 1 } },
});

function publishedTrace(options: ProbeBarsOptions): PlotlyTrace[] {
  const points = options.methods.flatMap(({ published = [] }, m) =>
    published.flatMap((y, g) => y === null ? [] : [{ x: position(options, g, m), y }])
  );
  if (points.length === 0) return [];
  return [{
    type: "scatter",
    mode: "markers",
    name: "published",
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    marker: { color: "#FFFFFF", line: { color: INK.text, width: 1.5 }, size: 9, symbol: "diamond" },
    hovertemplate: "published: %{y}",
  }];
}

function chanceTrace({ groups }: ProbeBarsOptions): PlotlyTrace[] {
  const lines = groups.flatMap(({ chance }, g) => chance === undefined ? [] : [{ chance, g }]);
  if (lines.length === 0) return [];
  return [{
    type: "scatter",
    mode: "lines",
    name: "chance",
    x: lines.flatMap(({ g }) => [g - FILL / 2 - 0.04, g + FILL / 2 + 0.04, null]),
    y: lines.flatMap(({ chance }) => [chance, chance, null]),
    line: { color: roleColors.reference, dash: "5px,3px", width: 2 },
    hovertemplate: "chance: %{y}",
  }];
}

const missingBars = (options: ProbeBarsOptions) =>
  options.methods.flatMap(({ name, values }, m) =>
    values.flatMap((estimate, g) =>
      estimate ? [] : [{ x: position(options, g, m), label: `${name}, ${options.groups[g].label}` }]
    )
  );

function caption(options: ProbeBarsOptions, missing: { label: string }[]): string {
  const estimates = options.methods.flatMap(({ values }) => values);
  const size = sampleSize(estimates, options.unit ?? "seeds");
  const intervals = estimates.some((estimate) => estimate?.low !== undefined || estimate?.high !== undefined);
  return sentences(
    `Bars: mean${size ? `, ${size}` : ""}${intervals ? "; whiskers: 95 % interval" : ""}.`,
    missing.length > 0 && `Not measured: ${missing.map(({ label }) => label).join("; ")}.`,
    options.caption,
  );
}
