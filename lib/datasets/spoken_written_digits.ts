// Digits heard and seen: each spoken digit joined with a written one of the same label.

import { randomNumbers } from "../engine/random_numbers.ts";
import type { DatasetCard, Samples } from "./card.ts";
import { LOG_MEL_SHAPE, logMel } from "./log_mel.ts";
import { mnist, type WrittenDigits } from "./mnist.ts";
import { type Recording, type SpokenDigits, spokenDigits } from "./spoken_digits.ts";

/** Options of {@linkcode spokenWrittenDigits}. */
export interface SpokenWrittenDigitsOptions {
  /** Seed of the pairing and of the validation split. Default 42. */
  seed?: number;
  /** Share of each speaker's training recordings of each digit that goes to validation, 0 to 1. Default 1/9: 5 of 45. */
  validation?: number;
}

/** Samples of one split. */
export interface SpokenWrittenDigitSamples extends Samples {
  /** Grey levels of the written digit, 0 to 1, `[count, 28, 28, 1]`. */
  image: Float32Array;
  /** Log-mel spectrogram of the spoken digit, `[count, 64, 44]`. */
  sound: Float32Array;
  /** Digit, `[count]`. */
  label: Int32Array;
  /** Index of the speaker, `[count]`. */
  speaker: Int32Array;
}

/** The data set. */
export interface SpokenWrittenDigits {
  card: DatasetCard;
  /** Names of the speakers, in the order of their indices. */
  speakers: readonly string[];
  train: SpokenWrittenDigitSamples;
  validation: SpokenWrittenDigitSamples;
  test: SpokenWrittenDigitSamples;
}

/**
 * Pairs the Free Spoken Digit Dataset with MNIST by label.
 *
 * Each recording is joined with a written digit of its own: test recordings with test images, the others with training
 * images, so no recording and no image is in two splits. The pairing is made, not recorded: given the digit, image and
 * sound are independent.
 *
 * @param options Seed and size of the validation split.
 * @returns The three splits, speakers and the card.
 * @throws {RangeError} If the validation share is not in [0, 1].
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { spokenWrittenDigits } from "braid/datasets/spoken_written_digits.ts";
 * import assert from "node:assert/strict";
 *
 * const { train, validation, test } = await spokenWrittenDigits();
 * assert.deepEqual([train.count, validation.count, test.count], [2400, 300, 300]);
 * assert.equal(train.sound.length, 2400 * 64 * 44);
 * ```
 */
export async function spokenWrittenDigits(
  { seed = 42, validation = 1 / 9 }: SpokenWrittenDigitsOptions = {},
): Promise<SpokenWrittenDigits> {
  if (!(validation >= 0 && validation <= 1)) {
    throw new RangeError(`Expected validation to be a share from 0 to 1, got ${validation}`);
  }
  const [spoken, written] = await Promise.all([spokenDigits(), mnist()]);
  const test = spoken.recordings.filter(({ split }) => split === "test");
  const training = spoken.recordings.filter(({ split }) => split === "train");
  const heldOut = chooseValidation(training, validation, seed);

  const trainingPairs = pairByLabel(training, written.train, seed, "train");
  const trainPairs = trainingPairs.filter(({ recording }) => !heldOut.has(recording));
  const validationPairs = trainingPairs.filter(({ recording }) => heldOut.has(recording));
  const testPairs = pairByLabel(test, written.test, seed, "test");

  const splits = { train: trainPairs.length, validation: validationPairs.length, test: testPairs.length };
  return {
    card: card(spoken, written.card, splits),
    speakers: spoken.speakers,
    train: gather(trainPairs, written.train),
    validation: gather(validationPairs, written.train),
    test: gather(testPairs, written.test),
  };
}

/** A recording and the index of its image. */
interface Pair {
  recording: Recording;
  image: number;
}

/** Takes the same number of recordings from each speaker and digit. */
function chooseValidation(training: Recording[], share: number, seed: number): Set<Recording> {
  const groups = Map.groupBy(training, ({ digit, speaker }) => `${digit} ${speaker}`);
  const random = randomNumbers(seed, "spoken written digits/validation");
  const chosen = [...groups.values()].flatMap((group) =>
    [...random.sample(group.length, Math.round(share * group.length))].map((index) => group[index])
  );
  return new Set(chosen);
}

/** Gives each recording the next image of its digit, in random order. */
function pairByLabel(recordings: Recording[], images: WrittenDigits, seed: number, split: "train" | "test"): Pair[] {
  const shuffled = randomNumbers(seed, `spoken written digits/pairs/${split}`).permutation(images.count);
  const unused = Map.groupBy(shuffled, (image) => images.label[image]);
  return recordings.map((recording) => ({ recording, image: unused.get(recording.digit)!.pop()! }));
}

function gather(pairs: Pair[], images: WrittenDigits): SpokenWrittenDigitSamples {
  const pixels = 28 * 28, values = LOG_MEL_SHAPE[0] * LOG_MEL_SHAPE[1], count = pairs.length;
  const image = new Float32Array(count * pixels), sound = new Float32Array(count * values);
  pairs.forEach((pair, row) => {
    image.set(images.image.subarray(pair.image * pixels, (pair.image + 1) * pixels), row * pixels);
    sound.set(logMel(pair.recording.samples), row * values);
  });
  return {
    count,
    image,
    sound,
    label: Int32Array.from(pairs, ({ recording }) => recording.digit),
    speaker: Int32Array.from(pairs, ({ recording }) => recording.speaker),
  };
}

const card = (spoken: SpokenDigits, written: DatasetCard, splits: Record<string, number>): DatasetCard => ({
  name: "Spoken and written digits",
  what: "A spoken digit joined with a written digit of the same label; the pairing is made, not recorded.",
  samples: spoken.recordings.length,
  modalities: [
    written.modalities[0],
    {
      name: "sound",
      what: "natural logarithm of the power in 64 mel bands, 0 to 4 kHz, in 44 frames of one second",
      shape: LOG_MEL_SHAPE,
    },
  ],
  classes: written.classes,
  splits,
  subgroups: spoken.card.subgroups,
  licence: `${spoken.card.licence} (sound), ${written.licence} (images)`,
  citation: `${spoken.card.citation}; ${written.citation}`,
  source: `${spoken.card.source}; ${written.source}`,
  files: [
    ...spoken.card.files.map((file) => ({ ...file, path: `fsdd/${file.path}` })),
    ...written.files.map((file) => ({ ...file, path: `mnist/${file.path}` })),
  ],
});
