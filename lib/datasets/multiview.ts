// Samples described by several views, each a vector of features: how they are kept, split and cut into batches.

import * as tf from "@tensorflow/tfjs";
import type { DatasetCard, Samples } from "./card.ts";
import type { SplitRows } from "./stratified_split.ts";

/** One view of some samples. */
export interface View {
  /** Features of a sample. */
  width: number;
  /** `[count, width]`. */
  features: Float32Array;
  /** Names of the features, `[width]`, where the source has some. */
  names?: readonly string[];
}

/** Samples of several views, row by row. */
export interface MultiviewSamples<Name extends string = string, Column extends string = string> extends Samples {
  /** By name, in the order of the card's modalities. */
  views: Readonly<Record<Name, View>>;
  /** Class, `[count]`. */
  label: Int32Array;
  /** What else is known of each sample, such as its subgroup, `[count]` each. */
  columns: Readonly<Record<Column, readonly string[]>>;
  /** Row of each sample in the data set's files, `[count]`. */
  row: Int32Array;
}

/** A data set of several views. */
export interface MultiviewDataset<Name extends string = string, Column extends string = string> {
  card: DatasetCard;
  train: MultiviewSamples<Name, Column>;
  validation: MultiviewSamples<Name, Column>;
  test: MultiviewSamples<Name, Column>;
}

/** Some samples as tensors, which are the caller's to dispose. */
export interface MultiviewBatch<Name extends string = string> {
  /** By name, in the order of the card's modalities, `[batch, width]` each. */
  views: Record<Name, tf.Tensor2D>;
  /** Class, int32 `[batch]`. */
  label: tf.Tensor1D;
  /** Which views each sample has, int32 `[batch, views]`: 1 present, 0 missing. Left out where every sample has all. */
  available?: tf.Tensor2D;
}

/**
 * Picks samples.
 *
 * @param samples All samples.
 * @param rows Which to pick, in this order; a row may be picked more than once, or none at all.
 * @returns A copy of the picked samples.
 * @throws {RangeError} If there is no such row.
 */
export function selectSamples<Name extends string, Column extends string>(
  samples: MultiviewSamples<Name, Column>,
  rows: Int32Array,
): MultiviewSamples<Name, Column> {
  const wrong = rows.find((row) => row < 0 || row >= samples.count);
  if (wrong !== undefined) throw new RangeError(`Expected rows from 0 to ${samples.count - 1}, got ${wrong}`);
  const { available, views, columns } = samples;
  return {
    count: rows.length,
    views: mapRecord(views, (view) => ({ ...view, features: selectRows(view.features, view.width, rows) })),
    label: rows.map((row) => samples.label[row]),
    columns: mapRecord(columns, (texts) => Array.from(rows, (row) => texts[row])),
    row: rows.map((row) => samples.row[row]),
    ...available && { available: selectRows(available, Object.keys(views).length, rows) },
  };
}

/**
 * Deals samples out to the splits, and enters their numbers in the card.
 *
 * @param samples All samples.
 * @param rows Which belong where.
 * @param card Of the data set; its `splits` are replaced.
 * @returns The data set.
 */
export const splitSamples = <Name extends string, Column extends string>(
  samples: MultiviewSamples<Name, Column>,
  { train, validation, test }: SplitRows,
  card: Omit<DatasetCard, "splits">,
): MultiviewDataset<Name, Column> => ({
  card: { ...card, splits: { train: train.length, validation: validation.length, test: test.length } },
  train: selectSamples(samples, train),
  validation: selectSamples(samples, validation),
  test: selectSamples(samples, test),
});

/**
 * Puts samples on the engine, as a batch.
 *
 * @param samples Samples of one split.
 * @param rows Which of them, in this order; none gives tensors of no rows. Default: all.
 * @returns The batch, to be disposed by the caller.
 * @throws {RangeError} If there is no such row.
 *
 * @example
 * ```ts
 * import { multipleFeatures, multiviewBatch } from "braid";
 * import assert from "node:assert/strict";
 *
 * const { train } = await multipleFeatures();
 * const { views, label } = multiviewBatch(train, Int32Array.of(0, 1, 2));
 * assert.deepEqual(views.fourier.shape, [3, 76]);
 * assert.deepEqual(label.shape, [3]);
 * ```
 */
export function multiviewBatch<Name extends string>(
  samples: MultiviewSamples<Name>,
  rows: Int32Array = Int32Array.from({ length: samples.count }, (_, row) => row),
): MultiviewBatch<Name> {
  const { count, views, label, available } = selectSamples(samples, rows);
  return {
    views: mapRecord(views, ({ features, width }) => tf.tensor2d(features, [count, width])),
    label: tf.tensor1d(label, "int32"),
    ...available && { available: tf.tensor2d(available, [count, Object.keys(views).length], "int32") },
  };
}

/** A record with the same keys in the same order. */
export const mapRecord = <Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From, key: Key) => To,
): Record<Key, To> =>
  Object.fromEntries(
    Object.entries<From>(record).map(([key, value]) => [key, map(value, key as Key)]),
  ) as Record<Key, To>;

function selectRows<Values extends Float32Array | Int32Array>(values: Values, width: number, rows: Int32Array): Values {
  const picked = new (values.constructor as new (length: number) => Values)(rows.length * width);
  rows.forEach((row, to) => picked.set(values.subarray(row * width, (row + 1) * width), to * width));
  return picked;
}
