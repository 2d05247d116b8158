// One word to look at a value: tensors, batches, sounds, data frames.

import * as tf from "@tensorflow/tfjs";
import wavefile from "wavefile";
import type { DataFrameLike } from "../evaluation/frame.ts";
import { jupyterDisplay, rendersForCommit } from "../plots/live/cell_context.ts";
import type { Figure } from "../plots/figure.ts";
import { type GridImage, imageGrid } from "../plots/image_grid.ts";
import { table } from "./display.ts";
import { escapeHtml } from "./output_html.ts";
import { sparkline } from "./sparkline.ts";

/** A sound that a reader can play. */
export interface Sound {
  /** Samples of one channel, -1 to 1. */
  samples: Float32Array;
  /** Samples a second. */
  rate: number;
}

/** Anything that {@linkcode show} looks into: a tensor, or a record of tensors, sounds, arrays of numbers and plain values. */
export type Showable = tf.Tensor | Sound | { readonly [name: string]: unknown };

/** A value for the end of a cell. */
export interface Shown {
  [jupyterDisplay](): Promise<Record<string, unknown>>;
}

/**
 * Shows a value: a tensor with its shape, type, range and histogram, and with pictures if it looks like a batch of them
 * (`[count, height, width, 1 or 3]`); a record field by field, with its sounds to be played; a data frame or a list of records
 * as a table with pages.
 *
 * @param value What to look at.
 * @returns A value for the end of a cell. In a notebook to be committed, sounds are described and not kept.
 * @throws {TypeError} If there is nothing to look into, such as for a number.
 *
 * @example
 * ```ts
 * import { show } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const shown = show(tf.tensor1d([0, 1, 1, 2]));
 * const bundle = await shown[Symbol.for("Jupyter.display") as keyof typeof shown]();
 * assert.match(`${bundle["text/plain"]}`, /^float32 \[4\], from 0 to 2, mean 1, sd 0.7071 /);
 * ```
 */
