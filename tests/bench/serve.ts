// Braid's side of the benchmarks: answers one JSON command a line on standard input, as pytorch/harness.py does.
//
//     deno run -A tests/bench/serve.ts NAME MODE

import { compile, encodeSafetensors, useEngine } from "braid";
import * as tf from "@tensorflow/tfjs";
import { createInterface } from "node:readline";
import process from "node:process";
import type { Mode } from "./modes.ts";
import { stepOf, type Workload } from "./workload.ts";
import { workloads } from "./workloads.ts";

/** What the other side may ask for. */
export type Request =
  /** Write weights, batch and one set of draws for the twin, and compute the loss of them. */
  | { command: "loss"; file: string; training: boolean }
  /** Take steps for so long. */
  | { command: "time"; seconds: number };

/** Answer to `time`. */
export interface Timed {
  milliseconds: number[];
  peakMegabytes: number;
  /** How many tensors the steps left behind. */
  tensorsLeft?: number;
  version: string;
}

async function serve(name: string, mode: Mode): Promise<void> {
  const engine = await useEngine(mode === "wasm" ? "wasm" : "libtensorflow");
  const workload = workloads[name].build(), batch = Object.values(workload.inputs), step = stepOf(workload);
  const run = mode === "eager" || mode === "wasm" ? step : compile(step, { mode });
  const takeStep = () => run(...batch).dispose();

  for await (const line of createInterface(process.stdin)) {
    const request: Request = JSON.parse(line);
    switch (request.command) {
      case "loss":
        answer({ loss: await compareLoss(workload, request) });
        break;
      case "time": {
        const before = tf.memory().numTensors, milliseconds = timeSteps(takeStep, request.seconds);
        const tensorsLeft = tf.memory().numTensors - before;
        answer<Timed>({ milliseconds, tensorsLeft, peakMegabytes: peakMegabytes(), version: engine.description });
      }
    }
  }
}

async function compareLoss(
  { model, inputs, draws, loss }: Workload,
  { file, training }: { file: string; training: boolean },
) {
  const drawn = draws?.() ?? {}, state = model.stateDict();
  const parts = { model: state, inputs, draws: drawn };
  const named = Object.entries(parts).flatMap(([part, tensors]) =>
    Object.entries(tensors).map(([name, tensor]) => [`${part}.${name}`, tensor])
  );
  await Deno.writeFile(file, await encodeSafetensors(Object.fromEntries(named)));
  const value = tf.tidy(() => loss(inputs, drawn, { training }));
  const [number] = await value.data();
  model.loadStateDict(state); // running statistics have moved
  tf.dispose([value, drawn, state]);
  return number;
}

function timeSteps(step: () => void, seconds: number): number[] {
  const milliseconds: number[] = [], end = performance.now() + 1000 * seconds;
  do {
    const start = performance.now();
    step();
    milliseconds.push(performance.now() - start);
  } while (performance.now() < end);
  return milliseconds;
}

/** The most memory that this process has held; Linux keeps count, elsewhere what it holds now. */
function peakMegabytes(): number {
  if (Deno.build.os !== "linux") return Deno.memoryUsage().rss / 2 ** 20;
  return Number(/VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) / 1024;
}

function answer<T>(value: T): void {
  console.log(JSON.stringify(value));
}

if (import.meta.main) await serve(Deno.args[0], Deno.args[1] as Mode);
