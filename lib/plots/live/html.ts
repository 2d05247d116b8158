// A figure as HTML that comes to life where its script runs.

import type { PlotlySpec } from "../spec.ts";
import { drawInPage, PLOTLY_EVENT, PLOTLY_KEY } from "./in_page.ts";

/** What a figure says until it is drawn: in a notebook that was just cloned, no script runs. */
const UNDRAWN = "Run the notebook to see this figure.";

/**
 * A figure as an HTML fragment. Its script draws it as soon as plotly.js is in the page; until then, and where no script runs,
 * its words stand there.
 *
 * @param spec The figure.
 * @param alt Title and description.
 */
export function liveHtml(spec: PlotlySpec, alt: string): string {
  const words = escapeHtml(alt);
  return `<div role="img" aria-label="${words}">${words} <em>${UNDRAWN}</em></div>
<script>
(${drawInPage})(document.currentScript.previousElementSibling, ${scriptJson(spec)}, "${PLOTLY_KEY}", "${PLOTLY_EVENT}");
</script>`;
}

/** JSON that may stand in a script: no "</script>" in a label ends it. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
