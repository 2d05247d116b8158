import assert from "node:assert/strict";
import * as fc from "fast-check";
import { BlockCholesky } from "braid/interactions/block_cholesky.ts";

/** A dense matrix M with `count` blocks and `size` rows below them, and a right side. */
const systems = fc.record({
  count: fc.integer({ min: 1, max: 4 }),
  blockSize: fc.integer({ min: 1, max: 5 }),
  size: fc.integer({ min: 1, max: 9 }),
}).chain(({ count, blockSize, size }) => {
  const order = count * blockSize + size,
    numbers = (length: number) =>
      fc.array(fc.integer({ min: -100, max: 100 }).map((value) => value / 100), {
        minLength: length,
        maxLength: length,
      });
  return fc.record({
    ...{ count: fc.constant(count), blockSize: fc.constant(blockSize), size: fc.constant(size) },
    // M = 0.1 I + Σ v vᵀ, where no v touches two blocks
    vectors: fc.array(fc.tuple(fc.integer({ min: 0, max: count - 1 }), numbers(blockSize + size)), { maxLength: 12 }),
    right: numbers(order),
    row: fc.integer({ min: 0, max: size - 1 }),
  });
}).map(({ vectors, ...system }) => {
  const { count, blockSize, size } = system, leading = count * blockSize, order = leading + size;
  const matrix = Array.from({ length: order }, (_, i) => Array.from({ length: order }, (_, j) => i === j ? 0.1 : 0));
  for (const [block, values] of vectors) {
    const at = (k: number) => k < blockSize ? block * blockSize + k : leading + k - blockSize;
    values.forEach((x, i) => values.forEach((y, j) => matrix[at(i)][at(j)] += x * y));
  }
  return { ...system, matrix };
});

/** Writes the lower triangle into a solver. */
function solverOf(matrix: number[][], count: number, blockSize: number, size: number): BlockCholesky {
  const solver = new BlockCholesky(count, blockSize, size), { leading, width } = solver;
  for (let i = 0; i < leading; i++) {
    const block = i - i % blockSize;
    for (let j = block; j <= i; j++) solver.blocks[i * blockSize + j - block] = matrix[i][j];
  }
  for (let row = 0; row < size; row++) {
    for (let j = 0; j <= leading + row; j++) solver.rows[row * width + j] = matrix[leading + row][j];
  }
  return solver;
}

const times = (matrix: number[][], x: Float64Array) =>
  matrix.map((row) => row.reduce((sum, value, k) => sum + value * x[k], 0));

Deno.test("BlockCholesky solves symmetric systems that begin with a block diagonal, of odd and even sizes", () => {
  fc.assert(
    fc.property(systems, ({ matrix, right, count, blockSize, size }) => {
      const solver = solverOf(matrix, count, blockSize, size), x = Float64Array.from(right);
      solver.factorise();
      solver.solve(x);
      times(matrix, x).forEach((value, k) =>
        assert.ok(Math.abs(value - right[k]) < 1e-9, `${k}: ${value}, ${right[k]}`)
      );
      const again = Float64Array.from(right, (value) => 2 * value);
      solver.solve(again);
      again.forEach((value, k) => assert.ok(Math.abs(value - 2 * x[k]) <= 1e-12 * Math.abs(x[k])));
    }),
  );
});

Deno.test("BlockCholesky holds an unknown at 0 where asked and solves for the others", () => {
  fc.assert(
    fc.property(systems, ({ matrix, right, row, count, blockSize, size }) => {
      const solver = solverOf(matrix, count, blockSize, size),
        x = Float64Array.from(right),
        held = solver.leading + row;
      solver.hold(row);
      solver.factorise();
      solver.solve(x);
      assert.ok(Math.abs(x[held]) < 1e-60);
      x[held] = 0;
      times(matrix, x).forEach((value, k) => {
        if (k !== held) assert.ok(Math.abs(value - right[k]) < 1e-9, `${k}: ${value}, ${right[k]}`);
      });
    }),
  );
});

Deno.test("BlockCholesky holds an unknown that follows from the others at 0", () => {
  const solver = solverOf([[2, 0, 2], [0, 3, 3], [2, 3, 5]], 2, 1, 1), x = Float64Array.of(4, 6, 10);
  solver.factorise();
  solver.solve(x);
  [2, 2, 0].forEach((value, k) => assert.ok(Math.abs(x[k] - value) < 1e-12, `${x}`));
});

Deno.test("BlockCholesky.clear() makes room for another matrix", () => {
  const solver = solverOf([[2, 1, 0], [1, 3, 1], [0, 1, 4]], 1, 1, 2), x = Float64Array.of(4, 8, 6);
  solver.factorise();
  solver.clear();
  solver.blocks[0] += 2;
  [4, 0, 3].forEach((value, k) => solver.rows[[1, solver.width + 1, solver.width + 2][k]] += value);
  solver.factorise();
  solver.solve(x);
  [2, 2, 2].forEach((value, k) => assert.ok(Math.abs(x[k] - value) < 1e-12, `${x}`));
});
