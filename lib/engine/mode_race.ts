// Which of TensorFlow's two ways is faster for a step: measured in its first calls, then remembered on this machine.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How TensorFlow runs a recorded function: its own executor, or compiled by XLA. */
export type FunctionMode = "graph" | "xla";

/** Calls of each mode: the first one, which prepares, is not counted. */
const TRIALS = 4;

/**
 * Times both modes of one function in turns of {@linkcode TRIALS} calls and then stays with the faster one, by the shortest
 * call of each.
 */
export class ModeRace {
  readonly #file: string;
  readonly #times: Record<FunctionMode, number[]> = { graph: [], xla: [] };
  #winner: FunctionMode | undefined;

  /**
   * @param folder Where winners are remembered, one small file each.
   * @param key What the function computes, in letters and digits: the same key, the same winner.
   */
  constructor(folder: string, key: string) {
    this.#file = join(folder, key);
    this.#winner = remembered(this.#file);
  }

  /** The mode of the next call. */
  get mode(): FunctionMode {
    return this.#winner ?? (this.#times.graph.length < TRIALS ? "graph" : "xla");
  }

  /** Runs the next call, and takes its time while the race is on. */
  run<T>(call: (mode: FunctionMode) => T): T {
    const { mode } = this;
    if (this.#winner) return call(mode);
    const start = performance.now(), result = call(mode);
    this.#times[mode].push(performance.now() - start);
    if (this.#times.xla.length === TRIALS) this.#decide();
    return result;
  }

  #decide(): void {
    const shortest = (mode: FunctionMode) => Math.min(...this.#times[mode].slice(1));
    this.#winner = shortest("xla") < shortest("graph") ? "xla" : "graph";
    try {
      mkdirSync(join(this.#file, ".."), { recursive: true });
      writeFileSync(this.#file, this.#winner);
    } catch {
      // A folder that cannot be written to: the next process races again.
    }
  }
}

function remembered(file: string): FunctionMode | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return text === "graph" || text === "xla" ? text : undefined;
  } catch {
    return undefined; // not raced yet
  }
}
