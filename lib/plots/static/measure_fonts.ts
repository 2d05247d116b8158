// Writes font_widths.json beside this file: deno run -A lib/plots/static/measure_fonts.ts

import opentype from "opentype.js";
import { fontFile, SUBSETS, WEIGHTS } from "./fonts.ts";

/** What is read of opentype.js, which ships no types. */
interface Glyph {
  unicodes: number[];
  advanceWidth: number;
  getMetrics(): { xMin: number; xMax: number };
}
interface Font {
  unitsPerEm: number;
  ascender: number;
  descender: number;
  glyphs: { length: number; get(index: number): Glyph };
}
const { parse } = opentype as { parse(buffer: ArrayBuffer): Font };

/** The characters of one weight, grouped by advance width, left and right end of their ink, in font units. */
async function measure(weight: keyof typeof WEIGHTS) {
  const fonts = await Promise.all(
    SUBSETS.map(async (subset) => parse((await fontFile(subset, weight, "woff")).buffer)),
  );
  const measures = new Map<string, string>();
  for (const { glyphs } of fonts) {
    for (let index = 0; index < glyphs.length; index++) {
      const glyph = glyphs.get(index), { xMin, xMax } = glyph.getMetrics();
      for (const code of glyph.unicodes) {
        measures.set(String.fromCodePoint(code), `${glyph.advanceWidth} ${xMin} ${xMax}`);
      }
    }
  }
  const { unitsPerEm, ascender, descender } = fonts[0];
  const grouped = Object.groupBy([...measures.keys()].sort(), (character) => measures.get(character)!);
  const characters = Object.fromEntries(Object.entries(grouped).map(([key, group]) => [key, group!.join("")]));
  return { unitsPerEm, ascender, descender, characters };
}

if (import.meta.main) {
  const table = { regular: await measure("regular"), bold: await measure("bold") };
  await Deno.writeTextFile(new URL("font_widths.json", import.meta.url), JSON.stringify(table, null, 2) + "\n");
}
