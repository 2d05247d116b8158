import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import type { Cell } from "braid/evaluation/frame.ts";
import { discoverSlices } from "braid/evaluation/slices.ts";

/** Columns of patients, and whether a model was right about each: rarely where `fails` says so. */
function simulate(
  samples: number,
  seed: number,
  fails: (patient: { site: string; sex: string; age: number }) => boolean,
) {
  const random = randomNumbers(seed, "patients");
  const patients = Array.from({ length: samples }, () => ({
    site: "ABCDE"[random.integer(5)],
    sex: "fm"[random.integer(2)],
    age: 20 + 60 * random.uniform(),
  }));
  const right = patients.map((patient) => Number(random.uniform() < (fails(patient) ? 0.4 : 0.85)));
  const column = (name: "site" | "sex" | "age"): Cell[] => patients.map((patient) => patient[name]);
  return { right, patients, frame: { site: column("site"), sex: column("sex"), age: column("age") } };
}

Deno.test("discoverSlices() finds a planted value, and confirms it on the samples that the search never saw", () => {
  const { right, patients, frame } = simulate(800, 1, ({ site }) => site === "C");
  const { slices: [worst, ...others], overall, searched } = discoverSlices(right, frame, { seed: 1 });
  assert.equal(worst.name, "site = C");
  assert.ok(worst.confirmed && worst.adjustedPValue <= 0.01);
  const members = [...worst.members];
  assert.deepEqual(members, [...patients.keys()].filter((i) => patients[i].site === "C"));
  const hits = (all: number[]) => all.reduce((sum, i) => sum + right[i], 0);
  const inSearch = worst.search.n * worst.search.score, inConfirm = worst.score.n * worst.score.value;
  assert.ok(Math.abs(inSearch + inConfirm - hits(members)) < 1e-9, "every member in one half");
  const rest = worst.score.value - worst.difference.value; // all other samples of the confirming half
  const confirming = overall.n, total = overall.value * confirming;
  assert.ok(Math.abs(rest - (total - inConfirm) / (confirming - worst.score.n)) < 1e-9);
  assert.ok(others.every(({ confirmed }) => !confirmed));
  assert.ok(searched > 100);
});

Deno.test("discoverSlices() finds a planted conjunction of a value and a range", () => {
  const { right, frame } = simulate(1600, 2, ({ site, age }) => site === "B" && age > 50);
  const { slices: [worst] } = discoverSlices(right, frame, { seed: 2 });
  const [range, value] = worst.conditions.toSorted((a, b) => a.column < b.column ? -1 : 1);
  assert.deepEqual(value, { column: "site", relation: "=", value: "B" });
  assert.ok(range.column === "age" && range.relation === ">" && Math.abs(Number(range.value) - 50) < 7);
  assert.ok(worst.confirmed);
});

Deno.test("discoverSlices() lists a second slice among the samples outside the first", () => {
  const { right, frame, patients } = simulate(2000, 3, ({ site, age }) => site === "A" || age <= 32);
  const { slices } = discoverSlices(right, frame, { seed: 3, maxConditions: 1 });
  const [first, second] = slices;
  assert.deepEqual(slices.slice(0, 2).map(({ conditions }) => conditions[0].column).sort(), ["age", "site"]);
  assert.ok(first.confirmed && second.confirmed);
  assert.ok(second.members.every((i) => !first.members.includes(i)));
  assert.ok(patients.length > first.members.length + second.members.length);
});

Deno.test("discoverSlices() in noise confirms a slice no more often than it should, however many it searches", () => {
  let alarms = 0;
  const seeds = 120;
  for (let seed = 0; seed < seeds; seed++) {
    const { right, frame } = simulate(240, seed, () => false);
    const { slices } = discoverSlices(right, frame, { seed, minimumSupport: 15, resamples: 99 });
    if (slices.some(({ confirmed }) => confirmed)) alarms++;
  }
  assert.ok(alarms / seeds < 0.05 + 4 * Math.sqrt(0.05 * 0.95 / seeds), `${alarms} alarms in ${seeds}`);
});

Deno.test("discoverSlices() keeps to its support, its length and its seed", () => {
  const { right, frame } = simulate(400, 4, ({ site, sex }) => site === "D" && sex === "m");
  const options = { seed: 4, minimumSupport: 15, maxConditions: 3, maxSlices: 2, resamples: 99 };
  const report = discoverSlices(right, frame, options);
  assert.ok(report.slices.length <= 2);
  for (const { conditions, search, score } of report.slices) {
    assert.ok(conditions.length <= 3 && search.n >= 15 && score.n >= 15);
  }
  assert.deepEqual(discoverSlices(right, frame, options), report);
});

Deno.test("discoverSlices() finds the same in outcomes of any size", () => {
  const { right, frame } = simulate(400, 6, ({ site }) => site === "C");
  const options = { seed: 1, resamples: 99 }, known = discoverSlices(right, frame, options).slices;
  assert.equal(known[0].name, "site = C");
  for (const factor of [1e-12, 1e12]) {
    const { slices } = discoverSlices(right.map((value) => factor * value), frame, options);
    assert.deepEqual(slices.map(({ name, pValue }) => [name, pValue]), known.map(({ name, pValue }) => [name, pValue]));
  }
});

Deno.test("discoverSlices() knows missing values as a slice, in columns of text and of numbers", () => {
  const { right, frame, patients } = simulate(800, 5, ({ site }) => site === "C");
  const age = frame.age.map((value, i) => patients[i].site === "C" ? (i % 2 ? null : NaN) : value);
  assert.equal(discoverSlices(right, { age }, { seed: 1 }).slices[0].name, "age = missing");
  const site = frame.site.map((value) => value === "C" ? "" : value);
  assert.equal(discoverSlices(right, { site }, { seed: 1 }).slices[0].name, "site = missing");
});

Deno.test("discoverSlices() finds nothing where all outcomes are the same, or the columns tell nothing", () => {
  const site = Array.from({ length: 200 }, (_, i) => "AB"[i % 2]), constant = site.map(() => "A");
  assert.deepEqual(discoverSlices(site.map(() => 1), { site }, { seed: 1 }).slices, []);
  assert.deepEqual(discoverSlices(site.map((_, i) => i % 2), { constant }, { seed: 1 }).slices, []);
});

Deno.test("discoverSlices() says what is wrong with its input", () => {
  const site = ["A", "B", "A", "B"], right = [0, 1, 1, 1];
  assert.throws(
    () => discoverSlices(right, { site }, { seed: 1 }),
    /at least 80 samples.* got 4: lower minimumSupport/,
  );
  assert.throws(() => discoverSlices([], { site: [] }, { seed: 1 }), /at least 80 samples.* got 0/);
  assert.throws(() => discoverSlices([NaN, ...right], { site }, { seed: 1 }), /finite, got NaN at sample 0/);
  assert.throws(() => discoverSlices(right, {}, { seed: 1, minimumSupport: 1 }), /at least one column/);
  assert.throws(() => discoverSlices(right, { site }, { seed: 1, maxConditions: 0 }), /maxConditions .* got 0/);
  assert.doesNotThrow(() => discoverSlices(right, { site }, { seed: 1, minimumSupport: 1 }));
});
