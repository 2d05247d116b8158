// The paper's claims on Trifeature, beside what the recorded runs and the notebook measured.

import { join } from "node:path";
import { DATA_FOLDER } from "../../datasets/files.ts";
import type { TrifeatureTask } from "../../datasets/trifeature.ts";
import {
  type Claim,
  type Measurement,
  type NotMeasured,
  percentOfSeeds,
  type Published,
} from "../../evaluation/claim.ts";
import { type Interval, seedInterval } from "../../evaluation/interval.ts";
import type { LinearProbeResult } from "../../evaluation/linear_probe.ts";
import { readRecordedRun, type RecordedRun } from "../../evaluation/recorded_run.ts";
import type { Evidence } from "../../evaluation/verdict.ts";
import { InvalidFileError } from "../../files/json_file.ts";
import type { Ablation } from "./ablations.ts";
import {
  type Atom,
  publishedAblation,
  publishedCurve,
  publishedJointAtEpoch10,
  publishedScores,
  STEPS_PER_EPOCH,
} from "./published.ts";

/** What a recorded run trained, seed aside. */
export interface Trained extends Ablation {
  method: string;
  /** On pairs that belong together only. Default false. */
  biased?: boolean;
}

/**
 * Reads the committed runs on Trifeature at 64 pixels: all methods, ablations and seeds that there are.
 *
 * @throws {InvalidFileError} If a file is no recorded run, or not finished.
 */
export async function readTrifeatureRuns(folder: string = join(DATA_FOLDER, "runs")): Promise<RecordedRun[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const ours = names.filter((name) => /^comm-trifeature-64-.*\.json$/.test(name)).sort();
  return await Promise.all(ours.map(async (name) => {
    const path = join(folder, name), run = await readRecordedRun(path);
    const { probes, config: { steps }, command } = run, last = probes.at(-1)?.step ?? "none";
    if (last === steps) return run;
    throw new InvalidFileError(
      `Expected ${path} to be a finished run, got one probed at step ${last} of ${steps}: let \`${command}\` end`,
    );
  }));
}

/**
 * The runs that trained the same, by seed.
 *
 * @throws {RangeError} If they differ in more than their seed.
 */
export function runsOf(recorded: readonly RecordedRun[], { biased = false, ...trained }: Trained): RecordedRun[] {
  const asked = { terms: undefined, fusion: undefined, augmentation: undefined, biased, ...trained };
  const found = recorded
    .filter(({ config }) => Object.entries(asked).every(([name, value]) => config[name] === value))
    .toSorted((a, b) => a.seed - b.seed);
  const settings = found.map(({ config }) => JSON.stringify({ ...config, seed: undefined }));
  if (new Set(settings).size <= 1) return found;
  throw new RangeError(
    `Expected runs of ${trained.method} to differ in their seed only, got ${settings.join(" and ")}`,
  );
}

/** The last probe of a task in a recorded run. */
export function finalProbe(run: RecordedRun, task: TrifeatureTask): RecordedRun["probes"][number] {
  const probe = run.probes.findLast((entry) => entry.task === task);
  if (!probe) throw new RangeError(`Expected a probe of ${task} in the recorded run, got none`);
  return probe;
}

/** What runs found in a task at their end, as a fraction: over seeds, or with one seed over test pairs; nothing without runs. */
export function scoreOfRuns(runs: readonly RecordedRun[], task: TrifeatureTask): Interval | undefined {
  const found = runs.map((run) => finalProbe(run, task).interval);
  return found.length > 1 ? seedInterval(found.map(({ value }) => value)) : found[0];
}

/** Balanced accuracy in a task by step, as a fraction. */
export interface ScoreCurve {
  x: number[];
  y: number[];
  /** 95 % interval over seeds, where there are several. */
  interval?: { low: number[]; high: number[] };
}

/** How well runs did in a task on the way, over their seeds; empty without runs. */
export function curveOfRuns(runs: readonly RecordedRun[], task: TrifeatureTask): ScoreCurve {
  const found = runs.flatMap(({ probes }) => probes.filter((probe) => probe.task === task));
  const bySteps = Map.groupBy(found, ({ step }) => step);
  const points = [...bySteps.values()].map((probes) => seedInterval(probes.map((probe) => probe.balancedAccuracy)));
  const curve = { x: [...bySteps.keys()], y: points.map(({ value }) => value) };
  if (runs.length < 2) return curve;
  const end = (side: "low" | "high") => points.map((point) => point[side] ?? point.value);
  return { ...curve, interval: { low: end("low"), high: end("high") } };
}

