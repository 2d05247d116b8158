// Figures drawn without a browser look as Chromium draws them. `deno task test:browser` runs this file.

import ranges from "@fontsource/open-sans/unicode.json" with { type: "json" };
import type { Browser, Page } from "playwright-core";
import assert from "node:assert/strict";
import type { PlotlySpec } from "braid/plots/spec.ts";
import { fontFile, SUBSETS, WEIGHTS } from "braid/plots/static/fonts.ts";
import { renderSvg } from "braid/plots/static/render.ts";
import { ascent, descent, textReach } from "braid/plots/static/text_metrics.ts";
import { chartKinds } from "../plots/chart_kinds.ts";
import { examples } from "../plots/examples.ts";
import { openBrowser } from "./front_end.ts";

let browser: Browser, page: Page;

Deno.test.beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  await page.setContent(`<style>${await openSans()} svg { position: absolute; left: 0; top: 0 }</style>`);
  const { default: plotly } = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  await page.addScriptTag({ content: plotly as unknown as string });
  await page.evaluate(() => Promise.all([...document.fonts].map((font) => font.load())));
});

Deno.test.afterAll(async () => await browser?.close());

/** The typeface as the page's style, from the files that the drawings without a browser use. */
async function openSans(): Promise<string> {
  const weights = Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[];
  const faces = weights.flatMap((weight) =>
    SUBSETS.map(async (subset) =>
      `@font-face {
        font-family: "Open Sans";
        font-weight: ${WEIGHTS[weight]};
        src: url(data:font/woff2;base64,${(await fontFile(subset, weight)).toBase64()});
        unicode-range: ${ranges[subset]};
      }`
    )
  );
  return (await Promise.all(faces)).join("\n");
}

/** How two drawings of a figure differ. */
interface Difference {
  elements: number;
  /** The largest distance between an edge of an element and the same edge in the other drawing, in pixels. */
  pixels: number;
  /** That element and its boxes; or where one drawing has what the other lacks. */
  where: string;
}

/** Draws a figure by plotly.js in the page and compares it, element by element, with its drawing made without one. */
async function compare(spec: PlotlySpec): Promise<Difference> {
  return await page.evaluate(comparedInPage, { json: JSON.stringify(spec), svg: await renderSvg(spec) });
}

/**
 * Runs in the page: uses nothing of this program.
 *
 * @param drawings The figure as JSON, and its drawing.
 */
async function comparedInPage({ json, svg }: { json: string; svg: string }): Promise<Difference> {
  interface Plotly {
    toImage(spec: PlotlySpec, options: Record<string, unknown>): Promise<string>;
  }
  const { Plotly } = globalThis as unknown as { Plotly: Plotly };
  const spec: PlotlySpec = JSON.parse(json), { width, height } = spec.layout;
  const drawn = await Plotly.toImage(spec, { format: "svg", imageDataOnly: true, width, height });
  const [ours, theirs] = [svg, drawn].map((text) => {
    document.body.insertAdjacentHTML("beforeend", text);
    return document.body.lastElementChild!;
  });
  const edges = (element: Element) => {
    const clips = element.parentElement?.localName === "clipPath"; // is not drawn, so that it has no place in the page
    const { x, y, width, height } = clips ? (element as SVGGraphicsElement).getBBox() : element.getBoundingClientRect();
    return [x, y, x + width, y + height];
  };
  const pairs = (a: Element, b: Element): [Element, Element][] | string => {
    if (a.localName !== b.localName || a.childElementCount !== b.childElementCount) return a.outerHTML.slice(0, 200);
    const below = Array.from(a.children, (child, i) => pairs(child, b.children[i]));
    return below.find((found) => typeof found === "string") ??
      [[a, b], ...below.flatMap((found) => found as [Element, Element][])];
  };
  const found = pairs(ours, theirs), difference = { elements: 0, pixels: 0, where: "" };
  if (typeof found === "string") Object.assign(difference, { pixels: Infinity, where: found });
  else {
    difference.elements = found.length;
    for (const [a, b] of found) {
      const own = edges(a), other = edges(b), pixels = Math.max(...own.map((edge, i) => Math.abs(edge - other[i])));
      if (pixels <= difference.pixels) continue;
      Object.assign(difference, { pixels, where: `[${own}], in Chromium [${other}]: ${a.outerHTML.slice(0, 200)}` });
    }
  }
  ours.remove();
  theirs.remove();
  return difference;
}

for (const [kind, spec] of Object.entries(chartKinds)) {
  Deno.test(`${kind}: every element of the drawing is within half a pixel of where Chromium has it`, async () => {
    const { elements, pixels, where } = await compare(spec);
    assert.ok(elements > 40, `got ${elements} elements`);
    assert.ok(pixels <= 0.5, `got ${pixels} px: ${where}`);
  });
}

Deno.test("figures of every family: every element is within a pixel of where Chromium has it", async () => {
  for (const [name, figure] of Object.entries(examples)) {
    const { pixels, where } = await compare(figure.toJSON());
    // A box around a text has whole pixels: where its width lies between two of them, the drawings may choose differently.
    assert.ok(pixels <= 1, `${name}: got ${pixels} px: ${where}`);
  }
});

Deno.test("the comparison sees what is moved, what is missing, and what another font moves", async () => {
  const { bar } = chartKinds, svg = await renderSvg(bar);
  const differs = (text: string) => page.evaluate(comparedInPage, { json: JSON.stringify(bar), svg: text });
  assert.ok((await differs(svg)).pixels <= 0.5);
  assert.ok((await differs(svg.replace(/(?<=class="xtick".*?translate\()[\d.]+/, "90"))).pixels > 1);
  assert.equal((await differs(svg.replace(/<g class="xtick">.*?<\/g>/, ""))).pixels, Infinity);
  const other = { ...bar, layout: { ...bar.layout, font: { family: "monospace" } } };
  assert.ok((await page.evaluate(comparedInPage, { json: JSON.stringify(other), svg })).pixels > 1);
});

Deno.test("texts reach as far as in Chromium", async () => {
  const texts = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;()[]%+−±×αβτλΩ"];
  for (const size of [10, 12, 13, 17]) {
    for (const bold of [false, true]) {
      const boxes = await page.evaluate(({ texts, size, bold }) => {
        document.body.insertAdjacentHTML("beforeend", "<svg><text></text></svg>");
        const svg = document.body.lastElementChild!, text = svg.querySelector("text")!;
        text.setAttribute("style", `font: ${bold ? 700 : 400} ${size}px "Open Sans"`);
        const boxes = texts.map((content) => {
          text.textContent = content;
          const { x, y, width, height } = text.getBBox();
          return { left: x, right: x + width, top: y, bottom: y + height };
        });
        svg.remove();
        return boxes;
      }, { texts, size, bold });
      for (const [i, box] of boxes.entries()) {
        const want = { ...textReach(texts[i], { size, bold }), top: -ascent(size), bottom: descent(size) };
        for (const side of ["left", "right", "top", "bottom"] as const) {
          assert.ok(
            Math.abs(box[side] - want[side]) < 0.03,
            `${texts[i]}, ${size} px, ${side}: ${want[side]}, Chromium ${box[side]}`,
          );
        }
      }
    }
  }
});
