// Every figure family says what is wrong with its input, and draws the smallest input there is.

import assert from "node:assert/strict";
import { roleColors, tint } from "braid/plots/colors.ts";
import { type Contribution, contributionHeatmap } from "braid/plots/contribution_heatmap.ts";
import { diagram, type DiagramBox } from "braid/plots/diagram.ts";
import { embeddingMap } from "braid/plots/embedding_map.ts";
import { forestPlot } from "braid/plots/forest_plot.ts";
import { type GridImage, imageGrid } from "braid/plots/image_grid.ts";
import { informationBars, type InformationRow } from "braid/plots/information_bars.ts";
import { type Curve, learningCurves } from "braid/plots/learning_curves.ts";
import { type CombinationScore, modalityLattice } from "braid/plots/modality_lattice.ts";
import { apart, estimateText, pText, stackRows } from "braid/plots/parts.ts";
import { probeBars, type ProbeMethod } from "braid/plots/probe_bars.ts";
import { reliabilityDiagram, type ReliabilitySeries } from "braid/plots/reliability_diagram.ts";
import { similarityMatrix } from "braid/plots/similarity_matrix.ts";
import { type Shares, ternaryPlot } from "braid/plots/ternary_plot.ts";

const title = "t";

Deno.test("tint() mixes with white", () => {
  assert.equal(tint("#0072B2", 1), "#0072b2");
  assert.equal(tint("#0072B2", 0), "#ffffff");
  assert.equal(tint("#000000", 0.5), "#808080");
});

Deno.test("apart() moves places no further than it must", () => {
  assert.deepEqual(apart([0, 20, 40], 10), [0, 20, 40]);
  assert.deepEqual(apart([5, 5], 10), [0, 10]);
  assert.deepEqual(apart([0, 1, 2, 100], 10), [-9, 1, 11, 100]);
  assert.deepEqual(apart([0, 14, 16], 10), [0, 10, 20]);
  assert.deepEqual(apart([], 10), []);
});

Deno.test("numbers are written with the digits that their intervals leave", () => {
  assert.deepEqual(estimateText({ mean: 71.234, low: 65.11, high: 77.35 }), {
    value: "71.2",
    interval: "[65.1, 77.3]",
  });
  assert.deepEqual(estimateText({ mean: -0.5, low: -0.5, high: -0.5 }), { value: "−0.50", interval: "[−0.50, −0.50]" });
  assert.deepEqual(estimateText({ mean: 12.25 }), { value: "12.3" });
  assert.deepEqual([0.0004, 0.001, 0.0123, 0.0994, 0.0999, 0.5, 1].map(pText), [
    ...["< 0.001", "0.001", "0.012", "0.099", "0.10", "0.50", "1.00"],
  ]);
});

Deno.test("stackRows() puts rows below one another", () => {
  assert.deepEqual(stackRows([10, 30, 20]), { middles: [5, 25, 50], height: 60 });
});

Deno.test("imageGrid() says what is wrong with its pictures", () => {
  const grid = (images: GridImage[], more = {}) => () => imageGrid({ title, images, columns: 2, ...more });
  const grey = { pixels: new Uint8Array(4), height: 2, width: 2, channels: 1 } as const;
  assert.throws(grid([]), /images to have at least one entry/);
  assert.throws(grid([grey], { columns: 0 }), /columns to be a positive whole number, got 0/);
  assert.throws(grid([grey], { columns: 1.5 }), /columns to be a positive whole number, got 1.5/);
  assert.throws(grid([{ ...grey, width: 3 }]), /pixels of \[2, 3, 1\] to have 6 entries, got 4/);
  assert.throws(grid([{ ...grey, pixels: new Uint8Array(0), height: 0 }]), /pixels to have at least one entry/);
  assert.throws(
    grid([{ ...grey, pixels: Float32Array.of(0, 0, 0, -0.5) }]),
    /from 0 to 1, got -0.5: undo the normalisation/,
  );
  assert.throws(grid([{ ...grey, pixels: Float32Array.of(0, 0, 0, NaN) }]), /pixels to be finite numbers, got NaN/);
  assert.throws(grid([grey], { captions: [] }), /captions to have 1 entry, got 0/);
  assert.throws(grid([grey], { rowLabels: ["a", "b"] }), /rowLabels to have 1 entry, got 2/);
  assert.throws(grid([grey], { columnLabels: ["a"] }), /columnLabels to have 2 entries, got 1/);
});

