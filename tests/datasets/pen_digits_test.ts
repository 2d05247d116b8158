import assert from "node:assert/strict";
import { DATA_FOLDER, DataFileError } from "braid/datasets/files.ts";
import { penDigits } from "braid/datasets/pen_digits.ts";

const FOLDER = `${DATA_FOLDER}/pendigits`;
const { card, train, test } = await penDigits();

Deno.test("penDigits() has the published number of trajectories of each digit", () => {
  const counts = (label: Int32Array) =>
    Array.from({ length: 10 }, (_, digit) => label.filter((x) => x === digit).length);
  assert.deepEqual(counts(train.label), [780, 779, 780, 719, 780, 720, 720, 778, 719, 719]);
  assert.deepEqual(counts(test.label), [363, 364, 364, 336, 364, 335, 336, 364, 336, 336]);
  assert.deepEqual(card.splits, { train: train.count, test: test.count });
});

Deno.test("penDigits() gives the points of the files in hundredths", async () => {
  const [line] = (await Deno.readTextFile(`${FOLDER}/pendigits.tes`)).split("\n");
  const numbers = line.split(",").map(Number);
  assert.deepEqual([...test.trajectory.subarray(0, 16)], numbers.slice(0, 16).map((x) => Math.fround(x / 100)));
  assert.equal(test.label[0], numbers[16]);
});

Deno.test("every trajectory fills its box", () => {
  for (const { trajectory, count } of [train, test]) {
    assert.equal(trajectory.length, count * 8 * 2);
    for (let row = 0; row < count; row++) {
      for (const coordinate of [0, 1]) {
        const along = Array.from({ length: 8 }, (_, point) => trajectory[(row * 8 + point) * 2 + coordinate]);
        assert.deepEqual([Math.min(...along), Math.max(...along)], [0, 1]);
      }
    }
  }
});

Deno.test("the nearest training trajectory tells a test digit in 97.7 % of cases", () => {
  let right = 0;
  for (let row = 0; row < test.count; row += 10) {
    let best = Infinity, label = -1;
    for (let other = 0; other < train.count; other++) {
      let distance = 0;
      for (let i = 0; i < 16; i++) {
        distance += (test.trajectory[row * 16 + i] - train.trajectory[other * 16 + i]) ** 2;
      }
      if (distance < best) [best, label] = [distance, train.label[other]];
    }
    if (label === test.label[row]) right++;
  }
  const n = Math.ceil(test.count / 10), error = 2 * Math.sqrt(0.977 * 0.023 / n);
  assert.ok(Math.abs(right / n - 0.977) < error, `${right} of ${n}`);
});

Deno.test("penDigits() refuses a missing and an altered file", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(penDigits({ folder }), /got no such file.*git checkout/);
  for (const { path } of card.files) await Deno.copyFile(`${FOLDER}/${path}`, `${folder}/${path}`);
  const altered = `${folder}/pendigits.tes`, bytes = await Deno.readFile(altered);
  await Deno.writeFile(altered, bytes.with(2000, bytes[2000] ^ 1));
  await assert.rejects(penDigits({ folder }), (error: Error) => {
    assert.ok(error instanceof DataFileError);
    assert.ok(error.message.includes(altered) && error.message.includes("altered or cut short"));
    return true;
  });
});
