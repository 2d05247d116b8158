// CMU-MOSI by utterance: what is said, how it sounds, how the speaker looks, as sequences of feature vectors.
//
// The features' source states no licence, so they do not come with Braid: this reads a reader's own copy.

import { parse } from "csv-parse/sync";
import { join } from "node:path";
import type { DatasetCard } from "./card.ts";
import { readCsvMatrix } from "./csv_matrix.ts";
import type { FeatureSequences } from "./feature_sequences.ts";
import { DataFileError, gunzip } from "./files.ts";

/** The modalities, in the order in which they are returned. */
export const mosiModalities = ["text", "audio", "video"] as const;

/** Name of a modality. */
export type MosiModality = typeof mosiModalities[number];

/**
 * Utterances of one split, label 1 if positive. The time steps are the utterance, last, and those before it in its video;
 * features are standardised, and 0 before the video's first utterance.
 */
export interface MosiUtterances extends FeatureSequences<MosiModality> {
  /** The video of each utterance: what a split must not divide. */
  video: readonly string[];
}

/** Options of {@linkcode readMosiUtterances}. */
export interface MosiOptions {
  /** How many utterances before it an utterance comes with. Default 4. */
  context?: number;
}

/**
 * Reads CMU-MOSI utterance by utterance from a reader's copy.
 *
 * The folder holds, for `train` and `test`, a row an utterance: `train_text.csv`, `train_audio.csv`, `train_video.csv` without
 * header, and `train_utterances.csv` with columns `utterance`, `video`, `position` and `label` (1 positive, 0 negative); any of
 * them may be zipped, as `.csv.gz`. Features are standardised by mean and deviation of the training utterances.
 *
 * Source: Zadeh et al. 2016 (MOSI); features of Poria et al. 2017, published in the data folder of
 * github.com/soujanyaporia/contextual-utterance-level-multimodal-sentiment-analysis, without a licence.
 *
 * According to Poria et al. the text features come from a network that was trained on the training labels: what is read off
 * them on the training split flatters. There is no validation split.
 *
 * @throws {DataFileError} If a file is missing or broken, or rows do not fit together; the message names the file.
 * @throws {RangeError} If `context` is no whole number of at least 0.
 *
 * @example
 * ```ts
 * import { readMosiUtterances } from "braid/datasets/mosi_utterances.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(readMosiUtterances("/nowhere"), /does not come with Braid/);
 * ```
 */
export async function readMosiUtterances(
  folder: string,
  { context = 4 }: MosiOptions = {},
): Promise<{ card: DatasetCard; train: MosiUtterances; test: MosiUtterances }> {
  if (!(Number.isInteger(context) && context >= 0)) {
    throw new RangeError(`Expected a context of a whole number of utterances, got ${context}`);
  }
  const train = await readSplit(folder, "train"), test = await readSplit(folder, "test");
  for (const name of mosiModalities) {
    const widths = [train, test].map((split) => split.matrices[name].width);
    if (widths[0] !== widths[1]) {
      throw new DataFileError(
        `Expected ${name} of ${widths[0]} features in both splits of ${folder}, got ${widths[1]}`,
      );
    }
    standardise(train.matrices[name], test.matrices[name]);
  }
  const shared = train.utterances.find(({ video }) => test.utterances.some((other) => other.video === video));
  if (shared) throw new DataFileError(`Expected no video in both splits of ${folder}, got ${shared.video} in both`);
  const splits = { train: withContext(train, context), test: withContext(test, context) };
  return { card: cardOf(splits), ...splits };
}

const cardOf = ({ train, test }: Record<"train" | "test", MosiUtterances>): DatasetCard => ({
  name: "CMU-MOSI by utterance",
  what:
    "Sentences of people who review films before a camera, each with those before it, as features of text, audio, video.",
  samples: train.count + test.count,
  modalities: mosiModalities.map((name) => ({
    ...{ name, what: "features, standardised by the training split", shape: [train.steps, train.widths[name]] },
  })),
  classes: { label: ["negative", "positive"] },
  splits: { train: train.count, test: test.count },
  subgroups: {},
  licence: "none stated for the features; MOSI itself is distributed for research: not shipped",
  citation: "A. Zadeh, R. Zellers, E. Pincus, L.-P. Morency, Multimodal sentiment intensity analysis in videos, IEEE " +
    "Intelligent Systems 31(6), 2016; S. Poria et al., Context-dependent sentiment analysis in user-generated videos, ACL 2017",
  source: "https://github.com/soujanyaporia/contextual-utterance-level-multimodal-sentiment-analysis",
  files: [],
});

