import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { classificationScore, type Scoring } from "./classification_metrics.ts";
import { ROUNDING } from "./group_difference.ts";
import type { Interval } from "./interval.ts";
import { checkPredictions, type Labels } from "./labels.ts";
import { holm } from "./multiple_comparisons.ts";
import { type Score, scoreAt, sumsAt } from "./score.ts";

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

/** How far the best group is from the worst. */
export interface SubgroupGap {
  worst: string;
  best: string;
  /** Difference of their scores, at least 0. */
  value: number;
  /** Mean gap between groups of the same sizes that chance made: even of equals, one comes out worst. */
  byChance: number;
  /** How often chance makes a gap at least as wide. */
  pValue: number;
}

/**
 * For whom does a classifier work, and for whom not? The score of each group against that of everyone else.
 *
 * The p-value deals the group names anew among the samples and counts how often chance separates a group from the rest at
 * least as far: $p = (1 + \#\{|d^*| \ge |d|\}) / (1 + \text{resamples})$. Holm's adjustment controls the chance of any false
 * alarm among the groups. Small groups have wide intervals rather than large p-values: read both. For all scores at once,
 * and for the groups in pairs, see `subgroups()`.
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
  { classes, scoring = "balancedAccuracy", ...options }: SubgroupOptions,
): SubgroupAccuracy[] {
  checkPredictions(labels, predictions, classes);
  const score = classificationScore(labels, predictions, { classes, scoring });
  return compareWithRest(score, grouping(groups, labels.length), options).groups;
}

/** Which samples belong to which group. */
export interface Grouping {
  names: string[];
  /** Index of each sample's group. */
  groupOf: Int32Array;
  /** Indices of each group's samples. */
  members: Int32Array[];
}

/** @throws {RangeError} If there is not one group per sample, or only one group. */
export function grouping(groups: readonly string[], samples: number): Grouping {
  if (groups.length !== samples) {
    throw new RangeError(`Expected one group per label, got ${groups.length} for ${samples} labels`);
  }
  const names = [...new Set(groups)].sort();
  if (names.length < 2) throw new RangeError(`Expected at least 2 groups to compare, got only ${names}`);
  const index = new Map(names.map((name, g) => [name, g]));
  const groupOf = Int32Array.from(groups, (group) => index.get(group)!);
  return {
    names,
    groupOf,
    members: names.map((_, g) => Int32Array.from(groupOf.keys()).filter((i) => groupOf[i] === g)),
  };
}

/** Every group against the rest, and the best against the worst. */
export function compareWithRest(
  score: Score,
  { names, groupOf, members }: Grouping,
  { seed, resamples = 1000, confidence = 0.95, lowIsBest = false }: Omit<SubgroupOptions, "classes" | "scoring"> & {
    lowIsBest?: boolean;
  },
): { groups: SubgroupAccuracy[]; gap: SubgroupGap } {
  const measure = groupScores(score, { groups: names.length, samples: groupOf.length });
  const observed = measure(groupOf), gap = range(observed.map(({ own }) => own));
  const atLeastAsFar = new Array<number>(names.length).fill(1);
  let atLeastAsWide = 1, gaps = 0;
  const random = randomNumbers(seed, "subgroup permutations");
  for (let repeat = 0; repeat < resamples; repeat++) {
    const dealt = measure(random.permutation(groupOf.length).map((i) => groupOf[i]));
    dealt.forEach(({ difference }, g) => {
      if (Math.abs(difference) >= Math.abs(observed[g].difference) - ROUNDING) atLeastAsFar[g]++;
    });
    const width = range(dealt.map(({ own }) => own));
    gaps += width;
    if (width >= gap - ROUNDING) atLeastAsWide++;
  }
  const pValues = atLeastAsFar.map((count) => count / (1 + resamples)), adjusted = holm(pValues);

  const groups = names.map((group, g): SubgroupAccuracy => ({
    group,
    n: members[g].length,
    score: bootstrapInterval(
      members[g].length,
      (indices) => scoreAt(score, indices.map((k) => members[g][k])),
      { seed, resamples, confidence },
    ),
    difference: observed[g].difference,
    pValue: pValues[g],
    adjustedPValue: adjusted[g],
  }));
  const [lowest, highest] = [Math.min, Math.max].map((end) =>
    names[observed.findIndex(({ own }) => own === end(...observed.map(({ own }) => own)))]
  );
  const [worst, best] = lowIsBest ? [highest, lowest] : [lowest, highest];
  return {
    groups,
    gap: { worst, best, value: gap, byChance: gaps / resamples, pValue: atLeastAsWide / (1 + resamples) },
  };
}

const range = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** The score of each group, and how far it is from that of the rest, from one pass over the samples. */
function groupScores(
  score: Score,
  { groups, samples }: { groups: number; samples: number },
): (groupOf: Int32Array) => { own: number; difference: number }[] {
  const total = sumsAt(score, Int32Array.from({ length: samples }, (_, i) => i));
  return (groupOf) => {
    const sums = Array.from({ length: groups }, () => new Float64Array(score.sums));
    for (let i = 0; i < samples; i++) score.add(sums[groupOf[i]], i);
    return sums.map((of) => {
      const own = score.value(of);
      return { own, difference: own - score.value(total.map((sum, k) => sum - of[k])) };
    });
  };
}
