// Views of mean 0 and deviation 1, measured on the training samples alone.

import { mapRecord, type MultiviewDataset, type MultiviewSamples, type View } from "./multiview.ts";

/** What a view's features had before they were standardised, `[width]` each. */
export interface ViewScaling {
  mean: Float32Array;
  /** Of the population: divided by the number of samples. */
  deviation: Float32Array;
}

/** A data set with standardised views. */
export interface StandardizedViews<Name extends string = string, Column extends string = string>
  extends MultiviewDataset<Name, Column> {
  scaling: Readonly<Record<Name, ViewScaling>>;
}

/**
 * Standardises each feature by its mean $\mu$ and deviation $\sigma$ over the training samples:
 * $x \mapsto (x - \mu) / \sigma$, in all splits.
 *
 * Validation and test samples take no part in $\mu$ and $\sigma$. Neither do samples that lack the view; their zeros stay
 * zeros. A feature that is the same in all training samples is only centred.
 *
 * @param data A data set; stays as it is.
 * @returns The same with standardised views, and their scaling.
 * @throws {RangeError} If no training sample has a view.
 *
 * @example
 * ```ts
 * import { multipleFeatures, standardizeViews } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { train, scaling } = standardizeViews(await multipleFeatures());
 * const { features, width } = train.views.zernike;
 * const first = features.filter((_, index) => index % width === 0);
 * assert.ok(Math.abs(first.reduce((sum, x) => sum + x) / train.count) < 1e-6);
 * assert.equal(scaling.zernike.deviation.length, width);
 * ```
 */
export function standardizeViews<Name extends string, Column extends string>(
  data: MultiviewDataset<Name, Column>,
): StandardizedViews<Name, Column> {
  const { card, train, validation, test } = data;
  const scaling = mapRecord(train.views, (view, name) => measure(view, present(train, name), name));
  const standardized = (samples: MultiviewSamples<Name, Column>): MultiviewSamples<Name, Column> => ({
    ...samples,
    views: mapRecord(samples.views, (view, name) => rescale(view, scaling[name], present(samples, name))),
  });
  return {
    card: {
      ...card,
      modalities: card.modalities.map((modality) => ({
        ...modality,
        what: `${modality.what}; standardised by mean and deviation of the training samples`,
      })),
    },
    train: standardized(train),
    validation: standardized(validation),
    test: standardized(test),
    scaling,
  };
}

/** Rows of the samples that have a view. */
function present<Name extends string>({ count, views, available }: MultiviewSamples<Name>, name: Name): number[] {
  const names = Object.keys(views), rows = Array.from({ length: count }, (_, row) => row);
  return available ? rows.filter((row) => available[row * names.length + names.indexOf(name)] !== 0) : rows;
}

function measure({ features, width }: View, rows: number[], name: string): ViewScaling {
  if (rows.length === 0) {
    throw new RangeError(`Expected training samples with the view ${name}, got none: there is nothing to measure`);
  }
  const mean = new Float32Array(width), deviation = new Float32Array(width);
  for (let column = 0; column < width; column++) {
    const values = rows.map((row) => features[row * width + column]);
    // A float64 adds up equal float32 values without rounding, so the deviation of a constant is exactly 0.
    const average = values.reduce((sum, x) => sum + x, 0) / rows.length;
    mean[column] = average;
    deviation[column] = Math.sqrt(values.reduce((sum, x) => sum + (x - average) ** 2, 0) / rows.length);
  }
  return { mean, deviation };
}

function rescale(view: View, { mean, deviation }: ViewScaling, rows: number[]): View {
  const { width } = view, features = new Float32Array(view.features.length);
  for (const row of rows) {
    for (let column = 0; column < width; column++) {
      const index = row * width + column;
      features[index] = (view.features[index] - mean[column]) / (deviation[column] || 1);
    }
  }
  return { ...view, features };
}
