import assert from "node:assert/strict";
import { join } from "node:path";
import { UNFINISHED, writeWhole } from "braid/files/whole_file.ts";

const namesIn = async (folder: string) => (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("writeWhole() makes folders, replaces what was there, writes bytes and text, and leaves nothing else", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "a", "b", "file");
  await writeWhole(path, Uint8Array.of(1, 2, 3));
  assert.deepEqual(await Deno.readFile(path), Uint8Array.of(1, 2, 3));
  await writeWhole(path, "ä", { durable: true });
  assert.equal(await Deno.readTextFile(path), "ä");
  assert.deepEqual(await namesIn(join(folder, "a", "b")), ["file"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file that cannot take its name leaves the old one, and nothing unfinished", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "taken");
  await Deno.mkdir(join(path, "full"), { recursive: true }); // a folder that is not empty: rename() must fail
  await assert.rejects(writeWhole(path, "text"));
  assert.deepEqual(await namesIn(folder), ["taken"]);
  assert.ok(UNFINISHED.startsWith("."));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a reader never meets half a file, however many write it", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "file"), size = 1 << 20;
  await writeWhole(path, new Uint8Array(size));
  const writers = [1, 2, 3].map((byte) => writeWhole(path, new Uint8Array(size).fill(byte)));
  const seen = await Promise.all(Array.from({ length: 20 }, () => Deno.readFile(path)));
  await Promise.all(writers);
  for (const bytes of seen) {
    assert.equal(bytes.length, size);
    assert.ok(bytes.every((byte) => byte === bytes[0]));
  }
  await Deno.remove(folder, { recursive: true });
});
