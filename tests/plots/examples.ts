// Figures of every family with contents like those of a walkthrough, long texts among them.

import { roleColors } from "braid/plots/colors.ts";
import { diagram } from "braid/plots/diagram.ts";
import { embeddingMap } from "braid/plots/embedding_map.ts";
import type { Figure } from "braid/plots/figure.ts";
import { forestPlot } from "braid/plots/forest_plot.ts";
import { type GridImage, imageGrid } from "braid/plots/image_grid.ts";
import { informationBars } from "braid/plots/information_bars.ts";
import { learningCurves } from "braid/plots/learning_curves.ts";
import { probeBars } from "braid/plots/probe_bars.ts";
import { similarityMatrix } from "braid/plots/similarity_matrix.ts";

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
};
