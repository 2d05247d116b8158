// deno task bench: times training steps in every mode, and against PyTorch.

import { Command, InvalidArgumentError, Option } from "commander";
import { join } from "node:path";
import { median, min } from "simple-statistics";
import { type Mode, modes } from "./modes.ts";
import { Peer } from "./peer.ts";
import type { Timed } from "./serve.ts";
import { workloads } from "./workloads.ts";

/** How one side did, times in milliseconds. */
export interface Timing {
  min: number;
  median: number;
  steps: number;
  /** The first two steps together: recording and compiling, where there is any. */
  firstCall: number;
  peakMegabytes: number;
  /** Tensors that the steps left behind (Braid only). */
  tensorsLeft?: number;
  version: string;
}

/** One line of `deno task bench --json`. */
export interface BenchResult {
  workload: string;
  modes: Partial<Record<Mode, Timing>>;
  pytorch?: Timing;
  /** The loss of the same weights, batch and draws on both sides. */
  loss?: { braid: number; pytorch: number };
  /** The best compiled mode, by its median, and that median over PyTorch's. */
  best?: Mode;
  ratio?: number;
  /** That mode's peak of memory over PyTorch's. */
  memoryRatio?: number;
}

/** What to measure. */
export interface BenchOptions {
  modes: readonly Mode[];
  /** Seconds of one turn, and how often the sides take turns. */
  seconds: number;
  rounds: number;
  /** A Python with torch and safetensors. */
  againstPytorch?: string;
}

/** The two sides' losses may differ so much, relative to the larger of 1 and the loss. */
const LOSS_TOLERANCE = 1e-4;

/**
 * Measures one workload: every side in a process of its own, in turns, so that all meet the same neighbours.
 *
 * @throws {Error} If the losses of the two sides differ: a wrong step is not timed.
 */
export async function bench(name: string, options: BenchOptions): Promise<BenchResult> {
  const folder = await Deno.makeTempDir({ prefix: "braid-bench-" }), file = join(folder, "case.safetensors");
  const sides = options.modes.map((mode) => Peer.braid(name, mode));
  try {
    let loss: BenchResult["loss"];
    if (options.againstPytorch) {
      const command = { command: "loss", file, training: !workloads[name].hasDropout } as const;
      const braid = await sides[0].ask<{ loss: number }>(command);
      sides.push(Peer.pytorch(options.againstPytorch, workloads[name].twin, name, file));
      const pytorch = await sides.at(-1)!.ask<{ loss: number }>(command);
      loss = { braid: braid.loss, pytorch: pytorch.loss };
      checkLosses(name, loss);
    }
    const timings = await takeTurns(sides, options);
    const timed = Object.fromEntries(options.modes.map((mode, i) => [mode, timings[i]]));
    return { workload: name, modes: timed, ...loss && { loss, ...compare(timed, timings.at(-1)!) } };
  } finally {
    await Promise.all(sides.map((side) => side.end()));
    await Deno.remove(folder, { recursive: true });
  }
}

/** @throws {Error} If the two sides' losses of the same weights, batch and draws differ. */
export function checkLosses(name: string, { braid, pytorch }: { braid: number; pytorch: number }): void {
  if (Math.abs(braid - pytorch) <= LOSS_TOLERANCE * Math.max(1, Math.abs(pytorch))) return;
  throw new Error(`Expected ${name} to have PyTorch's loss ${pytorch} from the same weights and batch, got ${braid}`);
}

async function takeTurns(sides: Peer[], { seconds, rounds }: BenchOptions): Promise<Timing[]> {
  const firstCalls: number[] = [], turns: Timed[][] = sides.map(() => []);
  for (const side of sides) {
    const first = await side.ask<Timed>({ command: "time", seconds: 0 });
    const second = await side.ask<Timed>({ command: "time", seconds: 0 });
    firstCalls.push(first.milliseconds[0] + second.milliseconds[0]);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of sides.entries()) turns[i].push(await side.ask<Timed>({ command: "time", seconds }));
  }
  return turns.map((answers, i) => {
    const all = answers.flatMap(({ milliseconds }) => milliseconds), { peakMegabytes, version } = answers.at(-1)!;
    const left = answers.map(({ tensorsLeft }) => tensorsLeft).filter((count) => count !== undefined);
    const tensorsLeft = left.length ? { tensorsLeft: left.reduce((sum, count) => sum + count) } : {};
    return {
      min: min(all),
      median: median(all),
      steps: all.length,
      firstCall: firstCalls[i],
      peakMegabytes,
      ...tensorsLeft,
      version,
    };
  });
}

const compiledModes: readonly Mode[] = ["graph", "xla", "auto"];

/** The best compiled mode against PyTorch. */
export function compare(timed: BenchResult["modes"], pytorch: Timing): Partial<BenchResult> {
  const [best] = compiledModes.filter((mode) => timed[mode]).sort((a, b) => timed[a]!.median - timed[b]!.median);
  if (!best) return { pytorch };
  const { median, peakMegabytes } = timed[best]!;
  return { pytorch, best, ratio: median / pytorch.median, memoryRatio: peakMegabytes / pytorch.peakMegabytes };
}

/** A line for people. */
export function describe({ workload, modes, pytorch, best, ratio, memoryRatio }: BenchResult): string {
  const sides = Object.entries({ ...modes, ...pytorch && { PyTorch: pytorch } })
    .map(([name, { median, firstCall }]) =>
      `${name} ${median.toPrecision(3)} ms (first ${(firstCall / 1000).toFixed(1)} s)`
    );
  const verdict = ratio === undefined ? "" : `; ${best} takes ${ratio.toFixed(2)} of PyTorch's time, ` +
    `${memoryRatio!.toFixed(2)} of its memory`;
  return `${workload}: ${sides.join(", ")}${verdict}`;
}

const positive = (text: string): number => {
  if (Number(text) > 0) return Number(text);
  throw new InvalidArgumentError(`Expected a number above 0, got "${text}"`);
};

interface Options extends Omit<BenchOptions, "modes"> {
  mode: Mode[];
  json?: boolean;
}

if (import.meta.main) {
  try {
    await new Command("deno task bench")
      .description("Time a training step of every workload, in every mode, and against PyTorch's eager mode.")
      .argument("[NAME...]", `workloads (default: all of ${Object.keys(workloads).join(", ")})`)
      .addOption(new Option("--mode <MODE...>", "how steps run").choices(modes).default(modes.slice(0, 3)))
      .option(
        "--against-pytorch <PYTHON>",
        "a Python with torch and safetensors, whose steps are timed in turns with ours",
      )
      .option("--seconds <NUMBER>", "length of a turn", positive, 2)
      .option("--rounds <NUMBER>", "turns of each side", positive, 3)
      .option("--json", "one JSON line a workload")
      .action(async (names: string[], { mode, json, ...options }: Options) => {
        const unknown = names.find((name) => !(name in workloads));
        if (unknown) {
          throw new RangeError(`Expected workloads of ${Object.keys(workloads).join(", ")}, got "${unknown}"`);
        }
        for (const name of names.length ? names : Object.keys(workloads)) {
          const result = await bench(name, { modes: mode, ...options });
          console.log(json ? JSON.stringify(result) : describe(result));
        }
      })
      .parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
