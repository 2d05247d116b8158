// `deno task record`: trains what is too long for a notebook and keeps it in data/runs.

import { Command, InvalidArgumentError, Option } from "commander";
import { basename, join } from "node:path";
import type { DatasetCard } from "../datasets/card.ts";
import type { FeatureSequences } from "../datasets/feature_sequences.ts";
import { DATA_FOLDER } from "../datasets/files.ts";
import { readMosiUtterances } from "../datasets/mosi_utterances.ts";
import { readMultiBench } from "../datasets/multibench.ts";
import { writeRecordedRun } from "../evaluation/recorded_run.ts";
import { type Ablation, type LossTerms, lossTerms, namedAugmentations } from "../methods/comm/ablations.ts";
import { type FusionName, fusionNames, type PairMethod, pairMethods } from "../methods/comm/learners.ts";
import { recordTrifeature } from "../methods/comm/record.ts";
import { recordSequences, sequenceEpochs } from "../methods/comm/record_sequences.ts";
import { settingsOf, trifeaturePresets } from "../methods/comm/settings.ts";
import {
  runSynergyVariant,
  synergyFile,
  type SynergyVariantName,
  synergyVariantNames,
} from "../methods/comm/synergy_study.ts";
import { type MeasuredAtoms, recordedAtomsPath, writeRecordedAtoms } from "../interactions/recorded_atoms.ts";
import { type ContrastData, contrastData, contrastSettings, runContrastStudy } from "./record/contrast_study.ts";
import { trainingLine } from "./training_line.ts";

const wholeFrom = (least: number) => (text: string): number => {
  const number = text.trim() === "" ? NaN : Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new InvalidArgumentError(`Expected a whole number of at least ${least}, got "${text}"`);
};

interface Options {
  method: PairMethod;
  preset: keyof typeof trifeaturePresets;
  steps?: number;
  seed?: number;
  biased: boolean;
  terms: LossTerms;
  fusion: FusionName;
  augmentation: string;
  out: string;
}

interface InteractionOptions {
  data?: ContrastData;
  seeds: number;
  epochs: number;
  out: string;
}

