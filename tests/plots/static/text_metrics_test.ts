// Truth: the font files themselves, read by opentype.js, and the shaping of another engine, resvg.

import { initWasm, Resvg } from "@resvg/resvg-wasm";
import assert from "node:assert/strict";
import opentype from "opentype.js";
import { fontFile } from "braid/plots/static/fonts.ts";
import { ascent, descent, textReach, textWidth, wrapText } from "braid/plots/static/text_metrics.ts";

interface Font {
  unitsPerEm: number;
  ascender: number;
  descender: number;
  stringToGlyphs(text: string): { getMetrics(): { xMin: number } }[];
  getAdvanceWidth(text: string, size: number, options: { kerning: boolean }): number;
}
const read = async (subset: Parameters<typeof fontFile>[0], weight: Parameters<typeof fontFile>[1]) =>
  (opentype as { parse(buffer: ArrayBuffer): Font }).parse((await fontFile(subset, weight, "woff")).buffer);
const regular = await read("latin", "regular"), bold = await read("latin", "bold");

const close = (got: number, want: number, tolerance: number) =>
  assert.ok(Math.abs(got - want) <= tolerance, `got ${got}, want ${want}`);

Deno.test("textWidth() is the sum of the font's advance widths", async () => {
  const greek = await read("greek", "regular");
  for (const text of ["AAAA", "Illustrative text", "0.47 bits", "±×·–", "€50 “quoted”"]) {
    close(textWidth(text, { size: 13 }), regular.getAdvanceWidth(text, 13, { kerning: false }), 0.01);
    close(textWidth(text, { size: 17, bold: true }), bold.getAdvanceWidth(text, 17, { kerning: false }), 0.01);
  }
  close(textWidth("τλΩ", { size: 20 }), greek.getAdvanceWidth("τλΩ", 20, { kerning: false }), 0.01);
});

Deno.test("textWidth() of a repeated letter is a multiple of its width, and grows with the font size", () => {
  close(textWidth("AAAA", { size: 10 }), 4 * textWidth("A", { size: 10 }), 1e-9);
  close(textWidth("shape", { size: 30 }), 3 * textWidth("shape", { size: 10 }), 1e-9);
  assert.equal(textWidth("", { size: 10 }), 0);
});

Deno.test("textWidth() agrees with what the rasterizer draws", async () => {
  await initWasm(Deno.readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  const fontBuffers = [await fontFile("latin", "regular"), await fontFile("latin", "bold")];
  for (
    const [text, weight] of [["HHHHHHHHHH", 400], ["HHHHHHHHHH", 700], ["H linear probe accuracy H", 400]] as const
  ) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="80">
      <text x="20" y="50" font-family="Open Sans" font-size="40" font-weight="${weight}">${text}</text></svg>`;
    const ink = new Resvg(svg, { font: { fontBuffers } }).innerBBox()!;
    // The stems of an H stand back from its advance width by about 0.1 em on either side.
    close(ink.width, textWidth(text, { size: 40, bold: weight === 700 }) - 8, 4);
  }
});

Deno.test("textWidth() gives a character outside the font a plausible width", () => {
  assert.equal(textWidth("→", { size: 10 }), 6);
  assert.equal(textWidth("形", { size: 10 }), 10);
});

Deno.test("ascent() and descent() are the font's own, in whole pixels", () => {
  for (const size of [5, 8.4, 12, 13, 17, 30]) {
    close(ascent(size), regular.ascender / regular.unitsPerEm * size, 0.5);
    close(descent(size), -regular.descender / regular.unitsPerEm * size, 0.5);
    assert.ok(Number.isInteger(ascent(size)) && Number.isInteger(descent(size)));
  }
});

Deno.test("textReach() goes beyond the advance width where the last letter's ink touches another pixel", () => {
  // What Chromium 156 answers, to 1/64 px a letter; tests/browser/figures.ts asks it for many more.
  for (
    const [text, size, right] of [
      ["n", 12, 7.36],
      ["y", 12, 7],
      ["synergy", 12, 44.25],
      ["between the bounds", 12, 115.72],
      ["50", 10, 11.72],
      ["synergy", 20, 73.08],
    ] as const
  ) {
    assert.equal(textReach(text, { size }).left, 0);
    close(textReach(text, { size }).right, right, 0.02);
  }
  assert.deepEqual(textReach("", { size: 12 }), { left: 0, right: 0 });
});

Deno.test("textReach() begins left of its start where the first letter's ink does", () => {
  const size = 100, [j] = (regular.stringToGlyphs("j")).map((glyph) => glyph.getMetrics());
  assert.ok(j.xMin < 0);
  assert.equal(textReach("jn", { size }).left, Math.floor(j.xMin / regular.unitsPerEm * size));
  assert.equal(textReach("nj", { size }).left, 0);
});

Deno.test("wrapText() fills lines without exceeding the width and loses no word", () => {
  const text = "Cross-modal losses keep the shared part only and CoMM also keeps what is unique";
  const lines = wrapText(text, 150, { size: 13 });
  assert.ok(lines.length > 2);
  assert.equal(lines.join(" "), text);
  for (const line of lines) assert.ok(textWidth(line, { size: 13 }) <= 150);
  lines.slice(1).forEach((line, i) =>
    assert.ok(textWidth(`${lines[i]} ${line.split(" ")[0]}`, { size: 13 }) > 150, "a word more would have fitted")
  );
});

Deno.test("wrapText() keeps a long word whole, given line breaks, and an empty text", () => {
  assert.deepEqual(wrapText("a incomprehensibilities b", 20, { size: 12 }), ["a", "incomprehensibilities", "b"]);
  assert.deepEqual(wrapText("one<br>two", 500, { size: 12 }), ["one", "two"]);
  assert.deepEqual(wrapText("", 500, { size: 12 }), [""]);
  assert.deepEqual(wrapText("a 48 % b", 20, { size: 12 }), ["a", "48 %", "b"]); // a number and its sign stay together
});

Deno.test("wrapText() gives markup no room", () => {
  const width = textWidth("one two", { size: 12 }) + 1;
  assert.deepEqual(wrapText("<b>one</b> two", width, { size: 12 }), ["<b>one</b> two"]);
});
