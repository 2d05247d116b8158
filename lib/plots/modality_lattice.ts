// Every combination of modalities with its score: what is left when some are missing, what each one adds.

import { roleColors, tint } from "./colors.ts";
import { Figure } from "./figure.ts";
import {
  edgeMargin,
  type Estimate,
  estimateText,
  type FigureText,
  INNER_WIDTH,
  pixelAxes,
  requireFinite,
  requireInterval,
  sampleSize,
  sentences,
} from "./parts.ts";
import type { Json, PlotlyTrace } from "./spec.ts";
import { LINE_HEIGHT, wrapText } from "./static/text_metrics.ts";
import { INK, SIZES } from "./theme.ts";

/** The score from some of the modalities. */
export interface CombinationScore extends Estimate {
  /** The modalities that are there; none for guessing. */
  modalities: readonly string[];
}

/** Options of {@linkcode modalityLattice}. */
export interface ModalityLatticeOptions extends FigureText {
  /** Two to four modalities, in the order in which combinations name them. */
  modalities: readonly string[];
  /** One per measured combination. */
  scores: readonly CombinationScore[];
  /** The score and its unit, such as "accuracy (%)". */
  scoreTitle: string;
  /** What the n of a score counts. Default "test samples". */
  unit?: string;
}

/** Pixels: between boxes of a layer, between layers, inside a box, a box at most. */
const GAP = 12, LAYER_GAP = 46, PADDING = 7, MAX_WIDTH = 190;

/** Pixels: widest line, for the largest gain. */
const MAX_LINE = 7;

interface Node {
  /** Which modalities, as bits. */
  set: number;
  score?: CombinationScore;
  name: string[];
  x: number;
  y: number;
}

/**
 * The lattice of modality combinations (a Hasse diagram): all modalities on top, each line leaves one out.
 *
 * A box is the darker, the higher its score; a line is the wider, the more the modality adds that its upper end has and its lower end
 * lacks, and dashed where it takes away.
 *
 * @param options Modalities, scores by combination, and texts. Combinations without a score are drawn as not measured; no
 *   modality at all is drawn only if it has a score.
 * @returns The figure.
 * @throws {RangeError} If there are fewer than two or more than four modalities, a combination is unknown or given twice, or
 *   an estimate lies outside its interval.
 *
 * @example
 * ```ts
 * import { modalityLattice } from "braid/plots/modality_lattice.ts";
 *
 * modalityLattice({
 *   title: "Without the sound, a third of the digits is lost",
 *   modalities: ["image", "sound"],
 *   scoreTitle: "accuracy (%)",
 *   scores: [
 *     { modalities: ["image"], mean: 66, low: 62, high: 70 },
 *     { modalities: ["sound"], mean: 90, low: 87, high: 93 },
 *     { modalities: ["image", "sound"], mean: 97, low: 95, high: 98 },
 *   ],
 * });
 * ```
 */
export function modalityLattice(options: ModalityLatticeOptions): Figure {
  const { modalities, scores, scoreTitle, unit = "test samples", title } = options;
  const bySet = scoresBySet(options), full = 2 ** modalities.length - 1;
  const sets = Array.from({ length: full + 1 }, (_, set) => set).filter((set) => set > 0 || bySet.has(0));
  const widestLayer = Math.max(...sets.map((set) => sets.filter((other) => size(other) === size(set)).length));
  const width = Math.min(MAX_WIDTH, (INNER_WIDTH - (widestLayer - 1) * GAP) / widestLayer);
  const names = new Map(sets.map((set) => [set, nameLines(set, modalities, width - 2 * PADDING)]));
  const lines = Math.max(...[...names.values()].map(({ length }) => length)) + (scores.some(hasInterval) ? 2 : 1);
  const height = lines * LINE + 2 * PADDING, layers = [...new Set(sets.map(size))].length;
  const nodes = sets.map((set): Node => {
    const layer = sets.filter((other) => size(other) === size(set)).sort(byOrder), place = layer.indexOf(set);
    return {
      set,
      score: bySet.get(set),
      name: names.get(set)!,
      x: INNER_WIDTH / 2 + (place - (layer.length - 1) / 2) * (width + GAP),
      y: (modalities.length - size(set)) * (height + LAYER_GAP) + height / 2 + 1,
    };
  });
  const means = scores.map(({ mean }) => mean), least = Math.min(...means), spread = Math.max(...means) - least || 1;
  const darkness = (score: CombinationScore) => 0.06 + 0.44 * (score.mean - least) / spread;
  const measured = sampleSize(scores, unit), total = layers * height + (layers - 1) * LAYER_GAP + 2;
  return new Figure({
    title,
    description: `Combinations of ${modalities.join(", ")}, each with its ${scoreTitle}.`,
    caption: sentences(
      `${scoreTitle.charAt(0).toUpperCase()}${scoreTitle.slice(1)}${
        scores.some(hasInterval) ? " [95 % interval]" : ""
      }${measured ? `, ${measured}` : ""}.`,
      "A line adds one modality: the wider, the more it adds; dashed: it takes away.",
      options.caption,
    ),
    data: [frame],
    layout: {
      annotations: nodes.flatMap(nodeTexts),
      shapes: [
        ...edges(nodes, height),
        ...nodes.map(({ x, y, score }): Json => ({
          type: "rect",
          x0: x - width / 2,
          x1: x + width / 2,
          y0: y - height / 2,
          y1: y + height / 2,
          fillcolor: score ? tint(roleColors.shared, darkness(score)) : "#FFFFFF",
          line: score ? { color: roleColors.shared, width: 1.3 } : { color: INK.line, dash: "4px,3px", width: 1.2 },
        })),
      ],
      ...pixelAxes(INNER_WIDTH, total),
    },
    height: total + edgeMargin.b,
    margin: edgeMargin,
  });
}