const augmentations = (names: string): string => {
  try {
    namedAugmentations(names);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return names;
};

/** What a run keeps of its ablation: nothing of what is as published. */
const whatDiffers = ({ terms, fusion, augmentation }: Required<Ablation>): Ablation => ({
  ...(terms !== "all" && { terms }),
  ...(fusion !== "transformer" && { fusion }),
  ...(augmentation !== "all" && { augmentation }),
});

const program = new Command("deno task record")
  .description(
    "Trains a method at length and keeps settings, curve and probes as JSON. A run that was ended goes on where it was.",
  );

program.command("comm")
  .description("CoMM and its baselines on bimodal Trifeature.")
  .addOption(new Option("--method <name>", "what to train").choices([...pairMethods]).default("CoMM"))
  .addOption(new Option("--preset <name>", "settings").choices(Object.keys(trifeaturePresets)).default("recorded"))
  .option("--steps <number>", "optimisation steps", wholeFrom(1))
  .option("--seed <number>", "seed of weights, augmentations and order", wholeFrom(0))
  .option("--biased", "learn only from pairs whose synergy label is 1", false)
  .addOption(
    new Option("--terms <name>", "terms of CoMM's loss: of both images, of each alone, or all").choices(lossTerms)
      .default("all"),
  )
  .addOption(
    new Option("--fusion <name>", "what fuses CoMM's modalities").choices([...fusionNames]).default("transformer"),
  )
  .option(
    "--augmentation <names>",
    "of CoMM's views: all, none, all_wo_crop, crop-S, crop-to-S; after a comma another for the second image",
    augmentations,
    "all",
  )
  .option("--out <folder>", "where the JSON goes", join(DATA_FOLDER, "runs"))
  .action(async ({ method, preset, steps, seed, biased, out, ...changes }: Options) => {
    const base = settingsOf(method, preset);
    const settings = { ...base, steps: steps ?? base.steps, seed: seed ?? base.seed };
    const ablation = whatDiffers(changes);
    const slug = [method.toLowerCase(), ...Object.entries(ablation).flat()].join("-").replace(/[+,]/g, "-");
    const name = `comm-trifeature-${settings.size}-${slug}${biased ? "-biased" : ""}-seed-${settings.seed}`;
    const options = Object.entries(ablation).map(([option, value]) => ` --${option} ${value}`).join("");
    const command = `deno task record comm --method ${method} --preset ${preset} --steps ${settings.steps} ` +
      `--seed ${settings.seed}${options}${biased ? " --biased" : ""}`;
    const line = trainingLine(method);
    const path = join(out, `${name}.json`), checkpointFolder = join("runs", "checkpoints", name);
    await recordTrifeature({
      ...{ method, settings, biased, ablation, probeEvery: 200, command },
      ...{ path, checkpointFolder, onStep: line.report },
    });
    line.end();
    console.log(`wrote ${path}`);
  });

program.command("comm-synergy")
  .description("Why CoMM learns no synergy at a small scale: variants that change one thing each, on validation pairs.")
  .addOption(new Option("--variant <name>", "one variant instead of all").choices(synergyVariantNames))
  .option("--out <folder>", "where the JSON goes", join(DATA_FOLDER, "runs"))
  .action(async ({ variant, out }: { variant?: SynergyVariantName; out: string }) => {
    for (const name of variant ? [variant] : synergyVariantNames) {
      const line = trainingLine(name), command = `deno task record comm-synergy --variant "${name}"`;
      const run = await runSynergyVariant({ variant: name, command, onReport: line.report });
      line.end();
      await writeRecordedRun(join(out, synergyFile(name)), run);
      console.log(`wrote ${join(out, synergyFile(name))}`);
    }
  });

interface SequenceOptions {
  data: string;
  modalities?: string[];
  epochs: number;
  seed: number;
  out: string;
}

program.command("comm-sequences")
  .description(
    "CoMM on a reader's own copy of recordings of speakers: a pickle of MultiBench (UR-FUNNY, MUStARD, MOSI, MOSEI), or a " +
      "folder of CMU-MOSI by utterance. Neither comes with Braid.",
  )
  .requiredOption("--data <path>", "the pickle, such as sarcasm.pkl, or the folder")
  .option(
    "--modalities <names>",
    "two or three, with commas between (default: vision,text; of a folder: video,text)",
    (names: string) => names.split(","),
  )
  .option("--epochs <number>", "passes over the training samples", wholeFrom(1), sequenceEpochs)
  .option("--seed <number>", "seed of weights, augmentations and order", wholeFrom(0), 42)
  .option("--out <folder>", "where the JSON goes", join(DATA_FOLDER, "runs"))
  .action(async ({ data, epochs, seed, out, ...chosen }: SequenceOptions) => {
    const { card, train, test, usual } = await readSequences(data), modalities = chosen.modalities ?? usual;
    const slug = card.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const name = `comm-sequences-${slug}-${modalities.join("-")}-seed-${seed}`;
    const command = `deno task record comm-sequences --data ${basename(data)} --modalities ${modalities.join(",")} ` +
      `--epochs ${epochs} --seed ${seed}`;
    const line = trainingLine("CoMM"), path = join(out, `${name}.json`);
    const run = await recordSequences({
      ...{ dataset: card.name, train, test, modalities, epochs, seed, command, path },
      ...{ probeEvery: 500, checkpointFolder: join("runs", "checkpoints", name), onStep: line.report },
    });
    line.end();
    for (const { task, balancedAccuracy, n } of run.probes.slice(-modalities.length - 1)) {
      console.log(`${task}: balanced accuracy ${(100 * balancedAccuracy).toFixed(1)} % of ${n} test samples`);
    }
    console.log(`wrote ${path}`);
  });

/** A reader's copy, and the two modalities that CoMM's paper takes. */
async function readSequences(
  path: string,
): Promise<{ card: DatasetCard; train: FeatureSequences; test: FeatureSequences; usual: string[] }> {
  const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  return isFolder
    ? { ...await readMosiUtterances(path), usual: ["video", "text"] }
    : { ...await readMultiBench(path), usual: ["vision", "text"] };
}

program.command("interactions")
  .description(
    "What is shared, unique and synergistic in recorded digits, before and after each contrastive objective.",
  )
  .addOption(new Option("--data <name>", "one data set instead of all").choices(Object.keys(contrastData)))
  .option("--seeds <number>", "how many seeds, from 1 on", wholeFrom(1), contrastSettings.seeds.length)
  .option("--epochs <number>", "epochs of each training", wholeFrom(1), contrastSettings.epochs)
  .option("--out <folder>", "where the JSON goes", join(DATA_FOLDER, "runs"))
  .action(async ({ data: one, seeds: count, epochs, out }: InteractionOptions) => {
    const seeds = Array.from({ length: count }, (_, i) => i + 1);
    for (const data of one ? [one] : Object.keys(contrastData) as ContrastData[]) {
      const command = `deno task record interactions --data "${data}" --seeds ${count} --epochs ${epochs}`;
      const onMeasured = ([{ seed, method }]: MeasuredAtoms[]) => console.log(`${data}, seed ${seed}: ${method}`);
      const settings = { ...contrastSettings, seeds, epochs };
      const path = recordedAtomsPath(data, out);
      await writeRecordedAtoms(path, await runContrastStudy({ data, settings, command, onMeasured }));
      console.log(`wrote ${path}`);
    }
  });

try {
  await program.parseAsync(Deno.args, { from: "user" });
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exitCode = 1;
}