Deno.test("informationBars() says what is wrong with its rows", () => {
  const bars = (...rows: InformationRow[]) => () => informationBars({ title, units: "bits", rows });
  const row = { label: "XOR", redundancy: 0, unique1: 0, unique2: 0, synergy: 1 };
  assert.throws(bars(), /rows to have at least one entry/);
  assert.throws(bars({ ...row, synergy: NaN }), /information of XOR to be finite numbers, got NaN/);
  assert.throws(
    bars({ ...row, table: { columns: ["x"], rows: [[0, 1]] } }),
    /truth table row of XOR to have 1 entry, got 2/,
  );
  assert.doesNotThrow(bars({ ...row, redundancy: -0.1 }), "some measures give negative values");
  assert.throws(
    bars({ ...row, synergy: { mean: 1, low: 1.1 } }),
    /information of XOR to lie within its interval, got 1 and \[1.1, 1\]/,
  );
});

Deno.test("similarityMatrix() says what is wrong with its matrices", () => {
  const matrix = (...all: number[][][]) => () =>
    similarityMatrix({ title, matrices: all.map((values) => ({ label: "before", values })) });
  assert.throws(matrix(), /matrices to have at least one entry/);
  assert.throws(matrix([[1]], [[1]], [[1]]), /one or two matrices, got 3/);
  assert.throws(matrix([]), /similarities before to have at least one entry/);
  assert.throws(matrix([[1, 0]]), /a row of the similarities before to have 1 entry, got 2/);
  assert.throws(matrix([[NaN]]), /finite numbers, got NaN/);
  assert.throws(matrix([[10]]), /cosines from -1 to 1, got 10: divide by the norms/);
  assert.throws(matrix([[1]], [[1, 0], [0, 1]]), /similarities before to have 1 entry, got 2/);
  assert.doesNotThrow(matrix([[1 + 1e-6]]), "float32 cosines may exceed 1 by rounding");
});

Deno.test("learningCurves() says what is wrong with its lines", () => {
  const curves = (series: Curve[], more = {}) => () =>
    learningCurves({ title, xTitle: "x", yTitle: "y", series, ...more });
  const run = { name: "run", x: [0, 1], y: [1, 2] };
  assert.throws(curves([]), /series to have at least one entry/);
  assert.throws(curves([{ ...run, x: [], y: [] }]), /x of run to have at least one entry/);
  assert.throws(curves([{ ...run, y: [1] }]), /y of run to have 2 entries, got 1/);
  assert.throws(curves([{ ...run, y: [1, Infinity] }]), /y of run to be finite numbers, got Infinity/);
  assert.throws(curves([{ ...run, x: [1, 1] }]), /x of run to increase/);
  assert.throws(curves([run], { xScale: "log" }), /x of run to be positive on a logarithmic axis, got 0/);
  assert.throws(curves([{ ...run, interval: { low: [0], high: [2, 3] } }]), /low of run to have 2 entries, got 1/);
  assert.throws(
    curves([{ ...run, interval: { low: [0, 3], high: [2, 4] } }]),
    /run to lie within its interval, got 2 and \[3, 4\]/,
  );
  assert.throws(curves([run], { references: [{ y: NaN, label: "chance" }] }), /references to be finite numbers/);
  assert.doesNotThrow(curves([{ name: "one", x: [3], y: [0] }]), "a single point");
});

Deno.test("probeBars() says what is wrong with its scores", () => {
  const groups = [{ label: "shared", color: roleColors.shared, chance: 10 }];
  const bars = (methods: ProbeMethod[], of = groups) => () => probeBars({ title, yTitle: "y", groups: of, methods });
  const method = { name: "CoMM", values: [{ mean: 9 }] };
  assert.throws(bars([]), /methods to have at least one entry/);
  assert.throws(bars([method], []), /groups to have at least one entry/);
  assert.throws(bars([{ ...method, values: [] }]), /values of CoMM to have 1 entry, got 0/);
  assert.throws(bars([{ ...method, published: [1, 2] }]), /published values of CoMM to have 1 entry, got 2/);
  assert.throws(bars([{ ...method, published: [NaN] }]), /published values of CoMM to be finite/);
  assert.throws(bars([{ name: "CoMM", values: [{ mean: NaN }] }]), /score of CoMM to be finite numbers, got NaN/);
  assert.throws(bars([{ name: "CoMM", values: [{ mean: 9, low: 9.5 }] }]), /score of CoMM to lie within its interval/);
  assert.throws(bars([method], [{ ...groups[0], chance: Infinity }]), /chance of shared to be finite/);
  assert.doesNotThrow(bars([{ name: "none", values: [null] }]), "all missing");
});

