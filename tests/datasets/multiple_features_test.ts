import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  linearProbe,
  multipleFeatures,
  type MultipleFeaturesView,
  multiviewBatch,
  standardizeViews,
  useEngine,
} from "braid";
import { DATA_FOLDER, DataFileError } from "braid/datasets/files.ts";
import { rawCells } from "./raw_csv.ts";

const FOLDER = `${DATA_FOLDER}/mfeat`;
const data = await multipleFeatures();
const { card, train, validation, test } = data, splits = [train, validation, test];
const FILES: Record<MultipleFeaturesView, string> = {
  profile: "fac",
  fourier: "fou",
  karhunenLoeve: "kar",
  morphological: "mor",
  pixels: "pix",
  zernike: "zer",
};
const names = Object.keys(FILES) as MultipleFeaturesView[];

Deno.test("multipleFeatures() has 2000 digits in the published six views, each in one split", () => {
  assert.deepEqual(card.splits, { train: 1200, validation: 400, test: 400 });
  assert.deepEqual(splits.map(({ count }) => count), [1200, 400, 400]);
  assert.deepEqual(Object.keys(train.views), names);
  assert.deepEqual(card.modalities.map(({ name, shape }) => [name, shape]), [
    ["profile", [216]],
    ["fourier", [76]],
    ["karhunenLoeve", [64]],
    ["morphological", [6]],
    ["pixels", [240]],
    ["zernike", [47]],
  ]);
  const rows = splits.flatMap(({ row }) => [...row]).sort((a, b) => a - b);
  assert.deepEqual(rows, [...Array(2000).keys()]);
});

Deno.test("every split has the same number of each digit", () => {
  for (const [{ label }, each] of [[train, 120], [validation, 40], [test, 40]] as const) {
    for (let digit = 0; digit < 10; digit++) assert.equal(label.filter((x) => x === digit).length, each);
  }
});

Deno.test("views and labels are those of the files, row by row", () => {
  const labels = rawCells(`${FOLDER}/labels.csv`).map(([label]) => Number(label));
  for (const samples of splits) {
    samples.label.forEach((label, at) => assert.equal(label, labels[samples.row[at]]));
    samples.row.forEach((row, at) => assert.equal(samples.label[at], Math.floor(row / 200))); // as published
  }
  for (const name of names) {
    const cells = rawCells(`${FOLDER}/mfeat-${FILES[name]}.csv.gz`);
    for (const { views, row, count } of splits) {
      const { features, width } = views[name];
      assert.equal(features.length, count * width);
      for (let at = 0; at < count; at += 7) {
        const expected = Float32Array.from(cells[row[at]], Number);
        assert.deepEqual(features.subarray(at * width, (at + 1) * width), expected);
      }
    }
  }
});

Deno.test("the views have the published ranges", () => {
  const range = (name: MultipleFeaturesView) => {
    const all = splits.flatMap(({ views }) => [...views[name].features]);
    return [Math.min, Math.max].map((pick) => all.reduce((a, b) => pick(a, b)));
  };
  const published = {
    profile: [0, 1353],
    fourier: [0.00017629, 0.79648722],
    karhunenLoeve: [-16.45930481, 17.04901505],
    morphological: [0, 17572.19994308],
    pixels: [0, 6],
    zernike: [0.00109432, 777.86182699],
  };
  for (const name of names) assert.deepEqual(range(name), published[name].map(Math.fround), name);
});

Deno.test("digits that repeat another one are in the same split with it", () => {
  const home = new Map(splits.flatMap(({ row }, split) => [...row].map((at) => [at, split] as const)));
  for (const [twin, first] of [[774, 605], [1172, 1148], [1271, 1237], [1272, 1265], [1521, 1448], [1999, 1892]]) {
    assert.equal(home.get(twin), home.get(first), `rows ${first} and ${twin}`);
  }
  const pictures = splits.map(({ views: { pixels: { features, width } }, count }) =>
    new Set(Array.from({ length: count }, (_, at) => features.subarray(at * width, (at + 1) * width).join()))
  );
  assert.equal(pictures.reduce((sum, { size }) => sum + size, 0), 1994); // as published
  assert.equal(new Set(pictures.flatMap((set) => [...set])).size, 1994);
});

Deno.test("the seed moves training and validation digits, never those of the test", async () => {
  const other = await multipleFeatures({ seed: 7 });
  assert.deepEqual(other.test, test);
  assert.notDeepEqual(other.validation.row, validation.row);
});

Deno.test("each view tells the digits apart: a linear probe on the validation split, far above chance", async () => {
  await useEngine();
  const standard = standardizeViews(data);
  const [fit, held] = [multiviewBatch(standard.train), multiviewBatch(standard.validation)];
  for (const name of names) {
    const { interval } = await linearProbe({
      train: { features: fit.views[name], labels: train.label },
      test: { features: held.views[name], labels: validation.label },
      classes: 10,
      cs: [0.1],
      seed: 42,
    });
    assert.ok(interval.low! > 0.5, `${name}: ${JSON.stringify(interval)}`);
  }
  tf.dispose([fit.views, fit.label, held.views, held.label]);
});

Deno.test("multipleFeatures() refuses a missing, an altered and a truncated file, and an impossible share", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(
    multipleFeatures({ folder }),
    /labels\.csv with SHA-256 [0-9a-f]{64}, got no such file.*git checkout/,
  );
  for (const { path } of card.files) await Deno.copyFile(`${FOLDER}/${path}`, `${folder}/${path}`);
  const path = `${folder}/mfeat-mor.csv.gz`, bytes = await Deno.readFile(path);
  for (const wrong of [bytes.with(2000, bytes[2000] ^ 1), bytes.subarray(0, 20_000), new Uint8Array(0)]) {
    await Deno.writeFile(path, wrong);
    await assert.rejects(multipleFeatures({ folder }), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.ok(error.message.includes(path) && error.message.includes("altered or cut short"));
      return true;
    });
  }
  await assert.rejects(multipleFeatures({ validation: 2 }), /Expected validation to be a share from 0 to 1, got 2/);
});
