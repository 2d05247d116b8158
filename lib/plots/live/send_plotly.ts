// Brings plotly.js to the page that shows this kernel's outputs.

import { runningKernel } from "./cell_context.ts";
import { PLOTLY_EVENT, PLOTLY_KEY, receivePlotly } from "./in_page.ts";

/** What stays in the notebook of the two megabytes. */
const LEFT_IN_NOTEBOOK = "Figures are live: point at marks for their values, drag to zoom, double-click to zoom out.";

let sending: Promise<void> | undefined;

/**
 * Sends plotly.js to the page, once in the life of a kernel; does nothing in a script.
 *
 * It goes as an output whose script runs as it arrives and that a line of text replaces at once, so that it works without a
 * network, a server or an extension, and nothing of it is saved.
 */
export function sendPlotly(): Promise<void> {
  const kernel = runningKernel();
  if (!kernel) return Promise.resolve();
  return sending ??= send(kernel).catch((error) => {
    sending = undefined;
    throw error;
  });
}

async function send(kernel: typeof Deno.jupyter): Promise<void> {
  const { default: script } = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  const packed = await pack(script as unknown as string);
  const output = (data: Record<string, string>) => ({ data, metadata: {}, transient: { display_id: "braid-plotly" } });
  const html = `<script>(${receivePlotly})("${packed}", "${PLOTLY_KEY}", "${PLOTLY_EVENT}");</script>`;
  await kernel.broadcast("display_data", output({ "text/html": html, "text/plain": LEFT_IN_NOTEBOOK }));
  await kernel.broadcast("update_display_data", output({ "text/plain": LEFT_IN_NOTEBOOK }));
}

async function pack(script: string): Promise<string> {
  const packed = new Blob([script]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).bytes()).toBase64();
}
