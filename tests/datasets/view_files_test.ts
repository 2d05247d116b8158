import assert from "node:assert/strict";
import { DataFileError } from "braid/datasets/files.ts";
import { filesOf, modalitiesOf, readViews } from "braid/datasets/view_files.ts";
import { sha256 } from "braid/files/sha256.ts";

const card = { name: "pairs", source: "its author" };

/** A folder with a zipped file, and how a data set would list it. */
async function zipped(text: string, width: number) {
  const folder = await Deno.makeTempDir();
  const bytes = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  await Deno.writeFile(`${folder}/sound.csv.gz`, bytes);
  return { folder, files: { sound: { what: "decibels", width, path: "sound.csv.gz", sha256: sha256(bytes) } } };
}

Deno.test("readViews() gives the matrix of each file, with names where there are some", async () => {
  const plain = await zipped("1,2\n3,4\n", 2);
  assert.deepEqual(await readViews(plain.folder, plain.files, { card, count: 2 }), {
    sound: { width: 2, features: Float32Array.of(1, 2, 3, 4) },
  });
  const named = await zipped("low,high\n1,2\n", 2);
  assert.deepEqual(await readViews(named.folder, named.files, { card, count: 1, header: true }), {
    sound: { width: 2, features: Float32Array.of(1, 2), names: ["low", "high"] },
  });
});

Deno.test("readViews() reads files that are not zipped as they are", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/sound.csv`, "1\n2\n");
  const files = { sound: { what: "decibels", width: 1, path: "sound.csv", sha256: sha256("1\n2\n") } };
  assert.deepEqual((await readViews(folder, files, { card, count: 2 })).sound.features, Float32Array.of(1, 2));
});

Deno.test("readViews() refuses a matrix of another size than declared", async () => {
  for (const [width, count] of [[3, 2], [2, 3]]) {
    const { folder, files } = await zipped("1,2\n3,4\n", width);
    await assert.rejects(readViews(folder, files, { card, count }), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.equal(error.message, `Expected sound.csv.gz to be [${count}, ${width}], got [2, 2]`);
      return true;
    });
  }
});

Deno.test("modalitiesOf() and filesOf() say in a card what the views are and where they lie", () => {
  const files = { sound: { what: "decibels", width: 2, path: "sound.csv.gz", sha256: "ab" } };
  assert.deepEqual(modalitiesOf(files), [{ name: "sound", what: "decibels", shape: [2] }]);
  const labels = { path: "labels.csv", sha256: "cd" };
  assert.deepEqual(filesOf(files, labels), [{ path: "sound.csv.gz", sha256: "ab" }, labels]);
});
