// A reader's copy of MOSI's utterances, on a made-up one: sequences, standardisation, and what is wrong with a copy.

import { join } from "node:path";
import assert from "node:assert/strict";
import { readMosiUtterances } from "braid/datasets/mosi_utterances.ts";

const files: Record<string, string> = {
  "train_utterances.csv": "utterance,video,position,label\nb2,b,2,1\na1,a,1,0\nb1,b,1,0\nb9,b,9,1\n",
  "train_text.csv": "4,1\n2,1\n2,1\n4,1\n",
  "train_audio.csv": "1\n2\n3\n4\n",
  "train_video.csv": "1,0,0\n0,1,0\n0,0,1\n1,1,1\n",
  "test_utterances.csv": "utterance,video,position,label\nc1,c,1,1\n",
  "test_text.csv": "5,7\n",
  "test_audio.csv": "2.5\n",
  "test_video.csv": "0,0,0\n",
};

/** A folder with these files, but for some changes; null leaves one out. */
async function copy(changes: Record<string, string | null> = {}, zipped: string[] = []): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries({ ...files, ...changes })) {
    if (text === null) continue;
    const stream = new Blob([text]).stream();
    const bytes = zipped.includes(name) ? stream.pipeThrough(new CompressionStream("gzip")) : stream;
    await Deno.writeFile(join(folder, zipped.includes(name) ? `${name}.gz` : name), bytes);
  }
  return folder;
}

Deno.test("an utterance comes behind those before it in its video, by position, zeros before the first", async () => {
  const { card, train } = await readMosiUtterances(await copy(), { context: 2 });
  assert.deepEqual([card.samples, card.splits, card.modalities[0].shape], [5, { train: 4, test: 1 }, [3, 2]]);
  assert.deepEqual([train.count, train.steps, train.widths], [4, 3, { text: 2, audio: 1, video: 3 }]);
  assert.deepEqual([[...train.label], train.video], [[1, 0, 0, 1], ["b", "a", "b", "b"]]);
  const z = (audio: number) => (audio - 2.5) / Math.sqrt(1.25);
  const want = [[0, z(3), z(1)], [0, 0, z(2)], [0, 0, z(3)], [z(3), z(1), z(4)]].flat();
  train.features.audio.forEach((value, i) => assert.ok(Math.abs(value - want[i]) < 1e-6, `${i}: ${value}, ${want[i]}`));
});

Deno.test("features are standardised by the training utterances; a column without spread becomes 0 there", async () => {
  const { train, test } = await readMosiUtterances(await copy(), { context: 0 });
  assert.deepEqual([...train.features.text], [1, 0, -1, 0, -1, 0, 1, 0]); // mean 3 and deviation 1; mean 1
  assert.deepEqual([...test.features.text], [2, 6]);
  assert.deepEqual([test.count, test.steps], [1, 1]);
});

Deno.test("zipped files are read as well", async () => {
  const zipped = ["train_text.csv", "test_utterances.csv"], plain = await readMosiUtterances(await copy());
  assert.deepEqual(await readMosiUtterances(await copy({}, zipped)), plain);
});

Deno.test("what is wrong with a copy is said, with the file's name", async () => {
  const utterances = files["train_utterances.csv"];
  for (
    const [changes, message] of [
      [
        { "test_audio.csv": null },
        /test_audio\.csv or test_audio\.csv\.gz, got no such file: it does not come with Braid/,
      ],
      [{ "train_text.csv": "1,1\n" }, /4 rows in train_text\.csv, as train_utterances\.csv has, got 1/],
      [{ "train_text.csv": "4,x\n2,1\n2,1\n4,1\n" }, /finite number in row 0, column 1, got "x"/],
      [{ "test_text.csv": "1\n" }, /text of 2 features in both splits of .*, got 1/],
      [{ "test_utterances.csv": "utterance,video,position,label\na2,a,2,1\n" }, /no video in both splits of .*, got a/],
      [
        { "train_utterances.csv": utterances.replace("b9,b,9,1", "b9,b,9,2") },
        /row 3 of .*train_utterances\.csv .*label 2/,
      ],
      [
        { "train_utterances.csv": utterances.replace("b9,b,9,1", "b9,b,1,1") },
        /row 3 .* a place in it that no other row/,
      ],
      [{ "train_utterances.csv": utterances.replace("b9,b,9,1", "b9,b,,1") }, /row 3 .*position ,/],
      [{ "train_utterances.csv": "utterance,video,position,label\n" }, /some rows in train_text\.csv/],
    ] as const
  ) {
    await assert.rejects(copy(changes).then((folder) => readMosiUtterances(folder)), (error: Error) => {
      assert.equal(error.name, "DataFileError");
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(readMosiUtterances(await copy(), { context: -1 }), { name: "RangeError", message: /got -1/ });
});