Deno.test("embeddingMap() says what is wrong with its points", () => {
  const map = (points: number[][], ...panels: string[][]) => () =>
    embeddingMap({ title, method: "PCA", points, panels: panels.map((labels) => ({ title: "by shape", labels })) });
  assert.throws(map([], []), /points to have at least one entry/);
  assert.throws(map([[0, 0]]), /panels to have at least one entry/);
  assert.throws(map([[0, 0, 0]], ["a"]), /a point to have 2 entries, got 3/);
  assert.throws(map([[0, NaN]], ["a"]), /points to be finite numbers, got NaN/);
  assert.throws(map([[0, 0]], []), /labels by shape to have 1 entry, got 0/);
  assert.throws(map([[0, 0]], ["a"], ["a"], ["a"], ["a"]), /at most 3 panels, got 4/);
  const many = Array.from({ length: 41 }, (_, i) => [i, i]);
  assert.throws(map(many, many.map(String)), /at most 40 categories by shape, got 41/);
  assert.doesNotThrow(map([[2, 2]], ["a"]), "a single point");
  const colored = (label: string) => () =>
    embeddingMap({
      title,
      method: "PCA",
      points: [[0, 0]],
      panels: [{ title: "by kind", labels: [label], colors: { a: "#000000" } }],
    });
  assert.throws(colored("b"), /a colour for every category by kind, got none for b/);
  assert.throws(colored("toString"), /got none for toString/);
});

Deno.test("forestPlot() says what is wrong with its rows", () => {
  const forest = (rows: Parameters<typeof forestPlot>[0]["rows"], reference = 1) => () =>
    forestPlot({ title, xTitle: "x", reference, referenceLabel: "all", rows });
  const row = { label: "dots", mean: 1, low: 0, high: 2, n: 3 };
  assert.throws(forest([]), /rows to have at least one entry/);
  assert.throws(forest([row], NaN), /reference to be finite/);
  assert.throws(forest([{ ...row, low: 1.5 }]), /dots to lie within its interval, got 1 and \[1.5, 2\]/);
  assert.throws(forest([{ ...row, high: NaN }]), /dots to be finite/);
  assert.throws(forest([{ ...row, adjustedPValue: 2 }]), /adjusted p-value of dots to be within 0 and 1, got 2/);
  assert.throws(forest([{ ...row, adjustedPValue: 1 }, row]), /in all rows or in none, got 1 of 2/);
  assert.doesNotThrow(forest([{ ...row, low: 1, high: 1 }]), "an interval without width");
  assert.doesNotThrow(forest([{ label: "one", mean: 1, n: 1 }]), "no interval of a single sample");
});

Deno.test("diagram() says what is wrong with its boxes and arrows", () => {
  const draw = (boxes: DiagramBox[], arrows: { from: string; to: string }[] = []) => () =>
    diagram({ title, description: "d", boxes, arrows });
  const box = { id: "a", text: "A", column: 0, row: 0 };
  assert.throws(draw([]), /boxes to have at least one entry/);
  assert.throws(draw([box, box]), /its own id, got "a" twice/);
  assert.throws(draw([box], [{ from: "a", to: "b" }]), /arrows between a, got "b"/);
  assert.throws(draw([{ ...box, column: 0.5 }]), /column, row and span of a to be whole, got 0.5, 0 and 1/);
  assert.throws(draw([{ ...box, row: -1 }]), /column, row and span of a to be whole/);
  assert.throws(draw([{ ...box, span: 0 }]), /column, row and span of a to be whole/);
  assert.throws(draw([{ ...box, text: "wide ".repeat(60) }]), /columns to fit 668 px, got \d+ px: use shorter texts/);
});

