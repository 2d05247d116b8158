import * as v from "valibot";
import { intervalSchema } from "./interval.ts";
import { readJson, writeJson } from "../files/json_file.ts";

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const setting = v.union([v.string(), finite, v.boolean(), v.null(), v.array(v.union([v.string(), finite]))]);

const recordedRunSchema = v.strictObject({
  /** All settings by name: method, preset, image size, batch size, … */
  config: v.record(v.string(), setting),
  seed: count,
  /** What computed it, such as `"libtensorflow 2.21, CPU, compiled"`. */
  engine: v.pipe(v.string(), v.nonEmpty()),
  /** Version of each package that matters. */
  versions: v.record(v.string(), v.string()),
  /** The command line that repeats the run. */
  command: v.pipe(v.string(), v.nonEmpty()),
  /** When the run began. */
  started: v.pipe(v.string(), v.isoTimestamp()),
  /** How long it took. */
  seconds: v.pipe(finite, v.minValue(0)),
  /** What training reported, in ascending steps. */
  curve: v.array(v.strictObject({
    step: count,
    loss: finite,
    /** The loss by term. */
    terms: v.record(v.string(), finite),
    learningRate: finite,
  })),
  /** What probes found; accuracies are fractions in [0, 1]. */
  probes: v.array(v.strictObject({
    step: count,
    task: v.pipe(v.string(), v.nonEmpty()),
    method: v.pipe(v.string(), v.nonEmpty()),
    balancedAccuracy: fraction,
    accuracy: fraction,
    /** Test samples. */
    n: v.pipe(count, v.minValue(1)),
    c: finite,
    interval: intervalSchema,
  })),
});

/** A training run as it is kept in `data/runs/`, with all that is needed to repeat it. */
export type RecordedRun = v.InferOutput<typeof recordedRunSchema>;

/**
 * Reads a recorded run.
 *
 * @param path Such as `data/runs/comm-seed-42.json`.
 * @throws {InvalidFileError} If the file is missing, no JSON, or no recorded run; the message names the path and what is
 * wrong with it.
 *
 * @example What is written is what is read.
 * ```ts
 * import { readRecordedRun, type RecordedRun, writeRecordedRun } from "braid/evaluation/recorded_run.ts";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/run.json`;
 * const run: RecordedRun = {
 *   config: { method: "comm", imageSize: 64 },
 *   seed: 42,
 *   engine: "cpu",
 *   versions: { braid: "0.1.0" },
 *   command: "deno task walkthrough comm",
 *   started: "2025-01-31T12:00:00.000Z",
 *   seconds: 61.5,
 *   curve: [{ step: 1, loss: 4.8, terms: { fused: 4.8 }, learningRate: 1e-4 }],
 *   probes: [],
 * };
 * await writeRecordedRun(path, run);
 * assert.deepEqual(await readRecordedRun(path), run);
 * ```
 */
export function readRecordedRun(path: string): Promise<RecordedRun> {
  return readJson(path, "a recorded run", recordedRunSchema);
}

/**
 * Writes a recorded run as JSON, whole or not at all; folders are made as needed.
 *
 * @throws {RangeError} If the run does not fit its type, such as a loss that is NaN.
 *
 * @example See {@linkcode readRecordedRun}.
 */
export function writeRecordedRun(path: string, run: RecordedRun): Promise<void> {
  return writeJson(path, "a recorded run", recordedRunSchema, run);
}
