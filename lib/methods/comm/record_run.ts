// A training run that is kept: settings, curve and probes on the way, as JSON, with checkpoints to go on from.

import { engineVersions, useEngine } from "../../engine/engine.ts";
import type { LinearProbeResult } from "../../evaluation/linear_probe.ts";
import { type RecordedRun, writeRecordedRun } from "../../evaluation/recorded_run.ts";
import { Checkpoints, type Json, type Stateful } from "../../training/checkpoints.ts";
import type { TrainingProgress, TrainingReport, TrainOptions } from "../../training/train.ts";

/** Where a run is kept, and who watches. */
export interface RecordRunOptions {
  /** Steps between two probes on the way; the end gets the whole protocol. */
  probeEvery: number;
  /** The command that repeats the run. */
  command: string;
  /** File to write; it is rewritten after each probe, for a reader who cannot wait. */
  path: string;
  /** Folder of this run's checkpoints, removed at its end. */
  checkpointFolder: string;
  onReport?: (report: TrainingReport) => void;
  /** Called after each step; the seconds that are left count the probes to come, at the time that the last one took. */
  onStep?: (progress: TrainingProgress) => void;
}

/** What a run trains and probes. */
export interface RecordedTraining {
  config: RecordedRun["config"];
  seed: number;
  learningRate: number;
  /** Name of the method in probes. */
  method: string;
  /** What training changes, for checkpoints. */
  parts: Record<string, Stateful>;
  /** Trains from a step on. */
  reports(options: Pick<TrainOptions<unknown>, "from" | "onStep" | "reportEvery">): AsyncIterable<TrainingReport>;
  /** Probes by task: by the whole protocol, or a shorter one on the way. */
  probe(protocol: "whole" | "short"): Promise<Record<string, LinearProbeResult>>;
}

/**
 * Trains and records. A run that was killed goes on from its last checkpoint and comes out the same, but for the time that was
 * lost; a finished run removes its checkpoints.
 *
 * @throws {RangeError} If the folder holds checkpoints of a run with other settings or versions.
 */
export async function recordRun(training: RecordedTraining, options: RecordRunOptions): Promise<RecordedRun> {
  const { config, seed, parts } = training, { checkpointFolder, command } = options, engine = await useEngine();
  const checkpoints = new Checkpoints(checkpointFolder, parts);
  const run: RecordedRun = {
    ...{ config, seed, engine: engine.description, versions: engineVersions(engine), command },
    ...{ started: new Date().toISOString(), seconds: 0, curve: [], probes: [] },
  };
  const found = await checkpoints.restore();
  if (found) takeUp(run, found.record as unknown as RecordedRun, checkpointFolder);
  await trainAndProbe(run, training, { ...options, checkpoints, from: found?.step });
  await Deno.remove(checkpointFolder, { recursive: true });
  return run;
}

/** Results of probes as a recorded run keeps them. */
export function recordedProbes(
  results: Record<string, LinearProbeResult>,
  taken: { step: number; method: string },
): RecordedRun["probes"] {
  return Object.entries(results).map(([task, { balancedAccuracy, accuracy, n, c, interval }]) => ({
    ...taken,
    ...{ task, balancedAccuracy, accuracy, n, c, interval },
  }));
}

/** What a run of these settings has reported before it was killed. */
function takeUp(run: RecordedRun, before: RecordedRun, folder: string): void {
  const what = ({ config, engine, versions }: RecordedRun) => JSON.stringify({ config, engine, versions });
  if (what(before) !== what(run)) {
    throw new RangeError(
      `Expected the checkpoints in ${folder} to be of this run, ${what(run)}, got ${
        what(before)
      }: remove the folder to ` +
        "begin anew, or take up that run with its own settings",
    );
  }
  Object.assign(run, before);
}

/** Adds to a run what comes after its first `from` steps. */
async function trainAndProbe(
  run: RecordedRun,
  training: RecordedTraining,
  { probeEvery, path, onReport, onStep, checkpoints, from }: RecordRunOptions & {
    checkpoints: Checkpoints;
    from?: number;
  },
): Promise<void> {
  const { method, learningRate } = training, before = run.seconds, begun = performance.now();
  const keep = async (step: number) => {
    run.seconds = before + (performance.now() - begun) / 1000;
    await checkpoints.save(step, run as unknown as Json);
  };
  let secondsOfProbe = 0;
  const probe = async (step: number, protocol: "whole" | "short") => {
    const begun = performance.now();
    run.probes.push(...recordedProbes(await training.probe(protocol), { step, method }));
    await keep(step);
    await writeRecordedRun(path, run);
    secondsOfProbe = (performance.now() - begun) / 1000;
  };
  if (from === undefined) await probe(0, "short");
  const withProbes = ({ secondsLeft, ...progress }: TrainingProgress) => {
    const probes = Math.ceil(progress.steps / probeEvery) - Math.floor(progress.step / probeEvery);
    onStep?.({ ...progress, secondsLeft: secondsLeft + probes * secondsOfProbe });
  };
  for await (const report of training.reports({ from, onStep: withProbes, reportEvery: REPORT_EVERY })) {
    onReport?.(report);
    const { step, steps, loss, terms } = report;
    run.curve.push({ step, loss, terms, learningRate });
    const probed = run.probes.at(-1)!.step;
    if (step === steps) await probe(step, "whole");
    // Not every multiple has a report.
    else if (Math.floor(step / probeEvery) > Math.floor(probed / probeEvery)) await probe(step, "short");
    else if (step % CHECKPOINT_EVERY === 0) await keep(step);
  }
  await writeRecordedRun(path, run); // again, should the run have been killed just before it was written
}

/** Steps between reports, and between checkpoints. */
const REPORT_EVERY = 20, CHECKPOINT_EVERY = 100;
