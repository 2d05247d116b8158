// A slider below a figure: it shows one part of the series after the other, wherever plotly.js runs, without a kernel.

import type { Json, PlotlyLayout } from "./spec.ts";
import { wrapText } from "./static/text_metrics.ts";
import { EDGE, INK, SIZES, WIDTH } from "./theme.ts";

/** What a slider sets. */
export interface Slider {
  /** Name of the setting, such as "clusters". */
  name: string;
  /** Its positions in order, each with the finding that the figure's title then states. */
  steps: readonly { label: string; title: string }[];
  /** Label of the position at first, and in print. */
  start: string;
}

/** Room in pixels for a slider below the axis. */
export const SLIDER_ROOM = 78;

/**
 * Fails unless the positions differ, the start is among them, and every series belongs to one of them or to none.
 *
 * @throws {RangeError} If not.
 */
export function requireSteps(slider: Slider | undefined, used: readonly (string | undefined)[]): void {
  if (!slider) {
    const step = used.find((step) => step !== undefined);
    if (step !== undefined) throw new RangeError(`Expected a slider for the step ${step}, got none`);
    return;
  }
  const { steps, start, name } = slider, labels = steps.map(({ label }) => label);
  if (new Set(labels).size < labels.length || !labels.includes(start)) {
    throw new RangeError(`Expected different positions of ${name}, ${start} among them, got ${labels.join(", ")}`);
  }
  const unknown = used.find((step) => step !== undefined && !labels.includes(step));
  if (unknown !== undefined) throw new RangeError(`Expected steps among ${labels.join(", ")}, got ${unknown}`);
}

/**
 * Plotly's layout for a slider.
 *
 * @param slider Name and positions.
 * @param stepOf The position at which each trace shows, in the order of the traces; `undefined` for always.
 * @param place Height of the plot area and room for its axis, in pixels.
 */
export function sliderLayout(
  { name, steps, start }: Slider,
  stepOf: readonly (string | undefined)[],
  { height, axis }: { height: number; axis: number },
): PlotlyLayout {
  const titleText = (title: string) =>
    wrapText(title, WIDTH - 2 * EDGE, { size: SIZES.title, bold: true }).join("<br>");
  return {
    active: steps.findIndex(({ label }) => label === start),
    bordercolor: INK.line,
    bgcolor: "#FFFFFF",
    currentvalue: { font: { color: INK.text, size: SIZES.small }, offset: 4, prefix: `${name}: `, xanchor: "left" },
    font: { color: INK.muted, size: SIZES.small },
    len: 1,
    minorticklen: 0,
    pad: { t: 0, b: 0, l: 0, r: 0 },
    steps: steps.map(({ label, title }): Json => ({
      label,
      method: "update",
      args: [{ visible: stepOf.map((step) => isShown(step, label)) }, { "title.text": titleText(title) }],
    })),
    tickcolor: INK.line,
    ticklen: 4,
    x: 0,
    xanchor: "left",
    y: -axis / height,
    yanchor: "top",
  };
}

/** Whether something of one position shows at another. */
export const isShown = (step: string | undefined, label: string): boolean => step === undefined || step === label;
