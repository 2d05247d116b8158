// A reliability diagram: how often a classifier is right when it is that sure.

import { categoricalColors, roleColors } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  type Estimate,
  type FigureText,
  legendAbove,
  requireInterval,
  requireProbability,
  requireSome,
  sentences,
} from "./parts.ts";
import type { PlotlyTrace } from "./spec.ts";
import { INK, WIDTH } from "./theme.ts";

/** The samples of one range of confidence. */
export interface ReliabilityPoint {
  /** Samples in the range. */
  n: number;
  /** Mean confidence, 0 to 1. */
  confidence: number;
  /** Fraction that is right, with its 95 % interval. */
  accuracy: Estimate;
}

/** One classifier, or one subgroup. */
export interface ReliabilitySeries {
  /** Name in the legend. */
  name: string;
  /** The bins that have samples, from low confidence to high. */
  bins: readonly ReliabilityPoint[];
  /** Expected calibration error, written beside the name. */
  error?: Estimate;
}

/** Options of {@linkcode reliabilityDiagram}. */
export interface ReliabilityDiagramOptions extends FigureText {
  /** One to four. */
  series: readonly ReliabilitySeries[];
}

const SYMBOLS = ["circle", "square", "diamond", "triangle-up"];

/** Pixels: both sides of the diagram, the strip of sample counts, the gap between them, axis below, margins. */
const SIDE = 340, STRIP = 70, GAP = 18, BOTTOM = 52, LEFT = 150, RIGHT = WIDTH - LEFT - SIDE;

/** Pixels between the points of two series whose bins have the same confidence. */
const DODGE = 4;

/**
 * Accuracy against confidence, bin by bin, with 95 % intervals; below, how many samples each bin has.
 *
 * On the diagonal a classifier is as often right as it is sure; below it, it is too sure.
 *
 * @param options Series and texts.
 * @returns The figure.
 * @throws {RangeError} If there is no series or more than four, one has no bin, or a value is no probability.
 *
 * @example
 * ```ts
 * import { expectedCalibrationError } from "braid/evaluation/calibration.ts";
 * import { reliabilityDiagram } from "braid/plots/reliability_diagram.ts";
 *
 * const { bins, error } = expectedCalibrationError([0, 0, 1], [[0.9, 0.1], [0.7, 0.3], [0.8, 0.2]]);
 * reliabilityDiagram({
 *   title: "The classifier is too sure",
 *   series: [{
 *     name: "test set",
 *     error: { mean: error },
 *     bins: bins.map(({ accuracy: { value, low, high }, ...bin }) => ({ ...bin, accuracy: { mean: value, low, high } })),
 *   }],
 * });
 * ```
 */
export function reliabilityDiagram(options: ReliabilityDiagramOptions): Figure {
  const { series, title } = options;
  validate(series);
  const total = SIDE + GAP + STRIP, names = series.map(legendName);
  const { legend, room } = legendAbove(names, { width: SIDE, height: total });
  return new Figure({
    title,
    description: `Accuracy against confidence for ${series.map(({ name }) => name).join(", ")}.`,
    caption: sentences(
      "Points: bins of samples by confidence; whiskers: 95 % interval of the accuracy.",
      "Below the dashed line the classifier is too sure.",
      series.some(({ error }) => error) && "ECE: expected calibration error.",
      options.caption,
    ),
    data: [diagonal, ...series.flatMap((_, s) => [line(series, s, names[s]), counts(series, s)])],
    layout: {
      barmode: "group",
      bargap: 0.1,
      legend,
      showlegend: true,
      xaxis: { anchor: "y2", domain: [0, 1], range: [0, 1], title: { text: "confidence (top probability)" } },
      yaxis: { domain: [1 - SIDE / total, 1], range: [0, 1], title: { text: "fraction right" } },
      yaxis2: {
        anchor: "x",
        domain: [0, STRIP / total],
        nticks: 4,
        rangemode: "tozero",
        title: { text: "samples" },
      },
    },
    height: room + total + BOTTOM,
    margin: { l: LEFT, r: RIGHT, t: room, b: BOTTOM },
  });
}

function validate(series: readonly ReliabilitySeries[]): void {
  requireSome("series", series);
  if (series.length > SYMBOLS.length) {
    throw new RangeError(`Expected at most ${SYMBOLS.length} series, got ${series.length}: make two figures`);
  }
  for (const { name, bins, error } of series) {
    requireSome(`bins of ${name}`, bins);
    for (const { confidence, accuracy } of bins) {
      requireInterval(`accuracy of ${name}`, accuracy);
      requireProbability(`confidence of ${name}`, confidence);
      requireProbability(`accuracy of ${name}`, accuracy.mean);
    }
    if (error) requireInterval(`calibration error of ${name}`, error);
  }
}

function legendName({ name, bins, error }: ReliabilitySeries): string {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  if (!error) return `${name}: n = ${n}`;
  const { mean, low, high } = error;
  const interval = low === undefined || high === undefined ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${name}: ECE ${mean.toFixed(3)}${interval}, n = ${n}`;
}

const diagonal: PlotlyTrace = {
  type: "scatter",
  mode: "lines",
  x: [0, 1],
  y: [0, 1],
  line: { color: roleColors.reference, dash: "5px,3px", width: 1.5 },
  hoverinfo: "skip",
  showlegend: false,
};

function line(series: readonly ReliabilitySeries[], s: number, name: string): PlotlyTrace {
  const { bins } = series[s], color = categoricalColors[s];
  const shift = (s - (series.length - 1) / 2) * DODGE / SIDE;
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: bins.map(({ confidence }) => confidence + shift),
    y: bins.map(({ accuracy }) => accuracy.mean),
    error_y: {
      type: "data",
      array: bins.map(({ accuracy: { mean, high = mean } }) => high - mean),
      arrayminus: bins.map(({ accuracy: { mean, low = mean } }) => mean - low),
      color,
      symmetric: false,
      thickness: 1.3,
      width: 0,
    },
    marker: { color, size: 8, symbol: SYMBOLS[s] },
    cliponaxis: false,
    text: bins.map(({ n }) => `n = ${n}`),
    hovertemplate: "sure by %{x}, right %{y}, %{text}",
  };
}

const counts = (series: readonly ReliabilitySeries[], s: number): PlotlyTrace => ({
  type: "bar",
  x: series[s].bins.map(({ confidence }) => confidence),
  y: series[s].bins.map(({ n }) => n),
  yaxis: "y2",
  width: 0.05 / series.length,
  offset: (s - series.length / 2) * 0.05 / series.length,
  marker: { color: categoricalColors[s], line: { color: INK.text, width: 0.3 } },
  hovertemplate: "%{y} samples<extra></extra>",
  showlegend: false,
});
