// Matrices kept as comma-separated text.

import { parse } from "csv-parse/sync";
import { DataFileError } from "./files.ts";

/** A matrix read from text, row by row. */
export interface CsvMatrix {
  /** Names of the columns, if the first line holds them. */
  names?: readonly string[];
  rows: number;
  columns: number;
  /** `[rows, columns]`. */
  values: Float32Array;
}

/**
 * Reads a matrix of numbers from comma-separated text.
 *
 * @param text The file's text, one row a line.
 * @param options `header`: whether the first line names the columns. Default false.
 * @returns The matrix; text without rows gives one of 0 x 0.
 * @throws {DataFileError} If rows differ in length or a cell is no finite float32 number; the message says which.
 *
 * @example
 * ```ts
 * import { readCsvMatrix } from "braid/datasets/csv_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const { names, rows, columns, values } = readCsvMatrix("ERBB4,PGR\n1.5,-2\n0,3e1\n", { header: true });
 * assert.deepEqual([names, rows, columns], [["ERBB4", "PGR"], 2, 2]);
 * assert.deepEqual(values, Float32Array.of(1.5, -2, 0, 30));
 * ```
 */
export function readCsvMatrix(text: string, { header = false }: { header?: boolean } = {}): CsvMatrix {
  const lines = parseCells(text), names = header ? lines.shift() : undefined;
  const rows = lines.length, columns = lines[0]?.length ?? 0, values = new Float32Array(rows * columns);
  lines.forEach((cells, row) =>
    cells.forEach((cell, column) => {
      const value = Math.fround(cell.trim() === "" ? NaN : Number(cell)); // Number("") would be 0
      if (!Number.isFinite(value)) {
        throw new DataFileError(`Expected a finite number in row ${row}, column ${column}, got "${cell}"`);
      }
      values[row * columns + column] = value;
    })
  );
  return { names, rows, columns, values };
}

function parseCells(text: string): string[][] {
  try {
    return parse(text);
  } catch (error) {
    throw new DataFileError(`Expected comma-separated rows of equal length, got: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
