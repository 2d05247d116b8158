import * as tf from "@tensorflow/tfjs";
import { type Initialization, normalParameter } from "./initialize.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** The index of padding: its row gets no gradient. */
  paddingIndex?: number;
}

/**
 * Rows of a table by their indices: PyTorch's `embedding`.
 *
 * @param indices int32, any shape, each in [0, entries): the engine refuses others when it computes, so look at data as you
 * load them.
 * @param weight `[entries, dim]`.
 * @returns `[..., dim]`.
 * @throws {TypeError} If the indices are not int32.
 * @throws {RangeError} If the padding's index is none of the table.
 *
 * @example
 * ```ts
 * import { embedding, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const rows = embedding(tf.tensor1d([1, 0, 1], "int32"), tf.tensor2d([[1, 2], [3, 4]]));
 * assert.deepEqual(await rows.array(), [[3, 4], [1, 2], [3, 4]]);
 * ```
 */
export function embedding(indices: tf.Tensor, weight: tf.Tensor2D, { paddingIndex }: EmbeddingOptions = {}): tf.Tensor {
  if (indices.dtype !== "int32") {
    throw new TypeError(`Expected indices to be int32, got ${indices.dtype}: make them with tf.tensor(…, "int32")`);
  }
  const [entries, dim] = weight.shape;
  checkPaddingIndex(paddingIndex, entries);
  return tf.tidy(() => {
    const flat = tf.reshape(indices, [indices.size]);
    const rows = paddingIndex === undefined
      ? tf.gather(weight, flat)
      : tf.gather(withoutGradient(weight, paddingIndex), flat);
    return tf.reshape(rows, [...indices.shape, dim]);
  });
}

/** The same table, of which one row has a gradient of zeros. */
function withoutGradient(weight: tf.Tensor2D, row: number): tf.Tensor2D {
  const pass = tf.customGrad((...[table]) => ({
    value: tf.clone(table as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      const [rows] = dy.shape, kept = tf.notEqual(tf.range(0, rows, 1, "int32"), tf.scalar(row, "int32"));
      return tf.mul(dy, tf.cast(tf.reshape(kept, [rows, 1]), "float32"));
    },
  }));
  return pass(weight) as tf.Tensor2D;
}

/** {@linkcode embedding} with its table: PyTorch's `Embedding`, standard normal at first, the padding's row 0. */
export class Embedding extends Module {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly #options: EmbeddingOptions;

  /**
   * @param entries Rows of the table.
   * @param dim Width of a row.
   */
  constructor(entries: number, dim: number, { random, paddingIndex }: Initialization & EmbeddingOptions) {
    super();
    checkPaddingIndex(paddingIndex, entries);
    this.weight = normalParameter<tf.Rank.R2>([entries, dim], 1, random);
    this.#options = { paddingIndex };
    if (paddingIndex !== undefined) {
      tf.tidy(() => {
        const isPadding = tf.tensor2d(
          Array.from({ length: entries }, (_, row) => [row === paddingIndex]),
          [entries, 1],
          "bool",
        );
        this.weight.assign(tf.where(isPadding, tf.zerosLike(this.weight), this.weight));
      });
    }
  }

  /** `[...]`, int32, to `[..., dim]`. */
  forward(indices: tf.Tensor): tf.Tensor {
    return embedding(indices, this.weight, this.#options);
  }
}

function checkPaddingIndex(index: number | undefined, entries: number): void {
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < entries)) {
    throw new RangeError(`Expected the padding's index to be in [0, ${entries}), got ${index}`);
  }
}
