// The Free Spoken Digit Dataset: recordings of ten digits by six speakers.

import { parse } from "csv-parse/sync";
import { join } from "node:path";
import { type DatasetCard, DIGITS } from "./card.ts";
import { DATA_FOLDER, readDataFile } from "./files.ts";
import { readWav } from "./wav.ts";

/** Sampling rate of the recordings in hertz. */
export const SPOKEN_DIGITS_RATE = 8000;

const SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"];

const CARD: DatasetCard = {
  name: "Free Spoken Digit Dataset",
  what: "English digits, each spoken 50 times by each of six speakers; 0.14 to 2.28 seconds long.",
  samples: 3000,
  modalities: [{ name: "sound", what: "waveform at 8 kHz, -1 to 1, of any length", shape: [-1] }],
  classes: { digit: DIGITS },
  splits: { train: 2700, test: 300 },
  subgroups: { speaker: SPEAKERS },
  licence: "CC BY-SA 4.0",
  citation: "Z. Jackson et al., Free Spoken Digit Dataset, Zenodo, https://doi.org/10.5281/zenodo.1342401",
  source: "https://github.com/Jakobovski/free-spoken-digit-dataset",
  // the manifest holds the checksum of each recording
  files: [{ path: "manifest.csv", sha256: "9d84d18167cb5cd1718a5ff847e027f4b5900cea94ac6051fb542368c9cc732e" }],
};

/** One recording. */
export interface Recording {
  /** Name of its WAV file. */
  file: string;
  digit: number;
  /** Index in the speakers. */
  speaker: number;
  /** Which of the speaker's 50 recordings of the digit: 0 to 4 are the official test set. */
  take: number;
  split: "train" | "test";
  /** Waveform at 8 kHz, -1 to 1. */
  samples: Float32Array;
}

/** The data set. */
export interface SpokenDigits {
  card: DatasetCard;
  /** Names of the speakers, in the order of their indices. */
  speakers: readonly string[];
  /** By digit, then speaker, then take. */
  recordings: Recording[];
}

/** A row of the manifest, as text. */
type Row = Record<"file" | "digit" | "speaker" | "index" | "split" | "sha256", string>;

/**
 * Reads the Free Spoken Digit Dataset.
 *
 * @param options `folder`: where its files are. Default `data/fsdd` of Braid.
 * @returns Recordings, speakers and the card.
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { spokenDigits } from "braid/datasets/spoken_digits.ts";
 * import assert from "node:assert/strict";
 *
 * const { recordings, speakers } = await spokenDigits();
 * assert.equal(recordings.length, 3000);
 * assert.equal(speakers[recordings[0].speaker], "george");
 * ```
 */
export async function spokenDigits(
  { folder = join(DATA_FOLDER, "fsdd") }: { folder?: string } = {},
): Promise<SpokenDigits> {
  const manifest = await readDataFile(folder, CARD.files[0], CARD);
  const rows = parse<Row>(new TextDecoder().decode(manifest), { columns: true });
  const recordings = await Promise.all(rows.map(async ({ file, digit, speaker, index, split, sha256 }) => ({
    file,
    digit: Number(digit),
    speaker: SPEAKERS.indexOf(speaker),
    take: Number(index),
    split: split as Recording["split"],
    samples: readWav(await readDataFile(join(folder, "recordings"), { path: file, sha256 }, CARD), SPOKEN_DIGITS_RATE),
  })));
  return { card: CARD, speakers: SPEAKERS, recordings };
}
