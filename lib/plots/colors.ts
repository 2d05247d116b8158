// Colours with a fixed meaning, told apart with every common colour vision (Okabe and Ito's set).

/** The kinds of information have the same colour in every figure. */
export const roleColors = {
  /** What the modalities share (redundancy). */
  shared: "#0072B2",
  /** What only the first modality carries. */
  unique1: "#E69F00",
  /** What only the second modality carries. */
  unique2: "#009E73",
  /** What only the modalities together carry. */
  synergy: "#CC79A7",
  /** A baseline, chance level or published value. */
  reference: "#555555",
} as const;

/** For categories without a role, in drawing order: Okabe and Ito's eight colours and two of Tol's that keep apart from them. */
export const categoricalColors: readonly string[] = [
  "#0072B2",
  "#E69F00",
  "#009E73",
  "#CC79A7",
  "#D55E00",
  "#56B4E9",
  "#000000",
  "#F0E442",
  "#882255",
  "#999933",
];

/** Plotly's name of the scale for amounts from small (dark) to large (light). */
export const sequentialScale = "Cividis";

/** Scale for signed values: blue below zero, white at zero, orange above. */
export const divergingScale: readonly (readonly [position: number, color: string])[] = [
  [0, "#0B4A75"],
  [0.25, "#5FA2CE"],
  [0.5, "#FFFFFF"],
  [0.75, "#F1A340"],
  [1, "#8C4A00"],
];

/**
 * A colour made lighter by mixing it with white.
 *
 * @param color `#rrggbb`.
 * @param amount Share of the colour, 0 (white) to 1 (unchanged).
 * @returns `#rrggbb`.
 *
 * @example
 * ```ts
 * import { tint } from "braid/plots/colors.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(tint("#000000", 0.2), "#cccccc");
 * ```
 */
export function tint(color: string, amount: number): string {
  const channel = (start: number) => {
    const value = parseInt(color.slice(start, start + 2), 16);
    return Math.round(255 + (value - 255) * amount).toString(16).padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
