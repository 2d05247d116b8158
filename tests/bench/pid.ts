// Times brojaPid() on dense tables, also in turns with the routine of PID's authors.
//
//     deno run -A tests/bench/pid.ts [--against-authors REPOSITORY] [--python python3] [--rounds 5]

import { brojaPid, type PartialInformation } from "braid";
import { Command } from "commander";
import { median } from "simple-statistics";
import { positive } from "./options.ts";
import { Peer } from "./peer.ts";

/** A table for the other side. */
export interface PidRequest {
  command: "solve";
  p: number[][][];
}

/** One line of output: medians in milliseconds, and how many times faster ours is. */
export interface PidRace {
  table: string;
  braid: number;
  authors?: number;
  ratio?: number;
  rounds: number;
}

/** The sizes, and the atoms in bits by the conic solver Clarabel (cvxpy, the same program). */
export const TABLES: { sizes: [x1: number, x2: number, y: number]; atoms: PartialInformation }[] = [
  {
    sizes: [10, 10, 5],
    atoms: { redundancy: 0.027019, unique1: 0.016979, unique2: 0.008071, synergy: 0.388721 },
  },
  {
    sizes: [20, 20, 10],
    atoms: { redundancy: 0.025036, unique1: 0.011795, unique2: 0.013222, synergy: 0.466372 },
  },
];

/** $p \propto ((7 i + 13 j + 29 k + 3 i j + 5 j k + 11 i k) \bmod 17 + 1)^2$. */
export function denseTable([x1, x2, y]: readonly [number, number, number]): number[][][] {
  const states = (count: number) => Array.from({ length: count }, (_, k) => k);
  const weight = (i: number, j: number, k: number) =>
    ((7 * i + 13 * j + 29 * k + 3 * i * j + 5 * j * k + 11 * i * k) % 17 + 1) ** 2;
  const weights = states(x1).map((i) => states(x2).map((j) => states(y).map((k) => weight(i, j, k))));
  const total = weights.flat(2).reduce((sum, value) => sum + value);
  return weights.map((plane) => plane.map((row) => row.map((value) => value / total)));
}

/** @throws {Error} If an atom is off by more than 1e-5 bit. */
export function checkAtoms(table: string, got: PartialInformation, want: PartialInformation): void {
  for (const atom of ["redundancy", "unique1", "unique2", "synergy"] as const) {
    if (Math.abs(got[atom] - want[atom]) <= 1e-5) continue;
    throw new Error(
      `Expected ${atom} of ${table} to be ${want[atom]} bit, got ${got[atom]}: a wrong result is not timed`,
    );
  }
}

/** Our calls in a turn, of which the median counts: one of the authors' takes a hundred times as long. */
const CALLS = 5;

/** Both sides solve each table in turns; the first turn, which warms up, does not count. */
export async function race(rounds: number, authors?: Peer): Promise<PidRace[]> {
  const races: PidRace[] = [];
  for (const { sizes, atoms } of TABLES) {
    const table = sizes.join("x"), p = denseTable(sizes), ours: number[] = [], theirs: number[] = [];
    checkAtoms(table, brojaPid(p), atoms);
    for (let round = -1; round < rounds; round++) {
      const calls = Array.from({ length: CALLS }, () => {
        const start = performance.now();
        brojaPid(p);
        return performance.now() - start;
      });
      const answer = await authors?.ask<{ milliseconds: number }>({ command: "solve", p });
      if (round < 0) continue;
      ours.push(median(calls));
      if (answer) theirs.push(answer.milliseconds);
    }
    const braid = median(ours);
    const against = theirs.length ? { authors: median(theirs), ratio: median(theirs) / braid } : {};
    races.push({ table, braid, ...against, rounds });
  }
  return races;
}

if (import.meta.main) {
  const program = new Command("pid.ts")
    .description("Times brojaPid() on dense tables: milliseconds, medians, as one JSON line a table.")
    .option(
      "--against-authors <REPOSITORY>",
      "a checkout of github.com/pliang279/PID, whose solver takes turns with ours",
    )
    .option("--python <PYTHON>", "a Python with numpy, scipy and cvxpy", "python3")
    .option("--rounds <NUMBER>", "turns of each side", positive, 5)
    .parse(Deno.args, { from: "user" });
  const { againstAuthors, python, rounds } = program.opts<
    { againstAuthors?: string; python: string; rounds: number }
  >();
  const authors = againstAuthors ? Peer.pidAuthors(python, againstAuthors) : undefined;
  try {
    for (const line of await race(rounds, authors)) console.log(JSON.stringify(line));
  } finally {
    await authors?.end();
  }
}
