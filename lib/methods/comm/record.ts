// A training run that is kept: settings, curve and probes on the way, as JSON.

import { engineVersions, useEngine } from "../../engine/engine.ts";
import { type RecordedRun, writeRecordedRun } from "../../evaluation/recorded_run.ts";
import type { TrainingReport } from "../../training/train.ts";
import { type PairMethod } from "./learners.ts";
import type { TrifeatureSettings } from "./settings.ts";
import { newLearner, openTrifeature, probeTrifeature, trainOnTrifeature } from "./trifeature_experiment.ts";

/** Options of {@linkcode recordTrifeature}. */
export interface RecordOptions {
  method: PairMethod;
  settings: TrifeatureSettings;
  /** Learn from biased pairs. */
  biased: boolean;
  /** Steps between two probes on the way, with 2,000 pairs and C = 1; the end gets the whole protocol. */
  probeEvery: number;
  /** The command that repeats the run. */
  command: string;
  /** File to write; it is rewritten after each probe, so that nothing is lost. */
  path: string;
  onReport?: (report: TrainingReport) => void;
}

/** Trains one method on Trifeature and records it. */
export async function recordTrifeature(
  { method, settings, biased, probeEvery, command, path, onReport }: RecordOptions,
): Promise<RecordedRun> {
  const engine = await useEngine();
  const onEngine = await openTrifeature(settings), learner = newLearner(method, settings);
  const begun = performance.now();
  const run: RecordedRun = {
    config: { dataset: "trifeature", method, biased, ...settings },
    seed: settings.seed,
    engine: engine.description,
    versions: engineVersions(engine),
    command,
    started: new Date().toISOString(),
    seconds: 0,
    curve: [],
    probes: [],
  };
  const probe = async (step: number, probing: TrifeatureSettings) => {
    const results = await probeTrifeature(learner.embed, { ...onEngine, settings: probing });
    for (const [task, { balancedAccuracy, accuracy, n, c, interval }] of Object.entries(results)) {
      run.probes.push({ step, task, method, balancedAccuracy, accuracy, n, c, interval });
    }
    run.seconds = (performance.now() - begun) / 1000;
    await writeRecordedRun(path, run);
  };
  const onTheWay = { ...settings, probePairs: Math.min(2000, settings.probePairs), probeCs: [1] };
  await probe(0, onTheWay);
  let nextProbe = probeEvery;
  for await (const report of trainOnTrifeature(learner, onEngine, { biased, reportEvery: 20 })) {
    onReport?.(report);
    const { step, steps, loss, terms } = report;
    run.curve.push({ step, loss, terms, learningRate: settings.learningRate });
    if (step === steps) await probe(step, settings);
    else if (step >= nextProbe) { // not every multiple has a report
      await probe(step, onTheWay);
      nextProbe += probeEvery;
    }
  }
  learner.model.dispose();
  return run;
}
