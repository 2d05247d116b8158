// What the paper prints on Trifeature, in percent of a linear probe.
//
// Source: CoMM (Dufumier et al. 2025), bars and ablation curves read off the authors' own figures (± 0.3 points). FactorCL's
// synergy, below chance, comes from code that swaps predictions and targets, which makes recall precision.

import type { Published } from "../../evaluation/claim.ts";

/** A kind of information, by the task that asks for it. */
export type Atom = "shared" | "unique" | "synergy";

/** After 100 epochs (15,700 steps) at 224 pixels, 5 seeds. "unique" is presumably the texture of the first image. */
export const publishedScores = {
  "Cross": { shared: { value: 100 }, unique: { value: 11.6, spread: 0.9 }, synergy: { value: 50, spread: 0 } },
  "Cross+Self": { shared: { value: 99.7 }, unique: { value: 86.9, spread: 0.8 }, synergy: { value: 50, spread: 0 } },
  "FactorCL": { shared: { value: 99.8 }, unique: { value: 62.5, spread: 2.6 }, synergy: { value: 46.5, spread: 2.9 } },
  "CoMM": { shared: { value: 99.9 }, unique: { value: 87.8, spread: 1.6 }, synergy: { value: 71.9, spread: 2 } },
} satisfies Record<string, Record<Atom, Published>>;

/** CoMM with the term of both images alone, $\mathcal L$, and with those of each alone, $\sum_i \mathcal L_i$; as above. */
export const publishedAblation = {
  joint: { shared: { value: 94.9 }, unique: { value: 81.7 }, synergy: { value: 54.4 } },
  single: { shared: { value: 100 }, unique: { value: 86.3 }, synergy: { value: 50 } },
} satisfies Record<string, Record<Atom, Published>>;

/** Steps in one of the paper's epochs. */
export const STEPS_PER_EPOCH = 157;

/** CoMM's probe accuracies on the way, by epoch. */
export const publishedCurve = {
  epochs: [5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 95, 100],
  shared: [83.8, 95.7, 98.7, 99.6, 99.6, 99.8, 99.8, 99.8, 100, 99.8, 99.8, 100, 99.8, 100],
  unique: [55.7, 69.4, 72.2, 75.5, 78.0, 79.5, 81.5, 82.1, 84.6, 85.0, 85.9, 86.6, 86.6, 87.8],
  synergy: [57.7, 55.9, 56.1, 59.6, 63.9, 66.2, 66.5, 69.7, 70.7, 70.9, 71.7, 73.6, 74.5, 71.8],
};

/** The same of $\mathcal L$ alone, at epoch 10. */
export const publishedJointAtEpoch10 = { shared: 58.0, unique: 52.1, synergy: 50 };
