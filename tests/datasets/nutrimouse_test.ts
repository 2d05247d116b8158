import assert from "node:assert/strict";
import { nutrimouse } from "braid";
import { DATA_FOLDER, DataFileError } from "braid/datasets/files.ts";
import { rawCells } from "./raw_csv.ts";

const FOLDER = `${DATA_FOLDER}/nutrimouse`;
const { card, train, validation, test } = await nutrimouse(), splits = [train, validation, test];

Deno.test("nutrimouse() has one mouse of each genotype and diet in validation and test, two in training", () => {
  assert.deepEqual(splits.flatMap(({ row }) => [...row]).sort((a, b) => a - b), [...Array(40).keys()]);
  assert.deepEqual(card.splits, { train: 20, validation: 10, test: 10 });
  for (const [{ label, columns }, each] of [[train, 2], [validation, 1], [test, 1]] as const) {
    const groups = Map.groupBy(label.keys(), (at) => `${card.classes.label[label[at]]} ${columns.diet[at]}`);
    assert.equal(groups.size, 10);
    for (const mice of groups.values()) assert.equal(mice.length, each);
  }
});

Deno.test("views, genotypes and diets are those of the files, row by row", () => {
  const unquoted = (file: string) =>
    rawCells(`${FOLDER}/${file}.csv`).map((cells) => cells.map((cell) => cell.replaceAll('"', "")));
  const genotype = unquoted("genotype").slice(1), diet = unquoted("diet").slice(1);
  for (const { row, label, columns } of splits) {
    row.forEach((at, mouse) => {
      assert.equal(card.classes.label[label[mouse]], genotype[at][0]);
      assert.equal(columns.diet[mouse], diet[at][0]);
      assert.ok(card.subgroups.diet.includes(columns.diet[mouse]));
    });
  }
  for (const [name, width] of [["gene", 120], ["lipid", 21]] as const) {
    const [header, ...cells] = unquoted(name);
    for (const { views, row } of splits) {
      assert.deepEqual([views[name].width, views[name].names], [width, header]);
      assert.deepEqual(views[name].features, Float32Array.from(Array.from(row, (at) => cells[at].map(Number)).flat()));
    }
  }
});

Deno.test("the fatty acids of a mouse are per cent: they add up to 100", () => {
  for (const { views: { lipid: { features, width } }, count } of splits) {
    for (let mouse = 0; mouse < count; mouse++) {
      const sum = features.subarray(mouse * width, (mouse + 1) * width).reduce((a, b) => a + b);
      assert.ok(Math.abs(sum - 100) < 1, `${sum}`);
    }
  }
});

Deno.test("mice have the most of the fatty acid that their oil is known for", () => {
  const { features, width, names } = train.views.lipid;
  const known = { lin: "C18.3n.3", sun: "C18.2n.6", fish: "C22.6n.3" }; // linolenic, linoleic, docosahexaenoic acid
  for (const [oil, acid] of Object.entries(known)) {
    const at = names!.indexOf(acid);
    const mean = (diet: string) => {
      const mice = [...train.columns.diet.keys()].filter((mouse) => train.columns.diet[mouse] === diet);
      return mice.reduce((sum, mouse) => sum + features[mouse * width + at], 0) / mice.length;
    };
    const others = card.subgroups.diet.filter((diet) => diet !== oil).map(mean);
    assert.ok(mean(oil) > Math.max(...others), `${acid}: ${mean(oil)} and ${others}`);
  }
});

Deno.test("the seed moves training and validation mice, never those of the test", async () => {
  const other = await nutrimouse({ seed: 7 });
  assert.deepEqual(other.test, test);
  assert.notDeepEqual(other.validation.row, validation.row);
});

Deno.test("nutrimouse() refuses a missing, an altered and a truncated file, and an impossible share", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(nutrimouse({ folder }), /with SHA-256 [0-9a-f]{64}, got no such file.*git checkout/);
  for (const { path } of card.files) await Deno.copyFile(`${FOLDER}/${path}`, `${folder}/${path}`);
  const path = `${folder}/gene.csv`, bytes = await Deno.readFile(path);
  for (const wrong of [bytes.with(2000, bytes[2000] ^ 1), bytes.subarray(0, 20_000), new Uint8Array(0)]) {
    await Deno.writeFile(path, wrong);
    await assert.rejects(nutrimouse({ folder }), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.ok(error.message.includes(path) && error.message.includes("altered or cut short"));
      return true;
    });
  }
  await assert.rejects(nutrimouse({ validation: NaN }), /Expected validation to be a share from 0 to 1, got NaN/);
});
