import { dirname } from "node:path";

/**
 * Writes a file whole or not at all: it is written under another name and then takes the old one's place, so that a reader, or a
 * run after a crash, never meets half of it. Folders are made as needed.
 *
 * @param path The file.
 * @param content Its bytes, or its text as UTF-8.
 * @param durable Waits until the disk has it, so that it outlives a power failure too. Default false.
 *
 * @example
 * ```ts
 * import { writeWhole } from "braid/files/whole_file.ts";
 * import assert from "node:assert/strict";
 *
 * const path = `${await Deno.makeTempDir()}/runs/note.txt`;
 * await writeWhole(path, "one");
 * await writeWhole(path, "two");
 * assert.equal(await Deno.readTextFile(path), "two");
 * ```
 */
export async function writeWhole(path: string, content: Uint8Array | string, { durable = false } = {}): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${crypto.randomUUID()}${UNFINISHED}`;
  try {
    await Deno.writeFile(unfinished, bytes);
    if (durable) {
      using file = await Deno.open(unfinished, { write: true });
      await file.sync();
    }
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {}); // the first error tells more
    throw error;
  }
}

/** How the names of files end that are being written; one that stays is of a process that was killed. */
export const UNFINISHED = ".unfinished";
