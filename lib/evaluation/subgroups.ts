import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { scoreOf, scoreOfCounts, type Scoring } from "./classification_metrics.ts";
import type { Interval } from "./interval.ts";
import { checkPredictions, type Labels } from "./labels.ts";
import { holm } from "./multiple_comparisons.ts";

/** Options of {@linkcode subgroupAccuracy}. */
export interface SubgroupOptions {
  classes: number;
  seed: number;
  /** Default `"balancedAccuracy"`: the mean recall of the classes that the group holds. */
  scoring?: Scoring;
  /** How many times the groups are dealt anew for the p-values, and resampled for the intervals. Default 1000. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
}

/** One line of a forest plot. */
export interface SubgroupAccuracy {
  group: string;
  /** Samples in the group. */
  n: number;
  /** Score within the group with its bootstrap interval. */
  score: Interval;
  /** Score within the group minus the score of all other samples. */
  difference: number;
  /** Two-sided permutation p-value of the difference. */
  pValue: number;
  /** The p-value after Holm's adjustment for the number of groups. */
  adjustedPValue: number;
}

/**
 * For whom does a classifier work, and for whom not? The score of each group against that of everyone else.
 *
 * The p-value deals the group names anew among the samples and counts how often chance separates a group from the rest at
 * least as far: $p = (1 + \#\{|d^*| \ge |d|\}) / (1 + \text{resamples})$. Holm's adjustment controls the chance of any false
 * alarm among the groups. Small groups have wide intervals rather than large p-values: read both.
 *
 * @param labels True classes, `[samples]`.
 * @param predictions Predicted classes, `[samples]`.
 * @param groups Name of each sample's group, `[samples]`; at least two different ones.
 * @returns One record per group, in the order of their names.
 * @throws {RangeError} If the lists do not fit together, labels are out of range, or there is only one group.
 *
 * @example
 * ```ts
 * import { subgroupAccuracy } from "braid/evaluation/subgroups.ts";
 * import assert from "node:assert/strict";
 *
 * const speakers = ["ann", "ann", "ann", "bob", "bob", "bob"];
 * const [ann, bob] = subgroupAccuracy([0, 1, 0, 1, 0, 1], [0, 1, 0, 0, 0, 0], speakers, { classes: 2, seed: 1 });
 * assert.equal(ann.score.value, 1);
 * assert.equal(bob.score.value, 0.5);
 * assert.equal(bob.difference, -0.5);
 * ```
 */
export function subgroupAccuracy(
  labels: Labels,
  predictions: Labels,
  groups: readonly string[],
  { classes, seed, scoring = "balancedAccuracy", resamples = 1000, confidence = 0.95 }: SubgroupOptions,
): SubgroupAccuracy[] {
  checkPredictions(labels, predictions, classes);
  if (groups.length !== labels.length) {
    throw new RangeError(`Expected one group per label, got ${groups.length} for ${labels.length} labels`);
  }
  const names = [...new Set(groups)].sort();
  if (names.length < 2) throw new RangeError(`Expected at least 2 groups to compare, got only ${names}`);

  const groupOf = Int32Array.from(groups, (group) => names.indexOf(group));
  const differences = groupDifferences(labels, predictions, { classes, scoring, groups: names.length });
  const observed = differences(groupOf);
  const atLeastAsFar = new Array<number>(names.length).fill(1);
  const random = randomNumbers(seed, "subgroup permutations");
  for (let repeat = 0; repeat < resamples; repeat++) {
    const dealt = random.permutation(groups.length).map((i) => groupOf[i]);
    differences(dealt).forEach((d, g) => {
      if (Math.abs(d) >= Math.abs(observed[g]) - ROUNDING) atLeastAsFar[g]++;
    });
  }
  const pValues = atLeastAsFar.map((count) => count / (1 + resamples)), adjusted = holm(pValues);

  return names.map((group, g) => {
    const members = [...groupOf.keys()].filter((i) => groupOf[i] === g);
    const scoreMembers = (indices: Int32Array) =>
      scoreOf(labels, predictions, { classes, scoring, indices: indices.map((k) => members[k]) });
    return {
      group,
      n: members.length,
      score: bootstrapInterval(members.length, scoreMembers, { seed, resamples, confidence }),
      difference: observed[g],
      pValue: pValues[g],
      adjustedPValue: adjusted[g],
    };
  });
}

/** Equal differences may come out unequal in the last bits when their samples are summed in another order. */
const ROUNDING = 1e-12;

/** The score of each group minus that of the rest, from one pass over the samples. */
function groupDifferences(
  labels: Labels,
  predictions: Labels,
  { classes, scoring, groups }: { classes: number; scoring: Scoring; groups: number },
): (groupOf: Int32Array) => number[] {
  const table = () => Array.from({ length: groups }, () => new Array<number>(classes).fill(0));
  const rest = (counts: number[][], g: number) =>
    counts[g].map((count, c) => counts.reduce((sum, row) => sum + row[c], 0) - count);
  return (groupOf) => {
    const hits = table(), samples = table();
    for (let i = 0; i < groupOf.length; i++) {
      const group = groupOf[i], label = labels[i];
      samples[group][label]++;
      if (predictions[i] === label) hits[group][label]++;
    }
    return samples.map((row, g) =>
      scoreOfCounts(hits[g], row, scoring) - scoreOfCounts(rest(hits, g), rest(samples, g), scoring)
    );
  };
}
