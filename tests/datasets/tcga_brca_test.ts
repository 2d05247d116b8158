import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { linearProbe, multiviewBatch, standardizeViews, tcgaBrca, type TcgaBrcaView, useEngine } from "braid";
import { DATA_FOLDER, DataFileError } from "braid/datasets/files.ts";
import { rawCells } from "./raw_csv.ts";

const FOLDER = `${DATA_FOLDER}/tcga_brca`;
const data = await tcgaBrca();
const { card, train, validation, test } = data, splits = [train, validation, test];
const names: TcgaBrcaView[] = ["mrna", "methylation", "mirna", "protein"];

const counts = (label: Int32Array) => [0, 1, 2, 3, 4].map((subtype) => label.filter((x) => x === subtype).length);

Deno.test("tcgaBrca() has 348 tumours of as many patients in four views, each in one split", () => {
  assert.deepEqual(card.modalities.map(({ name, shape }) => [name, ...shape]), [
    ["mrna", 645],
    ["methylation", 574],
    ["mirna", 423],
    ["protein", 171],
  ]);
  assert.deepEqual(Object.keys(train.views), names);
  assert.deepEqual(splits.map(({ count }) => count), Object.values(card.splits));
  assert.equal(new Set(splits.flatMap(({ columns }) => columns.patient)).size, 348);
  assert.deepEqual(splits.flatMap(({ row }) => [...row]).sort((a, b) => a - b), [...Array(348).keys()]);
});

Deno.test("the subtypes are as frequent as published, and in each split in proportion", () => {
  assert.deepEqual(counts(Int32Array.from(splits.flatMap(({ label }) => [...label]))), [5, 66, 42, 154, 81]);
  assert.deepEqual(counts(test.label), [1, 13, 8, 31, 16]); // a fifth of each
  assert.deepEqual(counts(validation.label), [1, 13, 9, 31, 16]); // a quarter of the rest
  assert.deepEqual(counts(train.label), [3, 40, 25, 92, 49]);
});

Deno.test("views, feature names, subtypes and patients are those of the files, row by row", () => {
  const labels = rawCells(`${FOLDER}/labels.csv`).slice(1);
  for (const { row, label, columns } of splits) {
    row.forEach((at, sample) => {
      const [patient, , number, subtype] = labels[at];
      assert.equal(columns.patient[sample], patient);
      assert.equal(label[sample], Number(number));
      assert.equal(card.classes.label[label[sample]], subtype);
    });
  }
  for (const name of names) {
    const [header, ...cells] = rawCells(`${FOLDER}/${name}.csv.gz`);
    for (const { views, row, count } of splits) {
      const { features, width, names } = views[name];
      assert.deepEqual(names, header);
      assert.equal(features.length, count * width);
      for (let at = 0; at < count; at += 5) {
        const expected = Float32Array.from(cells[row[at]], Number);
        assert.deepEqual(features.subarray(at * width, (at + 1) * width), expected);
      }
    }
  }
});

Deno.test("the views have the published ranges, and proteins are standardised within each tumour", () => {
  const published = { mrna: [-10.17, 12.16], methylation: [0.085, 0.994], mirna: [0, 13.3], protein: [-5.37, 5.48] };
  for (const name of names) {
    const all = splits.flatMap(({ views }) => [...views[name].features]);
    const range = [Math.min, Math.max].map((pick) => all.reduce((a, b) => pick(a, b)));
    range.forEach((end, at) => assert.ok(Math.abs(end - published[name][at]) < 0.05, `${name}: ${range}`));
  }
  const { features, width } = train.views.protein, tumour = features.subarray(0, width);
  const mean = tumour.reduce((sum, x) => sum + x) / width;
  const variance = tumour.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (width - 1);
  assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-5);
});

Deno.test("column site is the second part of the patient's code, as frequent as in the card", () => {
  const sites = splits.flatMap(({ columns }) => [...columns.site]);
  const found = Object.fromEntries([...Map.groupBy(sites, (site) => site)].map(([site, all]) => [site, all.length]));
  assert.deepEqual(found, {
    A1: 4,
    A2: 48,
    A7: 10,
    A8: 43,
    AN: 28,
    AO: 29,
    AQ: 1,
    AR: 26,
    B6: 20,
    BH: 72,
    C8: 20,
    D8: 5,
    E2: 42,
  });
  assert.deepEqual(card.subgroups.site, Object.keys(found).sort());
  for (const { columns } of splits) {
    columns.site.forEach((site, at) => assert.ok(columns.patient[at].startsWith(`TCGA-${site}-`)));
  }
});

Deno.test("the seed moves training and validation tumours, never those of the test", async () => {
  const other = await tcgaBrca({ seed: 7 });
  assert.deepEqual(other.test, test);
  assert.notDeepEqual(other.validation.row, validation.row);
});

Deno.test("each view tells the subtypes apart: a linear probe on the validation split, above the commonest one", async () => {
  await useEngine();
  const standard = standardizeViews(data), commonest = 31 / 70;
  const [fit, held] = [multiviewBatch(standard.train), multiviewBatch(standard.validation)];
  for (const name of names) {
    const { interval } = await linearProbe({
      train: { features: fit.views[name], labels: train.label },
      test: { features: held.views[name], labels: validation.label },
      classes: 5,
      cs: [0.01],
      scoring: "accuracy",
      seed: 42,
    });
    assert.ok(interval.low! > commonest, `${name}: ${JSON.stringify(interval)}`);
  }
  tf.dispose([fit.views, fit.label, held.views, held.label]);
});

Deno.test("tcgaBrca() refuses a missing, an altered and a truncated file, and an impossible share", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(tcgaBrca({ folder }), /labels\.csv with SHA-256 [0-9a-f]{64}, got no such file.*git checkout/);
  for (const { path } of card.files) await Deno.copyFile(`${FOLDER}/${path}`, `${folder}/${path}`);
  const path = `${folder}/protein.csv.gz`, bytes = await Deno.readFile(path);
  for (const wrong of [bytes.with(2000, bytes[2000] ^ 1), bytes.subarray(0, 20_000), new Uint8Array(0)]) {
    await Deno.writeFile(path, wrong);
    await assert.rejects(tcgaBrca({ folder }), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.ok(error.message.includes(path) && error.message.includes("altered or cut short"));
      return true;
    });
  }
  await assert.rejects(tcgaBrca({ validation: -1 }), /Expected validation to be a share from 0 to 1, got -1/);
});
