// Heatmaps of the similarity of every view to every other, positives outlined.

import { divergingScale } from "./colors.ts";
import { Figure } from "./figure.ts";
import { axisSuffix, type FigureText, requireFinite, requireLength, requireSome, sentences } from "./parts.ts";
import { ON_SCALE, type PlotlyLayout, type PlotlyTrace } from "./spec.ts";
import { INK, SIZES, WIDTH } from "./theme.ts";

/** Similarities of the rows of one view to the rows of the other. */
export interface SimilarityPanel {
  /** Above the panel, such as "before training". */
  label: string;
  /** `[batch, batch]`, cosines from -1 to 1; entry (i, i) is the positive pair. */
  values: readonly (readonly number[])[];
}

/** Options of {@linkcode similarityMatrix}. */
export interface SimilarityMatrixOptions extends FigureText {
  /** One panel, or two to compare. */
  matrices: readonly SimilarityPanel[];
  /** What a row is. Default "sample in view 1". */
  rowTitle?: string;
  /** What a column is. Default "sample in view 2". */
  columnTitle?: string;
}

/** A larger batch is cut: its cells would be too small to see and too many to keep in a notebook. */
const MAX_SIZE = 32;

/** Pixels: side of a panel, room for the axes left and below, the gap between panels, and the room above for the label. */
const SIDE = 250, LEFT = 60, BOTTOM = 52, BETWEEN = 56, TOP = 26;

/**
 * Heatmaps of cosine similarity, one beside the other on one colour scale, positive pairs outlined.
 *
 * @param options One or two matrices and texts. Of a batch beyond 32 samples the first 32 are shown, and the caption says so.
 * @returns The figure.
 * @throws {RangeError} If there is no matrix or more than two, one is not square, or a value is not a cosine.
 *
 * @example
 * ```ts
 * import { similarityMatrix } from "braid/plots/similarity_matrix.ts";
 *
 * similarityMatrix({
 *   title: "Training pulls positives together",
 *   matrices: [
 *     { label: "before training", values: [[0.6, 0.5], [0.5, 0.6]] },
 *     { label: "after training", values: [[0.9, -0.8], [-0.7, 0.9]] },
 *   ],
 * });
 * ```
 */
export function similarityMatrix(options: SimilarityMatrixOptions): Figure {
  const { matrices, title } = options;
  validate(matrices);
  const n = matrices[0].values.length, shown = Math.min(n, MAX_SIZE);
  return new Figure({
    title,
    description: `Heatmap of cosine similarities ${matrices.map(({ label }) => label).join(" and ")}.`,
    caption: sentences(
      shown < n ? `First ${shown} of n = ${n} samples.` : `n = ${n} samples.`,
      "Outlined: positive pairs.",
      options.caption,
    ),
    data: matrices.flatMap(({ values }, panel) => [heatmap(values, shown, panel), outlines(shown, panel)]),
    layout: layout(options, shown),
    height: TOP + SIDE + BOTTOM,
    margin: { l: LEFT, r: WIDTH - LEFT - plotWidth(matrices.length), t: TOP, b: BOTTOM },
  });
}

function validate(matrices: readonly SimilarityPanel[]): void {
  requireSome("matrices", matrices);
  if (matrices.length > 2) throw new RangeError(`Expected one or two matrices, got ${matrices.length}`);
  for (const { label, values } of matrices) {
    requireSome(`similarities ${label}`, values);
    for (const row of values) {
      requireLength(`a row of the similarities ${label}`, row, values.length);
      requireFinite(`similarities ${label}`, row);
      const outside = row.find((value) => Math.abs(value) > 1 + 1e-5);
      if (outside !== undefined) {
        throw new RangeError(
          `Expected cosines from -1 to 1, got ${outside}: divide by the norms, not by the temperature`,
        );
      }
    }
    requireLength(`similarities ${label}`, values, matrices[0].values.length);
  }
}

const plotWidth = (panels: number) => panels * SIDE + (panels - 1) * BETWEEN;

const heatmap = (values: SimilarityPanel["values"], shown: number, panel: number): PlotlyTrace => ({
  type: "heatmap",
  z: values.slice(0, shown).map((row) => row.slice(0, shown).map((value) => Number(value.toFixed(2)))),
  xaxis: `x${axisSuffix(panel)}`,
  yaxis: `y${axisSuffix(panel)}`,
  colorscale: divergingScale,
  zmin: -1,
  zmax: 1,
  showscale: panel === 0,
  colorbar: {
    outlinewidth: 0,
    thickness: 12,
    tickfont: { size: SIZES.small },
    tickvals: [-1, -0.5, 0, 0.5, 1],
    title: { side: "right", text: "cosine similarity", font: { size: SIZES.text } },
    x: 1,
    xpad: 12,
    len: 1,
    ypad: 0,
  },
  hovertemplate: "row %{y}, column %{x}: %{z}<extra></extra>",
});

const outlines = (size: number, panel: number): PlotlyTrace => {
  const diagonal = Array.from({ length: size }, (_, i) => i);
  return {
    type: "scatter",
    name: ON_SCALE,
    mode: "lines",
    x: diagonal.flatMap((i) => [i - 0.5, i + 0.5, i + 0.5, i - 0.5, i - 0.5, null]),
    y: diagonal.flatMap((i) => [i - 0.5, i - 0.5, i + 0.5, i + 0.5, i - 0.5, null]),
    xaxis: `x${axisSuffix(panel)}`,
    yaxis: `y${axisSuffix(panel)}`,
    line: { color: INK.text, width: 1.2 },
    cliponaxis: false,
    hoverinfo: "skip",
    showlegend: false,
  };
};

function layout({ matrices, rowTitle, columnTitle }: SimilarityMatrixOptions, size: number): PlotlyLayout {
  const width = plotWidth(matrices.length), axes: Record<string, PlotlyLayout> = {};
  const axis = { showgrid: false, dtick: size > 16 ? 8 : size > 8 ? 4 : 1, tick0: 0 };
  matrices.forEach((_, panel) => {
    const start = panel * (SIDE + BETWEEN) / width;
    axes[`xaxis${axisSuffix(panel)}`] = {
      ...axis,
      anchor: `y${axisSuffix(panel)}`,
      domain: [start, Math.min(1, start + SIDE / width)],
      range: [-0.5, size - 0.5],
      title: { text: columnTitle ?? "sample in view 2" },
    };
    axes[`yaxis${axisSuffix(panel)}`] = {
      ...axis,
      anchor: `x${axisSuffix(panel)}`,
      range: [size - 0.5, -0.5],
      ...(panel === 0 ? { title: { text: rowTitle ?? "sample in view 1" } } : {}),
    };
  });
  return {
    ...axes,
    annotations: matrices.map(({ label }, panel) => ({
      text: label,
      x: panel * (SIDE + BETWEEN) / width,
      xanchor: "left",
      xref: "paper",
      y: 1,
      yanchor: "bottom",
      yref: "paper",
    })),
  };
}
