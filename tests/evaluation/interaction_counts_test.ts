import assert from "node:assert/strict";
import * as fc from "fast-check";
import { accuracyTable, interactionCounts, interactionKinds } from "braid/evaluation/interaction_counts.ts";

Deno.test("interactionKinds() follows its table, whatever both together say where one suffices", () => {
  const right = [0, 1].flatMap((first) => [0, 1].flatMap((second) => [0, 1].map((both) => ({ first, second, both }))));
  const labels = right.map(() => 1);
  const predictions = {
    first: right.map(({ first }) => first),
    second: right.map(({ second }) => second),
    both: right.map(({ both }) => both),
  };
  assert.deepEqual(interactionKinds(labels, predictions, { classes: 2 }), [
    ...["none", "synergy"],
    ...["unique2", "unique2"],
    ...["unique1", "unique1"],
    ...["shared", "shared"],
  ]);
});

Deno.test("interactionCounts() of XOR is all synergy beyond what a constant guess gets right", () => {
  const [x1, x2] = [[0, 0, 1, 1], [0, 1, 0, 1]], labels = x1.map((x, i) => x ^ x2[i]), constant = [0, 0, 0, 0];
  const counts = interactionCounts(labels, { first: constant, second: constant, both: labels }, { classes: 2 });
  assert.deepEqual(counts, { shared: 2, unique1: 0, unique2: 0, synergy: 2, none: 0 });
});

Deno.test("interactionCounts() counts every sample once, and swaps unique1 and unique2 with the modalities", () => {
  const label = fc.integer({ min: 0, max: 2 });
  fc.assert(fc.property(fc.array(fc.tuple(label, label, label, label), { minLength: 1 }), (rows) => {
    const [labels, first, second, both] = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
    const counts = interactionCounts(labels, { first, second, both }, { classes: 3 });
    assert.equal(Object.values(counts).reduce((sum, count) => sum + count, 0), rows.length);
    assert.equal(counts.shared + counts.unique1, rows.filter(([y, a]) => a === y).length);
    const swapped = interactionCounts(labels, { first: second, second: first, both }, { classes: 3 });
    assert.deepEqual(swapped, { ...counts, unique1: counts.unique2, unique2: counts.unique1 });
  }));
});

Deno.test("accuracyTable() scores each input in the order given", () => {
  const labels = [0, 0, 0, 1],
    table = accuracyTable(
      labels,
      { image: [0, 0, 0, 0], both: labels, "both, sound shuffled": [1, 0, 0, 1] },
      { classes: 2, seed: 1 },
    );
  assert.deepEqual(table.map(({ input, accuracy }) => [input, accuracy]), [
    ["image", 0.75],
    ["both", 1],
    ["both, sound shuffled", 0.75],
  ]);
  assert.deepEqual(table.map(({ balancedAccuracy }) => balancedAccuracy), [0.5, 1, (2 / 3 + 1) / 2]);
  table.forEach(({ interval, balancedAccuracy }) => assert.equal(interval.value, balancedAccuracy));
});

Deno.test("interactionKinds() and accuracyTable() say what is wrong with their input", () => {
  const one = { first: [0], second: [0], both: [0] };
  assert.throws(() => interactionKinds([], { first: [], second: [], both: [] }, { classes: 2 }), /at least one sample/);
  assert.throws(() => interactionKinds([0, 1], one, { classes: 2 }), /one prediction per label, got 1 for 2/);
  assert.throws(() => interactionKinds([0], { ...one, both: [2] }, { classes: 2 }), /got 2 at sample 0/);
  assert.throws(() => accuracyTable([0], {}, { classes: 2, seed: 1 }), /at least one input, got none/);
});
