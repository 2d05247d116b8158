import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { modalityReliance } from "braid/evaluation/modality_reliance.ts";

/** All right with both modalities; without the image, as right as the rate of the sample's group says. */
function simulate(rightWithout: number[], perGroup: number, seed: number) {
  const random = randomNumbers(seed, "reliance"), n = perGroup * rightWithout.length;
  const labels = Int32Array.from({ length: n }, () => random.integer(2));
  const image = labels.map((label, i) => random.uniform() < rightWithout[i % rightWithout.length] ? label : 1 - label);
  const groups = Array.from(labels, (_, i) => `group ${i % rightWithout.length}`);
  return { labels, groups, image };
}

Deno.test("modalityReliance() measures the drop of each group and each modality", () => {
  const labels = [0, 0, 1, 1], groups = ["b", "b", "a", "a"];
  const predictions = { all: [0, 0, 1, 0], without: { image: [0, 1, 0, 0], sound: [0, 0, 1, 1] } };
  const rows = modalityReliance(labels, predictions, groups, { classes: 2, seed: 1 });
  assert.deepEqual(rows.map(({ group, modality, n, drop }) => [group, modality, n, drop.value]), [
    ["a", "image", 2, 0.5],
    ["a", "sound", 2, -0.5],
    ["b", "image", 2, 0.5],
    ["b", "sound", 2, 0],
  ]);
  assert.deepEqual(rows.map(({ beyondOthers }) => beyondOthers!.difference.value), [0, -0.5, 0, 0.5]);
});

Deno.test("modalityReliance() draws both predictions of a sample together", () => {
  // Each prediction alone varies from draw to draw, their difference never does.
  const labels = Array.from({ length: 40 }, () => 0), right = labels.map((_, i) => i % 2);
  const [row] = modalityReliance(labels, { all: right, without: { image: right } }, labels.map(() => "all"), {
    classes: 2,
    seed: 1,
  });
  assert.deepEqual([row.drop.value, row.drop.low, row.drop.high, row.pValue], [0, 0, 0, 1]);
  assert.equal(row.beyondOthers, undefined);
});

Deno.test("modalityReliance() finds the p-value that counting all swaps gives", () => {
  const labels = [0, 0, 0, 0, 0, 0], all = [0, 0, 0, 0, 0, 1], image = [1, 1, 1, 1, 0, 0];
  // Five samples differ, four of them for the modality: a drop of 3/6 or more comes from 2 (1 + 5) of 32 swaps.
  const [{ drop, pValue }] = modalityReliance(labels, { all, without: { image } }, labels.map(() => "g"), {
    classes: 2,
    seed: 1,
    resamples: 4000,
  });
  assert.equal(drop.value, 0.5);
  assert.ok(Math.abs(pValue - 12 / 32) < 0.03, `got ${pValue}`);
});

Deno.test("modalityReliance() finds who relies on a modality, and who more than the others", () => {
  const { labels, groups, image } = simulate([1, 0.95, 0.5], 80, 1);
  const rows = modalityReliance(labels, { all: labels, without: { image } }, groups, { classes: 2, seed: 1 });
  const [none, , most] = rows;
  assert.equal(none.drop.value, 0);
  assert.ok(most.drop.low! > 0.3 && most.adjustedPValue < 0.01 && most.beyondOthers!.adjustedPValue < 0.01);
  assert.ok(none.beyondOthers!.difference.value < 0);
});

Deno.test("modalityReliance() on a modality that does nothing alarms no more often than it should", () => {
  let alarms = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { labels, groups, image } = simulate([0.7, 0.7], 30, seed),
      other = simulate([0.7, 0.7], 30, seed + 1000).image;
    const all = other.map((prediction, i) => (prediction + labels[i] + simulatedLabel(seed + 1000, i)) % 2);
    const rows = modalityReliance(labels, { all, without: { image } }, groups, { classes: 2, seed, resamples: 99 });
    if (rows.some(({ adjustedPValue }) => adjustedPValue <= 0.05)) alarms++;
  }
  assert.ok(alarms <= 22, `${alarms} alarms in 200`); // 10, four standard errors above
});

/** The label that another simulation drew, to carry its errors over to this one. */
const simulatedLabel = (() => {
  const kept = new Map<number, Int32Array>();
  return (seed: number, i: number): number => {
    if (!kept.has(seed)) kept.set(seed, simulate([0.7, 0.7], 30, seed).labels);
    return kept.get(seed)![i];
  };
})();

Deno.test("modalityReliance() counts only samples that have the modality, and leaves out groups without any", () => {
  const labels = [0, 0, 0, 0], groups = ["a", "a", "b", "b"];
  const predictions = { all: labels, without: { image: [1, 0, 1, 1], sound: [0, 0, 0, 0] } };
  const available = Int32Array.of(1, 1, 0, 1, 0, 1, 0, 1);
  const rows = modalityReliance(labels, predictions, groups, { classes: 2, seed: 1, available });
  assert.deepEqual(rows.map(({ group, modality, n, drop }) => [group, modality, n, drop.value]), [
    ["a", "image", 1, 1],
    ["a", "sound", 2, 0],
    ["b", "sound", 2, 0],
  ]);
  assert.equal(rows[0].drop.low, undefined, "one sample");
});

Deno.test("modalityReliance() says what is wrong with its input", () => {
  const run = (without: Record<string, number[]>, groups = ["a", "a"], available?: Int32Array) => () =>
    modalityReliance([0, 1], { all: [0, 1], without }, groups, { classes: 2, seed: 1, available });
  assert.throws(run({}), /without at least one modality, got none/);
  assert.throws(run({ image: [0] }), /one prediction per label, got 1 for 2/);
  assert.throws(run({ image: [0, 2] }), /got 2 at sample 1/);
  assert.throws(run({ image: [0, 1] }, ["a"]), /one group per label, got 1 for 2/);
  assert.throws(run({ image: [0, 1] }, ["a", "a"], Int32Array.of(1)), /available to be \[2, 1\].* got 1 entries/);
});
