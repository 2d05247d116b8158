import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DATA_FOLDER, DataFileError, gunzip } from "braid/datasets/files.ts";
import { mnist } from "braid/datasets/mnist.ts";

const FOLDER = `${DATA_FOLDER}/mnist`;
const { card, train, test } = await mnist();

Deno.test("mnist() has the published number of images of each digit", () => {
  const counts = (label: Int32Array) =>
    Array.from({ length: 10 }, (_, digit) => label.filter((x) => x === digit).length);
  assert.deepEqual(counts(train.label), [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  assert.deepEqual(counts(test.label), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  assert.deepEqual(card.splits, { train: train.count, test: test.count });
});

Deno.test("mnist() starts with the digits of the official files", () => {
  assert.deepEqual([...train.label.subarray(0, 10)], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  assert.deepEqual([...test.label.subarray(0, 10)], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});

Deno.test("mnist() gives grey levels from 0 to 1, in all 256 of them", () => {
  for (const { image, count } of [train, test]) {
    assert.equal(image.length, count * 28 * 28);
    assert.ok(image.every((level) => level >= 0 && level <= 1));
    assert.equal(new Set(image).size, 256);
  }
});

Deno.test("the test files unzip to the official ones", async () => {
  const md5 = async (file: string) =>
    createHash("md5").update(await gunzip(await Deno.readFile(`${FOLDER}/${file}`))).digest("hex");
  assert.equal(await md5("t10k-images-idx3-ubyte.gz"), "2646ac647ad5339dbf082846283269ea");
  assert.equal(await md5("t10k-labels-idx1-ubyte.gz"), "27ae3e4e09519cfbb04c329615203637");
});

Deno.test("mnist() refuses a missing and an altered file", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(mnist({ folder }), /got no such file.*git checkout/);
  for (const { path } of card.files) await Deno.copyFile(`${FOLDER}/${path}`, `${folder}/${path}`);
  const altered = `${folder}/t10k-labels-idx1-ubyte.gz`, bytes = await Deno.readFile(altered);
  await Deno.writeFile(altered, bytes.with(2000, bytes[2000] ^ 1));
  await assert.rejects(mnist({ folder }), (error: Error) => {
    assert.ok(error instanceof DataFileError);
    assert.ok(error.message.includes(altered) && error.message.includes("altered or cut short"));
    return true;
  });
});
