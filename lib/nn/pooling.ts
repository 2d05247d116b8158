// Pooling with PyTorch's padding and ceil mode, channels last.

import * as tf from "@tensorflow/tfjs";
import { checkPair, countWindows, type Pair, pairOf, type Windows } from "./windows.ts";

/** Options of pooling. */
export interface PoolOptions<Size = Pair> {
  /** Step between windows. Default: the window's size. */
  stride?: Size;
  /** Places added at each end of an axis, at most half a window; they never win. Default 0. */
  padding?: Size;
  /** Whether a last window that the image fills in part counts. Default false. */
  ceilMode?: boolean;
}

/** Options of average pooling. */
export interface AvgPoolOptions<Size = Pair> extends PoolOptions<Size> {
  /** Whether a mean counts the zeros of the padding. Default true, as in PyTorch. */
  countIncludePad?: boolean;
}

/**
 * The largest value of each window, channel by channel: PyTorch's `max_pool2d`.
 *
 * @param x `[batch, height, width, channels]`.
 * @param kernel Side of the square window, or `[height, width]`.
 * @returns `[batch, rows, columns, channels]`; the gradient goes to the first of equal values.
 * @throws {RangeError} If an image is smaller than a window or an option is out of range.
 *
 * @example
 * ```ts
 * import { maxPool2d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = tf.tensor4d([-1, -2, -3], [1, 1, 3, 1]);
 * assert.deepEqual([...await maxPool2d(x, [1, 2], { ceilMode: true }).data()], [-1, -3]);
 * ```
 */
export function maxPool2d(x: tf.Tensor4D, kernel: Pair, options: PoolOptions = {}): tf.Tensor4D {
  const { size, stride, sides } = layOut(x, kernel, options);
  return tf.tidy(() => tf.maxPool(padded(x, sides, -Infinity), size, stride, "valid"));
}

/**
 * The mean of each window, channel by channel: PyTorch's `avg_pool2d`.
 *
 * @param x `[batch, height, width, channels]`.
 * @param kernel Side of the square window, or `[height, width]`.
 * @returns `[batch, rows, columns, channels]`. What a window of `ceilMode` has beyond image and padding is not counted.
 * @throws {RangeError} If an image is smaller than a window or an option is out of range.
 *
 * @example
 * ```ts
 * import { avgPool2d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = tf.tensor4d([2, 4], [1, 1, 2, 1]), options = { stride: 1, padding: [0, 1] as [number, number] };
 * assert.deepEqual([...await avgPool2d(x, [1, 2], options).data()], [1, 3, 2]);
 * assert.deepEqual([...await avgPool2d(x, [1, 2], { ...options, countIncludePad: false }).data()], [2, 3, 4]);
 * ```
 */
export function avgPool2d(
  x: tf.Tensor4D,
  kernel: Pair,
  { countIncludePad = true, ...options }: AvgPoolOptions = {},
): tf.Tensor4D {
  const { size, stride, sides, axes } = layOut(x, kernel, options);
  const [rows, columns] = axes.map((axis) => countedPlaces(axis, countIncludePad));
  return tf.tidy(() => {
    const means = tf.avgPool(padded(x, sides, 0), size, stride, "valid");
    const full = rows.every((n) => n === size[0]) && columns.every((n) => n === size[1]);
    if (full) return means;
    const scales = rows.flatMap((high) => columns.map((wide) => size[0] * size[1] / (high * wide)));
    return tf.mul(means, tf.tensor4d(scales, [1, rows.length, columns.length, 1]));
  });
}

/**
 * Means over a grid of `size` windows that cover each image evenly: PyTorch's `adaptive_avg_pool2d`. Row $i$ of $n$ averages
 * rows $\lfloor i H / n \rfloor$ to $\lceil (i + 1) H / n \rceil$ of $H$, columns alike.
 *
 * @param x `[batch, height, width, channels]`.
 * @param size Rows and columns of the output; 1 is the global average.
 * @returns `[batch, rows, columns, channels]`.
 * @throws {RangeError} If the size is no positive integer or the image is empty.
 *
 * @example
 * ```ts
 * import { adaptiveAvgPool2d, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const x = tf.tensor4d([1, 2, 3], [1, 1, 3, 1]);
 * assert.deepEqual([...await adaptiveAvgPool2d(x, [1, 2]).data()], [1.5, 2.5]);
 * ```
 */
