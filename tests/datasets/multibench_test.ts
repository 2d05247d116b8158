// A reader's copy of MultiBench's data, on a made-up one that NumPy wrote: pickles/make_pickles.py.

import assert from "node:assert/strict";
import { join } from "node:path";
import { readMultiBench } from "braid/datasets/multibench.ts";

const pickled = (name: string) => new URL(`pickles/${name}.pkl`, import.meta.url).pathname;

for (const protocol of [2, 4]) {
  Deno.test(`sequences begin with their text and go on with zeros; who says nothing is left out, protocol ${protocol}`, async () => {
    const { card, train, validation, test } = await readMultiBench(pickled(`affect-${protocol}`));
    assert.deepEqual([card.samples, card.splits], [4, { train: 2, validation: 1, test: 1 }]);
    assert.deepEqual([train.count, train.steps, train.widths], [2, 2, { vision: 1, text: 2, audio: 3 }]);
    assert.deepEqual([...train.features.text], [...[1, 2, 3, 4], ...[5, 0, 0, 0]]);
    assert.deepEqual([...train.features.vision], [1, 2, 4, 0]);
    assert.deepEqual([...train.features.audio], [...[0, 5, 6, 7, 8, 9], ...[2, 2, 2, 0, 0, 0]]); // the first was -inf
    assert.deepEqual([train, validation, test].map(({ label }) => [...label]), [[1, 0], [0], [1]]);
    assert.deepEqual([[...validation.features.text], [...test.features.text]], [[0, 6, 0, 0], [7, 7, 0, 0]]);
    assert.deepEqual([...test.features.vision], [6, 0]);
  });
}

/** A pickle in text: a dictionary of splits, each an empty dictionary. */
const without = (text: string) => {
  const path = join(Deno.makeTempDirSync(), "data.pkl");
  Deno.writeTextFileSync(path, text);
  return path;
};

Deno.test("what is no copy is refused with what is wrong", async () => {
  await assert.rejects(readMultiBench("/nowhere/humor.pkl"), /\/nowhere\/humor\.pkl, got no such file/);
  await assert.rejects(readMultiBench(without("(dS'train'\n(ds.")), /rank 1 for labels of train .* got undefined/);
  await assert.rejects(readMultiBench(without("(dS'training'\n(ds.")), /dictionary train .* got keys training/);
  await assert.rejects(readMultiBench(without("I1\n.")), /dictionary of splits/);
  await assert.rejects(readMultiBench(pickled("numbers-5")), /dictionary train .* got keys bool/);
  await assert.rejects(readMultiBench(pickled("path")), /object of pathlib.* in .*path\.pkl/);
});
