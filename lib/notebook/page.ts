/**
 * A notebook as a page that stands alone: no network, no server, no other file.
 *
 * @module
 */

import hljs from "highlight.js/lib/core";
import typescript from "highlight.js/lib/languages/typescript";
import type { Cell, CodeCell, Notebook } from "../jupyter/notebook_file.ts";
import { drawCall } from "../plots/live/html.ts";
import { renderMarkdown } from "./markdown.ts";
import { escapeHtml, outputToHtml } from "./output_html.ts";
import { PAGE_STYLE } from "./page_style.ts";

hljs.registerLanguage("typescript", typescript);

/**
 * A notebook with its outputs as one HTML page.
 *
 * Figures of Plotly are pictures; when a file `plotly.min.js` lies beside the page, they become interactive.
 *
 * @param notebook Notebook, as it was run.
 * @param options `title`: name of the page in the browser.
 * @returns The HTML document.
 *
 * @example
 * ```ts
 * import { createNotebook } from "braid/jupyter/notebook_file.ts";
 * import { notebookToHtml } from "braid/notebook/page.ts";
 * import assert from "node:assert/strict";
 *
 * const page = notebookToHtml(createNotebook(["const a = 1;"]), { title: "One & only" });
 * assert.match(page, /^<!DOCTYPE html>[^]*<title>One &amp; only<\/title>/);
 * ```
 */
export function notebookToHtml(notebook: Notebook, { title }: { title: string }): string {
  const cells = notebook.cells.map(cellToHtml).filter((html) => html !== "").join("\n");
  const scripts = cells.includes('<figure class="plotly">') ? LIVE_FIGURES : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<main>
${cells}
</main>
${scripts}</body>
</html>
`;
}

/** A module runs after deferred scripts, so Plotly is there by then, or its file is absent and the pictures stay. */
const LIVE_FIGURES = `<script defer src="plotly.min.js"></script>
<script type="module">
if (window.Plotly) for (const figure of document.querySelectorAll("figure.plotly")) {
  ${drawCall('figure.querySelector("div")', 'JSON.parse(figure.querySelector("script").textContent)')};
}
</script>
`;

function cellToHtml(cell: Cell): string {
  if (cell.source.trim() === "") return "";
  switch (cell.cell_type) {
    case "markdown":
      return `<section class="cell text">\n${renderMarkdown(cell.source)}</section>`;
    case "code":
      return codeCellToHtml(cell);
    case "raw":
      return ""; // meant for other converters
  }
}

function codeCellToHtml({ source, execution_count, outputs }: CodeCell): string {
  const code = hljs.highlight(source, { language: "typescript" }).value;
  const number = execution_count === null ? "" : `<span class="number">[${execution_count}]</span>`;
  const shown = outputs.map((output) => `<div class="output">${outputToHtml(output)}</div>`);
  return [`<section class="cell code">${number}<pre><code>${code}</code></pre>`, ...shown, "</section>"].join("\n");
}
