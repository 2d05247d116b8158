// Cholesky's factorisation of a symmetric matrix that begins with a block diagonal.

/** A pivot of at most this part of its diagonal element is rounding: its unknown has no say, and is held at 0. */
const SMALLEST_PIVOT = 1e-15, HELD = 1e64;

/**
 * Solves $M x = r$ for a symmetric, positive semidefinite
 *
 * $$M = \begin{pmatrix} B & C^\top \\ C & T \end{pmatrix}, \quad B = \operatorname{diag}(B_1, B_2, \ldots)$$
 *
 * With $B$ of order $m$ and $T$ of order $n$, the factor takes about $n^2 (m + n / 3)$ operations, most of them products
 * of pairs of rows. Unknowns on which $M$ does not depend are 0 in $x$.
 */
export class BlockCholesky {
  /** The blocks of $B$, `[block, row, column]`: their lower triangles are read. */
  readonly blocks: Float64Array;
  /** The rows of $C$ and $T$, which have {@linkcode width} numbers each: the lower triangle of $T$ is read. */
  readonly rows: Float64Array;
  readonly width: number;
  /** Where $T$ begins in a row: the order of $B$. */
  readonly leading: number;
  readonly #blockSize: number;
  readonly #size: number;

  /** Of a matrix of zeros, with `count` blocks of order `blockSize` and $T$ of order `size`. */
  constructor(count: number, blockSize: number, size: number) {
    const even = size + size % 2; // rows are taken in pairs
    this.#blockSize = blockSize;
    this.#size = size;
    this.leading = count * blockSize;
    this.width = this.leading + even;
    this.blocks = new Float64Array(this.leading * blockSize);
    this.rows = new Float64Array(even * this.width);
  }

  /** Makes the matrix zero. */
  clear(): void {
    this.blocks.fill(0);
    this.rows.fill(0);
  }

  /** Holds the unknown of one row of $C$ and $T$ at 0: without that row it has no pivot. */
  hold(row: number): void {
    this.rows.fill(0, row * this.width, (row + 1) * this.width);
  }

  /** Replaces the matrix by its lower factor. */
  factorise(): void {
    const { blocks, rows, width, leading } = this, order = this.#blockSize;
    for (let start = 0; start < leading; start += order) factoriseBlock(blocks, start * order, order);
    for (let row = 0; row < this.#size; row++) {
      for (let start = 0; start < leading; start += order) {
        solveLower(blocks, start * order, order, rows, row * width + start);
      }
    }
    const even = width - leading,
      diagonal = Float64Array.from({ length: even }, (_, k) => rows[k * (width + 1) + leading]);
    for (let column = 0; column < even; column += 2) {
      for (let row = column; row < even; row += 2) {
        subtractProducts(rows, row * width, column * width, width, leading + column);
      }
      this.#finishColumn(column, diagonal[column]);
      const factor = rows[(column + 1) * width + leading + column];
      for (let row = column + 1, at = row * width + leading + column; row < even; row++, at += width) {
        rows[at + 1] -= factor * rows[at];
      }
      this.#finishColumn(column + 1, diagonal[column + 1]);
    }
  }

  /** Replaces $r$ by $x$, of the factor's matrix. */
  solve(x: Float64Array): void {
    const { blocks, rows, width, leading } = this, order = this.#blockSize;
    for (let start = 0; start < leading; start += order) solveLower(blocks, start * order, order, x, start);
    for (let row = 0; row < this.#size; row++) {
      const at = row * width, end = leading + row;
      let sum = x[end];
      for (let k = 0; k < end; k++) sum -= rows[at + k] * x[k];
      x[end] = sum / rows[at + end];
    }
    for (let row = this.#size - 1; row >= 0; row--) {
      const at = row * width, end = leading + row, value = x[end] /= rows[at + end];
      for (let k = 0; k < end; k++) x[k] -= rows[at + k] * value;
    }
    for (let start = 0; start < leading; start += order) solveUpper(blocks, start * order, order, x, start);
  }

  /** Pivot and quotients of a column of T from which all products are subtracted. */
  #finishColumn(column: number, diagonal: number): void {
    const { rows, width, leading } = this, at = column * width + leading + column;
    const value = rows[at] = pivot(rows[at], diagonal);
    for (let below = at + width; below < rows.length; below += width) rows[below] /= value;
  }
}

const pivot = (left: number, diagonal: number): number => left > SMALLEST_PIVOT * diagonal ? Math.sqrt(left) : HELD;

/**
 * Subtracts the products of two rows, at `first`, with two others, at `second`, of their first `length` numbers: from the
 * four numbers that follow in the first two.
 */
function subtractProducts(rows: Float64Array, first: number, second: number, width: number, length: number): void {
  const firstBelow = first + width, secondBelow = second + width;
  let a = 0, b = 0, c = 0, d = 0;
  for (let k = 0; k < length; k++) {
    const x = rows[first + k], xBelow = rows[firstBelow + k], y = rows[second + k], yBelow = rows[secondBelow + k];
    a += x * y;
    b += x * yBelow;
    c += xBelow * y;
    d += xBelow * yBelow;
  }
  rows[first + length] -= a;
  rows[first + length + 1] -= b;
  rows[firstBelow + length] -= c;
  rows[firstBelow + length + 1] -= d;
}

/** The factor of one block, in its place. */
function factoriseBlock(blocks: Float64Array, at: number, order: number): void {
  for (let i = 0; i < order; i++) {
    const row = at + i * order, diagonal = blocks[row + i];
    for (let j = 0; j <= i; j++) {
      const other = at + j * order;
      let left = blocks[row + j];
      for (let k = 0; k < j; k++) left -= blocks[row + k] * blocks[other + k];
      blocks[row + j] = j < i ? left / blocks[other + j] : pivot(left, diagonal);
    }
  }
}

/** $x \leftarrow L^{-1} x$ for the factor at `at` and the part of x at `start`. */
function solveLower(blocks: Float64Array, at: number, order: number, x: Float64Array, start: number): void {
  for (let i = 0; i < order; i++) {
    const row = at + i * order;
    let sum = x[start + i];
    for (let k = 0; k < i; k++) sum -= blocks[row + k] * x[start + k];
    x[start + i] = sum / blocks[row + i];
  }
}

/** $x \leftarrow L^{-\top} x$. */
function solveUpper(blocks: Float64Array, at: number, order: number, x: Float64Array, start: number): void {
  for (let i = order - 1; i >= 0; i--) {
    const row = at + i * order, value = x[start + i] /= blocks[row + i];
    for (let k = 0; k < i; k++) x[start + k] -= blocks[row + k] * value;
  }
}
