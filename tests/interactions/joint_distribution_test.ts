import assert from "node:assert/strict";
import * as fc from "fast-check";
import { jointDistribution } from "braid/interactions/joint_distribution.ts";

const near = (got: number, want: number) => assert.ok(Math.abs(got - want) <= 1e-12, `got ${got}, want ${want}`);

Deno.test("jointDistribution() counts every combination", () => {
  const states = fc.integer({ min: -2, max: 2 });
  fc.assert(fc.property(fc.array(fc.tuple(states, states, states), { minLength: 1, maxLength: 30 }), (samples) => {
    const column = (k: number) => samples.map((sample) => sample[k]);
    const numbers = [0, 1, 2].map((k) => [...new Set(column(k))].sort((a, b) => a - b));
    const p = jointDistribution(column(0), Int32Array.from(column(1)), column(2));
    numbers[0].forEach((x1, a) =>
      numbers[1].forEach((x2, b) =>
        numbers[2].forEach((y, c) => {
          const count = samples.filter((sample) => sample.join() === [x1, x2, y].join()).length;
          near(p[a][b][c], count / samples.length);
        })
      )
    );
    near(p.flat(2).reduce((sum, value) => sum + value), 1);
    assert.deepEqual([p.length, p[0].length, p[0][0].length], numbers.map(({ length }) => length));
  }));
});

Deno.test("jointDistribution() of one sample is certain", () => {
  assert.deepEqual(jointDistribution([3], [4], [5]), [[[1]]]);
});

Deno.test("jointDistribution() says what is wrong with its input", () => {
  assert.throws(() => jointDistribution([], [], []), /at least one sample in x1, got none/);
  assert.throws(() => jointDistribution([1, 2], [1], [1, 2]), /per label, got 2 and 1 for 2 labels/);
  assert.throws(() => jointDistribution([1], [0.5], [1]), /x2 to be integers, got 0.5 at sample 0/);
  assert.throws(() => jointDistribution([1, 2], [1, 2], [1, NaN]), /y to be integers, got NaN at sample 1/);
});
