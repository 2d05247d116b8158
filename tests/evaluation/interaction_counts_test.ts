import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  accuracyTable,
  interactionCounts,
  interactionKinds,
  interactionShares,
} from "braid/evaluation/interaction_counts.ts";

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
    ...["unique second", "unique second"],
    ...["unique first", "unique first"],
    ...["shared", "shared"],
  ]);
});

Deno.test("interactionCounts() of XOR is all synergy beyond what a constant guess gets right", () => {
  const [x1, x2] = [[0, 0, 1, 1], [0, 1, 0, 1]], labels = x1.map((x, i) => x ^ x2[i]), constant = [0, 0, 0, 0];
  const counts = interactionCounts(labels, { first: constant, second: constant, both: labels }, { classes: 2 });
  assert.deepEqual(counts, { shared: 2, "unique first": 0, "unique second": 0, synergy: 2, none: 0 });
});

Deno.test("interactionCounts() counts every sample once, and swaps the unique ones with the modalities", () => {
  const label = fc.integer({ min: 0, max: 2 });
  fc.assert(fc.property(fc.array(fc.tuple(label, label, label, label), { minLength: 1 }), (rows) => {
    const [labels, first, second, both] = [0, 1, 2, 3].map((column) => rows.map((row) => row[column]));
    const counts = interactionCounts(labels, { first, second, both }, { classes: 3 });
    assert.equal(Object.values(counts).reduce((sum, count) => sum + count, 0), rows.length);
    assert.equal(counts.shared + counts["unique first"], rows.filter(([y, a]) => a === y).length);
    const swapped = interactionCounts(labels, { first: second, second: first, both }, { classes: 3 });
    assert.deepEqual(swapped, {
      ...counts,
      "unique first": counts["unique second"],
      "unique second": counts["unique first"],
    });
  }));
});

Deno.test("interactionShares() of XOR seen by classifiers that are wrong from either input alone are all synergy", () => {
  const [x1, x2] = [[0, 0, 1, 1], [0, 1, 0, 1]], labels = x1.map((x, i) => x ^ x2[i]);
  const wrong = labels.map((label) => 1 - label);
  const shares = interactionShares(labels, { x1: wrong, x2: wrong, both: labels }, { classes: 2, seed: 1 });
  assert.deepEqual(shares.map(({ kind, n, share }) => [kind, n, share.value]), [
    ["shared", 0, 0],
    ["unique x1", 0, 0],
    ["unique x2", 0, 0],
    ["synergy", 4, 1],
    ["none", 0, 0],
  ]);
  assert.deepEqual([shares[3].share.low, shares[3].share.high], [1, 1]);
});

Deno.test("interactionKinds() of three modalities has a kind for what some of them share", () => {
  const labels = [1, 1, 1, 1, 1];
  const predictions = {
    ...{ image: [1, 1, 0, 0, 0], sound: [1, 1, 0, 0, 0], text: [1, 0, 1, 0, 0], all: [0, 0, 0, 1, 0] },
  };
  const options = { classes: 2, together: "all" }, kinds = interactionKinds(labels, predictions, options);
  assert.deepEqual(kinds, ["shared", "partly shared", "unique text", "synergy", "none"]);
  assert.deepEqual(interactionCounts(labels, predictions, options), {
    shared: 1,
    "partly shared": 1,
    "unique image": 0,
    "unique sound": 0,
    "unique text": 1,
    synergy: 1,
    none: 1,
  });
});

Deno.test("interactionKinds() judges a sample by the modalities it has, and not at all by one", () => {
  const labels = [1, 1, 1, 1], absent = -1;
  const predictions = {
    ...{ image: [1, 1, absent, absent], sound: [1, absent, 0, absent], text: [absent, 1, 0, 1], all: [1, 1, 1, 1] },
  };
  const available = Int32Array.of(1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1);
  const options = { classes: 2, together: "all", available };
  assert.deepEqual(interactionKinds(labels, predictions, options), ["shared", "shared", "synergy", "undetermined"]);
  assert.equal(interactionCounts(labels, predictions, options).undetermined, 1);
  const shares = interactionShares(labels, predictions, { ...options, seed: 1 });
  assert.equal(shares.find(({ kind }) => kind === "shared")!.share.value, 2 / 3, "of the three that are determined");
  assert.throws(
    () => interactionShares(labels, predictions, { ...options, seed: 1, available: new Int32Array(12) }),
    /a sample with at least two modalities, got none/,
  );
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
  assert.throws(() => interactionKinds([0, 1], one, { classes: 2 }), /one prediction per label from both, got 1/);
  assert.throws(
    () => interactionKinds([0], { ...one, both: [2] }, { classes: 2 }),
    /from both in 0 … 1, got 2 at sample 0/,
  );
  assert.throws(
    () => interactionKinds([0], { ...one, first: [-1] }, { classes: 2 }),
    /from first .* got -1 at sample 0/,
  );
  assert.throws(
    () => interactionKinds([0], { first: [0], both: [0] }, { classes: 2 }),
    /at least two modalities and, as "both", from all together, got first, both/,
  );
  assert.throws(
    () => interactionKinds([0], { first: [0], second: [0] }, { classes: 2 }),
    /as "both", from all together/,
  );
  assert.throws(
    () => interactionKinds([0], one, { classes: 2, available: Int32Array.of(1) }),
    /available to be \[1, 2\], a row per sample, got 1 entries/,
  );
  assert.throws(() => accuracyTable([0], {}, { classes: 2, seed: 1 }), /at least one input, got none/);
});
