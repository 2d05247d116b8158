// A figure as HTML that comes to life where its script runs.

import { categoricalColors } from "../colors.ts";
import { ON_SCALE, type PlotlySpec } from "../spec.ts";
import { drawInPage, PLOTLY_EVENT, PLOTLY_KEY } from "./in_page.ts";

/** Until it is drawn: in a notebook that was just cloned no script runs, and another browser lacks what the kernel sent once. */
const UNDRAWN = "To see this figure, restart the kernel and run the notebook.";

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
${drawCall("document.currentScript.previousElementSibling", scriptJson(spec))};
</script>`;
}

/** The code that draws a figure in a page, where `place` and `figure` are code too. */
export const drawCall = (place: string, figure: string): string =>
  `(${drawInPage})(${
    [place, figure, ...[PLOTLY_KEY, PLOTLY_EVENT, categoricalColors, ON_SCALE].map((value) => JSON.stringify(value))]
      .join(", ")
  })`;

/** JSON that may stand in a script: no "</script>" in a label ends it. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
