import assert from "node:assert/strict";
import { cached } from "braid/datasets/cache.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index * index);

const temporaryPath = async () => `${await Deno.makeTempDir()}/deep/down/squares.bin`;

/** Runs with console.warn caught; gives what was warned. */
async function warnings(run: () => Promise<void>): Promise<string[]> {
  const caught: string[] = [], { warn } = console;
  console.warn = (message: string) => void caught.push(message);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return caught;
}

Deno.test("cached() makes bytes once and leaves nothing but the cache file", async () => {
  const path = await temporaryPath();
  let made = 0;
  const make = () => (made++, BYTES);
  assert.deepEqual(await cached(path, make), BYTES);
  assert.deepEqual(await cached(path, make), BYTES);
  assert.equal(made, 1);
  assert.deepEqual([...Deno.readDirSync(path.replace("/squares.bin", ""))].map(({ name }) => name), ["squares.bin"]);
});

Deno.test("cached() makes again what was altered, cut short, emptied or replaced, and says so once", async () => {
  const damages: ((file: Uint8Array) => Uint8Array)[] = [
    (file) => file.with(500, file[500] ^ 1),
    (file) => file.with(0, file[0] ^ 1), // in the checksum
    (file) => file.slice(0, -1),
    (file) => file.slice(0, 10),
    () => new Uint8Array(),
    (file) => Uint8Array.of(...file, 0),
  ];
  for (const damage of damages) {
    const path = await temporaryPath();
    await cached(path, () => BYTES);
    await Deno.writeFile(path, damage(await Deno.readFile(path)));
    const said = await warnings(async () => {
      assert.deepEqual(await cached(path, () => BYTES), BYTES);
      assert.deepEqual(await cached(path, () => assert.fail("made again")), BYTES);
    });
    assert.equal(said.length, 1);
    assert.match(said[0], /squares\.bin was altered or cut short/);
  }
});

Deno.test("cached() goes on without a cache that cannot be written", async () => {
  const file = await Deno.makeTempFile(), path = `${file}/squares.bin`; // a file where a folder should be
  const said = await warnings(async () => assert.deepEqual(await cached(path, () => BYTES), BYTES));
  assert.equal(said.length, 1);
  assert.match(said[0], /could not be written/);
});

Deno.test("cached() leaves no unfinished file where the rename fails", async () => {
  const path = await temporaryPath();
  await Deno.mkdir(`${path}/occupied`, { recursive: true });
  const said = await warnings(async () => assert.deepEqual(await cached(path, () => BYTES), BYTES));
  assert.match(said[0], /could not be written/);
  assert.deepEqual([...Deno.readDirSync(path.replace("/squares.bin", ""))].map(({ name }) => name), ["squares.bin"]);
});

Deno.test("cached() serves many at once", async () => {
  const path = await temporaryPath();
  const said = await warnings(async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => cached(path, () => BYTES)));
    for (const result of results) assert.deepEqual(result, BYTES);
  });
  assert.deepEqual(said, []);
});

Deno.test("cached() keeps no bytes whose making failed", async () => {
  const path = await temporaryPath();
  await assert.rejects(cached(path, () => assert.fail("broken")), /broken/);
  assert.deepEqual(await cached(path, () => BYTES), BYTES);
});
