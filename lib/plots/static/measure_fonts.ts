// Writes font_widths.json beside this file: deno run -A lib/plots/static/measure_fonts.ts

import opentype from "opentype.js";
import { fontFile, SUBSETS, WEIGHTS } from "./fonts.ts";

/** What is read of opentype.js, which ships no types. */
interface Font {
  unitsPerEm: number;
  ascender: number;
  descender: number;
  glyphs: { length: number; get(index: number): { unicodes: number[]; advanceWidth: number } };
}
const { parse } = opentype as { parse(buffer: ArrayBuffer): Font };

/** The characters of one weight, grouped by their advance width in font units. */
async function measure(weight: keyof typeof WEIGHTS) {
  const fonts = await Promise.all(
    SUBSETS.map(async (subset) => parse((await fontFile(subset, weight, "woff")).buffer)),
  );
  const width = new Map<string, number>();
  for (const { glyphs } of fonts) {
    for (let index = 0; index < glyphs.length; index++) {
      const { unicodes, advanceWidth } = glyphs.get(index);
      for (const code of unicodes) width.set(String.fromCodePoint(code), advanceWidth);
    }
  }
  const { unitsPerEm, ascender, descender } = fonts[0];
  const byWidth = Object.groupBy([...width.keys()].sort(), (character) => `${width.get(character)}`);
  const characters = Object.fromEntries(Object.entries(byWidth).map(([key, group]) => [key, group!.join("")]));
  return { unitsPerEm, ascender, descender, characters };
}

if (import.meta.main) {
  const table = { regular: await measure("regular"), bold: await measure("bold") };
  await Deno.writeTextFile(new URL("font_widths.json", import.meta.url), JSON.stringify(table, null, 2) + "\n");
}
