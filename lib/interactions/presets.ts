// The presets of the walkthrough from bits to recorded data.

/** Settings of what is drawn, decomposed and probed there. */
export interface InteractionSettings {
  /** States of each source in the experiment with few samples; even numbers. */
  clusters: number[];
  /** Samples in it. */
  samples: number[];
  /** Data sets of each size. */
  draws: number;
  /** Clusters of each view of the written digits. */
  viewClusters: number;
  /** Clusters of the pictures and of the recordings of digits. */
  digitClusters: number;
  /** Clusters of each of the tumours' omics. */
  omicsClusters: number;
  /** How often labels are shuffled for a null; fewer than 19 allow no p-value of 0.05. */
  shuffles: number;
  /** How often samples are drawn anew for an interval. */
  resamples: number;
  /** Draws of the tests by subgroup. */
  permutations: number;
  /** Takes every n-th training sample. */
  every: number;
  /** C of the linear probes, fixed beforehand. */
  c: number;
  /** Iterations of their fit, at most. */
  iterations: number;
  /** Random tables for the bounds, for each of the seeds. */
  tables: number;
  /** Samples drawn of a gate, for each of the seeds. */
  gateSamples: number;
  /** Seed of everything but the ledger's measurements. */
  seed: number;
}

/** Settings by preset. `paper` has the published 20 clusters a modality, with which each decomposition takes long. */
export const interactionPresets = {
  smoke: {
    ...{ clusters: [2, 4], samples: [30, 100], draws: 2 },
    ...{ viewClusters: 3, digitClusters: 3, omicsClusters: 2 },
    ...{ shuffles: 19, resamples: 4, permutations: 50, every: 8, c: 0.01, iterations: 10 },
    ...{ tables: 10, gateSamples: 1000, seed: 42 },
  },
  quick: {
    ...{ clusters: [2, 4, 8, 12, 20], samples: [50, 138, 400, 1000, 3000, 8000], draws: 10 },
    ...{ viewClusters: 8, digitClusters: 10, omicsClusters: 4 },
    ...{ shuffles: 19, resamples: 25, permutations: 2000, every: 1, c: 0.01, iterations: 100 },
    ...{ tables: 400, gateSamples: 10_000, seed: 42 },
  },
  paper: {
    ...{ clusters: [2, 4, 8, 12, 20], samples: [50, 138, 400, 1000, 3000, 8000], draws: 50 },
    ...{ viewClusters: 20, digitClusters: 20, omicsClusters: 20 },
    ...{ shuffles: 199, resamples: 200, permutations: 10_000, every: 1, c: 0.01, iterations: 100 },
    ...{ tables: 20_000, gateSamples: 1_000_000, seed: 42 },
  },
} satisfies Record<string, InteractionSettings>;
