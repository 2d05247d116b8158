import { bootstrapInterval, type BootstrapOptions } from "./bootstrap.ts";
import { classificationMetrics, scoreOf } from "./classification_metrics.ts";
import type { Interval } from "./interval.ts";
import { checkLabels, type Labels } from "./labels.ts";
import { meanScore, scoreAt } from "./score.ts";

/** What a sample shows about its modalities, see {@linkcode interactionKinds}. */
export type InteractionKind = "shared" | "partly shared" | `unique ${string}` | "synergy" | "none" | "undetermined";

/** Predicted classes by the modality that the classifier saw, and by `"both"` for all modalities together. */
export type ModalityPredictions = Readonly<Record<string, Labels>>;

/** Options of {@linkcode interactionKinds}. */
export interface InteractionOptions {
  classes: number;
  /** Which of the predictions saw all modalities. Default `"both"`; with three modalities, `"all"` reads better. */
  together?: string;
  /**
   * Which modalities each sample has, `[samples, modalities]` in the order of the predictions: 1 present, 0 missing.
   * Predictions from a missing modality may be anything. Default all.
   */
  available?: Int32Array;
}

/**
 * Sorts samples by the modalities that suffice to predict them right:
 *
 * | right from | kind |
 * |---|---|
 * | each modality alone | shared |
 * | some of three or more, not all | partly shared |
 * | one modality alone, called m | unique m |
 * | none alone, but all together | synergy |
 * | nothing | none |
 *
 * A sample with fewer than two modalities is undetermined. This counts predictions, not bits: a lucky guess counts as well,
 * so compare with the counts under shuffled labels.
 *
 * @param labels True classes, `[samples]`.
 * @param predictions Predicted classes by modality, `[samples]` each, at least two modalities and all together.
 * @returns The kind of each sample, `[samples]`.
 * @throws {RangeError} If the lists are empty, differ in length, or hold anything but 0 … classes - 1, or there are fewer
 * than two modalities.
 *
 * @example
 * ```ts
 * import { interactionKinds } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const predictions = { image: [1, 0, 0, 0], sound: [1, 0, 0, 1], both: [1, 1, 0, 1] };
 * const kinds = interactionKinds([1, 1, 1, 1], predictions, { classes: 2 });
 * assert.deepEqual(kinds, ["shared", "synergy", "none", "unique sound"]);
 * ```
 */
export function interactionKinds(
  labels: Labels,
  predictions: ModalityPredictions,
  { classes, together = "both", available }: InteractionOptions,
): InteractionKind[] {
  checkLabels("labels", labels, classes);
  const modalities = modalitiesOf(predictions, together),
    isThere = presence(available, labels.length, modalities.length);
  const everyone = Array.from(labels.keys());
  checkPredicted(together, predictions[together], { classes, samples: labels.length, seen: everyone });
  modalities.forEach((modality, m) =>
    checkPredicted(modality, predictions[modality], {
      classes,
      samples: labels.length,
      seen: everyone.filter((i) => isThere(i, m)),
    })
  );
  return Array.from(labels, (label, i): InteractionKind => {
    const present = modalities.filter((_, m) => isThere(i, m));
    if (present.length < 2) return "undetermined";
    const right = present.filter((modality) => predictions[modality][i] === label);
    if (right.length === present.length) return "shared";
    if (right.length === 1) return `unique ${right[0]}`;
    if (right.length > 1) return "partly shared";
    return predictions[together][i] === label ? "synergy" : "none";
  });
}

function modalitiesOf(predictions: ModalityPredictions, together: string): string[] {
  const modalities = Object.keys(predictions).filter((name) => name !== together);
  if (!(together in predictions) || modalities.length < 2) {
    throw new RangeError(
      `Expected predictions from at least two modalities and, as "${together}", from all together, got ${
        Object.keys(predictions).join(", ") || "none"
      }`,
    );
  }
  return modalities;
}

/** Whether sample i has modality m. */
function presence(
  available: Int32Array | undefined,
  samples: number,
  modalities: number,
): (i: number, m: number) => boolean {
  if (available && available.length !== samples * modalities) {
    throw new RangeError(
      `Expected available to be [${samples}, ${modalities}], a row per sample, got ${available.length} entries`,
    );
  }
  return (i, m) => available ? available[i * modalities + m] !== 0 : true;
}

