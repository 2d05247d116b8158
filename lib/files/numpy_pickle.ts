// Python pickles of dictionaries with NumPy arrays.

import { Parser } from "pickleparser";

/** An array of numbers as NumPy keeps it, row by row. */
export interface NumpyArray {
  shape: readonly number[];
  values: Float32Array;
}

/**
 * Reads a pickle of dictionaries, lists, numbers, text and NumPy arrays, without running any of its code.
 *
 * Arrays of numbers become {@linkcode NumpyArray}s of float32; arrays of text or bytes, such as names, become `null`.
 *
 * @param bytes The file; pickle protocols 1 to 5, and 0 where it holds no arrays.
 * @returns What was pickled; dictionaries are `Map`s.
 * @throws {TypeError} If the bytes are no pickle, or it holds objects of other classes; the message names the first.
 *
 * @example A dictionary of a number, `{"answer": 42}`.
 * ```ts
 * import { readNumpyPickle } from "braid/files/numpy_pickle.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = new TextEncoder().encode("(dS'answer'\nI42\ns.");
 * assert.deepEqual(readNumpyPickle(bytes), new Map([["answer", 42]]));
 * ```
 */
export function readNumpyPickle(bytes: Uint8Array): unknown {
  const parser = new Parser({ nameResolver: { resolve }, unpicklingTypeOfDictionary: "Map" });
  try {
    return finished(parser.parse<unknown>(bytes));
  } catch (error) {
    throw new TypeError(`Expected a pickle of dictionaries and NumPy arrays, got ${(error as Error).message}`);
  }
}

/** What a name in a pickle stands for. */
function resolve(module: string, name: string): (...args: never[]) => unknown {
  const known = constructors[`${module}.${name}`];
  if (known) return known;
  throw new TypeError(`an object of ${module}.${name}`);
}

type Numbers = (bytes: DataView, at: number, littleEndian: boolean) => number;

/** By kind and bytes, as in NumPy's `dtype.str`. */
const readers: Record<string, Numbers> = {
  b1: (bytes, at) => bytes.getUint8(at),
  i1: (bytes, at) => bytes.getInt8(at),
  u1: (bytes, at) => bytes.getUint8(at),
  i2: (bytes, at, little) => bytes.getInt16(at, little),
  i4: (bytes, at, little) => bytes.getInt32(at, little),
  i8: (bytes, at, little) => Number(bytes.getBigInt64(at, little)),
  f4: (bytes, at, little) => bytes.getFloat32(at, little),
  f8: (bytes, at, little) => bytes.getFloat64(at, little),
};

class Dtype {
  littleEndian = true;
  constructor(readonly kind: string) {}
  __setstate__([, order]: [number, string]): void {
    this.littleEndian = order !== ">";
  }
}

/** An array that the pickle is still filling. */
class PickledArray {
  array: NumpyArray | null = null;
  __setstate__(
    [, shape, dtype, fortran, data]: [number, number[], Dtype, boolean, Uint8Array | string | unknown[]],
  ): void {
    this.array = arrayOf(shape, dtype, fortran, data);
  }
}

function arrayOf(
  shape: number[],
  dtype: Dtype,
  fortran: boolean,
  data: Uint8Array | string | unknown[],
): NumpyArray | null {
  const read = readers[dtype.kind];
  if (!read || Array.isArray(data)) return null;
  const bytes = typeof data === "string" ? latin1(data) : data;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), width = Number(dtype.kind.slice(1));
  const count = shape.reduce((product, side) => product * side, 1);
  if (bytes.byteLength !== count * width) {
    throw new TypeError(`an array of [${shape}] ${dtype.kind} in ${bytes.byteLength} bytes`);
  }
  const values = Float32Array.from({ length: count }, (_, i) => read(view, i * width, dtype.littleEndian));
  if (!fortran) return { shape, values };
  throw new TypeError("an array by columns: save it with numpy.ascontiguousarray()");
}

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const array = () => new PickledArray();
const constructors: Record<string, (...args: never[]) => unknown> = Object.fromEntries([
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) => [
    [`${module}._reconstruct`, array],
    [
      `${module}.scalar`,
      (dtype: Dtype, data: Uint8Array | string) => arrayOf([], dtype, false, data)?.values[0] ?? null,
    ],
  ]),
  ...["numpy.core.numeric", "numpy._core.numeric"].map((module) => [
    `${module}._frombuffer`,
    (data: Uint8Array, dtype: Dtype, shape: number[], order: string) => arrayOf(shape, dtype, order === "F", data),
  ]),
  ["numpy.dtype", (kind: string) => new Dtype(kind)],
  ["numpy.ndarray", array],
  ["_codecs.encode", latin1],
  ["__builtin__.bytes", () => new Uint8Array()],
]);

/** The same with arrays in the place of what filled them. */
function finished(value: unknown): unknown {
  if (value instanceof PickledArray) return value.array;
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, finished(entry)]));
  return Array.isArray(value) ? value.map(finished) : value;
}
