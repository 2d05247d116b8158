import assert from "node:assert/strict";
import { DATA_FOLDER, DataFileError } from "braid/datasets/files.ts";
import { spokenDigits } from "braid/datasets/spoken_digits.ts";

const FOLDER = `${DATA_FOLDER}/fsdd`;
const { card, recordings, speakers } = await spokenDigits();

/** A copy of the data set's folder whose recordings are links. */
async function linkedFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.copyFile(`${FOLDER}/manifest.csv`, `${folder}/manifest.csv`);
  await Deno.mkdir(`${folder}/recordings`);
  for (const { file } of recordings) {
    await Deno.symlink(`${FOLDER}/recordings/${file}`, `${folder}/recordings/${file}`);
  }
  return folder;
}

Deno.test("spokenDigits() has 50 takes of each digit by each speaker, the first 5 for the test", () => {
  const groups = Map.groupBy(recordings, ({ digit, speaker }) => `${digit} ${speakers[speaker]}`);
  assert.equal(groups.size, 60);
  for (const group of groups.values()) {
    assert.deepEqual(
      group.map(({ take }) => take).sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, take) => take),
    );
    assert.ok(group.every(({ take, split }) => split === (take < 5 ? "test" : "train")));
  }
  assert.deepEqual(card.splits, { train: 2700, test: 300 });
});

Deno.test("a recording's digit, speaker and take are those of its file name", () => {
  for (const { file, digit, speaker, take } of recordings) {
    assert.equal(file, `${digit}_${speakers[speaker]}_${take}.wav`);
  }
});

Deno.test("spokenDigits() gives the samples of the file", async () => {
  const { file, samples } = recordings.find(({ file }) => file === "7_theo_13.wav")!;
  const bytes = await Deno.readFile(`${FOLDER}/recordings/${file}`), view = new DataView(bytes.buffer);
  assert.equal(samples.length, (bytes.length - 44) / 2); // the header of these files takes 44 bytes
  samples.forEach((sample, at) => assert.equal(sample, view.getInt16(44 + 2 * at, true) / 32768));
});

Deno.test("the recordings last as long as published", () => {
  const lengths = recordings.map(({ samples }) => samples.length);
  assert.deepEqual([Math.min(...lengths), Math.max(...lengths)], [1148, 18262]);
  assert.equal(Math.round(lengths.reduce((sum, length) => sum + length) / 8000), 1312);
});

Deno.test("spokenDigits() refuses a missing recording, an altered one and another manifest", async () => {
  const folder = await linkedFolder(), recording = `${folder}/recordings/3_lucas_7.wav`;
  const bytes = await Deno.readFile(recording);
  await Deno.remove(recording);
  const refused = (message: RegExp) =>
    assert.rejects(spokenDigits({ folder }), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.match(error.message, message);
      return true;
    });
  await refused(/3_lucas_7\.wav with SHA-256 [0-9a-f]{64}, got no such file/);

  await Deno.writeFile(recording, bytes.with(1000, bytes[1000] ^ 1));
  await refused(/3_lucas_7\.wav to have SHA-256 .*altered or cut short/);

  await Deno.writeFile(recording, bytes);
  assert.equal((await spokenDigits({ folder })).recordings.length, 3000);

  await Deno.writeTextFile(`${folder}/manifest.csv`, "0_george_0.wav,1\n", { append: true });
  await refused(/manifest\.csv to have SHA-256/);
});