function checkPredicted(
  name: string,
  predictions: Labels,
  { classes, samples, seen }: { classes: number; samples: number; seen: readonly number[] },
): void {
  if (predictions.length !== samples) {
    throw new RangeError(`Expected one prediction per label from ${name}, got ${predictions.length} for ${samples}`);
  }
  const wrong = seen.find((i) =>
    !(Number.isInteger(predictions[i]) && predictions[i] >= 0 && predictions[i] < classes)
  );
  if (wrong !== undefined) {
    throw new RangeError(
      `Expected predictions from ${name} in 0 … ${classes - 1}, got ${predictions[wrong]} at sample ${wrong}`,
    );
  }
}

/** How many samples are of each kind; the counts add up to the number of samples. */
export interface InteractionCounts {
  shared: number;
  /** With three modalities or more. */
  "partly shared"?: number;
  [unique: `unique ${string}`]: number;
  synergy: number;
  none: number;
  /** With modalities that may be missing. */
  undetermined?: number;
}

/**
 * Counts the kinds of {@linkcode interactionKinds}.
 *
 * @returns A count for each kind that these modalities can show.
 * @throws {RangeError} As `interactionKinds`.
 *
 * @example
 * ```ts
 * import { interactionCounts } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const counts = interactionCounts([1, 1], { image: [1, 0], sound: [0, 0], both: [1, 1] }, { classes: 2 });
 * assert.deepEqual(counts, { shared: 0, "unique image": 1, "unique sound": 0, synergy: 1, none: 0 });
 * ```
 */
export function interactionCounts(
  labels: Labels,
  predictions: ModalityPredictions,
  options: InteractionOptions,
): InteractionCounts {
  const kinds = interactionKinds(labels, predictions, options);
  const modalities = modalitiesOf(predictions, options.together ?? "both");
  const counts: InteractionCounts = {
    shared: 0,
    ...(modalities.length > 2 && { "partly shared": 0 }),
    ...Object.fromEntries(modalities.map((modality) => [`unique ${modality}`, 0])),
    synergy: 0,
    none: 0,
    ...(options.available && { undetermined: 0 }),
  };
  for (const kind of kinds) counts[kind]!++;
  return counts;
}

/** One line of {@linkcode interactionShares}. */
export interface InteractionShare {
  kind: InteractionKind;
  /** Samples of the kind. */
  n: number;
  /** Their share of all samples that are determined, with its bootstrap interval. */
  share: Interval;
}

/**
 * Which share of the samples is of each kind of {@linkcode interactionKinds}, with intervals.
 *
 * Samples with fewer than two modalities are left out.
 *
 * @throws {RangeError} As `interactionKinds`, and if every sample is undetermined.
 *
 * @example XOR: neither input alone tells more than a constant guess.
 * ```ts
 * import { interactionShares } from "braid/evaluation/interaction_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const labels = [0, 1, 1, 0], guess = [0, 0, 0, 0];
 * const predictions = { first: guess, second: guess, both: labels };
 * const shares = interactionShares(labels, predictions, { classes: 2, seed: 1 });
 * assert.equal(shares.find(({ kind }) => kind === "synergy")!.share.value, 0.5);
 * ```
 */
export function interactionShares(
  labels: Labels,
  predictions: ModalityPredictions,
  { seed, resamples, confidence, ...options }: InteractionOptions & BootstrapOptions,
): InteractionShare[] {
  const kinds = interactionKinds(labels, predictions, options).filter((kind) => kind !== "undetermined");
  if (kinds.length === 0) throw new RangeError("Expected a sample with at least two modalities, got none");
  const counts = Object.entries(interactionCounts(labels, predictions, options)) as [InteractionKind, number][];
  return counts.filter(([kind]) => kind !== "undetermined").map(([kind, n]) => {
    const isKind = meanScore(kinds.map((other) => Number(other === kind)));
    const share = (indices: Int32Array) => scoreAt(isKind, indices);
    return { kind, n, share: bootstrapInterval(kinds.length, share, { seed, resamples, confidence }) };
  });
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
