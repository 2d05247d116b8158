// Every kind of chart that plotly.js draws without webgl and that the walkthroughs may use, with all that needs room: titles,
// legends, long labels, texts at marks.

import type { PlotlySpec, PlotlyTrace } from "braid/plots/spec.ts";
import { noise } from "./examples.ts";

const count = (n: number) => Array.from({ length: n }, (_, i) => i);
const wave = (n: number, shift = 0) => count(n).map((i) => Math.sin(i * 0.7 + shift));
const scattered = (n: number, seed: number) =>
  count(n).map((i) => seed + noise(seed * 997 + i) - noise(seed * 991 - i));
const surface = count(20).map((i) => wave(20, i / 5));
const abc = ["a", "b", "c"];

type Layout = Omit<PlotlySpec["layout"], "width" | "height">;

const figure = (data: PlotlyTrace[], layout: Layout = {}): PlotlySpec => ({
  data,
  layout: {
    width: 500,
    height: 350,
    title: { text: "A title above the figure" },
    font: { family: "Open Sans" },
    ...layout,
  },
});

const axes = { xaxis: { title: { text: "component 1" } }, yaxis: { title: { text: "component 2 (nats)" } } };

/** A figure of each kind, by the kind's name. */
export const chartKinds: Record<string, PlotlySpec> = {
  scatter: figure(
    ["shared", "unique to gene expression"].map((name, k) => ({
      type: "scatter",
      mode: "markers",
      name,
      x: scattered(40, k),
      y: scattered(40, -k),
    })),
    axes,
  ),
  "lines with error bars": figure([
    {
      type: "scatter",
      mode: "lines+markers",
      name: "training",
      y: wave(9).map(Math.exp),
      error_y: { array: wave(9, 1).map(Math.abs) },
    },
    { type: "scatter", mode: "lines", name: "validation", y: wave(9, 1).map(Math.exp), line: { dash: "dot" } },
  ], { xaxis: { title: { text: "epoch" } }, yaxis: { type: "log", title: { text: "loss" } } }),
  bar: figure([
    {
      type: "bar",
      name: "CoMM",
      x: ["gene expression", "mutations", "proteins"],
      y: [0.887, 0.82, 0.071],
      text: ["88.7 %", "82.0 %", "7.1 %"],
      textposition: "auto",
    },
    { type: "bar", name: "Cross", x: ["gene expression", "mutations", "proteins"], y: [0.815, 0.774, 0.66] },
  ], { barmode: "group", yaxis: { tickformat: ".0%" } }),
  box: figure(
    ["control", "treated", "other"].map((name, k) => ({ type: "box", name, y: scattered(40, k), boxpoints: "all" })),
  ),
  violin: figure(
    ["control", "treated"].map((name, k) => ({ type: "violin", name, y: scattered(60, k), box: { visible: true } })),
  ),
  histogram: figure([
    { type: "histogram", name: "positives", x: scattered(200, 0) },
    { type: "histogram", name: "negatives", x: scattered(200, 1), opacity: 0.7 },
  ], { barmode: "overlay", xaxis: { title: { text: "cosine" } } }),
  heatmap: figure([{ type: "heatmap", z: surface, colorbar: { title: { text: "cosine" } } }]),
  "heatmap with texts": figure([{
    type: "heatmap",
    x: abc,
    y: ["Normal", "Basal", "Luminal A"],
    z: [[50, 3, 1], [4, 40, 6], [2, 5, 30]],
    texttemplate: "%{z}",
    xgap: 2,
    ygap: 2,
    colorscale: "Viridis",
  }], { yaxis: { autorange: "reversed" } }),
  contour: figure([{ type: "contour", z: surface, contours: { coloring: "fill", showlabels: true } }]),
  image: figure([{ type: "image", z: [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]] }]),
  sankey: figure([{
    type: "sankey",
    node: { label: ["mRNA", "methylation", "shared", "synergy", "label"] },
    link: { source: [0, 1, 0, 1, 2, 3], target: [2, 2, 3, 3, 4, 4], value: [5, 4, 3, 2, 9, 5] },
  }]),
  ternary: figure([{ type: "scatterternary", mode: "markers", a: [1, 2, 5], b: [2, 1, 1], c: [1, 1, 0] }], {
    ternary: {
      aaxis: { title: { text: "shared" } },
      baxis: { title: { text: "unique" } },
      caxis: { title: { text: "synergy" } },
    },
  }),
  polar: figure([{
    type: "scatterpolar",
    r: [1, 3, 2, 4, 1],
    theta: ["mRNA", "B", "C", "mutation", "mRNA"],
    fill: "toself",
  }]),
  parcats: figure([{
    type: "parcats",
    dimensions: [{ label: "predicted", values: ["a", "b", "a", "a"] }, { label: "true", values: ["a", "b", "b", "a"] }],
  }]),
  pie: figure([{ type: "pie", labels: ["shared", "unique 1", "unique 2", "synergy"], values: [40, 30, 20, 1] }]),
  table: figure([{
    type: "table",
    header: { values: ["method", "accuracy"] },
    cells: { values: [["CoMM", "Cross, with a long name that takes more than one line"], [88.7, 85.1]] },
  }]),
  subplots: figure([
    { type: "scatter", name: "left", x: scattered(30, 1), y: scattered(30, 2) },
    { type: "bar", name: "right", x: abc, y: [1, 2, 0], xaxis: "x2", yaxis: "y2" },
  ], {
    grid: { rows: 1, columns: 2, pattern: "independent" },
    annotations: [{ text: "an <b>annotation</b> with<br>two lines and x<sup>2</sup>", x: 1, y: 2, showarrow: true }],
    yaxis2: { tickvals: [0, 1, 2], ticktext: ["none", "a long tick label", "middle"], automargin: true },
    legend: { orientation: "h" },
  }),
};