export function adaptiveAvgPool2d(x: tf.Tensor4D, size: Pair): tf.Tensor4D {
  checkImages(x);
  checkPair("the size", size, 1);
  const [batch, height, width, channels] = x.shape, [rows, columns] = pairOf(size);
  if (height < 1 || width < 1) throw new RangeError(`Expected images with at least one place, got [${x.shape}]`);
  return tf.tidy(() => {
    if (rows === 1 && columns === 1) return tf.mean(x, [1, 2], true) as tf.Tensor4D;
    const byRow = tf.matMul(evenMeans(height, rows), tf.reshape(x, [batch, height, width * channels]));
    const byPlace = tf.matMul(evenMeans(width, columns), tf.reshape(byRow, [batch * rows, width, channels]));
    return tf.reshape(byPlace, [batch, rows, columns, channels]);
  });
}

/** {@linkcode maxPool2d} of sequences: `[batch, steps, channels]` to as many windows. */
export function maxPool1d(x: tf.Tensor3D, kernel: number, options: PoolOptions<number> = {}): tf.Tensor3D {
  return asRow(x, (row) => maxPool2d(row, [1, kernel], acrossRow({ stride: kernel, ...options })));
}

/** {@linkcode avgPool2d} of sequences: `[batch, steps, channels]` to as many windows. */
export function avgPool1d(x: tf.Tensor3D, kernel: number, options: AvgPoolOptions<number> = {}): tf.Tensor3D {
  return asRow(x, (row) => avgPool2d(row, [1, kernel], acrossRow({ stride: kernel, ...options })));
}

/** {@linkcode adaptiveAvgPool2d} of sequences: `[batch, steps, channels]` to `[batch, size, channels]`. */
export function adaptiveAvgPool1d(x: tf.Tensor3D, size: number): tf.Tensor3D {
  return asRow(x, (row) => adaptiveAvgPool2d(row, [1, size]));
}

function asRow(x: tf.Tensor3D, pool: (row: tf.Tensor4D) => tf.Tensor4D): tf.Tensor3D {
  if (x.rank !== 3) throw new RangeError(`Expected sequences of shape [batch, steps, channels], got [${x.shape}]`);
  return tf.tidy(() => tf.squeeze(pool(tf.expandDims(x, 1)), [1]));
}

/** Options of sequences as those of images of one row. */
function acrossRow({ stride, padding = 0, ...rest }: AvgPoolOptions<number> & { stride: number }): AvgPoolOptions {
  return { stride: [1, stride], padding: [0, padding], ...rest };
}

type Axis = Windows & { size: number; count: number };

/** Where the windows lie, and how much each axis is padded for them. */
function layOut(x: tf.Tensor4D, kernel: Pair, { stride = kernel, padding = 0, ceilMode }: PoolOptions) {
  checkImages(x);
  checkPair("the window", kernel, 1);
  checkPair("the stride", stride, 1);
  checkPair("the padding", padding, 0);
  const size = pairOf(kernel), steps = pairOf(stride), ends = pairOf(padding);
  if (ends.some((end, axis) => 2 * end > size[axis])) {
    throw new RangeError(`Expected a padding of at most half the window [${size}], got [${ends}]`);
  }
  const axes = size.map((kernel, i): Axis => {
    const windows = { kernel, stride: steps[i], padding: ends[i], ceilMode };
    return { ...windows, size: x.shape[i + 1], count: countWindows(x.shape[i + 1], windows) };
  });
  const sides = axes.map(({ size, count, kernel, stride, padding }): [number, number] => [
    padding,
    Math.max(padding, (count - 1) * stride + kernel - size - padding),
  ]);
  return { size, stride: steps, sides, axes };
}

function padded(x: tf.Tensor4D, [vertical, horizontal]: [number, number][], value: number): tf.Tensor4D {
  if ([...vertical, ...horizontal].every((side) => side === 0)) return x;
  return tf.pad(x, [[0, 0], vertical, horizontal, [0, 0]], value);
}

/** How many places of an axis the mean of each window counts. */
function countedPlaces({ size, count, kernel, stride, padding }: Axis, countIncludePad: boolean): number[] {
  const margin = countIncludePad ? padding : 0;
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride - padding;
    return Math.min(start + kernel, size + margin) - Math.max(start, -margin);
  });
}

/** `[1, count, size]`: each row holds the weights of a mean over its part of the axis. */
function evenMeans(size: number, count: number): tf.Tensor3D {
  const weights = Array.from({ length: count }, (_, i) => {
    const start = Math.floor(i * size / count), end = Math.ceil((i + 1) * size / count);
    return Array.from({ length: size }, (_, place) => place >= start && place < end ? 1 / (end - start) : 0);
  });
  return tf.tensor3d([weights], [1, count, size]);
}

function checkImages(x: tf.Tensor4D): void {
  if (x.rank !== 4) throw new RangeError(`Expected images of shape [batch, height, width, channels], got [${x.shape}]`);
}
