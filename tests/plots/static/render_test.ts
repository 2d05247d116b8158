// Every kind of chart that the walkthroughs may draw, from specification to picture.

import { decode } from "fast-png";
import assert from "node:assert/strict";
import type { PlotlyTrace } from "braid/plots/spec.ts";
import { renderPng, renderSvg } from "braid/plots/static/render.ts";

const globalsBefore = Object.getOwnPropertyNames(globalThis);
const wave = (n: number, shift = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 0.7 + shift));
const surface = Array.from({ length: 20 }, (_, i) => wave(20, i / 5));
const abc = ["a", "b", "c"];

const kinds: Record<string, PlotlyTrace[]> = {
  scatter: [{ type: "scatter", mode: "markers", x: wave(50), y: wave(50, 1) }],
  "lines with error bars": [{
    type: "scatter",
    mode: "lines",
    y: wave(9),
    error_y: { type: "data", array: wave(9, 2) },
  }],
  bar: [{ type: "bar", x: abc, y: [1, 2, 3], text: ["10 %", "20 %", "30 %"], textposition: "auto" }],
  box: [{ type: "box", y: wave(40), boxpoints: "all" }],
  violin: [{ type: "violin", y: wave(40), box: { visible: true } }],
  histogram: [{ type: "histogram", x: wave(90) }],
  heatmap: [{ type: "heatmap", z: surface }],
  "heatmap with texts": [{ type: "heatmap", z: [[1, 2], [3, 4]], texttemplate: "%{z}", xgap: 2, ygap: 2 }],
  contour: [{ type: "contour", z: surface, contours: { coloring: "fill", showlabels: true } }],
  image: [{ type: "image", z: [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]] }],
  sankey: [{ type: "sankey", node: { label: abc }, link: { source: [0, 1], target: [2, 2], value: [1, 2] } }],
  ternary: [{ type: "scatterternary", mode: "markers", a: [1, 2], b: [2, 1], c: [1, 1] }],
  polar: [{ type: "scatterpolar", r: [1, 2, 3], theta: abc, fill: "toself" }],
  parcats: [{ type: "parcats", dimensions: [{ label: "from", values: abc }, { label: "to", values: abc }] }],
  pie: [{ type: "pie", labels: abc, values: [1, 2, 3] }],
  table: [{ type: "table", header: { values: ["method"] }, cells: { values: [["CoMM"]] } }],
  subplots: [{ type: "scatter", y: wave(5) }, { type: "bar", y: [1, 2], xaxis: "x2", yaxis: "y2" }],
};

for (const [kind, data] of Object.entries(kinds)) {
  Deno.test(`${kind}: drawn as SVG that a rasterizer reads`, async () => {
    const layout = { width: 400, height: 300, title: { text: "Title here" }, grid: { rows: 1, columns: 2 } };
    const svg = await renderSvg({ data, layout });
    assert.match(svg, /Title here/);
    assert.doesNotMatch(svg, /url\((&quot;|["'])/);
    assert.doesNotMatch(svg, /image-rendering: ?pixelated/);
    const picture = decode(await renderPng(svg, { scale: 1 }));
    assert.deepEqual([picture.width, picture.height], [400, 300]);
  });
}

Deno.test("a heatmap's cells have the colours of their values", async () => {
  const colorscale = [[0, "rgb(255,0,0)"], [1, "rgb(0,0,255)"]];
  const data = [{ type: "heatmap", z: [[0, 1]], colorscale, showscale: false }];
  const layout = { width: 200, height: 100, margin: { l: 0, r: 0, t: 0, b: 0 } };
  const picture = decode(await renderPng(await renderSvg({ data, layout }), { scale: 1 }));
  const pixel = (x: number, y: number) => [...picture.data.slice(4 * (200 * y + x), 4 * (200 * y + x) + 3)];
  assert.deepEqual([pixel(50, 50), pixel(95, 20), pixel(105, 20), pixel(150, 80)], [
    [255, 0, 0],
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 255],
  ]);
});

Deno.test("drawing leaves the caller's specification as it is", async () => {
  const spec = { data: [{ type: "bar", y: [1, 2] }], layout: { width: 300, height: 200 } },
    before = structuredClone(spec);
  await renderSvg(spec);
  assert.deepEqual(spec, before);
});

Deno.test("figures drawn at the same time do not mix", async () => {
  const titles = ["first", "second", "third"], layout = { width: 300, height: 200 };
  const drawn = await Promise.all(
    titles.map((text) => renderSvg({ data: [{ type: "bar", y: [1] }], layout: { ...layout, title: { text } } })),
  );
  drawn.forEach((svg, i) => titles.forEach((title, k) => assert.equal(svg.includes(`>${title}<`), i === k)));
});

Deno.test("a smaller file with a palette shows the same picture", async () => {
  const svg = await renderSvg({ data: kinds.bar, layout: { width: 400, height: 300 } });
  const full = await renderPng(svg, { scale: 2 }), small = await renderPng(svg, { scale: 2, palette: true });
  assert.ok(small.length < 0.7 * full.length, `got ${small.length} of ${full.length} bytes`);
  const a = decode(full), b = decode(small), palette = b.palette!;
  let error = 0;
  for (let i = 0; i < b.data.length; i++) error = Math.max(error, Math.abs(palette[b.data[i]][0] - a.data[4 * i]));
  assert.ok(error < 40, `got a difference of ${error} levels`);
});

Deno.test("drawing leaves no globals behind", () => {
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).filter((name) => !globalsBefore.includes(name)), []);
  assert.equal(typeof (globalThis as { document?: unknown }).document, "undefined");
});

Deno.test("importing a figure loads neither plotly.js nor a page nor the rasterizer", async () => {
  interface Graph {
    roots: string[];
    modules: { specifier: string; dependencies?: { isDynamic?: boolean; code?: { specifier: string } }[] }[];
    redirects: Record<string, string>;
  }
  const entry = new URL(import.meta.resolve("braid/plots/figure.ts"));
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry.pathname] }).output();
  const { roots, modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const needed = new Set(roots);
  for (const specifier of needed) {
    for (const { isDynamic, code } of modules.find((module) => module.specifier === specifier)?.dependencies ?? []) {
      if (!isDynamic && code) needed.add(code.specifier);
    }
  }
  assert.ok(needed.size > 5, `got ${[...needed]}`);
  assert.deepEqual([...needed].filter((specifier) => /plotly\.js|happy-dom|resvg|open-sans/.test(specifier)), []);
});
