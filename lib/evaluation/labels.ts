/** Class numbers 0, 1, …, one per sample. */
export type Labels = Int32Array | readonly number[];

/**
 * Refuses labels that are no class numbers, before they silently miscount.
 *
 * @param name What the labels are, for the error.
 * @throws {RangeError} If there are none, or one of them is not an integer in 0 … classes - 1.
 */
export function checkLabels(name: string, labels: Labels, classes: number): void {
  if (!(Number.isInteger(classes) && classes >= 1)) {
    throw new RangeError(`Expected classes to be a positive integer, got ${classes}`);
  }
  if (labels.length === 0) throw new RangeError(`Expected at least one sample in ${name}, got none`);
  const wrong = labels.findIndex((label: number) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong >= 0) {
    throw new RangeError(
      `Expected ${name} to be integers in 0 … ${classes - 1}, got ${labels[wrong]} at sample ${wrong}`,
    );
  }
}

/** @throws {RangeError} If the two lists are no labels or differ in length. */
export function checkPredictions(labels: Labels, predictions: Labels, classes: number): void {
  if (labels.length !== predictions.length) {
    throw new RangeError(`Expected one prediction per label, got ${predictions.length} for ${labels.length} labels`);
  }
  checkLabels("labels", labels, classes);
  checkLabels("predictions", predictions, classes);
}
