import assert from "node:assert/strict";
import * as fc from "fast-check";
import { brojaPid, type PartialInformation } from "braid/interactions/partial_information.ts";
import { tableOf, tables } from "./tables.ts";

const close = (got: PartialInformation, want: number[], tolerance = 1e-4) =>
  [got.redundancy, got.unique1, got.unique2, got.synergy].forEach((bits, k) =>
    assert.ok(Math.abs(bits - want[k]) <= tolerance, `atom ${k}: got ${bits}, want ${want[k]}`)
  );

const AND = 0.75 * Math.log2(4 / 3); // redundancy of AND: I(X1; Y) in closed form
const TEXTBOOK: [string, number[][][], number[]][] = [
  ["AND", tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a & b), [AND, 0, 0, 0.5]],
  ["OR", tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a | b), [AND, 0, 0, 0.5]],
  ["XOR", tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a ^ b), [0, 0, 0, 1]],
  ["unique", tableOf(2, ([a]) => a, ([, b]) => b, ([a]) => a), [0, 1, 0, 0]],
  ["redundant", tableOf(1, ([a]) => a, ([a]) => a, ([a]) => a), [1, 0, 0, 0]],
  ["copy", tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => 2 * a + b), [0, 1, 1, 0]],
  ["sum of three values", tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a + b), [0.5, 0, 0, 1]],
  ["AND of (a, b) and b", tableOf(2, ([a, b]) => 2 * a + b, ([, b]) => b, ([a, b]) => a & b), [AND, 0.5, 0, 0]],
  ["XOR of (a, b) and b", tableOf(2, ([a, b]) => 2 * a + b, ([, b]) => b, ([a, b]) => a ^ b), [0, 1, 0, 0]],
  [
    "redundant bit and XOR",
    tableOf(3, ([r, a]) => 2 * r + a, ([r, , b]) => 2 * r + b, ([r, a, b]) => 2 * r + (a ^ b)),
    [1, 0, 0, 1],
  ],
];

for (const [name, table, want] of TEXTBOOK) {
  Deno.test(`brojaPid() gives the textbook's atoms of ${name}`, () => close(brojaPid(table), want));
}

Deno.test("brojaPid() finds h(0.1) bits of synergy in Trifeature's synergy label, and nothing else", () => {
  const match = Array.from(
    { length: 10 },
    (_, a) => Array.from({ length: 10 }, (_, b) => [a === b ? 0 : 0.01, a === b ? 0.01 : 0]),
  );
  close(brojaPid(match), [0, 0, 0, -0.1 * Math.log2(0.1) - 0.9 * Math.log2(0.9)]);
});

const folder = new URL("../golden/pid/", import.meta.url);
const cases = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith("broja")).sort();
for (const name of cases) {
  Deno.test(`brojaPid() agrees with an accurate conic solution: ${name}`, async () => {
    const { inputs: { p: { shape: [n1, n2, classes], values } }, expect } = JSON.parse(
      await Deno.readTextFile(new URL(name, folder)),
    );
    const p = Array.from(
      { length: n1 },
      (_, a) => Array.from({ length: n2 }, (_, b) => values.slice((a * n2 + b) * classes, (a * n2 + b + 1) * classes)),
    );
    close(brojaPid(p), ["redundancy", "unique1", "unique2", "synergy"].map((atom) => expect[atom].values[0]));
  });
}

