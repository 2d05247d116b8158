// What the paper takes away from CoMM to see what it is worth, by the names that recorded runs carry.

import type { CoMMVariant } from "./learners.ts";

/** Weights of the loss terms of the first image alone, the second alone, and both, by name. */
const termWeights = {
  /** $\mathcal L + \sum_i \mathcal L_i$. */
  all: [1, 1, 1],
  /** $\mathcal L$, the term of the fused vectors. */
  joint: [0, 0, 1],
  /** $\sum_i \mathcal L_i$, the terms of the single modalities. */
  single: [1, 1, 0],
} satisfies Record<string, CoMMVariant["termWeights"]>;

/** Terms that the loss may consist of. */
export const lossTerms = Object.keys(termWeights) as LossTerms[];

/** Name of the terms that the loss consists of. */
export type LossTerms = keyof typeof termWeights;

/** What differs from CoMM as published; what is absent does not. A recorded run keeps it among its settings. */
export interface Ablation {
  /** Terms of the loss. Default `all`. */
  terms?: LossTerms;
}

/**
 * An ablation as changes to the model.
 *
 * Terms without weight are still computed: the curves then show what the loss did not ask for.
 *
 * Source: Dufumier et al. 2025, ablation of the loss.
 */
export function ablated({ terms = "all" }: Ablation): CoMMVariant {
  return { termWeights: termWeights[terms] };
}
