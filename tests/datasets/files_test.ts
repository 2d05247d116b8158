import assert from "node:assert/strict";
import { DataFileError, gunzip, readDataFile, readIdx } from "braid/datasets/files.ts";
import { sha256 } from "braid/files/sha256.ts";

const CARD = { name: "digits", source: "https://example.org/digits" };
const bytes = new TextEncoder().encode("label\n0\n1\n");

async function folderWith(content: Uint8Array): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeFile(`${folder}/labels.csv`, content);
  return folder;
}

const gzip = (content: Uint8Array<ArrayBuffer>) =>
  new Response(new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

Deno.test("sha256() gives the published digest of abc", () => {
  const published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, B.1
  assert.equal(sha256(new TextEncoder().encode("abc")), published);
});

Deno.test("readDataFile() gives the bytes of an unaltered file", async () => {
  assert.deepEqual(
    await readDataFile(await folderWith(bytes), { path: "labels.csv", sha256: sha256(bytes) }, CARD),
    bytes,
  );
});

Deno.test("readDataFile() says of a missing file where it should be, what was expected and how to get it", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(readDataFile(folder, { path: "labels.csv", sha256: sha256(bytes) }, CARD), (error: Error) => {
    assert.ok(error instanceof DataFileError);
    for (const part of [`${folder}/labels.csv`, sha256(bytes), "got no such file", "git checkout -- ", CARD.source]) {
      assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
    }
    return true;
  });
});

Deno.test("readDataFile() refuses a file with one bit flipped, a shorter, a longer and an empty one", async () => {
  const altered = [bytes.with(3, bytes[3] ^ 1), bytes.slice(0, -1), Uint8Array.of(...bytes, 10), new Uint8Array()];
  for (const content of altered) {
    const reading = readDataFile(await folderWith(content), { path: "labels.csv", sha256: sha256(bytes) }, CARD);
    await assert.rejects(reading, (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.ok(error.message.includes(sha256(bytes)) && error.message.includes(sha256(content)));
      return true;
    });
  }
});

Deno.test("readDataFile() says when the path is a folder", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/labels.csv`);
  await assert.rejects(readDataFile(folder, { path: "labels.csv", sha256: "" }, CARD), DataFileError);
});

Deno.test("gunzip() refuses a truncated, an altered and an empty file, and one that is not gzip", async () => {
  const zipped = await gzip(bytes);
  assert.deepEqual(await gunzip(zipped), bytes);
  const damaged = [zipped.slice(0, -5), zipped.with(12, zipped[12] ^ 0x40), new Uint8Array(), bytes.slice()];
  for (const content of damaged) await assert.rejects(gunzip(content), DataFileError);
});

Deno.test("readIdx() unpacks sizes and values", () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
  assert.deepEqual(readIdx(images, 3), { shape: [2, 1, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  assert.deepEqual(readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0), 1), { shape: [0], data: new Uint8Array() });
});

Deno.test("readIdx() refuses another magic number, type or length", () => {
  const refused: [number[], RegExp][] = [
    [[0, 0, 8, 3, 0, 0, 0, 2, 7, 3], /magic number 2049, got 2051/], // images where labels belong
    [[0, 0, 13, 1, 0, 0, 0, 2, 7, 3], /magic number 2049, got 3329/], // floats
    [[0, 0, 8, 1, 0, 0, 0, 3, 7, 3], /Expected 3 values for IDX shape \[3\], got 2/],
    [[0, 0, 8, 1, 0, 0, 0, 1, 7, 3], /Expected 1 values/],
    [[0, 0, 8, 1, 0, 0], /header of 8 bytes, got 6/],
    [[0, 0], /no header/],
    [[], /no header/],
  ];
  for (const [content, message] of refused) {
    assert.throws(() => readIdx(Uint8Array.from(content), 1), (error: Error) => {
      assert.ok(error instanceof DataFileError);
      assert.match(error.message, message);
      return true;
    });
  }
});
