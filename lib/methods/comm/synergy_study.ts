// Why is synergy not learnt at a small scale? One change at a time, judged by validation pairs; the test pairs stay unseen.

import { join } from "node:path";
import { DATA_FOLDER } from "../../datasets/files.ts";
import { engineVersions, useEngine } from "../../engine/engine.ts";
import { readRecordedRun, type RecordedRun } from "../../evaluation/recorded_run.ts";
import type { TrainingReport } from "../../training/train.ts";
import { type ImageAugmentation, simClrLight } from "../../augment/image.ts";
import type { Trifeature } from "../../datasets/trifeature.ts";
import { type LabelledPairs, probePairs } from "./pair_training.ts";
import { recordedProbes } from "./record_run.ts";
import { trifeaturePresets, type TrifeatureSettings } from "./settings.ts";
import {
  newLearner,
  openTrifeature,
  probeTrifeature,
  trainOnTrifeature,
  type TrifeatureOnEngine,
} from "./trifeature_experiment.ts";

/** What a variant of the study changes in the recorded runs' settings. */
export interface SynergyVariant {
  /** Size of the pictures, width and number of textures, batch size, learning rate, … */
  settings?: Partial<TrifeatureSettings>;
  /** Augmentation of both views. */
  augmentation?: ImageAugmentation;
  /** Learn from all pairs, not only from those whose textures and colours belong together. */
  unbiased?: boolean;
}

const legible = { textureScale: 3.5 }, five = { ...legible, levels: 5, trainPairs: 6000 };

/** The variants by what they change. "Legible" textures have as many pixels at 64 as the published ones at 224. */
export const synergyVariants = {
  "as recorded": {},
  "legible textures": { settings: legible },
  "legible, five textures": { settings: five },
  "five, learning rate 1e-3": { settings: { ...five, learningRate: 1e-3 } },
  "five, twice as wide an encoder": { settings: { ...five, encoder: [3, 32, 64, 128, 256] } },
  "five, crops of at least a quarter": { settings: five, augmentation: { ...simClrLight, cropScale: [0.25, 1] } },
  "five, colours kept": {
    settings: five,
    augmentation: { ...simClrLight, grayscaleProbability: 0, jitter: { ...simClrLight.jitter!, hue: 0 } },
  },
  "five, unbiased pairs": { settings: five, unbiased: true },
} satisfies Record<string, SynergyVariant>;

/** Name of a variant. */
export type SynergyVariantName = keyof typeof synergyVariants;

/** What all variants start from: the recorded runs, but shorter and with smaller probes. */
export const synergyBase: TrifeatureSettings = {
  ...trifeaturePresets.recorded,
  ...{ steps: 600, probePairs: 4000, probeCs: [1] },
};

/** Name of a variant's file in `data/runs`. */
export const synergyFile = (variant: SynergyVariantName): string =>
  `comm-synergy-${variant.replaceAll(/[ ,]+/g, "-")}.json`;

/** The variants that were recorded, in the order of {@linkcode synergyVariants}. */
export async function readSynergyRuns(
  folder: string = join(DATA_FOLDER, "runs"),
): Promise<{ variant: SynergyVariantName; run: RecordedRun }[]> {
  const names = new Set((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name));
  const recorded = synergyVariantNames.filter((variant) => names.has(synergyFile(variant)));
  return await Promise.all(
    recorded.map(async (variant) => ({ variant, run: await readRecordedRun(join(folder, synergyFile(variant))) })),
  );
}

/** All variants, in the order in which they are told. */
export const synergyVariantNames = Object.keys(synergyVariants) as SynergyVariantName[];

/** Options of {@linkcode runSynergyVariant}. */
export interface SynergyStudyOptions {
  variant: SynergyVariantName;
  /** Settings that the variant changes. Default {@linkcode synergyBase}. */
  base?: TrifeatureSettings;
  /** The command that repeats the run. */
  command: string;
  onReport?: (report: TrainingReport) => void;
}

/**
 * Trains CoMM in one variant and probes it on validation pairs.
 *
 * Beside the paper's four tasks there is a fifth, `balancedSynergy`: the same label on pairs that belong together in half of
 * the cases, in fitting and in scoring. Where a tenth are positive, an unweighted probe that has learnt a little still calls
 * all of them negative; here it cannot.
 *
 * @returns The run, with probes of the untrained and the trained model.
 */
export async function runSynergyVariant(
  { variant, base = synergyBase, command, onReport }: SynergyStudyOptions,
): Promise<RecordedRun> {
  const { settings: changes, augmentation, unbiased = false }: SynergyVariant = synergyVariants[variant];
  const settings: TrifeatureSettings = { ...base, ...changes }, engine = await useEngine(), begun = performance.now();
  const onEngine = await openTrifeature(settings), learner = newLearner("CoMM", settings, { augmentation });
  const run: RecordedRun = {
    config: { dataset: "trifeature", method: "CoMM", variant, biased: !unbiased, scored: "validation", ...settings },
    ...{ seed: settings.seed, engine: engine.description, versions: engineVersions(engine), command },
    ...{ started: new Date().toISOString(), seconds: 0, curve: [], probes: [] },
  };
  const probe = async (step: number) => {
    const results = {
      ...await probeTrifeature(learner.embed, onEngine, { split: "validation" }),
      ...await probeBalancedSynergy(learner.embed, onEngine),
    };
    run.probes.push(...recordedProbes(results, { step, method: "CoMM" }));
  };
  await probe(0);
  for await (const report of trainOnTrifeature(learner, onEngine, { biased: !unbiased, reportEvery: 50 })) {
    onReport?.(report);
    const { step, loss, terms } = report;
    run.curve.push({ step, loss, terms, learningRate: settings.learningRate });
  }
  await probe(settings.steps);
  run.seconds = (performance.now() - begun) / 1000;
  learner.dispose();
  for (const [pool] of [onEngine.train, onEngine.test]) pool.dispose();
  return run;
}

function probeBalancedSynergy(
  embed: Parameters<typeof probePairs>[0],
  { data, train, settings: { probeCs, probePairs: count, seed } }: TrifeatureOnEngine,
) {
  return probePairs(embed, {
    train: { pools: train, pairs: balancedPairs(data, "train", count) },
    test: { pools: train, pairs: balancedPairs(data, "validation", 2000) },
    ...{ tasks: { balancedSynergy: 2 }, cs: probeCs, seed },
  });
}

/** Pairs of which half belong together, at most `count`, in turns. */
export function balancedPairs(
  data: Pick<Trifeature, "pairs">,
  split: "train" | "validation",
  count: number,
): LabelledPairs<"balancedSynergy"> {
  const together = data.pairs(split, { biased: true }), all = data.pairs(split, {});
  const apart = [...all.labels.synergy.keys()].filter((i) => all.labels.synergy[i] === 0);
  const half = Math.min(Math.floor(count / 2), together.count, apart.length);
  const take = (side: "first" | "second") =>
    Int32Array.from({ length: 2 * half }, (_, i) => i % 2 ? together[side][i >> 1] : all[side][apart[i >> 1]]);
  return {
    first: take("first"),
    second: take("second"),
    labels: { balancedSynergy: Int32Array.from({ length: 2 * half }, (_, i) => i % 2) },
  };
}
