// Principal components of a few rows with many columns, or of many rows with few.

/**
 * Coordinates of rows along the directions in which they vary most.
 *
 * With the centred rows $X$, $[n, d]$, and the eigenvectors $v_k$ of $X^\top X$ with the largest eigenvalues: $X v_k$. Of
 * $X^\top X$ and $X X^\top$ the smaller one is taken apart; if $u_k$ are the eigenvectors of the latter,
 * $v_k = X^\top u_k / \sqrt{\lambda_k}$. So time grows with the square of the smaller side, and wide features cost no more
 * than narrow ones. Signs are arbitrary. Rows that are equal stay equal, and columns beyond the rank are 0.
 *
 * Source: Jolliffe 2002, Principal component analysis, section 3.5.
 *
 * @param rows `[n][d]`, finite.
 * @param components How many; more than `min(n, d)` are not there.
 * @returns `[n][components]`; the rows themselves, centred, where there are no more columns or rows than that.
 * @throws {RangeError} If there is no row or column, or rows differ in length.
 *
 * @example
 * ```ts
 * import { principalComponents } from "braid/interactions/principal_components.ts";
 * import assert from "node:assert/strict";
 *
 * const along = await principalComponents([[0, 0, 1], [3, 4, 1], [6, 8, 1]], 1);
 * assert.deepEqual(along.map(([x]) => Math.abs(Math.round(x))), [5, 0, 5]);
 * ```
 */
export async function principalComponents(
  rows: readonly (readonly number[])[],
  components: number,
): Promise<number[][]> {
  const whole = centredRows(rows), samples = rows.length, dim = rows[0].length;
  if (Math.min(dim, samples) <= components) return whole.map((row) => [...row]);
  const size = largest(whole) || 1, centred = whole.map((row) => row.map((x) => x / size)); // squares stay finite
  const directions = samples < dim
    ? await fromProductsOfRows(centred, components)
    : (await leading(transposed(centred), components)).vectors;
  return centred.map((row) => directions.map((direction) => size * dot(row, direction)));
}

/** $v_k = X^\top u_k / \sqrt{\lambda_k}$, or 0 where $\lambda_k$ is. */
async function fromProductsOfRows(centred: Float64Array[], components: number): Promise<Float64Array[]> {
  const { vectors, values } = await leading(centred, components), columns = transposed(centred);
  return vectors.map((vector, k) => {
    const scale = values[k] > values[0] * 1e-12 ? 1 / Math.sqrt(values[k]) : 0;
    return Float64Array.from(columns, (column) => scale * dot(column, vector));
  });
}

/** The eigenvectors of the products of all lines with each other, largest eigenvalue first. */
async function leading(
  lines: Float64Array[],
  components: number,
): Promise<{ vectors: Float64Array[]; values: number[] }> {
  const { PCA } = await import("ml-pca"); // a tenth of a second that few need
  const pca = new PCA(products(lines), { isCovarianceMatrix: true }), vectors = pca.getEigenvectors();
  return {
    vectors: Array.from({ length: components }, (_, k) => Float64Array.from(vectors.getColumn(k))),
    values: pca.getEigenvalues(),
  };
}

/** Dot products of all lines with each other. */
function products(lines: Float64Array[]): number[][] {
  const result = lines.map(() => new Array<number>(lines.length).fill(0));
  for (let i = 0; i < lines.length; i++) {
    for (let j = 0; j <= i; j++) result[i][j] = result[j][i] = dot(lines[i], lines[j]);
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const largest = (rows: Float64Array[]): number =>
  rows.reduce((most, row) => row.reduce((most, x) => Math.max(most, Math.abs(x)), most), 0);

function centredRows(rows: readonly (readonly number[])[]): Float64Array[] {
  const dim = rows[0]?.length ?? 0, mean = new Float64Array(dim);
  if (dim === 0 || rows.some((row) => row.length !== dim)) {
    throw new RangeError(`Expected rows of one length of at least 1, got lengths ${rows.map((row) => row.length)}`);
  }
  for (const row of rows) row.forEach((value, j) => mean[j] += value / rows.length);
  return rows.map((row) => Float64Array.from(row, (value, j) => value - mean[j]));
}

const transposed = (lines: Float64Array[]): Float64Array[] =>
  Array.from(lines[0], (_, j) => Float64Array.from(lines, (line) => line[j]));
