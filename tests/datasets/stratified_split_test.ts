import assert from "node:assert/strict";
import fc from "fast-check";
import { type SplitRows, stratifiedSplit } from "braid/datasets/stratified_split.ts";

const labels = Int32Array.from({ length: 100 }, (_, row) => row < 50 ? 0 : row < 80 ? 1 : 2);
const options = { name: "letters", test: 0.2, validation: 0.25, seed: 1 };

/** Rows of each class. */
const counts = (rows: Int32Array, of = labels) => [0, 1, 2].map((label) => rows.filter((r) => of[r] === label).length);
const all = ({ train, validation, test }: SplitRows) => [...train, ...validation, ...test];
const rising = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

Deno.test("stratifiedSplit() gives each class its share of test, and of the rest its share of validation", () => {
  const { train, validation, test } = stratifiedSplit(labels, options);
  assert.deepEqual(counts(test), [10, 6, 4]);
  assert.deepEqual(counts(validation), [10, 6, 4]); // a quarter of 40, 24 and 16
  assert.deepEqual(counts(train), [30, 18, 12]);
});

Deno.test("stratifiedSplit() puts each row into one split, in rising order, whatever labels and shares are", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(),
    (list, test, validation, seed) => {
      const split = stratifiedSplit(Int32Array.from(list), { name: "any", test, validation, seed });
      assert.deepEqual(rising(all(split)), [...list.keys()]);
      for (const rows of Object.values(split)) assert.deepEqual([...rows], rising(rows));
    },
  ));
});

Deno.test("stratifiedSplit() repeats a seed; another seed moves the validation samples, never the test samples", () => {
  const split = stratifiedSplit(labels, options), other = stratifiedSplit(labels, { ...options, seed: 2 });
  assert.deepEqual(stratifiedSplit(labels, options), split);
  assert.deepEqual(other.test, split.test);
  assert.notDeepEqual(other.validation, split.validation);
  assert.deepEqual(stratifiedSplit(labels, { ...options, validation: 0 }).test, split.test);
  assert.notDeepEqual(stratifiedSplit(labels, { ...options, name: "numbers" }).test, split.test);
});

Deno.test("stratifiedSplit() picks at random: over many seeds, each row is validated on equally often", () => {
  const seeds = 400, times = new Array<number>(labels.length).fill(0);
  const split = stratifiedSplit(labels, options);
  for (let seed = 0; seed < seeds; seed++) {
    for (const row of stratifiedSplit(labels, { ...options, seed }).validation) times[row]++;
  }
  const deviation = Math.sqrt(seeds * 0.25 * 0.75);
  for (const row of [...split.train, ...split.validation]) {
    assert.ok(Math.abs(times[row] - seeds * 0.25) < 5 * deviation, `row ${row} in ${times[row]} of ${seeds}`);
  }
});

Deno.test("stratifiedSplit() keeps the samples of a unit together, and still fills the shares where it can", () => {
  const units = Array.from(labels, (_, row) => `pair ${row >> 1}`);
  for (let seed = 0; seed < 20; seed++) {
    const split = stratifiedSplit(labels, { ...options, seed, units });
    assert.deepEqual(counts(split.test), [10, 6, 4]);
    assert.deepEqual(rising(all(split)), [...labels.keys()]);
    for (const rows of Object.values(split)) {
      for (const row of rows) assert.ok(rows.includes(row ^ 1), `${row} without its twin`);
    }
  }
  const one = stratifiedSplit(labels, { ...options, units: Array.from(labels, String) }); // a unit each class
  assert.deepEqual([one.train.length, one.validation.length, one.test.length], [100, 0, 0]);
});

Deno.test("stratifiedSplit() of no samples, of one, and of all for one purpose", () => {
  const none = stratifiedSplit(new Int32Array(0), options);
  assert.deepEqual(all(none), []);
  assert.deepEqual([...stratifiedSplit(Int32Array.of(4), options).train], [0]);
  assert.equal(stratifiedSplit(labels, { ...options, test: 1 }).test.length, 100);
  assert.equal(stratifiedSplit(labels, { ...options, test: 0, validation: 1 }).validation.length, 100);
});

Deno.test("stratifiedSplit() refuses impossible shares, seeds and units", () => {
  for (const share of [-0.1, 1.1, NaN]) {
    assert.throws(() => stratifiedSplit(labels, { ...options, test: share }), {
      name: "RangeError",
      message: `Expected test to be a share from 0 to 1, got ${share}`,
    });
    assert.throws(
      () => stratifiedSplit(labels, { ...options, validation: share }),
      /Expected validation to be a share/,
    );
  }
  assert.throws(() => stratifiedSplit(labels, { ...options, seed: -1 }), /Expected seed to be an integer/);
  assert.throws(
    () => stratifiedSplit(labels, { ...options, units: ["a"] }),
    /one unit per label, got 1 for 100 labels/,
  );
  assert.throws(() => stratifiedSplit(Int32Array.of(0, 1), { ...options, units: ["a", "a"] }), /several in unit a/);
});
