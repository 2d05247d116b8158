// Reading data files: checked against their checksum, unzipped, unpacked.

import { join } from "node:path";
import { sha256 } from "../files/sha256.ts";
import type { DataFile, DatasetCard } from "./card.ts";

/** The folder of the data sets that come with Braid. */
export const DATA_FOLDER: string = join(import.meta.dirname!, "../../data");

/** A data file is missing, altered or not in its format. */
export class DataFileError extends Error {
  override name = "DataFileError";
}

/**
 * Reads a file of a data set and holds it against its checksum.
 *
 * @param folder The data set's folder.
 * @param file Path in the folder and SHA-256.
 * @param card Of the data set the file belongs to: an error names its source.
 * @returns The file's bytes.
 * @throws {DataFileError} If there is no such file or its bytes are others; the message says how to get the right one.
 *
 * @example An altered file is never used.
 * ```ts
 * import { readDataFile } from "braid/datasets/files.ts";
 * import { sha256 } from "braid/files/sha256.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/labels.csv`, "0\n1\n");
 * const file = { path: "labels.csv", sha256: sha256(new TextEncoder().encode("0\n1\n2\n")) };
 * await assert.rejects(readDataFile(folder, file, { name: "digits", source: "its author" }), /altered or cut short/);
 * ```
 */
export async function readDataFile(
  folder: string,
  file: DataFile,
  card: Pick<DatasetCard, "name" | "source">,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(folder, file.path);
  const get = `It comes with Braid: "git checkout -- ${path}" brings it back. Source of ${card.name}: ${card.source}`;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : (error as Error).message;
    throw new DataFileError(`Expected ${path} with SHA-256 ${file.sha256}, got ${found}. ${get}`, { cause: error });
  }
  const found = sha256(bytes);
  if (found !== file.sha256) {
    throw new DataFileError(
      `Expected ${path} to have SHA-256 ${file.sha256}, got ${found} (${bytes.length} bytes): ` +
        `the file was altered or cut short. ${get}`,
    );
  }
  return bytes;
}

/**
 * Unzips a gzip file.
 *
 * @param bytes The file.
 * @returns What was zipped.
 * @throws {DataFileError} If the bytes are not gzip, end early or fail gzip's own checksum.
 *
 * @example
 * ```ts
 * import { gunzip } from "braid/datasets/files.ts";
 * import assert from "node:assert/strict";
 *
 * const zipped = new Blob(["braid"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const bytes = await gunzip(await new Response(zipped).bytes());
 * assert.equal(new TextDecoder().decode(bytes), "braid");
 * ```
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).bytes();
  } catch (error) {
    throw new DataFileError(`Expected a whole gzip file, got ${bytes.length} bytes: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** An array of bytes in the IDX format. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/**
 * Unpacks an IDX file of unsigned bytes, the format of MNIST: a magic number (two zeros, type 8, number of dimensions),
 * the sizes as big-endian 32-bit integers, then the values row by row.
 *
 * @param bytes The file, unzipped.
 * @param dimensions How many dimensions it must have.
 * @returns Shape and values.
 * @throws {DataFileError} If the magic number or the number of values is another.
 *
 * @example Two labels.
 * ```ts
 * import { readIdx } from "braid/datasets/files.ts";
 * import assert from "node:assert/strict";
 *
 * const labels = readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3), 1);
 * assert.deepEqual(labels, { shape: [2], data: Uint8Array.of(7, 3) });
 * ```
 */
export function readIdx(bytes: Uint8Array, dimensions: number): IdxArray {
  const header = 4 + 4 * dimensions;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = 0x0800 + dimensions, magic = bytes.length < 4 ? undefined : view.getUint32(0);
  if (magic !== expected) throw new DataFileError(`Expected IDX magic number ${expected}, got ${magic ?? "no header"}`);
  if (bytes.length < header) throw new DataFileError(`Expected an IDX header of ${header} bytes, got ${bytes.length}`);

  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const data = bytes.subarray(header), values = shape.reduce((product, size) => product * size, 1);
  if (data.length !== values) {
    throw new DataFileError(`Expected ${values} values for IDX shape [${shape}], got ${data.length}`);
  }
  return { shape, data };
}