Deno.test("ternaryPlot() says what is wrong with its points", () => {
  const corners = ["a", "b", "c"].map((label) => ({ label })) as [
    { label: string },
    { label: string },
    { label: string },
  ];
  const plot = (points: Shares[], more = {}) => () => ternaryPlot({ title, corners, points, ...more });
  assert.throws(plot([]), /points to have at least one entry/);
  assert.throws(plot([[1, 1, 0]]), /three shares of at least 0 that sum to 1, got \[1,1,0\]: divide by their sum/);
  assert.throws(plot([[1.5, -0.5, 0]]), /at least 0/);
  assert.throws(plot([[NaN, 0, 1]]), /points to be finite/);
  assert.throws(plot([[1, 0, 0]], { labels: [] }), /labels to have 1 entry, got 0/);
  assert.throws(plot([[1, 0, 0]], { values: { title: "v", of: [NaN] } }), /values to be finite/);
  assert.throws(plot([[1, 0, 0]], { labels: ["x"], values: { title: "v", of: [1] } }), /labels or values, got both/);
  const many = Array.from({ length: 11 }, (): Shares => [1, 0, 0]);
  assert.throws(plot(many, { labels: many.map((_, i) => String(i)) }), /at most 10 categories, got 11/);
  assert.doesNotThrow(plot([[0, 0, 1]]), "a single point at a corner");
});

Deno.test("contributionHeatmap() says what is wrong with its cells", () => {
  const map = (values: (Contribution | null)[], modalities = ["image"]) => () =>
    contributionHeatmap({
      title,
      modalities,
      valueTitle: "v",
      sections: [{ label: "class", rows: [{ label: "one", n: 3, values }] }],
    });
  assert.throws(map([], []), /modalities to have at least one entry/);
  assert.throws(map([], [..."abcdefg"]), /at most 6 modalities, got 7: make two figures/);
  assert.throws(map([]), /values of one to have 1 entry, got 0/);
  assert.throws(map([{ mean: NaN }]), /contribution to one to be finite/);
  assert.throws(map([{ mean: 1, low: 2, high: 3 }]), /contribution to one to lie within its interval/);
  assert.throws(map([{ mean: 1, adjustedPValue: -1 }]), /adjusted p-value of one to be within 0 and 1, got -1/);
  assert.throws(
    () => contributionHeatmap({ title, modalities: ["a"], valueTitle: "v", sections: [{ label: "class", rows: [] }] }),
    /rows of class to have at least one entry/,
  );
  assert.doesNotThrow(map([null]), "nothing measured");
  assert.doesNotThrow(map([{ mean: 0 }]), "all zero");
});

Deno.test("modalityLattice() says what is wrong with its scores", () => {
  const lattice = (scores: CombinationScore[], modalities = ["image", "sound"]) => () =>
    modalityLattice({ title, modalities, scores, scoreTitle: "s" });
  assert.throws(lattice([], ["image"]), /two to four modalities, got 1/);
  assert.throws(lattice([], [..."abcde"]), /two to four modalities, got 5/);
  assert.throws(lattice([]), /score of at least one combination, got none/);
  assert.throws(lattice([{ modalities: ["text"], mean: 1 }]), /modalities among image, sound, got text/);
  assert.throws(
    lattice([{ modalities: ["image", "sound"], mean: 1 }, { modalities: ["sound", "image"], mean: 2 }]),
    /one score for sound \+ image, got two/,
  );
  assert.throws(lattice([{ modalities: ["image"], mean: NaN }]), /score of image to be finite/);
  assert.doesNotThrow(lattice([{ modalities: ["image"], mean: 1 }]), "one measured combination");
});

Deno.test("reliabilityDiagram() says what is wrong with its bins", () => {
  const bin = { n: 3, confidence: 0.5, accuracy: { mean: 0.4 } };
  const plot = (...series: ReliabilitySeries[]) => () => reliabilityDiagram({ title, series });
  const one = { name: "one", bins: [bin] };
  assert.throws(plot(), /series to have at least one entry/);
  assert.throws(plot(one, one, one, one, one), /at most 4 series, got 5/);
  assert.throws(plot({ name: "one", bins: [] }), /bins of one to have at least one entry/);
  assert.throws(plot({ ...one, bins: [{ ...bin, confidence: 50 }] }), /confidence of one to be within 0 and 1, got 50/);
  assert.throws(
    plot({ ...one, bins: [{ ...bin, accuracy: { mean: 0.4, low: 0.5 } }] }),
    /accuracy of one to lie within/,
  );
  assert.doesNotThrow(plot(one), "a single bin");
});
