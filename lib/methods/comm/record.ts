// Trifeature at length, kept as JSON.

import { useEngine } from "../../engine/engine.ts";
import type { RecordedRun } from "../../evaluation/recorded_run.ts";
import { ablated, type Ablation } from "./ablations.ts";
import { type PairMethod, pairOptimizer } from "./learners.ts";
import { recordRun, type RecordRunOptions } from "./record_run.ts";
import type { TrifeatureSettings } from "./settings.ts";
import { newLearner, openTrifeature, probeTrifeature, trainOnTrifeature } from "./trifeature_experiment.ts";

/** Options of {@linkcode recordTrifeature}. Probes on the way take 2,000 pairs and C = 1. */
export interface RecordOptions extends RecordRunOptions {
  method: PairMethod;
  settings: TrifeatureSettings;
  /** Learn from biased pairs. */
  biased: boolean;
  /** What to change about CoMM. Default nothing. */
  ablation?: Ablation;
}

/**
 * Trains one method on Trifeature and records it, as {@linkcode recordRun} does.
 *
 * @throws {RangeError} If the folder holds checkpoints of a run with other settings or versions, or a baseline is to be ablated.
 */
export async function recordTrifeature(
  { method, settings, biased, ablation = {}, ...options }: RecordOptions,
): Promise<RecordedRun> {
  if (method !== "CoMM" && Object.keys(ablation).length > 0) {
    throw new RangeError(`Expected CoMM where ${Object.keys(ablation)} is chosen, got ${method}: it has no such part`);
  }
  await useEngine();
  const onEngine = await openTrifeature(settings), learner = newLearner(method, settings, ablated(ablation));
  const optimizer = pairOptimizer(learner, settings);
  const onTheWay = { ...settings, probePairs: Math.min(2000, settings.probePairs), probeCs: [1] };
  const run = await recordRun({
    config: { dataset: "trifeature", method, biased, ...ablation, ...settings },
    ...{ seed: settings.seed, learningRate: settings.learningRate, method: learner.method },
    parts: { model: learner.model, optimizer, ...learner.state },
    reports: (watching) => trainOnTrifeature(learner, onEngine, { biased, optimizer, ...watching }),
    probe: (protocol) =>
      probeTrifeature(learner.embed, { ...onEngine, settings: protocol === "whole" ? settings : onTheWay }),
  }, options);
  optimizer.dispose();
  learner.dispose();
  return run;
}
