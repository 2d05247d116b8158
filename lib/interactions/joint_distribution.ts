/** States of a variable, one number per sample; which numbers does not matter. */
export type States = Int32Array | readonly number[];

/**
 * How often each combination of states of two sources and a target occurs: the table that decompositions take.
 *
 * States are numbered in the order of their numbers, and those that do not occur are left out.
 *
 * @param x1 States of the first source, `[samples]`.
 * @param x2 States of the second source, `[samples]`.
 * @param y Classes, `[samples]`.
 * @returns Fractions `p[x1][x2][y]`, summing to 1.
 * @throws {RangeError} If there is no sample, the lengths differ, or a state is no integer.
 *
 * @example
 * ```ts
 * import { jointDistribution } from "braid";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(jointDistribution([0, 0, 7, 7], [0, 0, 0, 1], [5, 5, 5, 6]), [[[0.5, 0], [0, 0]], [[0.25, 0], [0, 0.25]]]);
 * ```
 */
export function jointDistribution(x1: States, x2: States, y: States): number[][][] {
  const samples = y.length;
  if (x1.length !== samples || x2.length !== samples) {
    throw new RangeError(
      `Expected one state of each source per label, got ${x1.length} and ${x2.length} for ${samples} labels`,
    );
  }
  const [first, second, target] = [renumbered("x1", x1), renumbered("x2", x2), renumbered("y", y)];
  const counts = Array.from(
    { length: first.count },
    () => Array.from({ length: second.count }, () => new Array<number>(target.count).fill(0)),
  );
  for (let i = 0; i < samples; i++) counts[first.states[i]][second.states[i]][target.states[i]]++;
  return counts.map((plane) => plane.map((row) => row.map((count) => count / samples)));
}

/**
 * The states that occur, numbered from 0.
 *
 * @param name What they are, for the error.
 * @throws {RangeError} If there is none or one is no integer.
 */
export function renumbered(name: string, states: States): { states: Int32Array; count: number } {
  if (states.length === 0) throw new RangeError(`Expected at least one sample in ${name}, got none`);
  const wrong = states.findIndex((state: number) => !Number.isInteger(state));
  if (wrong >= 0) {
    throw new RangeError(`Expected ${name} to be integers, got ${states[wrong]} at sample ${wrong}`);
  }
  const numbers = new Map([...new Set(states)].toSorted((a, b) => a - b).map((state, number) => [state, number]));
  return { states: Int32Array.from(states, (state) => numbers.get(state)!), count: numbers.size };
}
