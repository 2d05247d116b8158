// The paper's claims on Trifeature, beside what was measured here.

import { join } from "node:path";
import { DATA_FOLDER } from "../../datasets/files.ts";
import type { Claim, Measurement, NotMeasured } from "../../evaluation/claim.ts";
import { percentOfSeeds } from "../../evaluation/claim.ts";
import { InvalidFileError } from "../../files/json_file.ts";
import type { LinearProbeResult } from "../../evaluation/linear_probe.ts";
import { readRecordedRun, type RecordedRun } from "../../evaluation/recorded_run.ts";
import type { Evidence } from "../../evaluation/verdict.ts";
import type { TrifeatureTask } from "../../datasets/trifeature.ts";
import type { PairMethod } from "./learners.ts";
import { publishedCurve, publishedScores } from "./published.ts";

/** The methods with committed runs. */
export const recordedMethods = ["CoMM", "Cross", "Cross+Self"] as const satisfies PairMethod[];
type RecordedMethod = typeof recordedMethods[number];

/** One recorded run a method. */
export type RecordedRuns = Record<RecordedMethod, RecordedRun>;

/**
 * Reads the committed runs: 64 pixels, 1,600 steps, unbiased pairs, seed 42.
 *
 * @throws {InvalidFileError} If a file is missing, no recorded run, of another method, or not finished.
 */
export async function readTrifeatureRuns(folder: string = join(DATA_FOLDER, "runs")): Promise<RecordedRuns> {
  const read = async (method: RecordedMethod) => {
    const path = join(folder, `comm-trifeature-64-${method.toLowerCase().replace("+", "-")}-seed-42.json`);
    const run = await readRecordedRun(path), { config: { method: recorded, steps } } = run;
    if (recorded !== method || run.probes.at(-1)?.step !== steps) {
      throw new InvalidFileError(
        `Expected ${path} to be a finished run of ${method}, got one of ${recorded} probed at step ` +
          `${
            run.probes.at(-1)?.step ?? "none"
          } of ${steps}: record it anew with \`deno task record comm --method ${method}\``,
      );
    }
    return run;
  };
  const entries = await Promise.all(recordedMethods.map(async (method) => [method, await read(method)]));
  return Object.fromEntries(entries);
}

/** The last probe of a task in a recorded run. */
export function finalProbe(run: RecordedRun, task: TrifeatureTask): RecordedRun["probes"][number] {
  const probe = run.probes.findLast((entry) => entry.task === task);
  if (!probe) throw new RangeError(`Expected a probe of ${task} in the recorded run, got none`);
  return probe;
}

/** What the notebook itself measured, by method and task. */
export type QuickProbes = Record<"Cross" | "CoMM", Record<TrifeatureTask, LinearProbeResult>>;

const PAPER = "224 px, AlexNet, batch 64, 100 epochs, 5 seeds";
const FIGURE = "results on Trifeature, bar chart";
const RECORDED = "64 px, small encoder, batch 64, 1,600 steps (10 of the paper's 100 epochs), whole probe protocol";

/**
 * All claims with their evidence: recorded runs, and the quick run of the notebook for one ordering.
 *
 * @param recorded One run a method.
 * @param quick Probes of the notebook's own short training, with its seed and protocol in words.
 */
export function trifeatureEvidence(
  recorded: RecordedRuns,
  quick: { probes: QuickProbes; seed: number; protocol: string },
): Evidence[] {
  const measured = (method: RecordedMethod, task: TrifeatureTask): Measurement => {
    const run = recorded[method];
    return percentOfSeeds([{ seed: run.seed, score: finalProbe(run, task).interval }], {
      from: run.command,
      protocol: RECORDED,
    });
  };
  const quickly = (method: "Cross" | "CoMM"): Measurement =>
    percentOfSeeds([{ seed: quick.seed, score: quick.probes[method].unique1.interval }], {
      from: "this notebook",
      protocol: quick.protocol,
    });
  const scores = publishedScores;
  const near = (
    id: string,
    statement: string,
    { method, atom, margin }: { method: RecordedMethod; atom: "shared" | "unique"; margin: number },
  ): Evidence => ({
    claim: claim(id, statement, scores[method][atom], { kind: "near", margin, chance: 10 }),
    measured: measured(method, atom === "shared" ? "share" : "unique1"),
  });
  const epoch10 = publishedCurve.epochs.indexOf(10);
  const atEpoch10 = (atom: "shared" | "unique", margin: number): Evidence => ({
    claim: {
      ...claim(
        `comm-${atom}-10-epochs`,
        `After 10 epochs CoMM's vector tells ${atom === "shared" ? "the shape" : "the first texture"}.`,
        { value: publishedCurve[atom][epoch10] },
        { kind: "near", margin, chance: 10 },
      ),
      source: "ablation curves, epoch 10",
      protocol: "224 px, AlexNet, batch 64, 10 epochs",
    },
    measured: measured("CoMM", atom === "shared" ? "share" : "unique1"),
  });
  return [
    near("cross-shared", "Cross keeps what both images share.", { method: "Cross", atom: "shared", margin: 2 }),
    near("cross-unique", "Cross loses what only one image shows.", { method: "Cross", atom: "unique", margin: 3 }),
    near("cross-self-shared", "Cross+Self keeps what both images share.", {
      ...{ method: "Cross+Self", atom: "shared", margin: 2 },
    }),
    near("cross-self-unique", "Cross+Self keeps what only one image shows.", {
      ...{ method: "Cross+Self", atom: "unique", margin: 3 },
    }),
    near("comm-shared", "CoMM keeps what both images share.", { method: "CoMM", atom: "shared", margin: 2 }),
    near("comm-unique", "CoMM keeps what only one image shows.", { method: "CoMM", atom: "unique", margin: 3 }),
    atEpoch10("shared", 2),
    atEpoch10("unique", 3),
    {
      claim: claim("comm-above-cross", "CoMM keeps more of what is unique than Cross.", scores.CoMM.unique, {
        ...{ kind: "ordering", than: "Cross", published: scores.Cross.unique },
      }),
      measured: measured("CoMM", "unique1"),
      against: measured("Cross", "unique1"),
    },
    {
      claim: claim("comm-above-cross-quick", "The same within minutes, in this notebook.", scores.CoMM.unique, {
        ...{ kind: "ordering", than: "Cross", published: scores.Cross.unique },
      }),
      measured: quickly("CoMM"),
      against: quickly("Cross"),
    },
    ...recordedMethods.map((method): Evidence => ({
      claim: claim(
        `${method.toLowerCase().replace("+", "-")}-synergy`,
        method === "CoMM" ? "CoMM learns what only both images tell." : `${method} learns no synergy.`,
        scores[method].synergy,
        method === "CoMM" ? { kind: "near", margin: 4, chance: 50 } : { kind: "at-chance", chance: 50, margin: 1 },
      ),
      measured: NO_BIASED_RUN,
    })),
  ];
}

const NO_BIASED_RUN: NotMeasured = {
  reason: "the paper trains for synergy on biased pairs; the recorded runs are on unbiased ones",
  needs: "`deno task record comm --biased` for each method, about 4,000 steps or more",
};

const claim = (
  id: string,
  statement: string,
  published: Claim["published"],
  criterion: Claim["criterion"],
): Claim => ({ id, statement, source: FIGURE, unit: "%", published, protocol: PAPER, criterion });
