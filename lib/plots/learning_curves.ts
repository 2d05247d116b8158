// Lines over training steps or over a setting: losses, probe accuracy, sweeps.

import { categoricalColors, roleColors } from "./colors.ts";
import { defaultMargin, Figure, type Margin } from "./figure.ts";
import {
  apart,
  axisSuffix,
  type FigureText,
  legendAbove,
  requireFinite,
  requireInterval,
  requireLength,
  requireSome,
  sentences,
  widest,
} from "./parts.ts";
import { isShown, requireSteps, type Slider, SLIDER_ROOM, sliderLayout } from "./slider.ts";
import type { Json, PlotlyLayout, PlotlyTrace } from "./spec.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** One line. */
export interface Curve {
  /** Name; lines of the same name in several panels look alike. */
  name: string;
  /** Steps, epochs, or values of a setting, increasing. */
  x: readonly number[];
  /** One value per x. */
  y: readonly number[];
  /** `#rrggbb`. Default: the next colour without a role. */
  color?: string;
  /** Default solid; published curves are dotted. */
  dash?: "solid" | "dash" | "dot";
  /** 95 % interval per x, drawn as a band. */
  interval?: { low: readonly number[]; high: readonly number[] };
  /** Title of the panel it belongs to, for small multiples. Default: all in one panel. */
  panel?: string;
  /** Label of the slider's position at which it shows. Default: at each. */
  step?: string;
}

/** A level that the lines are held against, such as chance. */
export interface ReferenceLine {
  /** The level. */
  y: number;
  /** Written at the line. */
  label: string;
  /** Title of the panel. Default: every panel. */
  panel?: string;
}

/** Options of {@linkcode learningCurves}. */
export interface LearningCurvesOptions extends FigureText {
  /** The lines. */
  series: readonly Curve[];
  /** What x is, with its unit, such as "training step". */
  xTitle: string;
  /** What y is, with its unit, such as "loss (nats)". */
  yTitle: string;
  /** Levels to compare with. */
  references?: readonly ReferenceLine[];
  /** Default linear; log suits settings such as the temperature. */
  xScale?: "linear" | "log";
  /** Default linear. */
  yScale?: "linear" | "log";
  /** A setting that the reader moves; `title` belongs to its start. */
  slider?: Slider;
}

/** Height in pixels of a panel alone, and of one among others. */
const HEIGHT = { single: 300, multiple: 160 };

/** Gaps in pixels between panels; the vertical one holds a panel's title. */
const GAP = { x: 20, y: 32 };

/** Height in pixels of a panel's title. */
const TITLE = 22;

/** Least distance in pixels between the middles of two labels at the lines' ends. */
const LABEL_PITCH = 15;

/** Lines with at most this many points show them as signs. */
const MARKED = 12;

/** Longer lines are thinned to about this many points. */
const MAX_POINTS = 200;

/** Signs of the lines, so that colour is not all that tells them apart. */
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x"];

/**
 * Lines with 95 % bands, in one panel or in small multiples that share their axes.
 *
 * @param options Lines, references and texts. A line of more than 200 points is thinned to every k-th point and its last.
 * @returns The figure.
 * @throws {RangeError} If there is no line, lengths differ, a value is not finite, x does not increase, a logarithmic axis
 *   has a value that is not positive, a line lies outside its band, or it belongs to no position of the slider.
 *
 * @example
 * ```ts
 * import { learningCurves } from "braid/plots/learning_curves.ts";
 *
 * learningCurves({
 *   title: "The loss falls until step 300",
 *   xTitle: "training step",
 *   yTitle: "loss (nats)",
 *   series: [{ name: "total", x: [100, 200, 300, 400], y: [5.1, 4.2, 3.9, 3.9] }],
 *   references: [{ y: 5.5, label: "guessing" }],
 * });
 * ```
 */
