// Atoms of information before and after learning, measured at length and kept as JSON.

import { join } from "node:path";
import * as v from "valibot";
import { DATA_FOLDER } from "../datasets/files.ts";
import { type Interval, seedInterval } from "../evaluation/interval.ts";
import { readJson, writeJson } from "../files/json_file.ts";

/** The four atoms by their names in every result, in the order in which they are drawn. */
export const atomNames = ["redundancy", "unique1", "unique2", "synergy"] as const;

/** Name of an atom. */
export type AtomName = typeof atomNames[number];

const finite = v.pipe(v.number(), v.finite()), text = v.pipe(v.string(), v.nonEmpty());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const atomSchema = v.strictObject({
  /** As it was counted, in bits. */
  plugIn: finite,
  /** Mean of shuffled labels. */
  chance: finite,
  /** Whether this seed tells it apart from chance, as `dataPid()` does. */
  distinguishable: v.boolean(),
});

const measuredSchema = v.strictObject({
  method: text,
  /** What the atoms are about. */
  target: text,
  seed: count,
  ...v.entriesFromList(atomNames, atomSchema),
  /** Held-out samples whose target a linear probe reads right, from each source alone. */
  read: v.tuple([fraction, fraction]),
});

const recordedAtomsSchema = v.strictObject({
  data: text,
  /** `unique1` belongs to the first. */
  sources: v.tuple([text, text]),
  /** Settings by name. */
  config: v.record(v.string(), v.union([text, finite])),
  /** What computed it, such as `"libtensorflow 2.21, CPU, compiled"`. */
  engine: text,
  versions: v.record(v.string(), v.string()),
  /** The command line that repeats the run. */
  command: text,
  started: v.pipe(v.string(), v.isoTimestamp()),
  seconds: v.pipe(finite, v.minValue(0)),
  /** Held-out samples. */
  samples: v.pipe(count, v.minValue(1)),
  /** One entry for each seed, target and method; the first method is what the others are compared with. */
  measured: v.pipe(v.array(measuredSchema), v.minLength(1)),
});

/** The atoms of some sources as several methods leave them, with all that is needed to repeat it. */
export type RecordedAtoms = v.InferOutput<typeof recordedAtomsSchema>;

/** One method, target and seed of {@linkcode RecordedAtoms}. */
export type MeasuredAtoms = v.InferOutput<typeof measuredSchema>;

/** Where the recorded atoms of a data set are: `interactions-NAME.json`, in `data/runs` unless told. */
export const recordedAtomsPath = (data: string, folder: string = join(DATA_FOLDER, "runs")): string =>
  join(folder, `interactions-${data.replaceAll(" ", "-")}.json`);

/**
 * Reads recorded atoms.
 *
 * @throws {InvalidFileError} If the file is missing, no JSON, or holds something else.
 */
export const readRecordedAtoms = (path: string): Promise<RecordedAtoms> =>
  readJson(path, "recorded atoms", recordedAtomsSchema);

/**
 * Writes recorded atoms, whole or not at all.
 *
 * @throws {RangeError} If they do not fit their type.
 */
export const writeRecordedAtoms = (path: string, atoms: RecordedAtoms): Promise<void> =>
  writeJson(path, "recorded atoms", recordedAtomsSchema, atoms);

/** What became of an atom; `chance` where neither before nor after it is told apart from chance. */
export type AtomChange = "rose" | "fell" | "unclear" | "chance";

/** An atom as a method leaves it, in bits. */
export interface ComparedAtom {
  /** Counted less shuffled, over seeds. */
  after: Interval;
  /** Whether every seed tells it apart from chance. */
  distinguishable: boolean;
  /** `after` less what it was before, seed by seed. */
  difference: Interval;
  /** `rose` or `fell` where the interval of the difference excludes 0, else `unclear`; see {@linkcode AtomChange}. */
  change: AtomChange;
}

