// Who needs which modality: what each contributes, class by class and subgroup by subgroup.

import { divergingScale, legibleOn } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  type Estimate,
  type FigureText,
  minus,
  requireFinite,
  requireInterval,
  requireLength,
  requireProbability,
  requireSome,
  sentences,
  sideLabels,
  SIGNIFICANT,
  widest,
} from "./parts.ts";
import { type Json, ON_SCALE, type PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT, wrapText } from "./static/text_metrics.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** What one modality contributes to one group. */
export interface Contribution extends Estimate {
  /** P-value adjusted for the number of cells. */
  adjustedPValue?: number;
}

/** A group of samples: a row. */
export interface ContributionRow {
  /** Name of the class or the subgroup. */
  label: string;
  /** Samples in the group. */
  n: number;
  /** One per modality; `null` where it was not measured. */
  values: readonly (Contribution | null)[];
}

/** Options of {@linkcode contributionHeatmap}. */
export interface ContributionHeatmapOptions extends FigureText {
  /** The columns. */
  modalities: readonly string[];
  /** Rows in sections, such as "class" and "site", top to bottom. */
  sections: readonly { label: string; rows: readonly ContributionRow[] }[];
  /** What the numbers are, such as "accuracy lost without the modality (points)". */
  valueTitle: string;
}

/** Pixels: a row, the heading of a section, a column at most, room for n. */
const ROW = 38, HEADING = 26, MAX_COLUMN = 150, N_WIDTH = 46;

/** More would not leave room for the numbers. */
const MAX_MODALITIES = 6;

/**
 * A heat map of contributions with their 95 % intervals: orange where a modality helps, blue where it harms.
 *
 * @param options Modalities, sections of rows and texts. A number is bold where its adjusted p-value is below 0.05 or, without
 *   p-values, its interval excludes 0.
 * @returns The figure.
 * @throws {RangeError} If there is no modality or row, more than six modalities, a row has not one value per modality, a value is not finite, or an
 *   estimate lies outside its interval.
 *
 * @example
 * ```ts
 * import { contributionHeatmap } from "braid/plots/contribution_heatmap.ts";
 *
 * contributionHeatmap({
 *   title: "Only the noisy recordings need the image",
 *   modalities: ["image", "sound"],
 *   valueTitle: "accuracy lost without the modality (points)",
 *   sections: [{
 *     label: "recording",
 *     rows: [
 *       { label: "quiet", n: 120, values: [{ mean: 1, low: -1, high: 3 }, { mean: 40, low: 31, high: 49 }] },
 *       { label: "noisy", n: 80, values: [{ mean: 35, low: 25, high: 45 }, { mean: 8, low: 1, high: 15 }] },
 *     ],
 *   }],
 * });
 * ```
 */
