import * as tf from "@tensorflow/tfjs";
import { unitRows } from "../losses/rows.ts";
import { type DataPid, dataPid, type DataPidOptions, type Source } from "./data_pid.ts";
import { discretize } from "./discretize.ts";
import { renumbered, type States } from "./joint_distribution.ts";

/** The decomposition of one pair of modalities. */
export interface PairPid {
  /** Names of the first and the second source; `unique1` belongs to the first. */
  sources: [first: string, second: string];
  pid: DataPid;
}

/** The decomposition of one modality against all others together. */
export interface RestPid {
  /** The first source: `unique1` is what only this modality tells. */
  source: string;
  /** The others, as one second source. */
  rest: string[];
  pid: DataPid;
}

/**
 * {@linkcode dataPid} of every pair of modalities: a map of who shares what with whom.
 *
 * A pair knows nothing of third modalities: what two of them share may be in the third as well. Pairs are tested one by
 * one; for a statement about several, correct their p-values with {@linkcode holm}.
 *
 * @param modalities At least two, by name, sample by sample those of `labels`.
 * @returns One decomposition for each pair, in the order of the names.
 * @throws {RangeError} As {@linkcode dataPid} does, or if there are fewer than two modalities.
 *
 * @example
 * ```ts
 * import { pairwisePid } from "braid";
 * import assert from "node:assert/strict";
 *
 * const bits = Array.from({ length: 40 }, (_, i) => i % 2);
 * const pairs = await pairwisePid({ image: bits, text: bits, sound: bits.map(() => 0) }, bits, { seed: 1, shuffles: 40 });
 * assert.deepEqual(pairs.map(({ sources }) => sources), [["image", "text"], ["image", "sound"], ["text", "sound"]]);
 * assert.ok(Math.abs(pairs[0].pid.redundancy.plugIn - 1) < 1e-4);
 * assert.ok(Math.abs(pairs[1].pid.unique1.plugIn - 1) < 1e-4);
 * ```
 */
export async function pairwisePid(
  modalities: Record<string, Source>,
  labels: States,
  options: DataPidOptions,
): Promise<PairPid[]> {
  const names = namesOf(modalities), states = await allStates(modalities, options), pairs: PairPid[] = [];
  for (const [i, first] of names.entries()) {
    for (const second of names.slice(i + 1)) {
      pairs.push({ sources: [first, second], pid: await dataPid([states[first], states[second]], labels, options) });
    }
  }
  return pairs;
}

/**
 * {@linkcode dataPid} of each modality against all others together: what would be lost without it.
 *
 * The others form one source. If all of them are features, their rows are divided by their norms, put side by side and
 * clustered together, so that the rest has no more states than each modality; otherwise its states are the combinations
 * that occur. Those are many, and chance fills them: look at the null.
 *
 * @param modalities At least two, by name, sample by sample those of `labels`.
 * @returns One decomposition for each modality, in their order.
 * @throws {RangeError} As {@linkcode dataPid} does, or if there are fewer than two modalities.
 *
 * @example The parity of three bits is in each bit together with the other two.
 * ```ts
 * import { oneAgainstRestPid } from "braid";
 * import assert from "node:assert/strict";
 *
 * const samples = [...Array(64).keys()], bit = (k: number) => samples.map((i) => (i >> k) & 1);
 * const parity = samples.map((i) => (i ^ (i >> 1) ^ (i >> 2)) & 1);
 * const options = { seed: 1, shuffles: 40, resamples: 40 };
 * const [{ rest, pid }] = await oneAgainstRestPid({ a: bit(0), b: bit(1), c: bit(2) }, parity, options);
 * assert.deepEqual(rest, ["b", "c"]);
 * assert.ok(Math.abs(pid.synergy.plugIn - 1) < 1e-4);
 * ```
 */
export async function oneAgainstRestPid(
  modalities: Record<string, Source>,
  labels: States,
  options: DataPidOptions,
): Promise<RestPid[]> {
  const names = namesOf(modalities), states = await allStates(modalities, options), results: RestPid[] = [];
  for (const source of names) {
    const rest = names.filter((name) => name !== source), sources = rest.map((name) => modalities[name]);
    const together = sources.every((other) => other instanceof tf.Tensor)
      ? await clusteredTogether(sources, options)
      : combined(rest.map((name) => states[name]));
    results.push({ source, rest, pid: await dataPid([states[source], together], labels, options) });
  }
  return results;
}

function namesOf(modalities: Record<string, Source>): string[] {
  const names = Object.keys(modalities);
  if (names.length < 2) throw new RangeError(`Expected at least two modalities, got ${names.length}: [${names}]`);
  return names;
}

/** Each modality's states; features are clustered once. */
async function allStates(
  modalities: Record<string, Source>,
  options: DataPidOptions,
): Promise<Record<string, Int32Array>> {
  const states: Record<string, Int32Array> = {};
  for (const [name, source] of Object.entries(modalities)) {
    states[name] = renumbered(name, source instanceof tf.Tensor ? await discretize(source, options) : source).states;
  }
  return states;
}

async function clusteredTogether(features: tf.Tensor2D[], options: DataPidOptions): Promise<Int32Array> {
  const together: tf.Tensor2D = tf.tidy(() => tf.concat(features.map(unitRows), 1));
  try {
    return await discretize(together, options);
  } finally {
    together.dispose();
  }
}

/** Numbers the combinations that occur. */
function combined(sources: Int32Array[]): Int32Array {
  const names = Array.from(sources[0], (_, i) => sources.map((states) => states[i]).join(" "));
  const numbers = new Map([...new Set(names)].map((name, number) => [name, number]));
  return Int32Array.from(names, (name) => numbers.get(name)!);
}
