// Generated data kept on disk: a checksum and the bytes behind it.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { writeWhole } from "../files/whole_file.ts";

const CHECKSUM_BYTES = 32; // SHA-256

/**
 * Takes bytes from a cache file, or makes them and leaves them there for the next time.
 *
 * The file is written under another name and then renamed, so that a reader never meets half of it and processes that
 * run at once do not disturb each other. Bytes that fail their checksum are made again.
 *
 * @param path The cache file; change its name whenever `make` would give other bytes.
 * @param make Makes the bytes.
 * @returns The bytes. A cache that cannot be written costs a warning, no error.
 *
 * @example
 * ```ts
 * import { cached } from "braid/datasets/cache.ts";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/squares-v1.bin`;
 * await cached(path, () => Uint8Array.of(0, 1, 4, 9));
 * assert.deepEqual(await cached(path, () => assert.fail("made again")), Uint8Array.of(0, 1, 4, 9));
 * ```
 */
export async function cached(path: string, make: () => Uint8Array): Promise<Uint8Array> {
  const kept = await load(path);
  if (kept) return kept;
  const bytes = make();
  await store(path, bytes);
  return bytes;
}

async function load(path: string): Promise<Uint8Array | undefined> {
  const file = await Deno.readFile(path).catch(() => undefined);
  if (!file) return undefined;
  const bytes = file.subarray(CHECKSUM_BYTES);
  if (Buffer.compare(file.subarray(0, CHECKSUM_BYTES), checksum(bytes)) === 0) return bytes;
  console.warn(`The cache file ${path} was altered or cut short: making it again.`);
  return undefined;
}

async function store(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(path, Buffer.concat([checksum(bytes), bytes]));
  } catch (error) {
    console.warn(`The cache file ${path} could not be written (${(error as Error).message}): going on without it.`);
  }
}

const checksum = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
