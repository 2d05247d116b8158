// deno task test: format, lint, types, notebooks, all tests; the last line says how many passed and failed.

import { Command } from "commander";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { checkCells } from "../jupyter/cell_check.ts";
import { ensureLibrary } from "./setup.ts";

/** What came of a step: a check counts as one test. */
export interface Outcome {
  passed: number;
  failed: number;
  /** What the step has to say when something failed. */
  output: string;
}

/** One thing to do, by one process at a time. */
type Job = () => Promise<Outcome>;

/** A step is what is told in one line; its jobs may run at the same time. */
interface Step {
  name: string;
  jobs: Job[];
}

/**
 * The steps for some files or folders, or for the whole project.
 *
 * @param paths Code and notebooks to look at; none for all.
 */
function listSteps(paths: string[]): Step[] {
  const all = paths.length === 0, isNotebook = (path: string) => path.endsWith(".ipynb");
  const code = all ? ["lib", "tests"] : paths.filter((path) => !isNotebook(path));
  const texts = all ? listFiles(".", /\.(md|json)$/) : [];
  const notebooks = all ? listFiles("notebooks", /\.ipynb$/) : paths.filter(isNotebook);
  const steps: Step[] = [];
  if (code.length > 0) {
    steps.push({ name: "Format", jobs: [() => check("fmt", "--check", ...code, ...texts)] });
    steps.push({ name: "Lint", jobs: [() => check("lint", ...code)] });
    steps.push({ name: "Types", jobs: [() => check("check", "--doc", ...code)] });
  }
  if (notebooks.length > 0) steps.push({ name: "Notebooks", jobs: [() => checkNotebooks(notebooks)] });
  if (code.length > 0) {
    steps.push({
      name: "Tests",
      jobs: testGroups(all ? [...code, "README.md"] : code).map((path) => () => runTests(path)),
    });
  }
  return steps;
}

const listFiles = (folder: string, name: RegExp): string[] =>
  Array.from(Deno.readDirSync(folder)).filter((entry) => name.test(entry.name)).map((entry) =>
    join(folder, entry.name)
  );

/**
 * Mesa's software for WebGPU compiles some hundred shaders for tests that run each of them a few times: without optimising, that
 * takes a fifth less. Other drivers do not know this variable.
 */
const QUICK_SHADERS = { GALLIVM_PERF: "nopt" };

