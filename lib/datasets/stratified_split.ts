// Training, validation and test samples, each class in proportion.

import { type RandomNumbers, randomNumbers } from "../engine/random_numbers.ts";

/** Rows of the samples of each split, in rising order. */
export interface SplitRows {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
}

/** Options of {@linkcode stratifiedSplit}. */
export interface StratifiedSplitOptions {
  /** Names the random streams; usually the data set's name. */
  name: string;
  /** Share of each class that is tested on, 0 to 1. */
  test: number;
  /** Share of what the test leaves of each class that goes to validation, 0 to 1. */
  validation: number;
  /** Seed of the validation split. */
  seed: number;
  /**
   * Something that samples have in common when they must not be torn apart, such as a patient; `[samples]`. Default:
   * nothing, each sample stands alone.
   */
  units?: readonly string[];
}

/** The test samples are always drawn from this seed: what one run has trained on, no other run can test on. */
const TEST_SEED = 42;

/**
 * Splits samples into training, validation and test, each class in the same proportion.
 *
 * The seed chooses among training and validation only. The test samples depend on the labels, the test share, the units
 * and the name, so they stay the same when seeds are compared. Each class gives its share rounded to whole samples; where
 * units do not add up to that, fewer.
 *
 * @param labels Class of each sample, `[samples]`.
 * @returns Rows of the three splits; together each row once.
 * @throws {RangeError} If a share is not in [0, 1], units and labels differ in number, or a unit has samples of two classes.
 *
 * @example
 * ```ts
 * import { stratifiedSplit } from "braid/datasets/stratified_split.ts";
 * import assert from "node:assert/strict";
 *
 * const labels = Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
 * const { train, validation, test } = stratifiedSplit(labels, { name: "pairs", test: 0.2, validation: 0.25, seed: 1 });
 * for (const [rows, each] of [[train, 3], [validation, 1], [test, 1]] as const) {
 *   assert.equal(rows.filter((row) => labels[row] === 0).length, each);
 *   assert.equal(rows.filter((row) => labels[row] === 1).length, each);
 * }
 * ```
 */
export function stratifiedSplit(
  labels: Int32Array,
  { name, test, validation, seed, units }: StratifiedSplitOptions,
): SplitRows {
  checkShare("test", test);
  checkShare("validation", validation);
  const testing = randomNumbers(TEST_SEED, `${name}/test`), choosing = randomNumbers(seed, `${name}/validation`);
  const held = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  for (const ofClass of unitsByClass(labels, units)) {
    const [tested, rest] = holdOut(ofClass, test, testing);
    const [validated, trained] = holdOut(rest, validation, choosing);
    held.test.push(...tested.flat());
    held.validation.push(...validated.flat());
    held.train.push(...trained.flat());
  }
  return { train: rising(held.train), validation: rising(held.validation), test: rising(held.test) };
}

/** The rows of each unit, class after class. */
function unitsByClass(labels: Int32Array, units?: readonly string[]): number[][][] {
  if (units && units.length !== labels.length) {
    throw new RangeError(`Expected one unit per label, got ${units.length} for ${labels.length} labels`);
  }
  const rowsOf = [...Map.groupBy(labels.keys(), (row) => units?.[row] ?? row).values()];
  for (const rows of rowsOf) {
    if (rows.some((row) => labels[row] !== labels[rows[0]])) {
      throw new RangeError(`Expected the samples of a unit to be of one class, got several in unit ${units![rows[0]]}`);
    }
  }
  const classes = Map.groupBy(rowsOf, ([row]) => labels[row]);
  return [...classes].sort(([a], [b]) => a - b).map(([, rows]) => rows);
}

/** Takes whole units, in random order, as long as they fit into the share; the others are left. */
function holdOut(units: number[][], share: number, random: RandomNumbers): [held: number[][], left: number[][]] {
  let room = Math.round(share * units.flat().length);
  const held = new Set<number[]>();
  for (const index of random.permutation(units.length)) {
    if (units[index].length > room) continue;
    held.add(units[index]);
    room -= units[index].length;
  }
  return [[...held], units.filter((unit) => !held.has(unit))];
}

const rising = (rows: number[]): Int32Array => Int32Array.from(rows).sort();

function checkShare(name: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`Expected ${name} to be a share from 0 to 1, got ${share}`);
}