export function learningCurves(options: LearningCurvesOptions): Figure {
  validate(options);
  const { series, references = [], title, yTitle, slider } = options;
  const plan = planOf(options);
  const drawn = series.map((curve, i) => {
    const isFirst = !series.slice(0, i).some(({ name, step }) => name === curve.name && step === curve.step);
    return { step: curve.step, traces: traces(curve, plan, isFirst) };
  });
  return new Figure({
    title,
    description: `Lines of ${yTitle} over ${options.xTitle}: ${plan.names.join(", ")}${
      plan.panels.length > 1 ? `; panels: ${plan.panels.join(", ")}` : ""
    }.`,
    caption: sentences(series.some(({ interval }) => interval) && "Bands: 95 % interval.", options.caption),
    data: drawn.flatMap(({ step, traces }) =>
      slider && !isShown(step, slider.start) ? traces.map((trace) => ({ ...trace, visible: false })) : traces
    ),
    layout: {
      ...axes(options, plan),
      annotations: [
        ...plan.panels.flatMap((panel, p) => panelTitle(panel, plan, p)),
        ...(plan.direct ? endLabels(options, plan) : references.flatMap((line) => lineLabels(line, plan))),
      ],
      legend: plan.legend,
      shapes: references.flatMap((line) => referenceLines(line, plan)),
      showlegend: !plan.direct,
      ...slider && {
        sliders: [
          sliderLayout(slider, drawn.flatMap(({ step, traces }) => traces.map(() => step)), {
            height: plan.height,
            axis: defaultMargin.b,
          }),
        ],
      },
    },
    height: plan.height + plan.margin.t + plan.margin.b,
    margin: plan.margin,
  });
}

/** Where everything goes. */
interface Plan {
  names: readonly string[];
  panels: readonly string[];
  columns: number;
  /** Width and height of the plot area with all panels, in pixels. */
  width: number;
  height: number;
  /** Size of one panel in pixels. */
  panel: { width: number; height: number };
  margin: Margin;
  /** Whether the lines are named at their ends in place of a legend. */
  direct: boolean;
  legend: PlotlyLayout;
  x: Scale;
  y: Scale;
}

/** An axis's kind and reach; a logarithmic one counts in powers of ten, as Plotly does. */
interface Scale {
  type: "linear" | "log";
  range: readonly [number, number];
}

function planOf(
  { series, references = [], xScale = "linear", yScale = "linear", slider }: LearningCurvesOptions,
): Plan {
  const names = [...new Set(series.map(({ name }) => name))];
  const panels = [...new Set(series.map(({ panel = "" }) => panel))];
  const columns = panels.length === 4 ? 2 : Math.min(panels.length, 3), rows = Math.ceil(panels.length / columns);
  const x = scaleOf(xScale, series.flatMap((curve) => curve.x), 0.02);
  const levels = references.map(({ y }) => y);
  const y = scaleOf(yScale, [
    ...levels,
    ...series.flatMap(({ y, interval }) => interval ? [...interval.low, ...interval.high] : y),
  ], 0.06);
  const direct = panels.length === 1 && !slider && endTogether(series, x);
  const labels = [...names, ...references.map(({ label }) => label)];
  const r = direct ? 8 + widest(labels, SIZES.small) + EDGE : defaultMargin.r;
  const width = WIDTH - defaultMargin.l - r;
  const panelHeight = panels.length === 1 ? HEIGHT.single : HEIGHT.multiple;
  const height = rows * panelHeight + (rows - 1) * GAP.y;
  const title = panels.length > 1 ? TITLE : 0;
  const { legend, room } = legendAbove(names, { width, height });
  return {
    names,
    panels,
    columns,
    width,
    height,
    panel: { width: (width - (columns - 1) * GAP.x) / columns, height: panelHeight },
    margin: { ...defaultMargin, r, t: title + (direct ? 8 : room), b: defaultMargin.b + (slider ? SLIDER_ROOM : 0) },
    direct,
    legend: { ...legend, y: 1 + (title + 6) / height },
    x,
    y,
  };
}

const onScale = (type: Scale["type"], value: number) => type === "log" ? Math.log10(value) : value;

const offScale = (type: Scale["type"], value: number) => type === "log" ? 10 ** value : value;