async function deno(...args: string[]): Promise<{ success: boolean; output: string }> {
  const env = { ...QUICK_SHADERS, ...(Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" }) };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, output: text(stdout) + text(stderr) };
}

async function check(...args: string[]): Promise<Outcome> {
  const { success, output } = await deno(...args);
  return { passed: success ? 1 : 0, failed: success ? 0 : 1, output };
}

async function checkNotebooks(paths: string[]): Promise<Outcome> {
  const errors = await checkCells(paths);
  const output = errors.map(({ notebook, cell, line, message }) =>
    `${notebook}, cell ${cell}, line ${line}: ${message}`
  ).join("\n\n");
  return { passed: errors.length === 0 ? 1 : 0, failed: errors.length === 0 ? 0 : 1, output };
}

/** Runs the tests of a file or folder in a process of their own. */
async function runTests(path: string): Promise<Outcome> {
  const { success, output } = await deno("test", "-A", "--doc", "--no-check", path);
  return { ...countTests(output, success), output: success ? "" : failuresOf(output) };
}

/** Where most of the time goes, as measured, the longest first: what is long and begins late keeps all others waiting. */
const LONGEST = [
  ...["tests/cli", "lib", "tests/methods/comm", "tests/parity", "tests/engine", "tests/datasets", "tests/plots"],
  ...["tests/jupyter", "tests/evaluation", "tests/nn", "tests/losses", "tests/notebooks", "tests/interactions"],
].map((path) => join(path));

/** What to test in one process each: the parts of `tests`, and of `tests/methods`, in place of the whole; the longest first. */
function testGroups(paths: string[]): string[] {
  const split = (path: string): string[] =>
    path === "tests" || path === join("tests", "methods") ? partsWithTests(path).flatMap(split) : [path];
  const rank = (path: string) => LONGEST.includes(path) ? LONGEST.indexOf(path) : LONGEST.length;
  return paths.flatMap(split).sort((a, b) => rank(a) - rank(b));
}

/** The test files in a folder, and the folders in it that hold some at any depth. */
function partsWithTests(folder: string): string[] {
  const isTest = (name: string) => /_test\.ts$/.test(name);
  const holdsTests = (path: string) => readdirSync(path, { recursive: true }).some((name) => isTest(String(name)));
  return Array.from(Deno.readDirSync(folder))
    .filter(({ name, isDirectory }) => isDirectory ? holdsTests(join(folder, name)) : isTest(name))
    .map(({ name }) => join(folder, name)).sort();
}

/**
 * Counts the tests of a run by its summary. A file that does not load counts as a failure.
 *
 * @param output What `deno test` printed.
 * @param success Whether the run as a whole succeeded. One that failed has at least one failure, even if it broke off before
 * its summary.
 *
 * @example
 * ```ts
 * import { countTests } from "braid/cli/test.ts";
 * import assert from "node:assert/strict";
 *
 * const output = "FAILED | 12 passed (3 steps) | 2 failed | 1 ignored (3s)";
 * assert.deepEqual(countTests(output, false), { passed: 12, failed: 2 });
 * ```
 */
export function countTests(output: string, success: boolean): { passed: number; failed: number } {
  const summaries = [
    ...stripVTControlCharacters(output).matchAll(/^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/gm),
  ];
  const [passed, failed] = summaries.at(-1)?.slice(1).map(Number) ?? [0, 0];
  return { passed, failed: success ? failed : Math.max(1, failed) };
}

/** The part of a test run's output that tells what failed, or all of it if the run broke off. */
function failuresOf(output: string): string {
  const start = output.search(/^.* ERRORS .*$/m);
  return start < 0 ? output : output.slice(start);
}

/** How many jobs run at once: most keep one core busy. */
const PROCESSES = Math.min(4, navigator.hardwareConcurrency);

/** Lets jobs wait until one of {@linkcode PROCESSES} is free, first come, first served. */
function processQueue(): (job: Job) => Promise<Outcome> {
  let free = PROCESSES;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (free > 0) free--;
    else await new Promise<void>((resume) => waiting.push(resume));
    try {
      return await job();
    } catch (error) {
      return { passed: 0, failed: 1, output: String(error) };
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/** Waits for a step and says in one line how it went and when it was done; its output follows if something failed. */
async function report(name: string, jobs: Promise<Outcome>[]): Promise<Outcome> {
  await Deno.stdout.write(new TextEncoder().encode(`${name} … `));
  const outcome = total(await Promise.all(jobs));
  const seconds = (performance.now() / 1000).toFixed(1);
  console.log(`${outcome.failed > 0 ? "FAILED" : "ok"} (after ${seconds} s)`);
  if (outcome.failed > 0) console.log(outcome.output + "\n");
  return outcome;
}

const total = (outcomes: Outcome[]): Outcome => ({
  passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  output: outcomes.map(({ output }) => output.trim()).filter((text) => text !== "").join("\n\n"),
});

/** Fetches what the tests compute with; not a test itself unless it breaks. */
async function prepareEngine(): Promise<Outcome> {
  await ensureLibrary();
  return { passed: 0, failed: 0, output: "" };
}

async function test(paths: string[]): Promise<void> {
  const inQueue = processQueue();
  const engine = await report("Engine", [inQueue(prepareEngine)]);
  const steps = listSteps(paths).map(({ name, jobs }) => ({ name, jobs: jobs.map(inQueue) }));
  const outcomes = [engine];
  for (const { name, jobs } of steps) outcomes.push(await report(name, jobs));
  const { passed, failed } = total(outcomes);
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exitCode = 1;
}

if (import.meta.main) {
  await new Command("deno task test")
    .description(
      "Checks format, lint, types, the notebooks' cells, and runs all tests; ends with `N passed, N failed`.",
    )
    .argument("[path...]", "code and notebooks to look at; all without one")
    .action(test)
    .parseAsync(Deno.args, { from: "user" });
}
