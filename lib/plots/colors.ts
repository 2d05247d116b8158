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

/**
 * The kinds that `interactionKinds()` gives, each with its colour, in the order in which figures show them.
 *
 * @param modalities Names of the modalities, in their order; the first two have the colours of `unique1` and `unique2`.
 * @returns Colours by kind, e.g. of "shared", "unique image", "unique sound", "synergy" and "none".
 *
 * @example
 * ```ts
 * import { kindColors, roleColors } from "braid/plots/colors.ts";
 * import assert from "node:assert/strict";
 *
 * const colors = kindColors(["image", "sound"]);
 * assert.equal(colors["unique sound"], roleColors.unique2);
 * assert.deepEqual(Object.keys(colors), ["shared", "unique image", "unique sound", "synergy", "none"]);
 * ```
 */
export function kindColors(modalities: readonly string[]): Record<string, string> {
  const [, , , , vermilion, sky, , ...others] = categoricalColors;
  const unique = [roleColors.unique1, roleColors.unique2, vermilion, ...others];
  return {
    shared: roleColors.shared,
    ...modalities.length > 2 && { "partly shared": sky },
    ...Object.fromEntries(modalities.map((modality, m) => [`unique ${modality}`, unique[m % unique.length]])),
    synergy: roleColors.synergy,
    none: roleColors.reference,
  };
}

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

/** Contrast that small text needs, as WCAG 2.2 (1.4.3, level AA) asks for. */
const LEGIBLE = 4.5;

/**
 * How well two colours tell apart as text and ground: $(L_1 + 0.05) / (L_2 + 0.05)$ of their relative luminances, the lighter
 * one first.
 *
 * Source: WCAG 2.2, contrast ratio.
 *
 * @param a `#rrggbb`.
 * @param b `#rrggbb`.
 * @returns From 1, equal, to 21, black on white.
 */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  return [[1, 0.2126], [3, 0.7152], [5, 0.0722]].reduce((sum, [start, weight]) => {
    const value = parseInt(color.slice(start, start + 2), 16) / 255;
    return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }, 0);
}

/**
 * A colour for text on a ground: the first of those wished for with a contrast of at least 4.5, else black or white, one of
 * which always has it.
 *
 * @param ground `#rrggbb`.
 * @param wished Colours in the order of preference, `#rrggbb`.
 *
 * @example
 * ```ts
 * import { legibleOn } from "braid/plots/colors.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(legibleOn("#FFFFFF", "#AAAAAA", "#222222"), "#222222");
 * assert.equal(legibleOn("#0B4A75", "#222222"), "#FFFFFF");
 * ```
 */
export function legibleOn(ground: string, ...wished: readonly string[]): string {
  const found = wished.find((color) => contrast(ground, color) >= LEGIBLE);
  return found ?? (contrast(ground, "#FFFFFF") >= LEGIBLE ? "#FFFFFF" : "#000000");
}
