// MultiBench's recordings of speakers: UR-FUNNY, MUStARD, CMU-MOSI and CMU-MOSEI, as sequences of feature vectors.
//
// The features' sources state no licence that lets them come with Braid: this reads a reader's own copy.

import { basename } from "node:path";
import { readNumpyPickle } from "../files/numpy_pickle.ts";
import type { DatasetCard } from "./card.ts";
import type { FeatureSequences } from "./feature_sequences.ts";
import { DataFileError } from "./files.ts";

/** The modalities, in the order in which they are returned. */
export const multiBenchModalities = ["vision", "text", "audio"] as const;

/** Name of a modality. */
export type MultiBenchModality = typeof multiBenchModalities[number];

/** One split: label 1 for what is funny, sarcastic or of positive sentiment. */
export type MultiBenchSplit = FeatureSequences<MultiBenchModality>;

const splitNames = { train: "train", validation: "valid", test: "test" } as const;
type Split = keyof typeof splitNames;

/**
 * Reads a data set of MultiBench's affective computing group from a reader's copy of its pickle, such as `humor.pkl`
 * (UR-FUNNY), `sarcasm.pkl` (MUStARD), `mosi_raw.pkl` or `mosei_senti_data.pkl`.
 *
 * The pickle holds `train`, `valid` and `test`, each with `vision`, `text` and `audio` of `[samples, steps, width]` and
 * `labels`. As in MultiBench, samples without text are left out, sequences begin at their first step with text, and minus
 * infinity in the sound counts as 0; the label is whether the score is above 0. Behind their end sequences are 0, up to the
 * longest one of the file (MultiBench: of the batch).
 *
 * Source: Liang et al., MultiBench, NeurIPS Datasets and Benchmarks 2021; links to the files at
 * github.com/pliang279/MultiBench.
 *
 * @throws {DataFileError} If the file is missing, no such pickle, or its arrays do not fit together; the message says what.
 *
 * @example
 * ```ts
 * import { readMultiBench } from "braid/datasets/multibench.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(readMultiBench("/nowhere/sarcasm.pkl"), /does not come with Braid/);
 * ```
 */
export async function readMultiBench(path: string): Promise<{ card: DatasetCard } & Record<Split, MultiBenchSplit>> {
  const content = contentOf(await readBytes(path), path);
  const found = mapSplits((split) => spokenSamples(content, splitNames[split], path));
  const steps = Math.max(...Object.values(found).flatMap(({ samples }) => samples.map(({ length }) => length)));
  const splits = mapSplits((split) => aligned(found[split], steps));
  for (const name of multiBenchModalities) {
    const widths = Object.values(splits).map((split) => split.widths[name]);
    if (new Set(widths).size > 1) {
      throw new DataFileError(`Expected ${name} of one width in all splits of ${path}, got ${widths.join(", ")}`);
    }
  }
  return { card: cardOf(path, splits), ...splits };
}

const mapSplits = <Result>(make: (split: Split) => Result) =>
  ({ train: make("train"), validation: make("validation"), test: make("test") }) satisfies Record<Split, Result>;

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataFileError(
      `Expected a pickle of MultiBench at ${path}, got no such file: it does not come with Braid, since no licence allows ` +
        "it; get your own copy by the links at github.com/pliang279/MultiBench and give its path",
    );
  }
}

function contentOf(bytes: Uint8Array, path: string): Map<unknown, unknown> {
  try {
    const content = readNumpyPickle(bytes);
    if (content instanceof Map) return content;
  } catch (error) {
    throw new DataFileError(`${(error as Error).message}, in ${path}`);
  }
  throw new DataFileError(`Expected ${path} to hold a dictionary of splits, got something else`);
}

/** A split as it is kept, and what of each sample is said. */
interface Recordings {
  arrays: Record<MultiBenchModality, { steps: number; width: number; values: Float32Array }>;
  samples: { row: number; start: number; length: number; label: number }[];
}

