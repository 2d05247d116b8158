/**
 * Markdown with formulas as HTML.
 *
 * @module
 */

import katex from "katex";
import createMarkdownIt, { type MarkdownIt } from "markdown-it";

/**
 * Renders CommonMark with tables, and formulas between `$…$` or `$$…$$` as MathML, which browsers draw without style sheets
 * or fonts. Inside a formula nothing is Markdown; `\$` and a dollar in code or before a price are dollars.
 *
 * @param source Markdown; HTML in it passes unchanged.
 * @returns HTML, with an `id` on every heading.
 *
 * @example
 * ```ts
 * import { renderMarkdown } from "braid/notebook/markdown.ts";
 * import assert from "node:assert/strict";
 *
 * assert.match(renderMarkdown("## At $x_1$"), /^<h2 id="at-x-1">At .*<msub><mi>x<\/mi><mn>1<\/mn><\/msub>/);
 * ```
 */
export function renderMarkdown(source: string): string {
  return markdown.render(source);
}

const markdown = createMarkdownIt({ html: true }).use(formulas).use(headingIds);

function formulas(markdown: MarkdownIt): void {
  markdown.inline.ruler.before("escape", "formula", (state, silent) => {
    const match = INLINE_FORMULA.exec(state.src.slice(state.pos));
    if (!match) return false;
    if (!silent) state.push("formula", "math", 0).content = match[0];
    state.pos += match[0].length;
    return true;
  });
  // Formulas of several lines are read before lists and headings, whose marks may begin one of their lines.
  markdown.block.ruler.before("fence", "formula_block", (state, start, end, silent) => {
    if (state.sCount[start] - state.blkIndent >= 4) return false; // indented code
    const begin = state.bMarks[start] + state.tShift[start], rest = state.src.slice(begin, state.eMarks[end - 1]);
    const match = BLOCK_FORMULA.exec(rest);
    if (!match) return false;
    if (silent) return true;
    const token = state.push("formula", "math", 0), lines = match[0].trimEnd().split("\n").length;
    token.content = match[0].trim();
    token.map = [start, start + lines];
    state.line = start + lines;
    return true;
  }, { alt: ["paragraph", "blockquote", "list"] });
  markdown.renderer.rules.formula = (tokens, index) => renderFormula(tokens[index].content);
}

/** `$$…$$`, or `$…$` as Pandoc has it: no space inside the dollars, no digit after them. */
const INLINE_FORMULA = /^\$\$(?:[^$\\]|\\[^])+\$\$|^\$(?![\s$])(?:[^$\\]|\\[^])*?(?<!\s)\$(?!\d)/;
const BLOCK_FORMULA = /^\$\$(?:[^$\\]|\\[^])+\$\$[ \t]*(?:\n|$)/;

function renderFormula(formula: string): string {
  const displayMode = formula.startsWith("$$");
  const tex = displayMode ? formula.slice(2, -2) : formula.slice(1, -1);
  return katex.renderToString(tex, { displayMode, output: "mathml", throwOnError: false, strict: "ignore" });
}

function headingIds(markdown: MarkdownIt): void {
  markdown.renderer.rules.heading_open = (tokens, index, options, _environment, renderer) => {
    tokens[index].attrSet("id", slug(tokens[index + 1].content));
    return renderer.renderToken(tokens, index, options);
  };
}

const slug = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
