// Every kind of chart that the walkthroughs may draw, from specification to picture.

import { decode } from "fast-png";
import assert from "node:assert/strict";
import { renderPng, renderSvg } from "braid/plots/static/render.ts";
import { chartKinds } from "../chart_kinds.ts";

const globalsBefore = Object.getOwnPropertyNames(globalThis);

for (const [kind, spec] of Object.entries(chartKinds)) {
  Deno.test(`${kind}: drawn as SVG that a rasterizer reads`, async () => {
    const svg = await renderSvg(spec);
    assert.match(svg, /A title above the figure/);
    assert.doesNotMatch(svg, /url\((&quot;|["'])/);
    assert.doesNotMatch(svg, /image-rendering: ?pixelated/);
    const picture = decode(await renderPng(svg, { scale: 1 }));
    assert.deepEqual([picture.width, picture.height], [500, 350]);
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
  const svg = await renderSvg(chartKinds.bar);
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