export function contributionHeatmap(options: ContributionHeatmapOptions): Figure {
  const { modalities, sections, valueTitle, title } = options;
  validate(options);
  const rows = sections.flatMap(({ rows }) => rows), labels = sideLabels(rows.map(({ label }) => label));
  const left = EDGE + Math.max(labels.width, widest(sections.map(({ label }) => label), SIZES.small, true)) + 10 +
    N_WIDTH;
  const column = Math.min(MAX_COLUMN, (WIDTH - left - EDGE) / modalities.length);
  const headings = modalities.map((name) => wrapText(name, column - 8, { size: SIZES.small }));
  const top = Math.max(...headings.map(({ length }) => length)) * SIZES.small * LINE_HEIGHT + 6;
  const places = rowPlaces(sections, labels.extra);
  const most = Math.max(...cells(options).map(({ mean }) => Math.abs(mean)), 0) || 1;
  const width = column * modalities.length, bottom = 10;
  const cell = (x: number, y: number) => ({ x: (x + 0.5) * column, y: places.rows[y].middle });
  const aside = { xanchor: "left", align: "left", x: 0 };
  return new Figure({
    title,
    description: `Heat map of ${valueTitle} for ${modalities.join(", ")} in ${rows.length} groups.`,
    caption: sentences(
      `${capital(valueTitle)}, 95 % interval in brackets;`,
      `bold where ${hasPValues(options) ? `the adjusted p < ${SIGNIFICANT}` : "it excludes 0"}.`,
      rows.some(({ values }) => values.includes(null)) && "Dashed: not measured.",
      options.caption,
    ),
    data: [frame],
    layout: {
      annotations: [
        ...headings.map((lines, x) => ({
          font: { size: SIZES.small },
          text: lines.join("<br>"),
          x: cell(x, 0).x,
          y: 0,
          yanchor: "bottom",
          yshift: 3,
        })),
        ...sections.map(({ label }, s) => ({
          ...aside,
          font: { size: SIZES.small, weight: 700 },
          text: label,
          xshift: EDGE - left,
          y: places.headings[s],
        })),
        ...sections.map((_, s) => ({
          font: { color: INK.muted, size: SIZES.small },
          text: "n",
          x: 0,
          xanchor: "right",
          xshift: -10,
          y: places.headings[s],
        })),
        ...labels.texts.map((text, y) => ({ ...aside, text, xshift: EDGE - left, y: places.rows[y].middle })),
        ...rows.map(({ n }, y) => ({
          font: { size: SIZES.small },
          text: String(n),
          x: 0,
          xanchor: "right",
          xshift: -10,
          y: places.rows[y].middle,
        })),
        ...rows.flatMap(({ values }, y) => values.flatMap((value, x) => cellTexts(value, { ...cell(x, y), most }))),
      ],
      shapes: rows.flatMap(({ values }, y) =>
        values.map((value, x) => box(value, { x0: x * column, x1: (x + 1) * column, ...places.rows[y], most }))
      ),
      xaxis: { fixedrange: true, range: [0, width], visible: false },
      yaxis: { fixedrange: true, range: [places.height, 0], visible: false },
    },
    height: top + places.height + bottom,
    margin: { l: left, r: WIDTH - left - width, t: top, b: bottom },
  });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const cells = ({ sections }: ContributionHeatmapOptions): Contribution[] =>
  sections.flatMap(({ rows }) => rows.flatMap(({ values }) => values.filter((value) => value !== null)));

const hasPValues = (options: ContributionHeatmapOptions): boolean =>
  cells(options).some(({ adjustedPValue }) => adjustedPValue !== undefined);

/** Plotly draws shapes placed by axes only where there is a trace. */
const frame: PlotlyTrace = { type: "scatter", x: [], y: [], hoverinfo: "skip", showlegend: false };

function validate(options: ContributionHeatmapOptions): void {
  const { modalities, sections } = options;
  requireSome("modalities", modalities);
  if (modalities.length > MAX_MODALITIES) {
    throw new RangeError(`Expected at most ${MAX_MODALITIES} modalities, got ${modalities.length}: make two figures`);
  }
  requireSome("sections", sections);
  for (const { label, rows } of sections) {
    requireSome(`rows of ${label}`, rows);
    for (const row of rows) {
      requireFinite(`n of ${row.label}`, [row.n]);
      requireLength(`values of ${row.label}`, row.values, modalities.length);
      for (const value of row.values) {
        if (!value) continue;
        requireInterval(`contribution to ${row.label}`, value);
        if (value.adjustedPValue !== undefined) {
          requireProbability(`adjusted p-value of ${row.label}`, value.adjustedPValue);
        }
      }
    }
  }
}

interface RowPlace {
  y0: number;
  y1: number;
  middle: number;
}

/** Where headings and rows stand, in pixels from the top. */
function rowPlaces(
  sections: ContributionHeatmapOptions["sections"],
  extra: readonly number[],
): { rows: RowPlace[]; headings: number[]; height: number } {
  let height = 0;
  const rows: RowPlace[] = [], headings: number[] = [];
  for (const section of sections) {
    headings.push(height + HEADING / 2);
    height += HEADING;
    for (const _ of section.rows) {
      const rowHeight = Math.max(ROW, 24 + extra[rows.length]);
      rows.push({ y0: height, y1: height + rowHeight, middle: height + rowHeight / 2 });
      height += rowHeight;
    }
  }
  return { rows, headings, height };
}

/** The colour of a value on the diverging scale from -most to most. */
function colorOf(value: number, most: number): string {
  const position = (Math.max(-1, Math.min(1, value / most)) + 1) / 2;
  const above = Math.max(1, divergingScale.findIndex(([at]) => at >= position));
  const [[from, a], [to, b]] = [divergingScale[above - 1], divergingScale[above]];
  const share = (position - from) / (to - from);
  const channel = (start: number) => {
    const [low, high] = [a, b].map((color) => parseInt(color.slice(start, start + 2), 16));
    return Math.round(low + (high - low) * share).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

const box = (
  value: Contribution | null,
  { x0, x1, y0, y1, most }: { x0: number; x1: number; y0: number; y1: number; most: number },
): Json => ({
  type: "rect",
  ...value && { name: ON_SCALE },
  ...{ x0, x1, y0, y1 },
  fillcolor: value ? colorOf(value.mean, most) : "#FFFFFF",
  line: value ? { color: "#FFFFFF", width: 1.5 } : { color: INK.line, dash: "4px,3px", width: 1 },
});

function cellTexts(value: Contribution | null, { x, y, most }: { x: number; y: number; most: number }): Json[] {
  if (!value) return [{ font: { color: INK.muted, size: SIZES.tiny }, text: "not measured", x, y }];
  const { mean, low, high, adjustedPValue } = value, color = legibleOn(colorOf(mean, most), INK.text, "#FFFFFF");
  const digits = most >= 10 ? 1 : most >= 0.1 ? 2 : 3;
  const text = (number: number) => minus(number.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1"));
  const hasInterval = low !== undefined && high !== undefined;
  const isFinding = adjustedPValue !== undefined ? adjustedPValue < SIGNIFICANT : hasInterval && (low > 0 || high < 0);
  return [
    {
      name: ON_SCALE,
      font: { color, size: SIZES.small, weight: isFinding ? 700 : 400 },
      text: Number(mean.toFixed(digits)) > 0 ? `+${text(mean)}` : text(mean),
      x,
      y,
      yshift: hasInterval ? 8 : 0,
    },
    ...hasInterval
      ? [{ name: ON_SCALE, font: { color, size: SIZES.tiny }, text: `[${text(low)}, ${text(high)}]`, x, y, yshift: -7 }]
      : [],
  ];
}
