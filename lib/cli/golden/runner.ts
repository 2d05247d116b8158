// Runs golden cases: values and gradients against what a file expects.

import * as tf from "@tensorflow/tfjs";
import { compile } from "../../engine/compile.ts";
import type { Call, Tensors } from "./call.ts";
import { compare, type GoldenCase, type GoldenTensor, parseCase, toTensor } from "../../evaluation/golden_case.ts";

/** `eager`: op by op. `graph`, `xla`: value and gradient recorded into one function, which is then run. */
export const modes = ["eager", "graph", "xla"] as const;

/** How a differentiable function is run. */
export type Mode = typeof modes[number];

/** What a run needs. */
export interface RunOptions {
  /** Golden names to calls. */
  calls: Record<string, Call>;
  /** Default `eager`. */
  mode?: Mode;
  /** Run these functions only. Default: all. */
  only?: string[];
  /** Told of each failing case, in one line. */
  report: (line: string) => void;
}

/** How many cases passed and failed. */
export interface Totals {
  passed: number;
  failed: number;
}

/**
 * Runs every case below the given folders. A file that is no golden case counts as failed, and so does a folder without
 * cases or a function asked for that has none: nothing passes by not being run.
 */
export async function runFolders(
  folders: string[],
  { calls, mode = "eager", only, report }: RunOptions,
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0 }, seen = new Set<string>();
  const fail = (line: string) => {
    totals.failed++;
    report(line);
  };
  for (const folder of folders) {
    for await (const { path, golden, problem } of casesBelow(folder)) {
      if (problem !== undefined) {
        fail(`${path}: ${problem}`);
        continue;
      }
      seen.add(golden.function);
      if (only && !only.includes(golden.function)) continue;
      const failures = await runCase(golden, calls, mode);
      if (failures.length) fail(`${golden.function} ${golden.case}: ${failures.join("; ")}`);
      else totals.passed++;
    }
  }
  for (const name of only ?? []) if (!seen.has(name)) fail(`${name}: no case in ${folders.join(", ")}`);
  return totals;
}

/**
 * @returns One line for each output or gradient that is wrong; none if the case passes.
 */
export async function runCase(
  golden: GoldenCase,
  calls: Record<string, Call>,
  mode: Mode = "eager",
): Promise<string[]> {
  if (!Object.hasOwn(calls, golden.function)) return ["no such function"];
  const engine = tf.engine();
  engine.startScope();
  try {
    const { outputs, gradients } = await evaluate(golden, calls[golden.function], mode);
    return [
      ...await compareAll(outputs, golden.expect, golden.tolerance),
      ...await compareAll(gradients, golden.gradients, golden.tolerance, "gradient of "),
    ];
  } catch (error) {
    return [String(error)];
  } finally {
    engine.endScope();
  }
}

interface Evaluation {
  outputs: Tensors;
  gradients: Tensors;
}

/** Functions without gradients may be no tensor code at all: they run as they are in every mode. */
async function evaluate(golden: GoldenCase, run: Call, mode: Mode): Promise<Evaluation> {
  const inputs = Object.entries(golden.inputs).map(([name, input]) => [name, toTensor(input)] as const);
  if (Object.keys(golden.gradients).length === 0) {
    return { outputs: await run(Object.fromEntries(inputs), golden.options), gradients: {} };
  }
  const step = (...tensors: tf.Tensor[]) =>
    withGradients(golden, run, Object.fromEntries(inputs.map(([name], i) => [name, tensors[i]])));
  const tensors = inputs.map(([, tensor]) => tensor);
  if (mode === "eager") return step(...tensors);
  const compiled = compile(step, { mode });
  try {
    compiled(...tensors); // records
    return compiled(...tensors); // runs what was recorded
  } finally {
    compiled.dispose();
  }
}

function withGradients(golden: GoldenCase, run: Call, inputs: Tensors) {
  const outputsOf = (varied: Tensors): Tensors => {
    const outputs = run({ ...inputs, ...varied }, golden.options);
    if (outputs instanceof Promise) {
      throw new TypeError(`Expected ${golden.function} to be synchronous, as gradients are`);
    }
    return outputs;
  };
  const names = Object.keys(golden.gradients);
  const byName = (tensors: tf.Tensor[]): Tensors => Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  const objective = (...varied: tf.Tensor[]) => scalarOf(outputsOf(byName(varied)), golden.cotangents);
  return {
    outputs: pick(outputsOf({}), Object.keys(golden.expect)),
    gradients: byName(tf.grads(objective)(names.map((name) => inputs[name]))),
  };
}

/** What the gradients are of: `value`, or the sum over the outputs times their cotangents. */
function scalarOf(outputs: Tensors, cotangents?: Record<string, GoldenTensor>): tf.Scalar {
  if (!cotangents) return outputs.value as tf.Scalar;
  return tf.addN(Object.entries(cotangents).map(([name, cotangent]) => outputs[name].mul(toTensor(cotangent)).sum()));
}

async function compareAll(
  got: Tensors,
  want: Record<string, GoldenTensor>,
  tolerance: number,
  prefix = "",
): Promise<string[]> {
  const failures: string[] = [];
  for (const [name, expected] of Object.entries(want)) {
    const failure = got[name]
      ? compare({ shape: got[name].shape, values: await got[name].data() }, expected, tolerance)
      : "missing";
    if (failure) failures.push(`${prefix}${name}: ${failure}`);
  }
  return failures;
}

const pick = (tensors: Tensors, names: string[]): Tensors =>
  Object.fromEntries(names.filter((name) => name in tensors).map((name) => [name, tensors[name]]));

type File = { path: string; golden: GoldenCase; problem?: undefined } | {
  path: string;
  golden?: undefined;
  problem: string;
};

async function* casesBelow(folder: string): AsyncGenerator<File> {
  try {
    const paths = await jsonFiles(folder);
    if (paths.length === 0) yield { path: folder, problem: "no .json file" };
    for (const path of paths) yield await readCase(path);
  } catch (error) {
    yield { path: folder, problem: (error as Error).message };
  }
}

async function readCase(path: string): Promise<File> {
  try {
    return { path, golden: parseCase(await Deno.readTextFile(path)) };
  } catch (error) {
    return { path, problem: (error as Error).message };
  }
}

/** All .json files at or below a path, sorted. */
async function jsonFiles(path: string): Promise<string[]> {
  if ((await Deno.stat(path)).isFile) return [path];
  const entries = (await Array.fromAsync(Deno.readDir(path))).sort((a, b) => a.name < b.name ? -1 : 1);
  const below = entries.map(({ name, isDirectory }) => {
    if (isDirectory) return jsonFiles(`${path}/${name}`);
    return name.endsWith(".json") ? [`${path}/${name}`] : [];
  });
  return (await Promise.all(below)).flat();
}
