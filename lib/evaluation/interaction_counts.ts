import { bootstrapInterval } from "./bootstrap.ts";
import { classificationMetrics, scoreOf } from "./classification_metrics.ts";
import type { Interval } from "./interval.ts";
import { checkPredictions, type Labels } from "./labels.ts";

/** What a sample shows about the two modalities, see {@linkcode interactionKinds}. */
export type InteractionKind = "shared" | "unique1" | "unique2" | "synergy" | "none";

/** Predictions from the first modality alone, from the second alone, and from both. */
export interface ModalityPredictions {
  first: Labels;
  second: Labels;
  both: Labels;
}

/**
 * Sorts samples by the modality that suffices to predict them right:
 *
 * | right from the first | right from the second | right from both | kind |
 * |---|---|---|---|
 * | yes | yes | | shared |
 * | yes | no | | unique1 |
 * | no | yes | | unique2 |
 * | no | no | yes | synergy |
 * | no | no | no | none |
 *
 * This counts predictions, not bits: a lucky guess counts as well, so compare with the counts under shuffled labels.
 *
 * @param labels True classes, `[samples]`.
 * @param options.classes Number of classes.
 * @returns The kind of each sample, `[samples]`.
 * @throws {RangeError} If the lists are empty, differ in length, or hold anything but 0 … classes - 1.
 *
 * @example
 * ```ts
 * import { interactionKinds } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const kinds = interactionKinds([1, 1, 1], { first: [1, 0, 0], second: [1, 0, 0], both: [1, 1, 0] }, { classes: 2 });
 * assert.deepEqual(kinds, ["shared", "synergy", "none"]);
 * ```
 */
export function interactionKinds(
  labels: Labels,
  { first, second, both }: ModalityPredictions,
  { classes }: { classes: number },
): InteractionKind[] {
  for (const predictions of [first, second, both]) checkPredictions(labels, predictions, classes);
  return Array.from(labels, (label, i) => {
    if (first[i] === label) return second[i] === label ? "shared" : "unique1";
    if (second[i] === label) return "unique2";
    return both[i] === label ? "synergy" : "none";
  });
}

/** How many samples are of each kind; the five counts add up to the number of samples. */
export type InteractionCounts = Record<InteractionKind, number>;

/**
 * Counts the kinds of {@linkcode interactionKinds}.
 *
 * @throws {RangeError} As `interactionKinds`.
 *
 * @example
 * ```ts
 * import { interactionCounts } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const counts = interactionCounts([1, 1], { first: [1, 0], second: [0, 0], both: [1, 1] }, { classes: 2 });
 * assert.deepEqual(counts, { shared: 0, unique1: 1, unique2: 0, synergy: 1, none: 0 });
 * ```
 */
export function interactionCounts(
  labels: Labels,
  predictions: ModalityPredictions,
  options: { classes: number },
): InteractionCounts {
  const counts: InteractionCounts = { shared: 0, unique1: 0, unique2: 0, synergy: 0, none: 0 };
  for (const kind of interactionKinds(labels, predictions, options)) counts[kind]++;
  return counts;
}

/** One line of {@linkcode accuracyTable}. */
export interface AccuracyRow {
  /** What the classifier saw, such as `"image"`, `"both"` or `"both, sound shuffled"`. */
  input: string;
  accuracy: number;
  balancedAccuracy: number;
  /** Bootstrap over the samples, of the balanced accuracy. */
  interval: Interval;
}

/**
 * Scores the same samples predicted from different inputs: each modality alone, both, one of them shuffled.
 *
 * @param labels True classes, `[samples]`.
 * @param predictions Predicted classes by the name of the input.
 * @returns One record per input, in the order given.
 * @throws {RangeError} If there is no input, or lists do not fit the labels.
 *
 * @example
 * ```ts
 * import { accuracyTable } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const table = accuracyTable([0, 1], { image: [0, 0], both: [0, 1] }, { classes: 2, seed: 1 });
 * assert.deepEqual(table.map((row) => [row.input, row.accuracy]), [["image", 0.5], ["both", 1]]);
 * ```
 */
export function accuracyTable(
  labels: Labels,
  predictions: Readonly<Record<string, Labels>>,
  { classes, seed }: { classes: number; seed: number },
): AccuracyRow[] {
  const inputs = Object.entries(predictions);
  if (inputs.length === 0) throw new RangeError("Expected predictions from at least one input, got none");
  return inputs.map(([input, predicted]) => {
    const { accuracy, balancedAccuracy } = classificationMetrics(labels, predicted, { classes });
    const score = (indices: Int32Array) =>
      scoreOf(labels, predicted, { classes, scoring: "balancedAccuracy", indices });
    return { input, accuracy, balancedAccuracy, interval: bootstrapInterval(labels.length, score, { seed }) };
  });
}