/** What all runs of one kind found in a task at their end as a claim's measurement, in percent. */
export function recordedScore(
  recorded: readonly RecordedRun[],
  trained: Trained,
  task: TrifeatureTask,
): Measurement | undefined {
  const runs = runsOf(recorded, trained);
  if (runs.length === 0) return undefined;
  const [{ config: { size, steps, batchSize } }] = runs, epochs = Math.round(Number(steps) / STEPS_PER_EPOCH);
  return percentOfSeeds(runs.map((run) => ({ seed: run.seed, score: finalProbe(run, task).interval })), {
    from: runs[0].command + (runs.length > 1 ? ` and seeds ${runs.slice(1).map(({ seed }) => seed).join(", ")}` : ""),
    protocol: `${size} px, small encoder, batch ${batchSize}, ${steps} steps (${epochs} of the paper's 100 epochs)` +
      `${trained.biased ? " on biased pairs" : ""}, whole probe protocol`,
  });
}

/** What the notebook itself measured, by method and task. */
export type QuickProbes = Record<"Cross" | "CoMM" | "first image alone", Record<TrifeatureTask, LinearProbeResult>>;

const PAPER = "224 px, AlexNet, batch 64, 100 epochs, 5 seeds";
const EPOCH_10 = "224 px, AlexNet, batch 64, 10 epochs";
const BARS = "results on Trifeature, bar chart", CURVES = "ablation of the loss, curves";

/** The task that asks for a kind of information, and how near is near, in points. */
const asked = {
  shared: { task: "share", margin: 2 },
  unique: { task: "unique1", margin: 3 },
  synergy: { task: "synergy", margin: 4 },
} as const satisfies Record<Atom, { task: TrifeatureTask; margin: number }>;

/** What is said of a method that scores high, and of one at chance. */
const sayings = {
  shared: ["keeps what both images share", "loses what both images share"],
  unique: ["keeps what only one image shows", "loses what only one image shows"],
  synergy: ["learns what only both images tell", "learns no synergy"],
} as const satisfies Record<Atom, [string, string]>;

const chances = { shared: 10, unique: 10, synergy: 50 } satisfies Record<Atom, number>;
const atoms = ["shared", "unique", "synergy"] as const;

/**
 * All claims with their evidence: recorded runs, and the quick run of the notebook for what it can show.
 *
 * @param recorded Runs of {@linkcode readTrifeatureRuns}. As in the paper, synergy is that of runs on biased pairs.
 * @param quick Probes of the notebook's own short training, with its seed and protocol in words.
 */
