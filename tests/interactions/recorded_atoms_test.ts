import assert from "node:assert/strict";
import { join } from "node:path";
import { InvalidFileError } from "braid/files/json_file.ts";
import {
  compareAtoms,
  type MeasuredAtoms,
  readRecordedAtoms,
  type RecordedAtoms,
  recordedAtomsPath,
  writeRecordedAtoms,
} from "braid/interactions/recorded_atoms.ts";

const atom = (plugIn: number, distinguishable = true) => ({ plugIn, chance: 0.1, distinguishable });
const entry = (method: string, seed: number, more: Partial<MeasuredAtoms> = {}): MeasuredAtoms => ({
  ...{ method, seed, target: "digit", read: [0.5, 0.75] },
  ...{ redundancy: atom(1), unique1: atom(1), unique2: atom(1), synergy: atom(0.1, false) },
  ...more,
});

const record: RecordedAtoms = {
  ...{ data: "some digits", sources: ["picture", "sound"], config: { epochs: 20, seeds: "1, 2" }, engine: "cpu" },
  ...{
    versions: { braid: "0.1.0" },
    command: "made up",
    started: "2025-01-31T12:00:00.000Z",
    seconds: 1.5,
    samples: 9,
  },
  measured: [entry("raw", 1), entry("raw", 2)],
};

Deno.test("an atom rose or fell where the seeds' differences say so, else it is unclear", () => {
  const seeds = [1, 2, 3];
  const [, learnt] = compareAtoms([
    ...seeds.map((seed) => entry("raw", seed, { redundancy: atom(seed), unique1: atom(seed), unique2: atom(seed) })),
    ...seeds.map((seed) =>
      entry("learnt", seed, {
        redundancy: atom(seed + 0.5 + seed / 100), // far apart between seeds, alike within
        unique1: atom(seed - 0.5 - seed / 100),
        unique2: atom(seed + [0.5, -0.5, 0.1][seed - 1]),
      })
    ),
  ], "digit");
  const { redundancy, unique1, unique2 } = learnt.atoms;
  assert.deepEqual([redundancy, unique1, unique2].map(({ change }) => change), ["rose", "fell", "unclear"]);
  assert.ok(Math.abs(redundancy.difference.value - 0.52) < 1e-9);
  const half = 4.30265 * 0.01 / Math.sqrt(3); // Student's t for two degrees of freedom
  assert.ok(Math.abs(redundancy.difference.high! - redundancy.difference.value - half) < 1e-6);
  assert.ok(Math.abs(redundancy.after.value - 2.42) < 1e-9, "less chance");
});

Deno.test("an atom that is chance before and after stays chance, whatever its numbers", () => {
  const told = (before: boolean[], after: boolean[]) => {
    const measured = [1, 2].flatMap((seed) => [
      entry("raw", seed, { synergy: atom(0.1, before[seed - 1]) }),
      entry("learnt", seed, { synergy: atom(0.5 + seed / 1000, after[seed - 1]) }),
    ]);
    return compareAtoms(measured, "digit")[1].atoms.synergy.change;
  };
  assert.equal(told([false, false], [true, true]), "rose");
  assert.equal(told([true, true], [false, false]), "rose");
  assert.equal(told([false, false], [true, false]), "chance", "every seed has to tell");
});

Deno.test("methods keep their order, the first is compared with itself, one seed leaves everything unclear", () => {
  const compared = compareAtoms([entry("raw", 1), entry("b", 1, { redundancy: atom(9) }), entry("a", 1)], "digit");
  assert.deepEqual(compared.map(({ method }) => method), ["raw", "b", "a"]);
  assert.equal(compared[0].atoms.redundancy.difference.value, 0);
  assert.deepEqual(compared.map(({ atoms }) => atoms.redundancy.change), ["unclear", "unclear", "unclear"]);
  assert.deepEqual(compared[1].read.map(({ value, n, over }) => [value, n, over]), [[0.5, 1, "seeds"], [
    0.75,
    1,
    "seeds",
  ]]);
});

Deno.test("compareAtoms() says what is missing", () => {
  assert.throws(() => compareAtoms(record.measured, "speaker"), /Expected atoms of speaker, got those of digit/);
  assert.throws(() => compareAtoms([], "digit"), /got those of nothing/);
  assert.throws(
    () => compareAtoms([...record.measured, entry("learnt", 1)], "digit"),
    /Expected learnt to be measured with seed 2, got 1 others/,
  );
});

Deno.test("recorded atoms are read as they were written, and nothing else is", async () => {
  const folder = await Deno.makeTempDir(), path = recordedAtomsPath(record.data, folder);
  assert.equal(path, join(folder, "interactions-some-digits.json"));
  await writeRecordedAtoms(path, record);
  assert.deepEqual(await readRecordedAtoms(path), record);
  await Deno.writeTextFile(path, JSON.stringify({ ...record, measured: [entry("raw", 1, { read: [0.5, 1.5] })] }));
  await assert.rejects(
    readRecordedAtoms(path),
    (error) => error instanceof InvalidFileError && /read\.1/.test(error.message),
  );
  await assert.rejects(readRecordedAtoms(join(folder, "none.json")), /to be recorded atoms, got no such file/);
  await assert.rejects(writeRecordedAtoms(path, { ...record, seconds: NaN }), /seconds/);
  await Deno.remove(folder, { recursive: true });
});
