// Maps of pairs of modalities: what each two share, what one tells beyond the other, what only both tell.

import { legibleOn, roleColors, tint } from "./colors.ts";
import { Figure } from "./figure.ts";
import { axisSuffix, type FigureText, minus, requireFinite, requireSome, sentences, widest } from "./parts.ts";
import { type Json, ON_SCALE, type PlotlyLayout, type PlotlyTrace } from "./spec.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** An amount of information, and whether chance could explain it. */
export interface MappedInformation {
  value: number;
  /** Whether it is told apart from chance; what is not stands in brackets. */
  distinguishable: boolean;
}

/** What two modalities tell about a target. */
export interface InteractionPair {
  /** Names of the two. */
  sources: readonly [first: string, second: string];
  redundancy: MappedInformation;
  /** What only the first tells. */
  unique1: MappedInformation;
  /** What only the second tells. */
  unique2: MappedInformation;
  synergy: MappedInformation;
}

/** Options of {@linkcode interactionMap}. */
export interface InteractionMapOptions extends FigureText {
  /** One entry per pair that was measured. */
  pairs: readonly InteractionPair[];
  /** Unit of all values. */
  units: "bits" | "nats";
}

/** Pixels: between panels, a panel's heading, most height of a row. */
const GAP = 16, HEADING = 24, MAX_ROW = 44;

/** How dark the largest value is: its number stays readable. */
const DARKEST = 0.6;

/** Row and column of a cell with what is in it. */
type Cell = { row: number; column: number } & MappedInformation;

/**
 * Three maps of the same pairs: shared, unique to the row, synergy.
 *
 * @param options Pairs, unit and texts. Shared information and synergy belong to a pair, so they fill one half.
 * @returns The figure.
 * @throws {RangeError} If there is no pair, one is of a modality with itself or given twice, or a value is not finite.
 *
 * @example
 * ```ts
 * import { interactionMap } from "braid/plots/interaction_map.ts";
 *
 * const chance = { value: 0.01, distinguishable: false }, found = (value: number) => ({ value, distinguishable: true });
 * interactionMap({
 *   title: "Image and sound share most",
 *   units: "bits",
 *   pairs: [{ sources: ["image", "sound"], redundancy: found(1.2), unique1: found(0.4), unique2: chance, synergy: chance }],
 * });
 * ```
 */
export function interactionMap(options: InteractionMapOptions): Figure {
  const { pairs, units, title } = options, names = [...new Set(pairs.flatMap(({ sources }) => sources))];
  validate(pairs);
  const panels = panelsOf(pairs, names), left = EDGE + widest(names, SIZES.small) + 10;
  const width = WIDTH - left - EDGE, panel = (width - 2 * GAP) / 3;
  const row = Math.min(MAX_ROW, panel / names.length), height = row * names.length;
  const bottom = widest(names, SIZES.small) + 14;
  const most = Math.max(...panels.flatMap(({ cells }) => cells.map(({ value }) => value)), 0) || 1;
  const domain = (p: number) => [p * (panel + GAP) / width, Math.min(1, (p * (panel + GAP) + panel) / width)];
  return new Figure({
    title,
    description: `Three maps of pairs among ${
      names.join(", ")
    }: shared, unique and synergistic information (${units}).`,
    caption: sentences(
      `Information about the target in ${units}; the darker, the more. Unique: what the row tells and the column does not.`,
      panels.some(({ cells }) => cells.some(({ distinguishable }) => !distinguishable)) &&
        "In brackets: not told apart from chance.",
      options.caption,
    ),
    data: panels.map(({ cells, color }, p) => heatmap(cells, names, { color, most, axis: axisSuffix(p) })),
    layout: {
      ...Object.fromEntries(panels.flatMap((_, p): [string, PlotlyLayout][] => [
        [`xaxis${axisSuffix(p)}`, {
          anchor: `y${axisSuffix(p)}`,
          domain: domain(p),
          showgrid: false,
          showline: false,
          tickangle: -90,
          ticks: "",
        }],
        [`yaxis${axisSuffix(p)}`, {
          anchor: `x${axisSuffix(p)}`,
          autorange: "reversed",
          showgrid: false,
          showline: false,
          showticklabels: p === 0,
          ticks: "",
        }],
      ])),
      annotations: panels.flatMap(({ heading, cells, color }, p): Json[] => [
        {
          font: { size: SIZES.text },
          text: `<b>${heading}</b>`,
          x: domain(p)[0],
          xanchor: "left",
          xref: "paper",
          y: 1,
          yanchor: "bottom",
          yref: "paper",
        },
        ...cells.map(({ row, column, value, distinguishable }): Json => ({
          name: ON_SCALE,
          font: {
            color: legibleOn(ground(color, value / most), ...distinguishable ? [INK.text] : [INK.muted, INK.text]),
            size: SIZES.tiny,
          },
          text: distinguishable ? text(value) : `(${text(value)})`,
          x: names[column],
          xref: `x${axisSuffix(p)}`,
          y: names[row],
          yref: `y${axisSuffix(p)}`,
        })),
      ]),
    },
    height: height + HEADING + bottom,
    margin: { l: left, r: EDGE, t: HEADING, b: bottom },
  });
}

