import assert from "node:assert/strict";
import * as fc from "fast-check";
import { leastJointInformation } from "braid/interactions/least_joint_information.ts";

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** Marginals p(x1, y) and p(x2, y) of a random table, zeros included. */
const marginals = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 27, maxLength: 27 })
  .filter((counts) => sum(counts) > 0)
  .map((counts) => {
    const p = [0, 1, 2].map((a) => [0, 1, 2].map((b) => [0, 1, 2].map((y) => counts[9 * a + 3 * b + y] / sum(counts))));
    const first = p.map((plane) => [0, 1, 2].map((y) => sum(plane.map((row) => row[y]))));
    const second = [0, 1, 2].map((b) => [0, 1, 2].map((y) => sum(p.map((plane) => plane[b][y]))));
    return { p, first, second };
  });

/** -H(Y | X1, X2) in nats. */
const objective = (q: number[][][]) =>
  sum(q.flat().flatMap((row) => row.map((value) => value > 0 ? value * Math.log(value / sum(row)) : 0)));

Deno.test("leastJointInformation() keeps both marginals, is no worse than the table itself, and certifies its optimum", () => {
  fc.assert(
    fc.property(marginals, ({ p, first, second }) => {
      const { q, gap } = leastJointInformation(first, second);
      q.forEach((plane, a) =>
        [0, 1, 2].forEach((y) => assert.ok(Math.abs(sum(plane.map((row) => row[y])) - first[a][y]) < 1e-9))
      );
      second.forEach((row, b) =>
        row.forEach((value, y) => {
          assert.ok(Math.abs(sum(q.map((plane) => plane[b][y])) - value) < 1e-9);
        })
      );
      assert.ok(q.flat(2).every((value) => value >= 0));
      assert.ok(gap < 1e-6, `gap ${gap}`);
      assert.ok(objective(q) <= objective(p) + 1e-5);
    }),
    { numRuns: 200 },
  );
});

Deno.test("leastJointInformation() finds optima on the boundary", () => {
  const noisy = [ // functions of independent states, counted with noise
    [[[55, 0, 1], [37, 2, 1]], [[49, 4, 1], [4, 48, 2]]],
    [[[73, 3, 1], [80, 4, 2]], [[64, 1, 2], [4, 80, 4]]],
    [[[11, 0, 3], [13, 0, 2], [10, 1, 0]], [[8, 0, 0], [1, 14, 0], [13, 0, 0]], [[18, 0, 0], [15, 1, 1], [2, 0, 10]]],
    [[[41, 169], [41, 157], [150, 24], [148, 41]], [[31, 134], [132, 29], [162, 35], [48, 167]], [
      [144, 41],
      [152, 36],
      [32, 142],
      [39, 149],
    ], [[171, 43], [42, 140], [27, 165], [140, 28]]],
  ];
  for (const counts of noisy) {
    const total = sum(counts.flat(2)), classes = [...counts[0][0].keys()];
    const p = counts.map((plane) => plane.map((row) => row.map((count) => count / total)));
    const first = p.map((plane) => classes.map((y) => sum(plane.map((row) => row[y]))));
    const second = p[0].map((_, b) => classes.map((y) => sum(p.map((plane) => plane[b][y]))));
    assert.ok(leastJointInformation(first, second).gap <= 1e-7);
  }
});

Deno.test("leastJointInformation() finds optima of tables whose probabilities span six decades", () => {
  const exponents = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 24, maxLength: 24 });
  fc.assert(
    fc.property(exponents, (exponents) => {
      const weights = exponents.map((exponent) => 10 ** (-exponent / 10)), total = sum(weights);
      const p = [0, 1, 2].map((a) => [0, 1, 2, 3].map((b) => [0, 1].map((y) => weights[8 * a + 2 * b + y] / total)));
      const first = p.map((plane) => [0, 1].map((y) => sum(plane.map((row) => row[y]))));
      const second = [0, 1, 2, 3].map((b) => [0, 1].map((y) => sum(p.map((plane) => plane[b][y]))));
      const { q, gap } = leastJointInformation(first, second);
      assert.ok(gap <= 1e-7, `gap ${gap}`);
      assert.ok(objective(q) <= objective(p) + 1e-7);
    }),
    { numRuns: 300 },
  );
});

Deno.test("leastJointInformation() also finds optima where its fastest path is led astray", () => {
  const straying = [ // minus the decadic logarithms of weights
    [[[8, 10], [6, 4]], [[11, 11], [3, 5]]],
    [[[9, 1], [11, 3]], [[9, 8], [2, 3]]],
    [[[7, 10], [9, 2]], [[2, 0], [10, 8]]],
    [[[10, 6], [6, 0]], [[3, 1], [11, 3]]],
  ];
  for (const exponents of straying) {
    const weights = exponents.map((plane) => plane.map((row) => row.map((exponent) => 10 ** -exponent)));
    const total = sum(weights.flat(2)),
      p = weights.map((plane) => plane.map((row) => row.map((value) => value / total)));
    const first = p.map((plane) => [0, 1].map((y) => sum(plane.map((row) => row[y]))));
    const second = [0, 1].map((b) => [0, 1].map((y) => sum(p.map((plane) => plane[b][y]))));
    assert.ok(leastJointInformation(first, second).gap <= 1e-7);
  }
});

Deno.test("leastJointInformation() keeps both marginals also where it finds no optimum", () => {
  const exponents = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 36, maxLength: 36 });
  fc.assert(
    fc.property(exponents, (exponents) => {
      const weights = exponents.map((exponent) => 10 ** (-exponent / 10)), total = sum(weights), states = [0, 1, 2];
      const p = states.map((a) => states.map((b) => [0, 1, 2, 3].map((y) => weights[12 * a + 4 * b + y] / total)));
      const first = p.map((plane) => [0, 1, 2, 3].map((y) => sum(plane.map((row) => row[y]))));
      const second = states.map((b) => [0, 1, 2, 3].map((y) => sum(p.map((plane) => plane[b][y]))));
      const { q } = leastJointInformation(first, second);
      for (const y of [0, 1, 2, 3]) {
        for (const a of states) assert.ok(Math.abs(sum(q[a].map((row) => row[y])) - first[a][y]) < 1.1e-9);
        for (const b of states) assert.ok(Math.abs(sum(q.map((plane) => plane[b][y])) - second[b][y]) < 1.1e-9);
      }
    }),
    { numRuns: 300 },
  );
});
