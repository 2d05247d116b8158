// What all figures have in common: width, typeface, ink, axes.

import { categoricalColors, divergingScale } from "./colors.ts";
import type { PlotlyLayout } from "./spec.ts";

/** Width of every figure in pixels. */
export const WIDTH = 700;

/** Distance of title and caption from the figure's edges in pixels. */
export const EDGE = 16;

/** Font sizes in pixels. */
export const SIZES = { title: 17, text: 13, small: 12, tiny: 11 } as const;

/** Text colours, and the grey of lines that should stay behind the data. */
export const INK = { text: "#222222", muted: "#595959", line: "#8A8A8A", grid: "#E4E4E4" } as const;

const axis = {
  automargin: false,
  gridcolor: INK.grid,
  linecolor: INK.line,
  showline: true,
  tickcolor: INK.line,
  tickfont: { size: SIZES.small },
  ticklen: 4,
  ticks: "outside",
  title: { font: { size: SIZES.text }, standoff: 8 },
  zeroline: false,
} as const;

/** Plotly's template: the defaults under every figure's own layout. */
export const template: PlotlyLayout = {
  layout: {
    annotationdefaults: { showarrow: false },
    barcornerradius: 0,
    colorway: categoricalColors,
    font: { color: INK.text, family: "Open Sans, Arial, sans-serif", size: SIZES.text },
    hoverlabel: { font: { size: SIZES.small } },
    legend: { font: { size: SIZES.small } },
    paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF",
    title: {
      font: { size: SIZES.title, weight: 700 },
      pad: { l: EDGE },
      x: 0,
      xanchor: "left",
      xref: "container",
      yanchor: "bottom", // puts the first baseline at y; "top" misplaces titles of several lines
      yref: "container",
    },
    xaxis: axis,
    yaxis: axis,
  },
  data: { heatmap: [{ colorscale: divergingScale }] },
};