const LINE = SIZES.small * LINE_HEIGHT;

/** Plotly draws shapes placed by axes only where there is a trace. */
const frame: PlotlyTrace = { type: "scatter", x: [], y: [], hoverinfo: "skip", showlegend: false };

const size = (set: number): number => set === 0 ? 0 : (set & 1) + size(set >> 1);

/** Combinations with earlier modalities first: the lower bits, compared from the lowest. */
const byOrder = (a: number, b: number): number => {
  const lowest = (a ^ b) & -(a ^ b);
  return a & lowest ? -1 : 1;
};

const hasInterval = ({ low, high }: Estimate): boolean => low !== undefined && high !== undefined;

function scoresBySet({ modalities, scores }: ModalityLatticeOptions): Map<number, CombinationScore> {
  if (modalities.length < 2 || modalities.length > 4) {
    throw new RangeError(`Expected two to four modalities, got ${modalities.length}`);
  }
  if (scores.length === 0) throw new RangeError("Expected the score of at least one combination, got none");
  const bySet = new Map<number, CombinationScore>();
  for (const score of scores) {
    const unknown = score.modalities.find((name) => !modalities.includes(name));
    if (unknown !== undefined) {
      throw new RangeError(`Expected modalities among ${modalities.join(", ")}, got ${unknown}`);
    }
    const set = new Set(score.modalities.map((name) => modalities.indexOf(name)));
    const bits = [...set].reduce((sum, bit) => sum + 2 ** bit, 0), name = score.modalities.join(" + ") || "none";
    if (bySet.has(bits)) throw new RangeError(`Expected one score for ${name}, got two`);
    requireFinite(`n of ${name}`, score.n === undefined ? [] : [score.n]);
    requireInterval(`score of ${name}`, score);
    bySet.set(bits, score);
  }
  return bySet;
}

function nameLines(set: number, modalities: readonly string[], width: number): string[] {
  const there = modalities.filter((_, bit) => set & 2 ** bit);
  return wrapText(there.join(" + ") || "none", width, { size: SIZES.small, bold: true });
}

/** Lines from each combination to those with one modality more. */
function edges(nodes: readonly Node[], height: number): Json[] {
  const joins = nodes.flatMap((from) =>
    nodes.filter((to) => (to.set & from.set) === from.set && size(to.set) === size(from.set) + 1).map((to) => ({
      from,
      to,
      gain: from.score && to.score ? to.score.mean - from.score.mean : undefined,
    }))
  );
  const most = Math.max(...joins.map(({ gain = 0 }) => Math.abs(gain))) || 1;
  return joins.map(({ from, to, gain }) => ({
    type: "line",
    x0: from.x,
    y0: from.y - height / 2,
    x1: to.x,
    y1: to.y + height / 2,
    line: gain === undefined
      ? { color: INK.grid, dash: "2px,3px", width: 1 }
      : { color: INK.line, dash: gain < 0 ? "7px,5px" : "solid", width: 1 + (MAX_LINE - 1) * Math.abs(gain) / most },
  }));
}

function nodeTexts({ x, y, name, score }: Node): Json[] {
  const { value, interval } = score ? estimateText(score) : { value: "not measured", interval: undefined };
  const lines = [...name.map((line) => `<b>${line}</b>`), value, ...interval ? [interval] : []];
  return [{ font: { color: score ? INK.text : INK.muted, size: SIZES.small }, text: lines.join("<br>"), x, y }];
}