export function trifeatureEvidence(
  recorded: readonly RecordedRun[],
  quick: { probes: QuickProbes; seed: number; protocol: string },
): Evidence[] {
  const measured = (trained: Trained, atom: Atom): Measurement | NotMeasured =>
    recordedScore(recorded, trained, asked[atom].task) ?? notRecorded(trained);

  const level = (name: string, trained: Trained, atom: Atom, published: Published) => {
    const chance = chances[atom], isFound = published.value > chance + 2;
    // Nearer to the published value than to chance, at least.
    const margin = isFound ? Math.min(asked[atom].margin, (published.value - chance) / 2) : asked[atom].margin;
    const statement = `${name} ${sayings[atom][isFound ? 0 : 1]}.`, source = trained.terms ? CURVES : BARS;
    const criterion: Claim["criterion"] = atom === "synergy" && !isFound
      ? { kind: "at-chance", chance, margin: 1 }
      : { kind: "near", margin, chance };
    return {
      claim: { id: `${slugOf(trained)}-${atom}`, statement, source, unit: "%", published, protocol: PAPER, criterion },
      measured: measured(trained, atom),
    };
  };
  const levels = (name: string, trained: Trained, scores: Record<Atom, Published>) =>
    atoms.map((atom) => level(name, { ...trained, biased: atom === "synergy" }, atom, scores[atom]));

  const above = (
    { id, statement, atom, more, less, ...rest }: Pick<Claim, "id" | "statement"> & Partial<Claim> & {
      atom: Atom;
      more: [Trained, Published];
      less: [Trained, Published];
    },
  ): Evidence => {
    const biased = atom === "synergy", [higher, published] = more, [lower, publishedLower] = less;
    const [one, other] = [higher, lower].map((trained) => measured({ ...trained, biased }, atom));
    const criterion = { kind: "ordering" as const, than: nameOf(lower), published: publishedLower };
    return {
      claim: { id, statement, source: BARS, unit: "%", published, protocol: PAPER, ...rest, criterion },
      ..."reason" in other ? { measured: other } : { measured: one, against: other },
    };
  };

  const comm = { method: "CoMM" }, joint: Trained = { ...comm, terms: "joint" };
  const single: Trained = { ...comm, terms: "single" }, scores = publishedScores.CoMM;
  const epoch10 = publishedCurve.epochs.indexOf(10), atEpoch10 = { source: `${CURVES}, epoch 10`, protocol: EPOCH_10 };
  const quickly = (method: keyof QuickProbes, task: TrifeatureTask = "unique1"): Measurement =>
    percentOfSeeds([{ seed: quick.seed, score: quick.probes[method][task].interval }], {
      from: "this notebook",
      protocol: quick.protocol,
    });
  return [
    ...levels("Cross", { method: "Cross" }, publishedScores.Cross),
    ...levels("Cross+Self", { method: "Cross+Self" }, publishedScores["Cross+Self"]),
    ...levels("FactorCL", { method: "FactorCL" }, publishedScores.FactorCL),
    ...levels("CoMM", comm, scores),
    ...(["shared", "unique"] as const).map((atom): Evidence => {
      const { claim, measured } = level("After 10 epochs CoMM", comm, atom, { value: publishedCurve[atom][epoch10] });
      return { claim: { ...claim, ...atEpoch10, id: `comm-${atom}-10-epochs` }, measured };
    }),
    above({
      ...{ id: "comm-above-cross", statement: "CoMM keeps more of what is unique than Cross.", atom: "unique" },
      ...{ more: [comm, scores.unique], less: [{ method: "Cross" }, publishedScores.Cross.unique] },
    }),
    {
      ...above({
        ...{ id: "comm-above-cross-quick", statement: "The same within minutes, in this notebook.", atom: "unique" },
        ...{ more: [comm, scores.unique], less: [{ method: "Cross" }, publishedScores.Cross.unique] },
      }),
      measured: quickly("CoMM"),
      against: quickly("Cross"),
    },
    above({
      ...{ id: "comm-above-factorcl", statement: "CoMM keeps more of what is unique than FactorCL.", atom: "unique" },
      ...{ more: [comm, scores.unique], less: [{ method: "FactorCL" }, publishedScores.FactorCL.unique] },
    }),
    {
      claim: {
        ...{ id: "first-alone-keeps", statement: "The vector of the first image alone tells that image's texture." },
        ...{ source: "lemma 3", unit: "%", protocol: PAPER, criterion: { kind: "above-chance", chance: 10 } },
      },
      measured: quickly("first image alone"),
    },
    {
      claim: {
        ...{ id: "first-alone-lacks", statement: "It tells nothing of the other image's texture." },
        ...{ source: "lemma 3", unit: "%", protocol: PAPER, criterion: { kind: "at-chance", chance: 10, margin: 3 } },
      },
      measured: quickly("first image alone", "unique2"),
    },
    ...levels("CoMM with the term of both images alone", joint, publishedAblation.joint),
    ...levels("CoMM with the terms of single images alone", single, publishedAblation.single),
    above({
      ...{ id: "joint-slower", statement: "Alone, the term of both images learns slowly.", atom: "shared" },
      ...{ more: [comm, { value: publishedCurve.shared[epoch10] }], ...atEpoch10 },
      less: [joint, { value: publishedJointAtEpoch10.shared }],
    }),
    ...([["unique", "keep more of what is unique"], ["synergy", "learn more synergy"]] as const).flatMap((
      [atom, saying],
    ) =>
      ([["joint", joint, "the term of both"], ["single", single, "the terms of single images"]] as const).map((
        [terms, trained, name],
      ) =>
        above({
          ...{ id: `comm-above-${terms}-${atom}`, statement: `All terms together ${saying} than ${name} alone.`, atom },
          ...{ source: CURVES, more: [comm, scores[atom]], less: [trained, publishedAblation[terms][atom]] },
        })
      )
    ),
  ];
}

const nameOf = ({ method, terms }: Trained) => terms ? `${method}, ${terms} terms` : method;

const slugOf = ({ method, terms }: Trained) => terms ?? method.toLowerCase().replace("+", "-");

function notRecorded({ method, terms, biased }: Trained): NotMeasured {
  const command = `deno task record comm --method ${method}${terms ? ` --terms ${terms}` : ""}`;
  return {
    reason: `no such run ${biased ? "on biased pairs " : ""}is recorded`,
    needs: `\`${command}${biased ? " --biased --steps 3925" : ""}\``,
  };
}