/** The range of some values, and a share of it on either side. */
function scaleOf(type: Scale["type"], values: readonly number[], share: number): Scale {
  const scaled = values.map((value) => onScale(type, value));
  const low = scaled.reduce((a, b) => Math.min(a, b)), high = scaled.reduce((a, b) => Math.max(a, b));
  const pad = (high - low) * share || 0.5;
  return { type, range: [low - pad, high + pad] };
}

/** Share of an axis's reach at which a value lies. */
const shareOf = ({ type, range: [low, high] }: Scale, value: number) => (onScale(type, value) - low) / (high - low);

/** Whether all lines reach the right edge, where their names can stand. */
const endTogether = (series: readonly Curve[], x: Scale) => series.every((curve) => shareOf(x, curve.x.at(-1)!) > 0.93);

const panelOf = ({ panel = "" }: Curve, { panels }: Plan) => panels.indexOf(panel);

function traces(curve: Curve, plan: Plan, first: boolean): PlotlyTrace[] {
  const { name, dash = "solid", interval } = curve, kept = thinned(curve.x.length);
  const pick = (values: readonly number[]) => kept.map((i) => values[i]);
  const index = plan.names.indexOf(name), color = colorOf(curve, plan), axis = axisSuffix(panelOf(curve, plan));
  const common = { type: "scatter", xaxis: `x${axis}`, yaxis: `y${axis}`, legendgroup: name };
  const line = {
    ...common,
    mode: curve.x.length <= MARKED ? "lines+markers" : "lines",
    name,
    x: pick(curve.x),
    y: pick(curve.y),
    line: { color, dash, width: 2 },
    marker: { symbol: SYMBOLS[index % SYMBOLS.length], size: 7 },
    showlegend: first,
  };
  if (!interval) return [line];
  return [{
    ...common,
    mode: "lines",
    x: [...pick(curve.x), ...pick(curve.x).reverse()],
    y: [...pick(interval.high), ...pick(interval.low).reverse()],
    fill: "toself",
    fillcolor: `${color}30`,
    line: { width: 0 },
    hoverinfo: "skip",
    showlegend: false,
  }, line];
}

/** Indices of at most about {@linkcode MAX_POINTS} of n points, the last among them. */
function thinned(n: number): number[] {
  const step = Math.ceil(n / MAX_POINTS);
  return Array.from({ length: n }, (_, i) => i).filter((i) => i % step === 0 || i === n - 1);
}

const colorOf = ({ name, color }: Curve, { names }: Plan) =>
  color ?? categoricalColors[names.indexOf(name) % categoricalColors.length];

/** The axes of all panels: one pair of ranges, labels at the left and below only. */
function axes({ series, xTitle, yTitle }: LearningCurvesOptions, plan: Plan): Record<string, PlotlyLayout> {
  const { width, height, panel, columns, panels } = plan, all: Record<string, PlotlyLayout> = {};
  const settings = [...new Set(series.flatMap(({ x }) => x))];
  const ticks = plan.x.type === "log" && settings.length <= MARKED
    ? { tickmode: "array", tickvals: settings, ticktext: settings.map(String) }
    : {};
  panels.forEach((_, p) => {
    const column = p % columns, row = Math.floor(p / columns), left = column * (panel.width + GAP.x);
    const bottom = height - row * (panel.height + GAP.y) - panel.height, lowest = p + columns >= panels.length;
    all[`xaxis${axisSuffix(p)}`] = {
      ...plan.x,
      ...ticks,
      anchor: `y${axisSuffix(p)}`,
      domain: [left / width, Math.min(1, (left + panel.width) / width)],
      nticks: Math.max(3, Math.floor(panel.width / 70)),
      showticklabels: lowest,
      ...(lowest ? { title: { text: xTitle } } : {}),
    };
    all[`yaxis${axisSuffix(p)}`] = {
      ...plan.y,
      anchor: `x${axisSuffix(p)}`,
      domain: [bottom / height, Math.min(1, (bottom + panel.height) / height)],
      showticklabels: column === 0,
      ...(column === 0 ? { title: { text: yTitle } } : {}),
    };
  });
  return all;
}

