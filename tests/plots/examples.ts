// Figures of every family with contents like those of a walkthrough, long texts among them.

import { roleColors } from "braid/plots/colors.ts";
import { contributionHeatmap } from "braid/plots/contribution_heatmap.ts";
import { diagram } from "braid/plots/diagram.ts";
import { embeddingMap } from "braid/plots/embedding_map.ts";
import type { Figure } from "braid/plots/figure.ts";
import { forestPlot } from "braid/plots/forest_plot.ts";
import { type GridImage, imageGrid } from "braid/plots/image_grid.ts";
import { informationBars } from "braid/plots/information_bars.ts";
import { interactionMap } from "braid/plots/interaction_map.ts";
import { learningCurves } from "braid/plots/learning_curves.ts";
import { modalityLattice } from "braid/plots/modality_lattice.ts";
import { probeBars } from "braid/plots/probe_bars.ts";
import { reliabilityDiagram } from "braid/plots/reliability_diagram.ts";
import { similarityMatrix } from "braid/plots/similarity_matrix.ts";
import { synergyBrackets } from "braid/plots/synergy_brackets.ts";
import { ternaryPlot } from "braid/plots/ternary_plot.ts";

/** A number in [0, 1) that looks random, the same in every run. */
export const noise = (i: number): number => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;

/** A coloured disc or square with stripes or dots. */
export function picture(seed: number, size = 64): GridImage {
  const pixels = new Float32Array(size * size * 3).fill(seed % 2 ? 1 : 0.5);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = x / size - 0.5, v = y / size - 0.5;
      const inside = seed % 3 === 0 ? Math.hypot(u, v) < 0.4 : Math.max(Math.abs(u), Math.abs(v)) < 0.35;
      const painted = seed % 4 < 2 ? x % 8 < 4 : noise(seed + y * size + x) > 0.5;
      if (inside && painted) { for (let c = 0; c < 3; c++) pixels[(y * size + x) * 3 + c] = noise(seed * 3 + c); }
    }
  }
  return { pixels, height: size, width: size, channels: 3 };
}

const shapes = [
  "triangle",
  "square",
  "plus",
  "circle",
  "tee",
  "rhombus",
  "pentagon",
  "star",
  "fivesquare",
  "trapezoid",
];
const textures = ["solid", "stripes", "grid", "hexgrid", "dots", "noise", "triangles", "zigzags", "rain", "bars"];
const count = (n: number) => Array.from({ length: n }, (_, i) => i);
const score = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half, n: 5 });
const similarities = (n: number, positive: number, negative: number) =>
  count(n).map((i) => count(n).map((j) => i === j ? positive : negative + 0.4 * (noise(i * n + j) - 0.5)));
const rise = (steps: readonly number[], from: number, to: number, rate: number) =>
  steps.map((step) => to + (from - to) * Math.exp(-step / rate));

const longTitle =
  "Cross-modal losses keep the shared part only; CoMM also keeps what is unique to each picture, and part of " +
  "what only the two of them tell together";
const groups = [
  { label: "shared (shape)", color: roleColors.shared, chance: 10 },
  { label: "unique 1 (texture)", color: roleColors.unique1, chance: 10 },
  { label: "unique 2 (texture)", color: roleColors.unique2, chance: 10 },
  { label: "synergy (which texture goes with which colour)", color: roleColors.synergy, chance: 50 },
];
const steps = count(41).map((i) => 250 * i),
  points = count(900).map((i) => [3 * noise(i) + i % 10, 2 * noise(i + 0.5) + i % 7]);
const interval = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half, n: 1200 });
const longGroup =
  "left-handed patients over 65 years of age who were seen at the second of the three university hospitals";
const shares = (i: number): [number, number, number] => {
  const [a, b, c] = [noise(i), noise(i + 0.3), noise(i + 0.7)].map((value, k) => value ** (1 + (i + k) % 3));
  return [a / (a + b + c), b / (a + b + c), c / (a + b + c)];
};
const bins = (gap: number, n: number) =>
  count(9).map((k) => {
    const confidence = 0.15 + 0.1 * k, mean = Math.max(0.02, Math.min(0.98, confidence - gap * (k / 8)));
    return { n: Math.round(n * (1 + k)), confidence, accuracy: { mean, low: mean - 0.02, high: mean + 0.02 } };
  });
const xor = { columns: ["x₁", "x₂", "y"], rows: [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]] };