/** The colour of a cell with a share of the largest value; what is below 0 is white. */
const ground = (color: string, share: number): string => tint(color, DARKEST * Math.max(0, share));

/** Without the zero before the point: cells are narrow. */
const text = (value: number): string => minus(value.toFixed(2)).replace(/^(−?)0\./, "$1.").replace(/^−(\.00)$/, "$1");

function panelsOf(
  pairs: readonly InteractionPair[],
  names: readonly string[],
): { heading: string; color: string; cells: Cell[] }[] {
  const places = pairs.map((pair) => ({
    pair,
    first: names.indexOf(pair.sources[0]),
    second: names.indexOf(pair.sources[1]),
  }));
  const half = (key: "redundancy" | "synergy") =>
    places.map(({ pair, first, second }) => ({
      row: Math.max(first, second),
      column: Math.min(first, second),
      ...pair[key],
    }));
  return [
    { heading: "shared", color: roleColors.shared, cells: half("redundancy") },
    {
      heading: "unique to the row",
      color: roleColors.unique1,
      cells: places.flatMap(({ pair, first, second }) => [
        { row: first, column: second, ...pair.unique1 },
        { row: second, column: first, ...pair.unique2 },
      ]),
    },
    { heading: "synergy", color: roleColors.synergy, cells: half("synergy") },
  ];
}

function heatmap(
  cells: readonly Cell[],
  names: readonly string[],
  { color, most, axis }: { color: string; most: number; axis: string },
): PlotlyTrace {
  const z = names.map(() => names.map((): number | null => null));
  for (const { row, column, value } of cells) z[row][column] = value;
  return {
    type: "heatmap",
    x: names,
    y: names,
    z,
    xaxis: `x${axis}`,
    yaxis: `y${axis}`,
    colorscale: [[0, ground(color, 0)], [1, ground(color, 1)]],
    zmin: 0,
    zmax: most,
    showscale: false,
    hoverongaps: false,
    hovertemplate: "%{y}, %{x}: %{z}<extra></extra>",
    xgap: 2,
    ygap: 2,
  };
}

function validate(pairs: readonly InteractionPair[]): void {
  requireSome("pairs", pairs);
  const seen = new Set<string>();
  for (const { sources, redundancy, unique1, unique2, synergy } of pairs) {
    const name = sources.toSorted().join(" and ");
    if (sources[0] === sources[1]) throw new RangeError(`Expected pairs of two modalities, got ${name}`);
    if (seen.has(name)) throw new RangeError(`Expected one entry for ${name}, got two`);
    seen.add(name);
    requireFinite(`information of ${name}`, [redundancy, unique1, unique2, synergy].map(({ value }) => value));
  }
}
