// UCI Pen-Based Recognition of Handwritten Digits: the way of the pen.

import { join } from "node:path";
import { type DatasetCard, DIGITS } from "./card.ts";
import { readCsvMatrix } from "./csv_matrix.ts";
import { DATA_FOLDER, readDataFile } from "./files.ts";

/** Points of a trajectory, and coordinates of a point. */
export const TRAJECTORY_SHAPE: readonly [points: 8, coordinates: 2] = [8, 2];

/** The largest coordinate in the files. */
const EXTENT = 100;

const CARD: DatasetCard = {
  name: "Pen-Based Recognition of Handwritten Digits",
  what:
    "Digits written on a tablet by 44 people: eight points of the pen's way, at equal distances along it, stretched to one box.",
  samples: 10_992,
  modalities: [{
    name: "trajectory",
    what: "horizontal and vertical position of the pen, 0 left or bottom to 1 right or top of the digit's box",
    shape: TRAJECTORY_SHAPE,
  }],
  classes: { label: DIGITS },
  splits: { train: 7494, test: 3498 },
  subgroups: {},
  licence: "CC BY 4.0",
  citation: "E. Alpaydin, F. Alimoglu, Pen-Based Recognition of Handwritten Digits, UCI Machine Learning Repository, " +
    "https://doi.org/10.24432/C5MG6K",
  source: "https://archive.ics.uci.edu/dataset/81/pen+based+recognition+of+handwritten+digits",
  files: [
    { path: "pendigits.tra", sha256: "13a29b9cc1b40503c51030840092d32e0e99efcbd5331146f832a2e815bb4c35" },
    { path: "pendigits.tes", sha256: "70124fa8a06bc820d38591f297271c364b215174410d9711ffafcfc857ff945f" },
  ],
};

/** Drawn digits of one split. */
export interface DrawnDigits {
  count: number;
  /** Positions of the pen, 0 to 1, in the order of writing, `[count, 8, 2]`. */
  trajectory: Float32Array;
  /** Digit, `[count]`. */
  label: Int32Array;
}

/** The data set. */
export interface PenDigits {
  card: DatasetCard;
  /** Digits of 30 writers. */
  train: DrawnDigits;
  /** Digits of 14 other writers. */
  test: DrawnDigits;
}

/**
 * Reads the trajectories of handwritten digits. The split is the source's: no writer is on both sides.
 *
 * @param options `folder`: where its files are. Default `data/pendigits` of Braid.
 * @returns Both splits and the card.
 * @throws {DataFileError} If a file is missing or altered.
 *
 * @example
 * ```ts
 * import { penDigits } from "braid/datasets/pen_digits.ts";
 * import assert from "node:assert/strict";
 *
 * const { train, test } = await penDigits();
 * assert.deepEqual([train.count, test.count], [7494, 3498]);
 * assert.deepEqual([...train.trajectory.subarray(0, 2)], [Math.fround(0.47), 1]); // an 8 starts at the top
 * ```
 */
export async function penDigits(
  { folder = join(DATA_FOLDER, "pendigits") }: { folder?: string } = {},
): Promise<PenDigits> {
  const [train, test] = await Promise.all(CARD.files.map((file) => readDataFile(folder, file, CARD)));
  return { card: CARD, train: unpack(train), test: unpack(test) };
}

/** Rows of 16 coordinates, 0 to 100, and the digit. */
function unpack(file: Uint8Array): DrawnDigits {
  const { rows: count, columns, values } = readCsvMatrix(new TextDecoder().decode(file)), size = columns - 1;
  const trajectory = new Float32Array(count * size), label = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const cells = values.subarray(row * columns, (row + 1) * columns);
    trajectory.set(cells.subarray(0, size).map((position) => position / EXTENT), row * size);
    label[row] = cells[size];
  }
  return { count, trajectory, label };
}