export function show(value: Showable | DataFrameLike | readonly object[]): Shown {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Expected a tensor, a record, a sound or a data frame, got ${JSON.stringify(value)}`);
  }
  if (Array.isArray(value) || isFrame(value)) {
    const view = table(value as DataFrameLike | readonly object[]);
    return { [jupyterDisplay]: () => Promise.resolve(view[jupyterDisplay]()) };
  }
  return { [jupyterDisplay]: async () => await bundleOf(await partsOf(value as Showable)) };
}

/** What of a value is written, drawn and played. */
interface Parts {
  fields: { name: string; text: string }[];
  images: GridImage[];
  sounds: { name: string; sound: Sound }[];
}

async function partsOf(value: Showable): Promise<Parts> {
  const parts: Parts = { fields: [], images: [], sounds: [] };
  const isOne = value instanceof tf.Tensor || isSound(value);
  for (const [name, entry] of isOne ? [["", value] as const] : Object.entries(value)) {
    parts.fields.push({ name, text: await describe(entry, name, parts) });
  }
  return parts;
}

/** Describes an entry in a line, and puts what there is to see and hear of it into the parts. */
async function describe(entry: unknown, name: string, parts: Parts): Promise<string> {
  if (entry instanceof tf.Tensor) {
    const values = await entry.data();
    if (isImageBatch(entry.shape)) parts.images.push(...imagesOf(values, entry.shape));
    return `${entry.dtype} [${entry.shape.join(", ")}], ${summary(values)}`;
  }
  if (isSound(entry)) {
    parts.sounds.push({ name, sound: entry });
    return `sound, ${(entry.samples.length / entry.rate).toFixed(2)} s at ${entry.rate} Hz, ${summary(entry.samples)}`;
  }
  if (ArrayBuffer.isView(entry) && "length" in entry) {
    return `${entry.constructor.name} [${entry.length}], ${summary(entry as Float32Array)}`;
  }
  const text = typeof entry === "object" && entry !== null ? JSON.stringify(entry) : String(entry);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

const BINS = 16;

/** Range, mean, standard deviation and histogram of the finite values, and how many others there are. */
function summary(values: ArrayLike<number>): string {
  let low = Infinity, high = -Infinity, sum = 0, count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    [low, high, sum, count] = [Math.min(low, value), Math.max(high, value), sum + value, count + 1];
  }
  const others = values.length - count, mean = sum / count, bins = Array<number>(BINS).fill(0);
  if (count === 0) return others === 0 ? "empty" : `${others} values, none of them finite`;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    squares += (value - mean) ** 2;
    bins[high > low ? Math.min(BINS - 1, Math.floor((value - low) / (high - low) * BINS)) : 0]++;
  }
  const digits = (value: number) => String(Number(value.toPrecision(4)));
  const histogram = high > low ? ` ${sparkline([0, ...bins]).slice(1)}` : "";
  return `from ${digits(low)} to ${digits(high)}, mean ${digits(mean)}, sd ${digits(Math.sqrt(squares / count))}` +
    histogram + (others > 0 ? `, ${others} not finite` : "");
}

const isSound = (value: unknown): value is Sound =>
  typeof value === "object" && value !== null && "samples" in value && value.samples instanceof Float32Array &&
  "rate" in value && typeof value.rate === "number";

const isFrame = (value: object): boolean => "columns" in value && Array.isArray(value.columns) && "values" in value;

const isImageBatch = (shape: readonly number[]): boolean =>
  shape.length === 4 && (shape[3] === 1 || shape[3] === 3) && shape[1] >= 4 && shape[2] >= 4 && shape[0] > 0;

/** Most pictures, and most pixels of them all, so that a notebook stays small. */
const MOST_IMAGES = 16, MOST_PIXELS = 40_000;

/** The first pictures of a batch, the least value of them black, the greatest white. */
function imagesOf(values: ArrayLike<number>, [count, height, width, channels]: readonly number[]): GridImage[] {
  const fitting = Math.max(1, Math.floor(MOST_PIXELS / (height * width)));
  const shown = Math.min(count, MOST_IMAGES, fitting), size = height * width * channels;
  const seen = Float32Array.from({ length: shown * size }, (_, i) => Number.isFinite(values[i]) ? values[i] : 0);
  const low = seen.reduce((a, b) => Math.min(a, b)), high = seen.reduce((a, b) => Math.max(a, b));
  const scaled = seen.map((value) => high > low ? (value - low) / (high - low) : 0.5);
  return Array.from({ length: shown }, (_, i) => ({
    pixels: scaled.subarray(i * size, (i + 1) * size),
    height,
    width,
    channels: channels as 1 | 3,
  }));
}

const grid = (images: GridImage[]): Figure =>
  imageGrid({
    title: images.length === 1 ? "The first picture" : `The first ${images.length} pictures`,
    caption: "The least value of these is black, the greatest white.",
    images,
    columns: Math.min(8, images.length),
  });

async function bundleOf({ fields, images, sounds }: Parts): Promise<Record<string, unknown>> {
  const write = (line: (name: string, text: string) => string, escape = (text: string) => text) =>
    fields.map(({ name, text }) => name === "" ? escape(text) : line(escape(name), escape(text))).join("\n");
  const plain = write((name, text) => `- ${name}: ${text}`);
  const figure: Record<string, unknown> = images.length > 0 ? { ...await grid(images)[jupyterDisplay]() } : {};
  if (rendersForCommit()) {
    const words = { "text/markdown": write((name, text) => `- **${name}**: ${text}`, escapeHtml), "text/plain": plain };
    return images.length > 0 ? { ...figure, "text/plain": plain } : words;
  }
  const list = write((name, text) => `<li><strong>${name}</strong>: ${text}</li>`, escapeHtml);
  const html = [`<ul>${list}</ul>`, ...sounds.map(player), figure["text/html"] ?? ""].join("\n");
  return { "text/html": html, "text/plain": plain };
}

function player({ name, sound: { samples, rate } }: Parts["sounds"][number]): string {
  const wave = new wavefile.WaveFile();
  wave.fromScratch(1, rate, "16", Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, 32768 * sample))));
  const label = escapeHtml(name || "sound");
  return `<p>${escapeHtml(name)} <audio controls aria-label="${label}" src="${wave.toDataURI()}"></audio></p>`;
}