/** A method beside what was before. */
export interface ComparedMethod {
  method: string;
  atoms: Record<AtomName, ComparedAtom>;
  /** Part of the held-out samples that a linear probe reads right from each source, over seeds. */
  read: [first: Interval, second: Interval];
}

/**
 * What methods did to the atoms of a target: each beside the first method, seed by seed.
 *
 * Seeds draw the split, weights, order and clusters anew, so that a difference within one seed is of the same samples.
 * Intervals are {@linkcode seedInterval}s and speak one by one: of twenty differences that are 0 in truth, one would be taken
 * for a change.
 *
 * @returns One entry for each method, in the order of the record; the first is compared with itself.
 * @throws {RangeError} If there is nothing about the target, or a method lacks a seed that the first has.
 *
 * @example
 * ```ts
 * import { compareAtoms, type RecordedAtoms } from "braid/interactions/recorded_atoms.ts";
 * import assert from "node:assert/strict";
 *
 * const bits = (plugIn: number) => ({ plugIn, chance: 0.1, distinguishable: plugIn > 0.2 });
 * const measured = (method: string, seed: number, shared: number): RecordedAtoms["measured"][number] => ({
 *   ...{ method, seed, target: "digit", read: [0.5, 0.5] },
 *   ...{ redundancy: bits(shared), unique1: bits(0.1), unique2: bits(0.1), synergy: bits(0.1) },
 * });
 * const [, learnt] = compareAtoms(
 *   [measured("raw", 1, 0.5), measured("learnt", 1, 1.5), measured("raw", 2, 0.6), measured("learnt", 2, 1.5)],
 *   "digit",
 * );
 * assert.equal(learnt.atoms.redundancy.change, "rose");
 * assert.equal(learnt.atoms.synergy.change, "chance");
 * ```
 */
export function compareAtoms(measured: readonly MeasuredAtoms[], target: string): ComparedMethod[] {
  const ofMethod = Map.groupBy(measured.filter((entry) => entry.target === target), ({ method }) => method);
  const [before] = ofMethod.values();
  if (!before) throw new RangeError(`Expected atoms of ${target}, got those of ${targetsOf(measured)}`);
  return [...ofMethod].map(([method, entries]) => {
    const after = before.map(({ seed }) => entryOf(entries, method, seed));
    const compared = (atom: AtomName) => compare(before.map((entry) => entry[atom]), after.map((entry) => entry[atom]));
    const atoms = Object.fromEntries(atomNames.map((atom) => [atom, compared(atom)]));
    const read = [0, 1].map((source) => seedInterval(after.map(({ read }) => read[source])));
    return {
      method,
      atoms: atoms as Record<AtomName, ComparedAtom>,
      read: read as [Interval, Interval],
    };
  });
}

const targetsOf = (measured: readonly MeasuredAtoms[]): string =>
  [...new Set(measured.map(({ target }) => target))].join(", ") || "nothing";

function entryOf(entries: readonly MeasuredAtoms[], method: string, seed: number): MeasuredAtoms {
  const entry = entries.find((entry) => entry.seed === seed);
  if (!entry) throw new RangeError(`Expected ${method} to be measured with seed ${seed}, got ${entries.length} others`);
  return entry;
}

type MeasuredAtom = MeasuredAtoms[AtomName];

const corrected = ({ plugIn, chance }: MeasuredAtom): number => plugIn - chance;
const isTold = (atoms: readonly MeasuredAtom[]): boolean => atoms.every(({ distinguishable }) => distinguishable);

function compare(before: readonly MeasuredAtom[], after: readonly MeasuredAtom[]): ComparedAtom {
  const difference = seedInterval(after.map((atom, seed) => corrected(atom) - corrected(before[seed])));
  const { low = -Infinity, high = Infinity } = difference, distinguishable = isTold(after);
  const moved: AtomChange = low > 0 ? "rose" : high < 0 ? "fell" : "unclear";
  return {
    after: seedInterval(after.map(corrected)),
    distinguishable,
    difference,
    change: distinguishable || isTold(before) ? moved : "chance",
  };
}
