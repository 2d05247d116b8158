// How wide and high a text is in Open Sans, without a font engine. Kerning is left out: it moves a label by at most 0.2 px.

import table from "./font_widths.json" with { type: "json" };

/** Size and weight of a text. */
export interface TextFont {
  /** Font size in pixels. */
  size: number;
  /** Weight 700 in place of 400. */
  bold?: boolean;
}

const { unitsPerEm, ascender, descender } = table.regular;

/** Height of a line above its baseline, in font sizes. */
export const ASCENT = ascender / unitsPerEm;

/** Depth of a line below its baseline, in font sizes. */
export const DESCENT = -descender / unitsPerEm;

/** Distance between the baselines of two lines, in font sizes; Plotly's own. */
export const LINE_HEIGHT = 1.3;

/** Widths in font sizes of a character that Open Sans lacks: a full square from the East Asian blocks on. */
const UNKNOWN = 0.6, FULL_WIDTH = 1, FIRST_FULL_WIDTH = 0x2e80;

const advances = (weight: typeof table.regular | typeof table.bold): Map<string, number> =>
  new Map(
    Object.entries(weight.characters).flatMap(([width, characters]) =>
      Array.from(characters, (character) => [character, Number(width) / unitsPerEm] as const)
    ),
  );
const regular = advances(table.regular), bold = advances(table.bold);

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
  const table = font.bold ? bold : regular;
  let width = 0;
  for (const character of text) {
    width += table.get(character) ?? (character.codePointAt(0)! < FIRST_FULL_WIDTH ? UNKNOWN : FULL_WIDTH);
  }
  return width * font.size;
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
