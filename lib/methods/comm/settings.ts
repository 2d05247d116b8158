// The presets of the CoMM walkthrough, and of the methods beside it.

import type { PairMethod } from "./learners.ts";
import { STEPS_PER_EPOCH } from "./published.ts";

/** Settings of training and probing on bimodal Trifeature. */
export interface TrifeatureSettings {
  /** Side of the pictures in pixels. */
  size: number;
  /** Channels of the small encoder from the picture on, or AlexNet's convolutions. */
  encoder: number[] | "AlexNet";
  /** Width of CoMM's tokens and fused vector. */
  dim: number;
  batchSize: number;
  /** Optimisation steps of each method. */
  steps: number;
  /** Steps of each run that only compares variants: ablations, and what breaks. */
  shortSteps: number;
  learningRate: number;
  weightDecay: number;
  /** Pairs to learn from. */
  trainPairs: number;
  /** Pairs that a probe is fitted on. */
  probePairs: number;
  /** Test pairs that it is scored on; 0 = all 4,094. */
  testPairs: number;
  /** Values of C that a probe chooses from. */
  probeCs: number[];
  /** Takes every n-th of the spoken and written digits. */
  digitsEvery: number;
  /** Width of textures in units of the published one. Default 1. */
  textureScale?: number;
  /** Number of textures, and of colours. Default 10. */
  levels?: number;
  /** Seed of weights, augmentations and order. */
  seed: number;
}

const published = {
  batchSize: 64,
  learningRate: 3e-4,
  weightDecay: 1e-4,
  trainPairs: 10_000,
  digitsEvery: 1,
  seed: 42,
};
const smallEncoder = { encoder: [3, 16, 32, 64, 128], dim: 256 };

/** Settings by preset. `recorded` is what the committed runs used. Source of `paper`: CoMM's released configuration. */
export const trifeaturePresets = {
  smoke: {
    ...published,
    ...{ size: 32, encoder: [3, 8, 16, 32], dim: 32, batchSize: 16, steps: 4, shortSteps: 1 },
    ...{ trainPairs: 64, probePairs: 64, testPairs: 64, probeCs: [1], digitsEvery: 5 },
  },
  quick: {
    ...{ ...published, ...smallEncoder },
    ...{ size: 48, steps: 200, shortSteps: 20, probePairs: 2000, testPairs: 2000, probeCs: [1] },
  },
  recorded: {
    ...{ ...published, ...smallEncoder },
    ...{ size: 64, steps: 1600, shortSteps: 400, probePairs: 10_000, testPairs: 0, probeCs: [1e-4, 1e-2, 1, 1e2, 1e4] },
  },
  paper: {
    ...published,
    ...{ size: 224, encoder: "AlexNet", dim: 512, steps: 15_700, shortSteps: 1570 },
    ...{ probePairs: 10_000, testPairs: 0, probeCs: [1e-4, 1e-2, 1, 1e2, 1e4] },
  },
} satisfies Record<string, TrifeatureSettings>;

/**
 * The settings of a preset for a method: FactorCL has another learning rate, no weight decay, and 150 epochs in `paper`.
 *
 * Source: released configurations of CoMM, and of its authors' FactorCL on Trifeature.
 */
export function settingsOf(method: PairMethod, preset: keyof typeof trifeaturePresets): TrifeatureSettings {
  const settings = trifeaturePresets[preset];
  if (method !== "FactorCL") return settings;
  const steps = preset === "paper" ? 150 * STEPS_PER_EPOCH : settings.steps;
  return { ...settings, learningRate: 1e-4, weightDecay: 0, steps };
}
