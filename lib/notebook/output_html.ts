/**
 * Outputs of cells as HTML.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import type { MimeBundle } from "../jupyter/messages.ts";
import type { Output } from "../jupyter/notebook_file.ts";
import { scriptJson } from "../plots/live/html.ts";
import { renderMarkdown } from "./markdown.ts";

/**
 * An output as HTML: pictures with their text form as alternative, figures of Plotly as pictures that a script may bring to
 * life, everything without a better form as text.
 *
 * @param output Output of a cell.
 *
 * @example
 * ```ts
 * import { outputToHtml } from "braid/notebook/output_html.ts";
 * import assert from "node:assert/strict";
 *
 * const html = outputToHtml({ output_type: "stream", name: "stdout", text: "1 < 2\n" });
 * assert.equal(html, '<pre class="stdout">1 &lt; 2</pre>');
 * ```
 */
export function outputToHtml(output: Output): string {
  switch (output.output_type) {
    case "stream":
      return pre(output.name, output.text);
    case "error":
      return pre("error", output.traceback.join("\n"));
    default:
      return bundleToHtml(output.data);
  }
}

/**
 * Text as it may stand in HTML, inside or outside of an attribute.
 *
 * @param text Any text.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "braid/notebook/output_html.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(escapeHtml('"a" < b & c'), "&quot;a&quot; &lt; b &amp; c");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]);
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Formats from the richest to the plainest. */
const FORMATS: [type: string, render: (value: string, alternative: string) => string][] = [
  ["text/html", (html) => `<div class="html">${html}</div>`],
  ["image/svg+xml", (svg, alternative) => image("image/svg+xml", toBase64(svg), alternative)],
  ["image/png", (png, alternative) => image("image/png", png, alternative)],
  ["image/jpeg", (jpeg, alternative) => image("image/jpeg", jpeg, alternative)],
  ["text/markdown", (markdown) => renderMarkdown(markdown)],
  ["text/latex", (latex) => renderMarkdown(latex)],
  ["text/plain", (text) => pre("result", text)],
];

function bundleToHtml(data: MimeBundle): string {
  const alternative = typeof data["text/plain"] === "string" ? data["text/plain"] : "";
  const plotly = data["application/vnd.plotly.v1+json"], png = data["image/png"];
  if (plotly && typeof png === "string") {
    return liveFigure(plotly, image("image/png", png, alternative), alternative);
  }
  for (const [type, render] of FORMATS) {
    const value = data[type];
    if (typeof value === "string") return render(value, alternative);
  }
  return "";
}

function liveFigure(plotly: unknown, picture: string, alternative: string): string {
  const place = `<div role="img" aria-label="${escapeHtml(alternative.trim())}">${picture}</div>`;
  return `<figure class="plotly">${place}<script type="application/json">${scriptJson(plotly)}</script></figure>`;
}

const image = (type: string, base64: string, alternative: string): string =>
  `<img src="data:${type};base64,${base64.replace(/\s/g, "")}" alt="${escapeHtml(alternative.trim())}">`;

const toBase64 = (text: string): string => new TextEncoder().encode(text).toBase64();

function pre(kind: string, text: string): string {
  const overwritten = /^.*\r(?!$)/gm; // a carriage return lets a terminal write over the line
  const plain = stripVTControlCharacters(text).replaceAll("\r\n", "\n").replace(overwritten, "").trimEnd();
  return `<pre class="${kind}">${escapeHtml(plain)}</pre>`;
}