const panelTitle = (panel: string, plan: Plan, p: number): Json[] =>
  plan.panels.length === 1 ? [] : [{
    text: panel,
    x: 0,
    xanchor: "left",
    xref: `x${axisSuffix(p)} domain`,
    y: 1,
    yanchor: "bottom",
    yref: `y${axisSuffix(p)} domain`,
  }];

/** The panels that a reference line crosses. */
const crossed = ({ panel }: ReferenceLine, { panels }: Plan) =>
  panels.map((_, p) => p).filter((p) => panel === undefined || panel === panels[p]);

const referenceLines = (line: ReferenceLine, plan: Plan): Json[] =>
  crossed(line, plan).map((p) => ({
    type: "line",
    x0: offScale(plan.x.type, plan.x.range[0]),
    x1: offScale(plan.x.type, plan.x.range[1]),
    xref: `x${axisSuffix(p)}`,
    y0: line.y,
    y1: line.y,
    yref: `y${axisSuffix(p)}`,
    layer: "between",
    line: { color: roleColors.reference, dash: "5px,3px", width: 1.5 },
  }));

/** The name of a reference line, on it at the right. */
const lineLabels = (line: ReferenceLine, plan: Plan): Json[] =>
  crossed(line, plan).map((p) => ({
    font: { color: INK.muted, size: SIZES.tiny },
    text: line.label,
    x: 1,
    xanchor: "right",
    xref: `x${axisSuffix(p)} domain`,
    y: onScale(plan.y.type, line.y),
    yanchor: "bottom",
    yref: `y${axisSuffix(p)}`,
  }));

/** The names of lines and references at the right edge, moved apart where they would meet. */
function endLabels({ series, references = [] }: LearningCurvesOptions, plan: Plan): Json[] {
  const labels = [
    ...series.map((curve) => ({ text: curve.name, color: colorOf(curve, plan), at: shareOf(plan.y, curve.y.at(-1)!) })),
    ...references.map(({ y, label }) => ({ text: label, color: roleColors.reference, at: shareOf(plan.y, y) })),
  ].sort((a, b) => a.at - b.at);
  const places = apart(labels.map(({ at }) => at * plan.height), LABEL_PITCH);
  return labels.map(({ text, color }, i) => ({
    font: { color, size: SIZES.small },
    text,
    x: 1,
    xanchor: "left",
    xref: "paper",
    xshift: 6,
    y: places[i] / plan.height,
    yanchor: "middle",
    yref: "paper",
  }));
}

function validate({ series, references = [], xScale, yScale, slider }: LearningCurvesOptions): void {
  requireSome("series", series);
  requireSteps(slider, series.map(({ step }) => step));
  requireFinite("references", references.map(({ y }) => y));
  for (const { name, x, y, interval } of series) {
    requireSome(`x of ${name}`, x);
    requireLength(`y of ${name}`, y, x.length);
    requireFinite(`x of ${name}`, x);
    requireFinite(`y of ${name}`, y);
    if (x.some((value, i) => i > 0 && value <= x[i - 1])) {
      throw new RangeError(`Expected x of ${name} to increase, got ${x}`);
    }
    if (interval) validateBand(name, y, interval);
    if (xScale === "log") requirePositive(`x of ${name}`, x);
    if (yScale === "log") requirePositive(`y of ${name}`, [...y, ...interval?.low ?? []]);
  }
}

function validateBand(name: string, y: readonly number[], { low, high }: NonNullable<Curve["interval"]>): void {
  requireLength(`low of ${name}`, low, y.length);
  requireLength(`high of ${name}`, high, y.length);
  y.forEach((mean, i) => requireInterval(name, { mean, low: low[i], high: high[i] }));
}

function requirePositive(name: string, values: readonly number[]): void {
  const bad = values.find((value) => value <= 0);
  if (bad !== undefined) throw new RangeError(`Expected ${name} to be positive on a logarithmic axis, got ${bad}`);
}
