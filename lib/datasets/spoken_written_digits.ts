// Digits heard, seen and drawn: each spoken digit joined with an image and a pen's trajectory of the same label.

import { type RandomNumbers, randomNumbers } from "../engine/random_numbers.ts";
import type { DatasetCard, Samples } from "./card.ts";
import { LOG_MEL_SHAPE, logMel } from "./log_mel.ts";
import { mnist, type WrittenDigits } from "./mnist.ts";
import { type DrawnDigits, penDigits, TRAJECTORY_SHAPE } from "./pen_digits.ts";
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
  /** Positions of the pen that drew another such digit, 0 to 1, `[count, 8, 2]`. */
  trajectory: Float32Array;
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
 * Joins the Free Spoken Digit Dataset with MNIST and pen trajectories by label.
 *
 * Each recording has an image and a trajectory of its own: test recordings those of the test sets, the others those of the
 * training sets, so none of them is in two splits. The pairing is made, not recorded: given the digit, image, sound and
 * trajectory are independent.
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
  const [spoken, written, drawn] = await Promise.all([spokenDigits(), mnist(), penDigits()]);
  const test = spoken.recordings.filter(({ split }) => split === "test");
  const training = spoken.recordings.filter(({ split }) => split === "train");
  const heldOut = chooseValidation(training, validation, seed);

  const join = (recordings: Recording[], split: "train" | "test"): Joined[] => {
    const image = matchLabels(recordings, written[split].label, randomNumbers(seed, `${STREAM}/pairs/${split}`));
    const trajectory = matchLabels(recordings, drawn[split].label, randomNumbers(seed, `${STREAM}/pens/${split}`));
    return recordings.map((recording, i) => ({ recording, image: image[i], trajectory: trajectory[i] }));
  };
  const joined = join(training, "train"), tested = join(test, "test");
  const trained = joined.filter(({ recording }) => !heldOut.has(recording));
  const validated = joined.filter(({ recording }) => heldOut.has(recording));

  const splits = { train: trained.length, validation: validated.length, test: tested.length };
  return {
    card: card(spoken, [written.card, drawn.card], splits),
    speakers: spoken.speakers,
    train: gather(trained, written.train, drawn.train),
    validation: gather(validated, written.train, drawn.train),
    test: gather(tested, written.test, drawn.test),
  };
}

/** Start of the names of all streams of random numbers here. */
const STREAM = "spoken written digits";

/** A recording and the indices of its image and trajectory. */
interface Joined {
  recording: Recording;
  image: number;
  trajectory: number;
}

/** Takes the same number of recordings from each speaker and digit. */
function chooseValidation(training: Recording[], share: number, seed: number): Set<Recording> {
  const groups = Map.groupBy(training, ({ digit, speaker }) => `${digit} ${speaker}`);
  const random = randomNumbers(seed, `${STREAM}/validation`);
  const chosen = [...groups.values()].flatMap((group) =>
    [...random.sample(group.length, Math.round(share * group.length))].map((index) => group[index])
  );
  return new Set(chosen);
}

/** For each recording the next unused index of its digit, in random order. */
function matchLabels(recordings: Recording[], labels: Int32Array, random: RandomNumbers): number[] {
  const unused = Map.groupBy(random.permutation(labels.length), (index) => labels[index]);
  return recordings.map(({ digit }) => unused.get(digit)!.pop()!);
}

function gather(joined: Joined[], images: WrittenDigits, trajectories: DrawnDigits): SpokenWrittenDigitSamples {
  const rowsOf = (values: Float32Array, size: number, indices: number[]) => {
    const rows = new Float32Array(indices.length * size);
    indices.forEach((index, row) => rows.set(values.subarray(index * size, (index + 1) * size), row * size));
    return rows;
  };
  const cells = LOG_MEL_SHAPE[0] * LOG_MEL_SHAPE[1], sound = new Float32Array(joined.length * cells);
  joined.forEach(({ recording }, row) => sound.set(logMel(recording.samples), row * cells));
  const points = TRAJECTORY_SHAPE[0] * TRAJECTORY_SHAPE[1];
  return {
    count: joined.length,
    image: rowsOf(images.image, 28 * 28, joined.map(({ image }) => image)),
    sound,
    trajectory: rowsOf(trajectories.trajectory, points, joined.map(({ trajectory }) => trajectory)),
    label: Int32Array.from(joined, ({ recording }) => recording.digit),
    speaker: Int32Array.from(joined, ({ recording }) => recording.speaker),
  };
}

function card(
  spoken: SpokenDigits,
  [written, drawn]: readonly [DatasetCard, DatasetCard],
  splits: Record<string, number>,
): DatasetCard {
  const parts = [{ folder: "fsdd", of: spoken.card }, { folder: "mnist", of: written }, {
    folder: "pendigits",
    of: drawn,
  }];
  return {
    name: "Spoken and written digits",
    what:
      "A spoken digit joined with an image and a pen's trajectory of the same digit; the pairing is made, not recorded.",
    samples: spoken.recordings.length,
    modalities: [
      written.modalities[0],
      {
        name: "sound",
        what: "natural logarithm of the power in 64 mel bands, 0 to 4 kHz, in 44 frames of one second",
        shape: LOG_MEL_SHAPE,
      },
      drawn.modalities[0],
    ],
    classes: written.classes,
    splits,
    subgroups: spoken.card.subgroups,
    licence: `${spoken.card.licence} (sound), ${written.licence} (images), ${drawn.licence} (trajectories)`,
    citation: parts.map(({ of }) => of.citation).join("; "),
    source: parts.map(({ of }) => of.source).join("; "),
    files: parts.flatMap(({ folder, of }) => of.files.map((file) => ({ ...file, path: `${folder}/${file.path}` }))),
  };
}
