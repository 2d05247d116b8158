import { randomNumbers } from "../engine/random_numbers.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { classificationScore, type Scoring } from "./classification_metrics.ts";
import { type GroupDifference, groupDifferences, ROUNDING } from "./group_difference.ts";
import type { Interval } from "./interval.ts";
import { checkPredictions, type Labels } from "./labels.ts";
import { holm } from "./multiple_comparisons.ts";
import { type Score, scoreAt, scoreDifference } from "./score.ts";

/** Predictions with all modalities, and with one of them left out. */
export interface LeftOutPredictions {
  /** From all modalities, `[samples]`. */
  all: Labels;
  /** By the modality that was left out (or shuffled), `[samples]` each. */
  without: Readonly<Record<string, Labels>>;
}

/** Options of {@linkcode modalityReliance}. */
export interface RelianceOptions {
  classes: number;
  seed: number;
  /** Default `"accuracy"`. */
  scoring?: Scoring;
  /**
   * Which modalities each sample has, `[samples, modalities]` in the order of `without`: 1 present, 0 missing. A sample
   * counts for a modality only if it has it. Default all.
   */
  available?: Int32Array;
  /** Draws of each permutation test and each bootstrap. Default 1000. */
  resamples?: number;
  /** Default 0.95. */
  confidence?: number;
}

/** What one modality does for one group. */
export interface ModalityReliance {
  group: string;
  modality: string;
  /** Samples of the group that have the modality. */
  n: number;
  /** Score with all modalities minus score without this one; positive where it helps. */
  drop: Interval;
  /** Two-sided p-value of the drop. */
  pValue: number;
  /** After Holm's adjustment for all groups and modalities. */
  adjustedPValue: number;
  /** The drop minus that of all other groups, with a p-value that Holm adjusted as well; absent if there is one group. */
  beyondOthers?: GroupDifference & { adjustedPValue: number };
}

/**
 * Which modality helps whom? How far the score of each group falls when a modality is missing.
 *
 * Both predictions are of the same samples, so the bootstrap draws them in pairs, and the p-value of a drop comes from
 * swapping the two predictions of random samples: $p = (1 + \#\{|d^*| \ge |d|\}) / (1 + \text{resamples})$. Whether a group
 * relies on a modality more than the others do is a question of its own: `beyondOthers`, by dealing the samples anew among
 * the group and the others.
 *
 * @param labels True classes, `[samples]`.
 * @param predictions Predicted classes with and without each modality.
 * @param groups Name of each sample's group, `[samples]`; the true classes' names show which modality helps which class.
 * @returns One record per group and modality, in the order of the groups' names; none where no sample has the modality.
 * @throws {RangeError} If the lists do not fit together, labels are out of range, or no modality is left out.
 *
 * @example
 * ```ts
 * import { modalityReliance } from "braid/evaluation/modality_reliance.ts";
 * import assert from "node:assert/strict";
 *
 * const labels = [0, 1, 0, 1], groups = ["quiet", "quiet", "noisy", "noisy"];
 * const predictions = { all: labels, without: { image: [0, 1, 1, 0] } };
 * const [noisy, quiet] = modalityReliance(labels, predictions, groups, { classes: 2, seed: 1 });
 * assert.deepEqual([noisy.group, noisy.drop.value], ["noisy", 1]);
 * assert.deepEqual([quiet.group, quiet.drop.value], ["quiet", 0]);
 * ```
 */
export function modalityReliance(
  labels: Labels,
  { all, without }: LeftOutPredictions,
  groups: readonly string[],
  { classes, seed, scoring = "accuracy", available, resamples = 1000, confidence = 0.95 }: RelianceOptions,
): ModalityReliance[] {
  const modalities = Object.keys(without);
  validate(labels, { all, without }, groups, { classes, available });
  const options = { seed, resamples, confidence }, withAll = classificationScore(labels, all, { classes, scoring });
  const rows = [...new Set(groups)].sort().flatMap((group) =>
    modalities.flatMap((modality, m) => {
      const having = Int32Array.from(labels.keys())
        .filter((i) => available ? available[i * modalities.length + m] !== 0 : true);
      const members = having.filter((i) => groups[i] === group), others = having.filter((i) => groups[i] !== group);
      if (members.length === 0) return [];
      const less = classificationScore(labels, without[modality], { classes, scoring });
      const drop = scoreDifference(withAll, less);
      return [{
        group,
        modality,
        n: members.length,
        drop: bootstrapInterval(members.length, (indices) => scoreAt(drop, indices.map((k) => members[k])), options),
        pValue: swapPValue(drop, scoreDifference(less, withAll), members, options),
        beyondOthers: others.length > 0 ? groupDifferences(members, others, [drop], options)[0] : undefined,
      }];
    })
  );
  const adjusted = holm(rows.map(({ pValue }) => pValue));
  const compared = rows.flatMap(({ beyondOthers }) => beyondOthers ?? []);
  const adjustedBeyond = new Map(holm(compared.map(({ pValue }) => pValue)).map((p, k) => [compared[k], p]));
  return rows.map(({ beyondOthers, ...row }, k) => ({
    ...row,
    adjustedPValue: adjusted[k],
    ...(beyondOthers && { beyondOthers: { ...beyondOthers, adjustedPValue: adjustedBeyond.get(beyondOthers)! } }),
  }));
}

function validate(
  labels: Labels,
  { all, without }: LeftOutPredictions,
  groups: readonly string[],
  { classes, available }: { classes: number; available?: Int32Array },
): void {
  const lists = Object.values(without);
  if (lists.length === 0) throw new RangeError("Expected predictions without at least one modality, got none");
  for (const predictions of [all, ...lists]) checkPredictions(labels, predictions, classes);
  if (groups.length !== labels.length) {
    throw new RangeError(`Expected one group per label, got ${groups.length} for ${labels.length} labels`);
  }
  if (available && available.length !== labels.length * lists.length) {
    throw new RangeError(
      `Expected available to be [${labels.length}, ${lists.length}], a row per sample, got ${available.length} entries`,
    );
  }
}

/** How often a drop as far from 0 comes from calling either prediction of a sample the one with all modalities. */
function swapPValue(
  drop: Score,
  swapped: Score,
  members: Int32Array,
  { seed, resamples }: { seed: number; resamples: number },
): number {
  const observed = Math.abs(scoreAt(drop, members)), random = randomNumbers(seed, "swapped predictions");
  let atLeastAsFar = 1;
  for (let repeat = 0; repeat < resamples; repeat++) {
    const sums = new Float64Array(drop.sums);
    for (const i of members) (random.uniform() < 0.5 ? drop : swapped).add(sums, i);
    if (Math.abs(drop.value(sums)) >= observed - ROUNDING) atLeastAsFar++;
  }
  return atLeastAsFar / (1 + resamples);
}
