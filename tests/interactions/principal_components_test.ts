// Principal components against ml-pca's own, wide and tall, and where there is little to find.

import { PCA } from "ml-pca";
import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { principalComponents } from "braid/interactions/principal_components.ts";

const random = randomNumbers(3, "rows");
const matrix = (rows: number, columns: number) =>
  Array.from({ length: rows }, () => Array.from({ length: columns }, (_, j) => random.normal() * (1 + j % 7)));

/** Largest difference of two lists of coordinates, whose columns may have either sign. */
function distance(a: number[][], b: number[][]): number {
  const signs = a[0].map((_, k) => Math.sign(a.reduce((sum, row, i) => sum + row[k] * b[i][k], 0)));
  return Math.max(...a.flatMap((row, i) => row.map((value, k) => Math.abs(value - signs[k] * b[i][k]))));
}

for (const [rows, columns] of [[40, 6], [6, 40], [12, 12], [9, 8], [8, 9]]) {
  Deno.test(`principalComponents() of ${rows} rows with ${columns} columns are those of a singular value decomposition`, async () => {
    const x = matrix(rows, columns), found = await principalComponents(x, 3);
    const wanted = new PCA(x, { method: "SVD" }).predict(x, { nComponents: 3 }).to2DArray();
    assert.ok(distance(found, wanted) < 1e-9, `${distance(found, wanted)}`);
  });
}

Deno.test("the first component of points on a line is their place on it", async () => {
  for (const padding of [[], Array(9).fill(2)]) { // tall, and wide
    const line = [-2, -1, 0, 3].map((t) => [3 * t + 1, 4 * t - 1, ...padding]);
    const found = await principalComponents(line, 1);
    assert.ok(distance(found, [-10, -5, 0, 15].map((place) => [place])) < 1e-9, `${found}`);
  }
});

Deno.test("equal rows stay equal to the last bit, and columns beyond the rank are 0", async () => {
  const [a, b, c] = matrix(3, 30), found = await principalComponents([a, b, c, a, b, a, c], 4);
  for (const [i, j] of [[0, 3], [0, 5], [1, 4], [2, 6]]) assert.deepEqual(found[i], found[j]);
  for (const row of found) {
    assert.ok(Math.abs(row[2]) < 1e-9 && Math.abs(row[3]) < 1e-9, `${row}`); // three rows span a plane
    assert.ok(Math.abs(row[0]) > 1e-3);
  }
  assert.deepEqual(await principalComponents(Array(5).fill(Array(7).fill(2)), 2), Array(5).fill([0, 0]));
});

Deno.test("huge and tiny rows have components too", async () => {
  for (const scale of [1e120, 1e-120]) {
    const x = matrix(5, 8), found = await principalComponents(x.map((row) => row.map((value) => value * scale)), 2);
    assert.ok(distance(found.map((row) => row.map((value) => value / scale)), await principalComponents(x, 2)) < 1e-9);
  }
});

Deno.test("few rows or columns are only centred; rows that do not fit are an error", async () => {
  assert.deepEqual(await principalComponents([[1, 5], [3, 5]], 2), [[-1, 0], [1, 0]]);
  assert.deepEqual(await principalComponents([[7, 8, 9]], 1), [[0, 0, 0]]);
  await assert.rejects(principalComponents([], 2), /rows of one length of at least 1, got lengths $/);
  await assert.rejects(principalComponents([[]], 2), /got lengths 0/);
  await assert.rejects(principalComponents([[1, 2], [1]], 1), /got lengths 2,1/);
});
