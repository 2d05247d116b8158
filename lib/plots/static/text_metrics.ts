// How wide and high a text is in Open Sans, without a font engine, as browsers have it but for kerning.

import table from "./font_widths.json" with { type: "json" };

/** Size and weight of a text. */
export interface TextFont {
  /** Font size in pixels. */
  size: number;
  /** Weight 700 in place of 400. */
  bold?: boolean;
}

const { unitsPerEm, ascender, descender } = table.regular;

/** Height of a line above its baseline, in whole pixels as browsers have it, for a font size in pixels. */
export const ascent = (size: number): number => Math.round(ascender / unitsPerEm * size);

/** Depth of a line below its baseline, in whole pixels as browsers have it, for a font size in pixels. */
export const descent = (size: number): number => Math.round(-descender / unitsPerEm * size);

/** Distance between the baselines of two lines, in font sizes; Plotly's own. */
export const LINE_HEIGHT = 1.3;

/** Widths in font sizes of a character that Open Sans lacks: a full square from the East Asian blocks on. */
const UNKNOWN = 0.6, FULL_WIDTH = 1, FIRST_FULL_WIDTH = 0x2e80;

/** Where the pen goes on after a character, and where its ink begins and ends, in font sizes. */
interface Glyph {
  advance: number;
  inkLeft: number;
  inkRight: number;
}

const glyphsOf = (weight: typeof table.regular | typeof table.bold): Map<string, Glyph> =>
  new Map(
    Object.entries(weight.characters).flatMap(([widths, characters]) => {
      const [advance, inkLeft, inkRight] = widths.split(" ").map((units) => Number(units) / unitsPerEm);
      return Array.from(characters, (character) => [character, { advance, inkLeft, inkRight }] as const);
    }),
  );
const regular = glyphsOf(table.regular), bold = glyphsOf(table.bold);

function glyphOf(character: string, font: TextFont): Glyph {
  const known = (font.bold ? bold : regular).get(character);
  if (known) return known;
  const advance = character.codePointAt(0)! < FIRST_FULL_WIDTH ? UNKNOWN : FULL_WIDTH;
  return { advance, inkLeft: 0, inkRight: advance };
}

/**
 * Width of one line of text.
 *
 * @param text The characters as drawn, without markup.
 * @param font Size and weight.
 * @returns Sum of the advance widths in pixels.
 *
 * @example
 * ```ts
 * import { textWidth } from "braid/plots/static/text_metrics.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(textWidth("AAAA", { size: 20 }), 4 * textWidth("A", { size: 20 }));
 * ```
 */
export function textWidth(text: string, font: TextFont): number {
  let width = 0;
  for (const character of text) width += glyphOf(character, font).advance;
  return width * font.size;
}

/** An end of a letter's ink in pixels: font engines have it in 64ths before they ask which pixels it touches. */
const inkEnd = (pixels: number): number => Math.round(64 * pixels) / 64;

/**
 * How far one line of text reaches to either side of its start, as a browser's `getBBox()` has it: over the advance widths, and
 * where a letter's ink goes beyond them, over the whole pixels that it touches.
 *
 * @param text The characters as drawn, without markup.
 * @param font Size and weight.
 * @returns `left`, at most 0, and `right`, in pixels.
 *
 * @example
 * ```ts
 * import { textReach } from "braid/plots/static/text_metrics.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(textReach("j", { size: 100 }), { left: -6, right: 100 * 517 / 2048 }); // a j begins left of its start
 * ```
 */
export function textReach(text: string, font: TextFont): { left: number; right: number } {
  let left = 0, right = 0, pen = 0;
  for (const character of text) {
    const { advance, inkLeft, inkRight } = glyphOf(character, font);
    left = Math.min(left, pen + Math.floor(inkEnd(inkLeft * font.size)));
    right = Math.max(right, pen + Math.ceil(inkEnd(inkRight * font.size)));
    pen += advance * font.size;
  }
  return { left, right: Math.max(right, pen) };
}

/**
 * Breaks a text into lines at its spaces, but for one before %; a word longer than a line keeps a line of its own.
 *
 * @param text Text that may hold Plotly's inline markup (`<b>`, `<sub>`), which takes no room, and `<br>`, which ends a line.
 * @param width Room for a line in pixels.
 * @param font Size and weight.
 * @returns The lines, at least one.
 *
 * @example
 * ```ts
 * import { wrapText } from "braid/plots/static/text_metrics.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(wrapText("one two three", 60, { size: 12 }), ["one two", "three"]);
 * ```
 */
export function wrapText(text: string, width: number, font: TextFont): string[] {
  return text.split("<br>").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(/\s+(?!%)/)) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer.replace(/<[^>]*>/g, ""), font) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    return [...lines, line];
  });
}