function spokenSamples(content: Map<unknown, unknown>, split: string, path: string): Recordings {
  const entries = content.get(split);
  if (!(entries instanceof Map)) {
    throw new DataFileError(`Expected a dictionary ${split} in ${path}, got keys ${[...content.keys()].join(", ")}`);
  }
  const array = (name: string, rank: number) => {
    const found = entries.get(name) as { shape: number[]; values: Float32Array } | null | undefined;
    if (found?.shape && found.shape.length >= rank) return found;
    throw new DataFileError(
      `Expected an array of rank ${rank} for ${name} of ${split} in ${path}, got ${found?.shape}`,
    );
  };
  const { shape: [rows], values: scores } = array("labels", 1);
  if (scores.length !== rows) {
    throw new DataFileError(
      `Expected a label a sample in ${split} of ${path}, got ${scores.length} for ${rows} samples`,
    );
  }
  const arrays = {} as Recordings["arrays"];
  for (const name of multiBenchModalities) {
    const { shape: [count, steps, width], values } = array(name, 3);
    if (count !== rows || steps !== (arrays.vision?.steps ?? steps)) {
      throw new DataFileError(
        `Expected ${name} of ${split} in ${path} to have ${rows} samples and as many steps as vision, got [${count}, ${steps}, ${width}]`,
      );
    }
    arrays[name] = { steps, width, values: finite(values, `${name} of ${split} in ${path}`) };
  }
  const samples = [...samplesWithText(arrays.text, scores)];
  if (samples.length > 0) return { arrays, samples };
  throw new DataFileError(`Expected samples with text in ${split} of ${path}, got ${rows} without`);
}

/** Minus infinity is the logarithm of silence; anything else that is no number is a fault. */
function finite(values: Float32Array, what: string): Float32Array {
  return values.map((value) => {
    if (Number.isFinite(value)) return value;
    if (value === -Infinity) return 0;
    throw new DataFileError(`Expected finite numbers in ${what}, got ${value}`);
  });
}

function* samplesWithText({ steps, width, values }: Recordings["arrays"]["text"], scores: Float32Array) {
  for (let row = 0; row < scores.length; row++) {
    const sample = values.subarray(row * steps * width, (row + 1) * steps * width);
    const first = sample.findIndex((value) => value !== 0);
    if (first < 0) continue;
    const start = Math.floor(first / width);
    yield { row, start, length: steps - start, label: Number(scores[row] > 0) };
  }
}

/** Sequences that begin at once. */
function aligned({ arrays, samples }: Recordings, steps: number): MultiBenchSplit {
  const count = samples.length, features = {} as MultiBenchSplit["features"], widths = {} as MultiBenchSplit["widths"];
  for (const name of multiBenchModalities) {
    const { steps: kept, width, values } = arrays[name], all = new Float32Array(count * steps * width);
    samples.forEach(({ row, start, length }, i) => {
      const from = (row * kept + start) * width;
      all.set(values.subarray(from, from + length * width), i * steps * width);
    });
    features[name] = all;
    widths[name] = width;
  }
  return { count, steps, widths, features, label: Int32Array.from(samples, ({ label }) => label) };
}

const cardOf = (path: string, { train, validation, test }: Record<Split, MultiBenchSplit>): DatasetCard => ({
  name: `MultiBench, ${basename(path)}`,
  what: "People who speak, as sequences of features of face, words and voice.",
  samples: train.count + validation.count + test.count,
  modalities: multiBenchModalities.map((name) => ({
    ...{ name, what: "features, as they are in the file", shape: [train.steps, train.widths[name]] },
  })),
  classes: { label: ["not above 0", "above 0"] },
  splits: { train: train.count, validation: validation.count, test: test.count },
  subgroups: {},
  licence: "the data set's own; the features are not shipped",
  citation:
    "P. Liang et al., MultiBench: multiscale benchmarks for multimodal representation learning, NeurIPS Datasets and " +
    "Benchmarks 2021",
  source: "https://github.com/pliang279/MultiBench",
  files: [],
});
