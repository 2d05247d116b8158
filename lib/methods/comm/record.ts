// A training run that is kept: settings, curve and probes on the way, as JSON.

import { engineVersions, useEngine } from "../../engine/engine.ts";
import type { LinearProbeResult } from "../../evaluation/linear_probe.ts";
import { type RecordedRun, writeRecordedRun } from "../../evaluation/recorded_run.ts";
import { Checkpoints, type Json } from "../../training/checkpoints.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import type { TrainingProgress, TrainingReport } from "../../training/train.ts";
import { ablated, type Ablation } from "./ablations.ts";
import { type PairLearner, type PairMethod, pairOptimizer } from "./learners.ts";
import type { TrifeatureSettings } from "./settings.ts";
import {
  newLearner,
  openTrifeature,
  probeTrifeature,
  trainOnTrifeature,
  type TrifeatureOnEngine,
} from "./trifeature_experiment.ts";

/** Options of {@linkcode recordTrifeature}. */
export interface RecordOptions {
  method: PairMethod;
  settings: TrifeatureSettings;
  /** Learn from biased pairs. */
  biased: boolean;
  /** What to change about CoMM. Default nothing. */
  ablation?: Ablation;
  /** Steps between two probes on the way, with 2,000 pairs and C = 1; the end gets the whole protocol. */
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

/**
 * Trains one method on Trifeature and records it. A run that was killed goes on from its last checkpoint and comes out the same,
 * but for the time that was lost; a finished run removes its checkpoints.
 *
 * @throws {RangeError} If the folder holds checkpoints of a run with other settings or versions, or a baseline is to be ablated.
 */
export async function recordTrifeature(options: RecordOptions): Promise<RecordedRun> {
  const { method, settings, biased, ablation = {}, checkpointFolder } = options;
  if (method !== "CoMM" && Object.keys(ablation).length > 0) {
    throw new RangeError(`Expected CoMM where ${Object.keys(ablation)} is chosen, got ${method}: it has no such part`);
  }
  const engine = await useEngine();
  const onEngine = await openTrifeature(settings), learner = newLearner(method, settings, ablated(ablation));
  const optimizer = pairOptimizer(learner, settings);
  const checkpoints = new Checkpoints(checkpointFolder, { model: learner.model, optimizer, ...learner.state });
  const run: RecordedRun = {
    config: { dataset: "trifeature", method, biased, ...ablation, ...settings },
    seed: settings.seed,
    engine: engine.description,
    versions: engineVersions(engine),
    command: options.command,
    started: new Date().toISOString(),
    seconds: 0,
    curve: [],
    probes: [],
  };
  const found = await checkpoints.restore();
  if (found) takeUp(run, found.record as unknown as RecordedRun, checkpointFolder);
  await trainAndProbe(run, { ...options, onEngine, learner, optimizer, checkpoints, from: found?.step });
  await Deno.remove(checkpointFolder, { recursive: true });
  optimizer.dispose();
  learner.dispose();
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

interface Training extends RecordOptions {
  onEngine: TrifeatureOnEngine;
  learner: PairLearner;
  optimizer: Optimizer;
  checkpoints: Checkpoints;
  /** Steps that were taken before, if any. */
  from?: number;
}

/** Adds to a run what comes after its first `from` steps. */
async function trainAndProbe(run: RecordedRun, training: Training): Promise<void> {
  const { settings, biased, probeEvery, path, onReport, onStep, onEngine, learner, optimizer, checkpoints, from } =
    training;
  const before = run.seconds, begun = performance.now();
  const keep = async (step: number) => {
    run.seconds = before + (performance.now() - begun) / 1000;
    await checkpoints.save(step, run as unknown as Json);
  };
  let secondsOfProbe = 0;
  const probe = async (step: number, probing: TrifeatureSettings) => {
    const begun = performance.now(), results = await probeTrifeature(learner.embed, { ...onEngine, settings: probing });
    run.probes.push(...recordedProbes(results, { step, method: learner.method }));
    await keep(step);
    await writeRecordedRun(path, run);
    secondsOfProbe = (performance.now() - begun) / 1000;
  };
  const onTheWay = { ...settings, probePairs: Math.min(2000, settings.probePairs), probeCs: [1] };
  if (from === undefined) await probe(0, onTheWay);
  const withProbes = ({ secondsLeft, ...progress }: TrainingProgress) => {
    const probes = Math.ceil(progress.steps / probeEvery) - Math.floor(progress.step / probeEvery);
    onStep?.({ ...progress, secondsLeft: secondsLeft + probes * secondsOfProbe });
  };
  const reports = trainOnTrifeature(learner, onEngine, {
    ...{ biased, optimizer, from, onStep: withProbes, reportEvery: REPORT_EVERY },
  });
  for await (const report of reports) {
    onReport?.(report);
    const { step, steps, loss, terms } = report;
    run.curve.push({ step, loss, terms, learningRate: settings.learningRate });
    const probed = run.probes.at(-1)!.step;
    if (step === steps) await probe(step, settings);
    // Not every multiple has a report.
    else if (Math.floor(step / probeEvery) > Math.floor(probed / probeEvery)) await probe(step, onTheWay);
    else if (step % CHECKPOINT_EVERY === 0) await keep(step);
  }
  await writeRecordedRun(path, run); // again, should the run have been killed just before it was written
}

/** Steps between reports, and between checkpoints. */
const REPORT_EVERY = 20, CHECKPOINT_EVERY = 100;
