import * as tf from "@tensorflow/tfjs";

/** Options of {@linkcode sinkhorn}. */
export interface SinkhornOptions {
  /** How often columns and then rows are scaled. Default 50. */
  rounds?: number;
}

/**
 * The matrix $\mathrm{diag}(u)\, e^{s}\, \mathrm{diag}(v)$ with given sums of rows and columns, by scaling them in turns.
 *
 * It works with logarithms, so no entry under- or overflows, and is differentiable in all arguments. Rows come last: their
 * sums are met exactly, those of columns up to what the rounds have left. Where the totals of rows and columns differ, columns
 * are met up to that factor.
 *
 * Source: Sinkhorn & Knopp 1967; Cuturi 2013, Sinkhorn distances.
 *
 * @param scores $s$, `[matrices, rows, columns]`.
 * @param logRows Logarithms of the sums of rows, `[matrices, rows]`.
 * @param logColumns Logarithms of the sums of columns, `[matrices, columns]`.
 * @returns Logarithms of the entries, `[matrices, rows, columns]`.
 * @throws {RangeError} If the shapes do not fit or rounds is no positive integer.
 *
 * @example Equal scores give the product of the sums.
 * ```ts
 * import { sinkhorn } from "braid/interactions/sinkhorn.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const halves = tf.log(tf.tensor2d([[0.5, 0.5]])), quarters = tf.log(tf.tensor2d([[0.25, 0.75]]));
 * const [entry] = await sinkhorn(tf.zeros([1, 2, 2]), halves, quarters).exp().data();
 * assert.ok(Math.abs(entry - 0.125) < 1e-6);
 * ```
 */
export function sinkhorn(
  scores: tf.Tensor3D,
  logRows: tf.Tensor2D,
  logColumns: tf.Tensor2D,
  { rounds = 50 }: SinkhornOptions = {},
): tf.Tensor3D {
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`Expected rounds to be a positive integer, got ${rounds}`);
  }
  const [matrices, rows, columns] = scores.shape;
  if (
    scores.rank !== 3 || String(logRows.shape) !== String([matrices, rows]) ||
    String(logColumns.shape) !== String([matrices, columns])
  ) {
    throw new RangeError(
      "Expected scores [matrices, rows, columns] with sums [matrices, rows] and [matrices, columns], got " +
        `[${scores.shape}], [${logRows.shape}] and [${logColumns.shape}]`,
    );
  }
  return tf.tidy(() => {
    const wantedRows = logRows.expandDims(2), wantedColumns = logColumns.expandDims(1);
    let u: tf.Tensor = tf.zeros([matrices, rows, 1]), v: tf.Tensor = tf.zeros([matrices, 1, columns]);
    for (let round = 0; round < rounds; round++) {
      v = wantedColumns.sub(scores.add(u).logSumExp(1, true));
      u = wantedRows.sub(scores.add(v).logSumExp(2, true));
    }
    return scores.add(u).add(v) as tf.Tensor3D;
  });
}
