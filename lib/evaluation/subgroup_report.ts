import { bootstrapInterval } from "./bootstrap.ts";
import { calibrationScore, expectedCalibrationError, type Probabilities, type ReliabilityBin } from "./calibration.ts";
import { classificationScore, type Scoring } from "./classification_metrics.ts";
import { type Frame, groupsOf } from "./frame.ts";
import { groupDifferences } from "./group_difference.ts";
import type { Interval } from "./interval.ts";
import { checkPredictions, type Labels } from "./labels.ts";
import { holm } from "./multiple_comparisons.ts";
import { type Score, scoreAt } from "./score.ts";
import { compareWithRest, type Grouping, grouping, type SubgroupAccuracy, type SubgroupGap } from "./subgroups.ts";

/** Predictions for some samples. */
export interface ClassifiedSamples {
  /** True classes, `[samples]`. */
  labels: Labels;
  /** Predicted classes, `[samples]`. */
  predictions: Labels;
  classes: number;
  /** `[samples, classes]`; with them the report has calibration. */
  probabilities?: Probabilities;
}

/** Options of {@linkcode subgroups}. */
export interface SubgroupsOptions {
  seed: number;
  /** What to measure, in the order of the report. Default all that there is: calibration only of probabilities. */
  metrics?: readonly SubgroupMetric[];
  /** Draws of each permutation test and each bootstrap. Default 1000. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
  /** Bins of the calibration error. Default 15. */
  bins?: number;
}

/** What {@linkcode subgroups} measures. */
export type SubgroupMetric = Scoring | "calibrationError";

/** Two groups compared in one metric. */
export interface SubgroupPair {
  first: string;
  second: string;
  /** First minus second. */
  difference: Interval;
  /** Two-sided permutation p-value. */
  pValue: number;
  /** After Holm's adjustment for the number of pairs. */
  adjustedPValue: number;
}

/** One metric, group by group. */
export interface MetricBySubgroup {
  metric: SubgroupMetric;
  /** All samples. */
  overall: Interval;
  groups: SubgroupAccuracy[];
  pairs: SubgroupPair[];
  gap: SubgroupGap;
}

/** Result of {@linkcode subgroups}. */
export interface SubgroupReport {
  /** Those asked for, or accuracy, balanced accuracy, macro F1, weighted F1 and, of probabilities, calibration error. */
  metrics: MetricBySubgroup[];
  /** Of probabilities: the reliability bins of each group, in the order of the groups. */
  reliability?: { group: string; n: number; error: number; bins: ReliabilityBin[] }[];
}

const SCORINGS = ["accuracy", "balancedAccuracy", "macroF1", "weightedF1"] as const;

/** More groups would make thousands of pairs. */
const MAX_GROUPS = 40;

/**
 * Who gains and who loses: every metric for every group and every pair of groups.
 *
 * Intervals are bootstrap intervals, p-values come from permutation tests as in `subgroupAccuracy()`, for pairs from
 * dealing the samples of the two groups anew. Holm's adjustment holds within one metric, so choose the metric first and the
 * finding after. Small groups look worse calibrated than large ones by chance alone; the p-values allow for that, since the
 * sizes stay.
 *
 * @param samples Labels and predictions, with probabilities for calibration.
 * @param frame Columns by name, or a danfo DataFrame.
 * @param by The column whose values are the groups, or several columns for their combinations. Missing values are a group.
 * @returns The report; groups are in the order of their names.
 * @throws {RangeError} If the lists do not fit together, the frame lacks a column, there are fewer than 2 or more than 40
 * groups, or no metric is asked for, or calibration without probabilities.
 *
 * @example
 * ```ts
 * import { subgroups } from "braid/evaluation/subgroup_report.ts";
 * import assert from "node:assert/strict";
 *
 * const samples = { labels: [0, 1, 0, 1, 0, 1], predictions: [0, 1, 0, 0, 0, 0], classes: 2 };
 * const { metrics } = subgroups(samples, { speaker: ["ann", "ann", "ann", "bob", "bob", "bob"] }, "speaker", { seed: 1 });
 * const { metric, gap, pairs: [pair] } = metrics[1];
 * assert.equal(metric, "balancedAccuracy");
 * assert.deepEqual([gap.worst, gap.best, gap.value], ["bob", "ann", 0.5]);
 * assert.equal(pair.difference.value, 0.5);
 * ```
 */
export function subgroups(
  { labels, predictions, classes, probabilities }: ClassifiedSamples,
  frame: Frame,
  by: string | readonly string[],
  { seed, metrics, resamples = 1000, confidence = 0.95, bins = 15 }: SubgroupsOptions,
): SubgroupReport {
  checkPredictions(labels, predictions, classes);
  const groups = grouping(groupsOf(frame, by, labels.length), labels.length), { names, members } = groups;
  if (names.length > MAX_GROUPS) {
    throw new RangeError(
      `Expected at most ${MAX_GROUPS} groups in ${by}, got ${names.length}: cut numbers into ranges first`,
    );
  }
  const available = [...SCORINGS, ...probabilities ? ["calibrationError" as const] : []];
  const scores = (metrics ?? available).map((metric): [SubgroupMetric, Score] => [
    metric,
    metric !== "calibrationError"
      ? classificationScore(labels, predictions, { classes, scoring: metric })
      : calibrationScore(labels, requireProbabilities(probabilities), { bins }),
  ]);
  if (scores.length === 0) throw new RangeError("Expected at least one metric to measure, got none");

  const options = { seed, resamples, confidence };
  const pairs = pairwise(scores.map(([, score]) => score), groups, options);
  return {
    metrics: scores.map(([metric, score], s) => ({
      metric,
      overall: bootstrapInterval(labels.length, (indices) => scoreAt(score, indices), options),
      ...compareWithRest(score, groups, { ...options, lowIsBest: metric === "calibrationError" }),
      pairs: pairs[s],
    })),
    ...(probabilities && {
      reliability: names.map((group, g) => ({
        group,
        n: members[g].length,
        ...expectedCalibrationError(
          Int32Array.from(members[g], (i) => labels[i]),
          Array.from(members[g], (i) => probabilities[i]),
          { bins },
        ),
      })),
    }),
  };
}

function requireProbabilities(probabilities?: Probabilities): Probabilities {
  if (!probabilities) throw new RangeError("Expected probabilities for a calibration error, got predictions alone");
  return probabilities;
}

/** Every pair of groups in every score: for each score, the pairs. */
function pairwise(
  scores: readonly Score[],
  { names, members }: Grouping,
  options: { seed: number; resamples: number; confidence: number },
): SubgroupPair[][] {
  const pairs = names.flatMap((first, a) =>
    names.slice(a + 1).map((second, k) => ({
      first,
      second,
      results: groupDifferences(members[a], members[a + 1 + k], scores, options),
    }))
  );
  return scores.map((_, s) => {
    const adjusted = holm(pairs.map(({ results }) => results[s].pValue));
    return pairs.map(({ first, second, results }, k) => ({
      first,
      second,
      ...results[s],
      adjustedPValue: adjusted[k],
    }));
  });
}