interface Matrix {
  width: number;
  values: Float32Array;
}

interface Utterance {
  video: string;
  position: number;
  label: number;
}

interface Split {
  utterances: Utterance[];
  matrices: Record<MosiModality, Matrix>;
}

async function readSplit(folder: string, split: "train" | "test"): Promise<Split> {
  const utterances = readUtterances(await readText(folder, `${split}_utterances.csv`), join(folder, split));
  const matrices = {} as Record<MosiModality, Matrix>;
  for (const name of mosiModalities) {
    const { rows, columns, values } = readCsvMatrix(await readText(folder, `${split}_${name}.csv`));
    if (rows !== utterances.length || rows === 0) {
      throw new DataFileError(
        `Expected ${
          utterances.length || "some"
        } rows in ${split}_${name}.csv, as ${split}_utterances.csv has, got ${rows}`,
      );
    }
    matrices[name] = { width: columns, values };
  }
  return { utterances, matrices };
}

/** A file's text, zipped or not. */
async function readText(folder: string, name: string): Promise<string> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    try {
      const bytes = await Deno.readFile(path);
      return new TextDecoder().decode(path.endsWith(".gz") ? await gunzip(bytes) : bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new DataFileError(
    `Expected ${
      join(folder, name)
    } or ${name}.gz, got no such file: it does not come with Braid, since its source states ` +
      "no licence; get your own copy and give its folder",
  );
}

function readUtterances(text: string, where: string): Utterance[] {
  const rows = parse(text, { columns: true }) as Record<string, string>[], seen = new Set<string>();
  return rows.map(({ video, position, label }, row) => {
    const place = Number(position || NaN), once = `${video} at ${position}`;
    if (!video || !Number.isInteger(place) || !["0", "1"].includes(label) || seen.has(once)) {
      throw new DataFileError(
        `Expected row ${row} of ${where}_utterances.csv to name a video, a place in it that no other row has, and a label 0 ` +
          `or 1, got video ${video}, position ${position}, label ${label}`,
      );
    }
    seen.add(once);
    return { video, position: place, label: Number(label) };
  });
}

/** Standardises both splits by the training split's columns; a constant column becomes 0. */
function standardise(train: Matrix, test: Matrix): void {
  const { width, values } = train, rows = values.length / width;
  for (let column = 0; column < width; column++) {
    let sum = 0, squares = 0;
    for (let i = column; i < values.length; i += width) sum += values[i];
    const mean = sum / rows;
    for (let i = column; i < values.length; i += width) squares += (values[i] - mean) ** 2;
    const deviation = Math.sqrt(squares / rows) || 1;
    for (const { values } of [train, test]) {
      for (let i = column; i < values.length; i += width) values[i] = (values[i] - mean) / deviation;
    }
  }
}

/** Each utterance behind those before it in its video. */
function withContext({ utterances, matrices }: Split, context: number): MosiUtterances {
  const videos = Map.groupBy(utterances.keys(), (row) => utterances[row].video);
  for (const rows of videos.values()) rows.sort((a, b) => utterances[a].position - utterances[b].position);
  const count = utterances.length, steps = context + 1;
  const sequences = ({ width, values }: Matrix): Float32Array => {
    const all = new Float32Array(count * steps * width);
    for (const rows of videos.values()) {
      rows.forEach((row, place) => {
        for (let back = 0; back <= Math.min(context, place); back++) {
          const from = rows[place - back] * width, to = (row * steps + context - back) * width;
          all.set(values.subarray(from, from + width), to);
        }
      });
    }
    return all;
  };
  const ofEach = <Value>(make: (matrix: Matrix) => Value) =>
    Object.fromEntries(mosiModalities.map((name) => [name, make(matrices[name])])) as Record<MosiModality, Value>;
  return {
    ...{ count, steps, widths: ofEach(({ width }) => width), features: ofEach(sequences) },
    label: Int32Array.from(utterances, ({ label }) => label),
    video: utterances.map(({ video }) => video),
  };
}