/** One figure or more of every family. */
export const examples: Readonly<Record<string, Figure>> = {
  grid: imageGrid({
    title: "Ten shapes, ten textures, ten colours: every picture draws one of each, independently of the others",
    images: count(20).map((i) => picture(i)),
    columns: 10,
    columnLabels: shapes,
    rowLabels: ["sample 1", "sample 2"],
  }),
  pairs: imageGrid({
    title: "Six pairs: the same shape, textures drawn apart",
    images: count(12).map((i) => picture(i)),
    columns: 6,
    rowLabels: ["picture 1", "picture 2"],
    captions: count(12).map((i) => `${shapes[i % 6]}, ${textures[i % 10]}, a colour`),
  }),
  information: informationBars({
    title: "Trifeature pairs carry 3.32 bits in common, 3.32 bits unique to each picture and 0.47 bits of synergy",
    units: "bits",
    rows: [
      { label: "shape", redundancy: 3.32, unique1: 0, unique2: 0, synergy: 0 },
      { label: "all factors", redundancy: 3.32, unique1: 3.32, unique2: 3.32, synergy: 0.47 },
    ],
  }),
  atoms: informationBars({
    title: "Four toy targets, four kinds of information",
    units: "bits",
    rows: [
      { label: "XOR", redundancy: 0, unique1: 0, unique2: 0, synergy: 1, table: xor },
      { label: "AND", redundancy: 0.311, unique1: 0, unique2: 0, synergy: 0.5, table: xor },
    ],
  }),
  similarity: similarityMatrix({
    title: "After training the positives stand out",
    matrices: [
      { label: "before training", values: similarities(48, 0.5, 0.5) },
      { label: "after 2,000 steps", values: similarities(48, 0.9, 0.1) },
    ],
  }),
  oneMatrix: similarityMatrix({
    title: "Before training all pairs look alike",
    matrices: [{ label: "before training", values: similarities(16, 0.5, 0.5) }],
  }),
  loss: learningCurves({
    title: "All terms of the loss fall, the fused term furthest",
    xTitle: "training step",
    yTitle: "loss (nats)",
    series: [
      { name: "total", x: steps, y: rise(steps, 16, 9, 2000), color: "#000000" },
      { name: "L fused", x: steps, y: rise(steps, 5.5, 2.9, 2000), color: roleColors.synergy },
      { name: "L₁ (image 1)", x: steps, y: rise(steps, 5.5, 3.1, 2000), color: roleColors.unique1 },
      { name: "L₂ (image 2)", x: steps, y: rise(steps, 5.5, 3, 2000), color: roleColors.unique2 },
    ],
    references: [{ y: Math.log(255), label: "guessing, log 255" }],
  }),
  probes: learningCurves({
    title: "The shared part comes first, the unique parts later, synergy last",
    xTitle: "training step",
    yTitle: "accuracy (%)",
    series: ["shared", "unique 1", "unique 2", "synergy"].flatMap((panel, i) => {
      const y = rise(steps, 10, 95 - 10 * i, 500 * (i + 1));
      const interval = { low: y.map((value) => value - 3), high: y.map((value) => value + 3) };
      return [
        { name: "recorded run", panel, x: steps, y, interval },
        { name: "this run (quick)", panel, x: steps.slice(0, 9), y: y.slice(0, 9) },
        { name: "published", panel, x: steps, y: y.map((value) => value + 1), dash: "dot" as const, color: "#555555" },
      ];
    }),
    references: [{ y: 50, label: "chance", panel: "synergy" }],
  }),
  sweep: learningCurves({
    title: "A temperature near 0.1 is best",
    xTitle: "temperature τ",
    yTitle: "linear-probe accuracy (%)",
    xScale: "log",
    series: [
      { name: "shared", x: [0.02, 0.05, 0.1, 0.5, 2], y: [95, 98, 99, 97, 80], color: roleColors.shared },
      { name: "unique 1", x: [0.02, 0.05, 0.1, 0.5, 2], y: [60, 80, 87, 70, 22], color: roleColors.unique1 },
      { name: "unique 2", x: [0.02, 0.05, 0.1, 0.5, 2], y: [61, 79, 86, 71, 22], color: roleColors.unique2 },
    ],
  }),
  probe: probeBars({
    title: longTitle,
    yTitle: "linear-probe accuracy (%)",
    caption:
      "Published: Dufumier et al. 2025; ours: quick preset, 12 epochs, a longer caption that needs a second line.",
    groups,
    methods: [
      { name: "random weights", values: [score(41, 3), score(22, 2), score(23, 2), score(50, 1)] },
      { name: "Cross", values: [score(99, 1), score(12, 1), score(11, 1), score(50, 1)], published: [100, 12, 12, 50] },
      { name: "Cross + Self", values: [score(98, 1), score(86, 2), score(87, 2), null], published: [100, 87, 87, 50] },
      { name: "CoMM", values: [score(99, 1), score(85, 2), score(84, 2), score(68, 2)], published: [100, 88, 88, 72] },
    ],
  }),
  contribution: probeBars({
    title: "Both modalities help, and each alone is worse",
    yTitle: "test accuracy (%)",
    unit: "speakers",
    groups: [
      { label: "from the image", color: roleColors.unique1 },
      { label: "from the sound", color: roleColors.unique2 },
      { label: "from both", color: roleColors.synergy },
    ],
    methods: [
      { name: "other shuffled", values: [score(60, 5), score(54, 5), score(10, 2)] },
      { name: "intact", values: [score(91, 2), score(88, 3), score(97, 1)] },
    ],
  }),
  map: embeddingMap({
    title: "Shape forms clusters; texture and the synergy label do not",
    method: "UMAP of the fused vector, 15 neighbours",
    points,
    panels: [
      { title: "by shape", labels: points.map((_, i) => shapes[i % 10]) },
      { title: "by texture", labels: points.map((_, i) => textures[Math.floor(10 * noise(i))]) },
      { title: "by synergy label", labels: points.map((_, i) => noise(i + 0.25) > 0.5 ? "1" : "0") },
    ],
  }),
  forest: forestPlot({
    title: "Rain and bars are the hardest textures",
    xTitle: "accuracy of the texture probe (%)",
    reference: 80,
    referenceLabel: "all samples: 80 %",
    rows: textures.map((label, i) => ({
      label,
      mean: 90 - 2.37 * i,
      low: 85.6 - 2.37 * i,
      high: 94.1 - 2.37 * i,
      n: 95 + i,
    })),
  }),
  model: diagram({
    title: "CoMM: two encoders, one fusion transformer, one head",
    description: "Two pictures pass an encoder and an adapter each and meet in a fusion transformer.",
    caption: "B: batch.",
    boxes: [
      { id: "x1", text: "picture 1", column: 0, row: 0, color: roleColors.unique1 },
      { id: "x2", text: "picture 2", column: 0, row: 2, color: roleColors.unique2 },
      { id: "f1", text: "encoder f₁", column: 1, row: 0, color: roleColors.unique1 },
      { id: "f2", text: "encoder f₂", column: 1, row: 2, color: roleColors.unique2 },
      { id: "a1", text: "adapter", column: 2, row: 0, color: roleColors.unique1 },
      { id: "a2", text: "adapter", column: 2, row: 2, color: roleColors.unique2 },
      { id: "t", text: "fusion<br>transformer<br>with CLS", column: 3, row: 1, color: roleColors.shared },
      { id: "h", text: "head", column: 3, row: 3, color: roleColors.shared },
      { id: "l", text: "InfoNCE over<br>masked views", column: 2, row: 3, color: roleColors.synergy },
    ],
    arrows: [
      { from: "x1", to: "f1", label: "[B, 3, 64, 64]" },
      { from: "x2", to: "f2", label: "[B, 3, 64, 64]" },
      { from: "f1", to: "a1", label: "[B, 256, 2, 2]" },
      { from: "f2", to: "a2", label: "[B, 256, 2, 2]" },
      { from: "a1", to: "t", label: "[B, 4, 512]" },
      { from: "a2", to: "t", label: "[B, 4, 512]" },
      { from: "t", to: "h", label: "[B, 512]" },
      { from: "h", to: "l", label: "[B, 256]" },
    ],
  }),
  masks: diagram({
    title: "Three masks: picture 1 alone, picture 2 alone, both",
    description: "Three rows of two boxes; the first keeps picture 1, the second picture 2, the third both.",
    boxes: count(3).flatMap((row) => [
      { id: `a${row}`, text: "picture 1", column: 0, row, color: roleColors.unique1, absent: row === 1 },
      { id: `b${row}`, text: "picture 2", column: 1, row, color: roleColors.unique2, absent: row === 0 },
      { id: `z${row}`, text: ["z₁", "z₂", "z"][row], column: 2, row, color: roleColors.shared },
    ]),
    arrows: count(3).map((row) => ({ from: `b${row}`, to: `z${row}` })),
  }),
  informationIntervals: informationBars({
    title: "The sound adds most where the picture is noisy; synergy is not told from zero",
    units: "bits",
    caption: "Shuffled labels give 0.06 bits of synergy.",
    rows: [
      {
        label: "clean pictures",
        redundancy: interval(1.9, 0.12),
        unique1: interval(0.7, 0.1),
        unique2: interval(0.2, 0.08),
        synergy: { mean: 0.06, low: 0, high: 0.13, n: 1200 },
      },
      {
        label: "noisy pictures of digits written by people who never saw the others write",
        redundancy: interval(0.5, 0.1),
        unique1: interval(0.05, 0.04),
        unique2: interval(2.1, 0.15),
        synergy: { mean: 0.04, low: 0, high: 0.12, n: 1180 },
      },
      { label: "exact", redundancy: 1, unique1: 0, unique2: 0, synergy: interval(1, 0.2) },
    ],
  }),
  effects: forestPlot({
    title: "One group of patients is read worse than the others; a second looks so and is not told from chance",
    xTitle: "difference of accuracy to all other samples (points)",
    reference: 0,
    referenceLabel: "no difference",
    caption: "Permutation tests, adjusted after Holm for the number of groups.",
    rows: [
      { label: "site A", mean: 1.2, low: -1.4, high: 3.8, n: 812, adjustedPValue: 1 },
      { label: longGroup, mean: -9.4, low: -14.1, high: -4.6, n: 214, adjustedPValue: 0.0005 },
      { label: "site C", mean: -3.1, low: -6, high: -0.2, n: 401, adjustedPValue: 0.0871 },
      { label: "only one", mean: 12.2, n: 1, adjustedPValue: 0.5 },
      { label: "site D", mean: 4.1, low: 1.9, high: 6.3, n: 644, adjustedPValue: 0.012 },
    ],
  }),
  manyGroups: forestPlot({
    title: "Forty speakers, none of them understood unlike the others",
    xTitle: "digit heard right (%)",
    reference: 84,
    referenceLabel: "all: 84 %",
    rows: count(40).map((i) => ({
      label: `speaker ${i + 1}`,
      ...{ mean: 84 + 8 * (noise(i) - 0.5), low: 76 + 8 * (noise(i) - 0.5), high: 91 + 8 * (noise(i) - 0.5), n: 50 },
    })),
  }),
  ternary: ternaryPlot({
    title: "Ones are told by their pen strokes, sevens by their sound, and few digits by all three alike",
    corners: [
      { label: "sound", color: roleColors.unique1 },
      { label: "image", color: roleColors.unique2 },
      { label: "pen strokes on the tablet, resampled", color: roleColors.synergy },
    ],
    points: count(500).map((i) =>
      i % 5 === 0 ? [[1, 0, 0], [0, 1, 0], [0, 0, 1]][i % 3] as [number, number, number] : shares(i)
    ),
    labels: count(500).map((i) => ["one", "seven", "nine", "an eight with a long name"][i % 4]),
    caption: "Share of the summed drops in probability when a modality is left out.",
  }),
  simplex: ternaryPlot({
    title: "Mixtures near one sample are recognised, mixtures of three are not",
    corners: [{ label: "sample 1: shoe" }, { label: "sample 2: bag" }, { label: "sample 3: shirt" }],
    points: count(11).flatMap((a) =>
      count(11 - a).map((b): [number, number, number] => [a / 10, b / 10, (10 - a - b) / 10])
    ),
    values: {
      title: "entropy of the prediction (nats)",
      of: count(11).flatMap((a) =>
        count(11 - a).map((b) =>
          -[a, b, 10 - a - b].reduce((sum, weight) => sum + (weight ? weight / 10 * Math.log(weight / 10) : 0), 0)
        )
      ),
    },
  }),
  contributions: contributionHeatmap({
    title: "Every class needs the sound, only noisy recordings need the picture",
    modalities: ["image", "sound", "pen strokes (resampled to 100 points)"],
    valueTitle: "accuracy lost without the modality (points)",
    sections: [
      {
        label: "class",
        rows: ["zero", "one", "two"].map((label, i) => ({
          label,
          n: 120 + 7 * i,
          values: [interval(3 * i - 1, 3), interval(31 - 4 * i, 6), i === 1 ? null : interval(-4 + i, 2.4)],
        })),
      },
      {
        label: "recording",
        rows: ["quiet", longGroup].map((label, i) => ({
          label,
          n: 300 + i,
          values: [interval(1 + 14 * i, 3), interval(22 - 12 * i, 4), { mean: 0.4 }],
        })),
      },
    ],
  }),
  manyContributions: contributionHeatmap({
    title: "Six modalities, twelve groups",
    modalities: ["image", "sound", "text", "depth", "electrocardiogram", "laboratory values"],
    valueTitle: "accuracy lost without the modality",
    sections: [{
      label: "site",
      rows: count(12).map((i) => ({
        label: `site ${i + 1}`,
        n: 90 + i,
        values: count(6).map((k) => ({
          ...interval(0.3 * (noise(7 * i + k) - 0.3), 0.06),
          adjustedPValue: noise(i + 31 * k),
        })),
      })),
    }],
  }),
  lattice: modalityLattice({
    title: "Without the sound a third of the digits is lost; the strokes add little to picture and sound",
    modalities: ["image", "sound", "pen strokes"],
    scoreTitle: "accuracy (%)",
    scores: [
      { modalities: [], ...interval(10, 1.5) },
      { modalities: ["image"], ...interval(66.2, 3.1) },
      { modalities: ["sound"], ...interval(89.6, 2.2) },
      { modalities: ["pen strokes"], ...interval(71.3, 2.9) },
      { modalities: ["image", "sound"], ...interval(96.9, 1.3) },
      { modalities: ["image", "pen strokes"], ...interval(75, 2.8) },
      { modalities: ["image", "sound", "pen strokes"], ...interval(96.4, 1.4) },
    ],
  }),
  lattice4: modalityLattice({
    title: "Four modalities, fifteen combinations: notes help most",
    modalities: ["electronic health record", "chest radiograph", "ECG", "notes"],
    scoreTitle: "balanced accuracy (%)",
    scores: count(15).map((i) => i + 1).map((set) => ({
      modalities: ["electronic health record", "chest radiograph", "ECG", "notes"].filter((_, bit) => set & 2 ** bit),
      ...interval(60 + 1.7 * set + 4 * noise(set), 2.2),
    })),
  }),
  reliability: reliabilityDiagram({
    title: "Both groups get too much confidence, the smaller one far too much",
    series: [
      { name: "site A", bins: bins(0.1, 20), error: { mean: 0.061, low: 0.05, high: 0.08 } },
      { name: "site B", bins: bins(0.4, 5), error: { mean: 0.223, low: 0.19, high: 0.26 } },
    ],
  }),
  reliability4: reliabilityDiagram({
    title: "Four classifiers",
    series: ["from the image", "from the sound", "from the pen strokes", "from all three together"].map((name, i) => ({
      name,
      bins: bins(0.1 * i - 0.1, 10 + 5 * i),
      error: { mean: 0.05 * (i + 1) },
    })),
  }),
  slider: learningCurves({
    title: "With 8 clusters, half a bit is found where there is nothing",
    xTitle: "samples",
    yTitle: "synergy (bits)",
    xScale: "log",
    slider: {
      name: "clusters",
      start: "8",
      steps: [2, 8, 20].map((clusters) => ({ label: String(clusters), title: `With ${clusters} clusters` })),
    },
    series: [2, 8, 20].flatMap((clusters) =>
      ["nothing to find", "something to find"].map((panel) => ({
        ...{ panel, name: "as counted", step: String(clusters) },
        x: [50, 200, 1000],
        y: [50, 200, 1000].map((samples) => clusters / samples),
      }))
    ),
    references: [{ y: 0, label: "truth" }],
    caption: longTitle,
  }),
  interactions: interactionMap({
    title: "Image and text share most; synergy is told apart from chance in one pair",
    units: "bits",
    pairs: ["image", "text", "sound", "electrocardiogram", "laboratory values", "pen strokes"].flatMap((
      first,
      i,
      all,
    ) =>
      all.slice(i + 1).map((second, k) => ({
        sources: [first, second] as const,
        redundancy: { value: 3 * noise(i + 7 * k), distinguishable: true },
        unique1: { value: -0.01 * k, distinguishable: false },
        unique2: { value: -1.25, distinguishable: true },
        synergy: { value: 0.1 * noise(k), distinguishable: i === k },
      }))
    ),
  }),
  interactionPair: interactionMap({
    title: "One pair",
    units: "nats",
    pairs: [{
      sources: ["image", "sound"],
      ...{ redundancy: { value: 1, distinguishable: true }, unique1: { value: 0, distinguishable: true } },
      ...{ unique2: { value: 0, distinguishable: true }, synergy: { value: 0.5, distinguishable: true } },
    }],
  }),
  brackets: synergyBrackets({
    title: "AND leaves no choice, XOR every one",
    rows: [
      { label: "AND", lower: 0.5, upper: 0.5, synergy: 0.5 },
      { label: "XOR", lower: -0.2, upper: 1, synergy: 1 },
      { label: "expression of genes and of microRNA in one tumour", lower: 0.1, upper: 0.9, synergy: 0.2 },
    ],
  }),
};