Deno.test("brojaPid() divides I(X1, X2; Y) into atoms that are not negative and swap with the sources", () => {
  fc.assert(
    fc.property(tables, (p) => {
      const atoms = brojaPid(p), rows = p.flat();
      const target = [0, 1].map((y) => rows.reduce((sum, row) => sum + row[y], 0));
      const total = rows.flatMap((row) =>
        row.map((value, y) => value > 0 ? value * Math.log2(value / ((row[0] + row[1]) * target[y])) : 0)
      ).reduce((sum, bits) => sum + bits, 0);
      const { redundancy, unique1, unique2, synergy } = atoms;
      assert.ok(Math.min(redundancy, unique1, unique2, synergy) >= 0);
      assert.ok(Math.abs(redundancy + unique1 + unique2 + synergy - total) < 1e-4, `total ${total}`);
      const swapped = brojaPid([0, 1, 2].map((b) => [0, 1].map((a) => p[a][b])));
      close(swapped, [redundancy, unique2, unique1, synergy]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("brojaPid() does not care how states and classes are numbered", () => {
  const orders = (size: number) => fc.shuffledSubarray([...Array(size).keys()], { minLength: size });
  fc.assert(
    fc.property(tables, orders(2), orders(3), orders(2), (p, first, second, classes) => {
      const { redundancy, unique1, unique2, synergy } = brojaPid(p);
      const renumbered = first.map((a) => second.map((b) => classes.map((y) => p[a][b][y])));
      close(brojaPid(renumbered), [redundancy, unique1, unique2, synergy], 2e-5);
    }),
    { numRuns: 200 },
  );
});

Deno.test("brojaPid() agrees with Clarabel's solution of a dense table of 20 x 20 states and 10 classes", () => {
  const square = (a: number, b: number, y: number) =>
    ((7 * a + 13 * b + 29 * y + 3 * a * b + 5 * b * y + 11 * a * y) % 17 + 1) ** 2;
  const states = (count: number) => Array.from({ length: count }, (_, k) => k);
  const counts = states(20).map((a) => states(20).map((b) => states(10).map((y) => square(a, b, y))));
  const total = counts.flat(2).reduce((sum, count) => sum + count);
  const p = counts.map((plane) => plane.map((row) => row.map((count) => count / total)));
  close(brojaPid(p), [0.025036, 0.011795, 0.013222, 0.466372], 2e-6);
});

Deno.test("brojaPid() of a constant target is 0, also for one state of each", () => {
  close(brojaPid([[[1]]]), [0, 0, 0, 0]);
  close(brojaPid([[[0.5, 0], [0.5, 0]]]), [0, 0, 0, 0], 1e-12);
});

Deno.test("brojaPid() says what is wrong with its input", () => {
  assert.throws(() => brojaPid([]), /table p\[x1\]\[x2\]\[y\], got \[0, 0, 0\]/);
  assert.throws(() => brojaPid([[[1]], [[0, 0]]]), /unequal length/);
  assert.throws(() => brojaPid([[[1.5, -0.5]]]), /at least 0, got -0.5/);
  assert.throws(() => brojaPid([[[NaN]]]), /at least 0, got NaN/);
  assert.throws(() => brojaPid([[[3, 1]]]), /sum to 1, got a sum of 4: divide counts by their total/);
});

Deno.test("brojaPid() divides a table by its sum, which rounding may have moved", () => {
  const rounded = tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a & b)
    .map((plane) => plane.map((row) => row.map((value) => value * (1 - 9e-6))));
  close(brojaPid(rounded), [AND, 0, 0, 0.5], 1e-6);
  assert.throws(() => brojaPid([[[0.5, 0.49998]]]), /sum to 1, got a sum of 0.99998/);
});

Deno.test("brojaPid() is as accurate as asked", () => {
  const table = tableOf(2, ([a]) => a, ([, b]) => b, ([a, b]) => a & b);
  for (const accuracy of [1e-3, 1e-5, 1e-7]) close(brojaPid(table, { accuracy }), [AND, 0, 0, 0.5], accuracy);
  assert.throws(() => brojaPid(table, { accuracy: 0 }), /accuracy to be positive, got 0/);
});

Deno.test("brojaPid() is sure of a table in which one state has next to no probability", () => {
  close(brojaPid([[[0.5, 0], [0.5, 1e-212]]]), [0, 0, 0, 0], 1e-12);
});

Deno.test("brojaPid() refuses to give atoms that it is not sure of", () => {
  const exponents = [[[8, 6], [10, 15]], [[12, 7], [15, 21]]]; // one state in ten, one in 10^15 times less
  const powers = exponents.map((plane) => plane.map((row) => row.map((exponent) => 10 ** -exponent)));
  const total = powers.flat(2).reduce((sum, value) => sum + value);
  const vanishing = powers.map((plane) => plane.map((row) => row.map((value) => value / total)));
  assert.throws(() => brojaPid(vanishing), /Expected the decomposition to be certain to 0.0001 bit, got .*: leave out/);
});
