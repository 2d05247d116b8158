// The safetensors format: eight bytes of length, a JSON header, then the tensors' bytes.

import * as tf from "@tensorflow/tfjs";
import * as v from "valibot";

/** What a safetensors file holds. */
export interface Safetensors {
  /** Tensors by name; the caller disposes them. */
  tensors: Record<string, tf.Tensor>;
  /** The file's texts by name, e.g. `format`. */
  metadata: Record<string, string>;
}

/**
 * Writes tensors in the safetensors format, bit by bit: float32 as F32, int32 as I32, bool as BOOL.
 *
 * @param tensors By name; they stay the caller's.
 * @param metadata Texts to keep beside them.
 * @returns The bytes of the file, tensors in the order given and aligned to eight bytes.
 * @throws {TypeError} If a tensor has another type, or its name is `__metadata__`.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const bytes = await encodeSafetensors({ "layer.weight": tf.tensor2d([[1, 2]]) }, { format: "pt" });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * assert.deepEqual(await tensors["layer.weight"].array(), [[1, 2]]);
 * assert.deepEqual(metadata, { format: "pt" });
 * ```
 */
export async function encodeSafetensors(
  tensors: Record<string, tf.Tensor>,
  metadata: Record<string, string> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { [METADATA]: metadata } : {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const type = written[tensor.dtype];
    if (!type || name === METADATA) {
      throw new TypeError(
        `Expected float32, int32 or bool tensors of any name but ${METADATA}, got ${tensor.dtype} "${name}"`,
      );
    }
    const values = await tensor.data(), bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    header[name] = { dtype: type, shape: tensor.shape, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header)), padded = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(text, 8);
  let at = 8 + padded;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/**
 * Reads a safetensors file. F32, I32 and BOOL come bit by bit; F64, F16 and BF16 become float32, I64, I16, I8 and U8 int32.
 *
 * @param bytes The file.
 * @returns Its tensors and texts.
 * @throws {RangeError} If the file is cut off, its header is no such header, offsets overlap, leave gaps or do not fit a
 * tensor's shape, a type is unknown, or an I64 does not fit into int32.
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { header, data } = splitFile(bytes), { [METADATA]: metadata = {}, ...entries } = header;
  checkOffsets(entries as Record<string, Entry>, data.length);
  const tensors = tf.tidy(() =>
    Object.fromEntries(
      Object.entries(entries as Record<string, Entry>).map(([name, { dtype, shape, data_offsets: [start, end] }]) => {
        const { type, values } = read[dtype](data.slice(start, end).buffer, name);
        return [name, tf.tensor(values, shape, type)];
      }),
    )
  );
  return { tensors, metadata: metadata as Record<string, string> };
}

const METADATA = "__metadata__";
const written: Record<string, string | undefined> = { float32: "F32", int32: "I32", bool: "BOOL" };

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({ dtype: v.string(), shape: v.array(size), data_offsets: v.tuple([size, size]) });
const headerSchema = v.objectWithRest({ [METADATA]: v.optional(v.record(v.string(), v.string())) }, entrySchema);
type Entry = v.InferOutput<typeof entrySchema>;

function splitFile(bytes: Uint8Array): { header: v.InferOutput<typeof headerSchema>; data: Uint8Array<ArrayBuffer> } {
  if (bytes.length < 8) throw new RangeError(`Expected a safetensors file of at least 8 bytes, got ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw new RangeError(
      `Expected a safetensors header of ${length} bytes, got a file of ${bytes.length}: is it cut off?`,
    );
  }
  const start = 8 + Number(length);
  const parsed = v.safeParse(headerSchema, parseJson(bytes.subarray(8, start)));
  if (!parsed.success) {
    throw new RangeError(`Expected a safetensors header, got: ${v.summarize(parsed.issues)}`);
  }
  return { header: parsed.output, data: new Uint8Array(bytes.subarray(start)) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RangeError(`Expected a safetensors header in JSON, got: ${(error as Error).message}`);
  }
}

/** The tensors' bytes must follow one another without gap or overlap, from the first byte to the last. */
function checkOffsets(entries: Record<string, Entry>, length: number): void {
  let expected = 0;
  const ordered = Object.entries(entries).sort(([, a], [, b]) =>
    a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]
  );
  for (const [name, { dtype, shape, data_offsets: [start, end] }] of ordered) {
    if (!(dtype in bytesOf)) {
      throw new RangeError(`Expected "${name}" to be one of ${Object.keys(bytesOf).join(", ")}, got ${dtype}`);
    }
    const bytes = shape.reduce((product, side) => product * side, bytesOf[dtype]);
    if (start !== expected || end - start !== bytes) {
      throw new RangeError(
        `Expected "${name}", ${dtype} [${shape}], to be bytes ${expected} to ${
          expected + bytes
        }, got ${start} to ${end}`,
      );
    }
    expected = end;
  }
  if (expected !== length) {
    throw new RangeError(`Expected ${expected} bytes of tensors, got ${length}: is the file cut off?`);
  }
}

const bytesOf: Record<string, number> = {
  ...{ F32: 4, F64: 8, F16: 2, BF16: 2 },
  ...{ I32: 4, I64: 8, I16: 2, I8: 1, U8: 1, BOOL: 1 },
};

type Read = { type: "float32" | "int32" | "bool"; values: Float32Array | Int32Array | Uint8Array };

/** How the bytes of each type become a tensor's values. */
const read: Record<string, (buffer: ArrayBuffer, name: string) => Read> = {
  F32: (buffer) => ({ type: "float32", values: new Float32Array(buffer) }),
  F64: (buffer) => ({ type: "float32", values: Float32Array.from(new Float64Array(buffer)) }),
  F16: (buffer) => ({ type: "float32", values: Float32Array.from(new Float16Array(buffer)) }),
  BF16: (buffer) => ({
    type: "float32", // the upper half of a float32
    values: new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  }),
  I32: (buffer) => ({ type: "int32", values: new Int32Array(buffer) }),
  I64: (buffer, name) => ({
    type: "int32",
    values: Int32Array.from(new BigInt64Array(buffer), (n) => narrow(n, name)),
  }),
  I16: (buffer) => ({ type: "int32", values: Int32Array.from(new Int16Array(buffer)) }),
  I8: (buffer) => ({ type: "int32", values: Int32Array.from(new Int8Array(buffer)) }),
  U8: (buffer) => ({ type: "int32", values: Int32Array.from(new Uint8Array(buffer)) }),
  BOOL: (buffer) => ({ type: "bool", values: new Uint8Array(buffer) }),
};

function narrow(value: bigint, name: string): number {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  throw new RangeError(`Expected the numbers of "${name}" to fit into 32 bits, got ${value}`);
}
