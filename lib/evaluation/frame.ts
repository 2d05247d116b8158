// What is known of the samples besides their modalities: age, site, speaker, …

/** One entry of a {@linkcode Frame}; `null`, `undefined`, NaN and "" count as missing. */
export type Cell = string | number | boolean | null | undefined;

/** Attributes of samples: columns by name, or a danfo DataFrame. */
export type Frame = Readonly<Record<string, ArrayLike<Cell>>> | DataFrameLike;

/** What a danfo DataFrame has of a table. */
export interface DataFrameLike {
  columns: readonly string[];
  /** Row by row. */
  values: unknown;
}

/** The group of samples whose attribute is missing. */
export const MISSING = "missing";

/**
 * The columns of a frame, all of one length.
 *
 * @param samples How many entries each column must have.
 * @throws {RangeError} If there is no column, or one has another length.
 *
 * @example
 * ```ts
 * import { frameColumns } from "braid/evaluation/frame.ts";
 * import assert from "node:assert/strict";
 *
 * const columns = frameColumns({ columns: ["site", "age"], values: [["A", 61], ["B", 47]] }, 2);
 * assert.deepEqual(columns.get("age"), [61, 47]);
 * ```
 */
export function frameColumns(frame: Frame, samples: number): Map<string, Cell[]> {
  const columns = new Map(
    isDataFrame(frame)
      ? frame.columns.map((name, k) => [name, (frame.values as Cell[][]).map((row) => row[k])])
      : Object.entries(frame).map(([name, cells]) => [name, Array.from(cells)]),
  );
  if (columns.size === 0) throw new RangeError("Expected a frame with at least one column, got none");
  for (const [name, { length }] of columns) {
    if (length !== samples) {
      throw new RangeError(`Expected column ${name} to have one entry for each of ${samples} samples, got ${length}`);
    }
  }
  return columns;
}

/**
 * The group of each sample by one column or by several at once.
 *
 * @param by Names of columns.
 * @returns `[samples]`: the column's value as text, or as `"site = A, sex = f"` for several columns.
 * @throws {RangeError} If the frame lacks a column.
 *
 * @example
 * ```ts
 * import { groupsOf } from "braid/evaluation/frame.ts";
 * import assert from "node:assert/strict";
 *
 * const frame = { site: ["A", null], sex: ["f", "m"] };
 * assert.deepEqual(groupsOf(frame, "site", 2), ["A", "missing"]);
 * assert.deepEqual(groupsOf(frame, ["site", "sex"], 2), ["site = A, sex = f", "site = missing, sex = m"]);
 * ```
 */
export function groupsOf(frame: Frame, by: string | readonly string[], samples: number): string[] {
  const columns = frameColumns(frame, samples), names = typeof by === "string" ? [by] : by;
  const unknown = names.find((name) => !columns.has(name));
  if (names.length === 0 || unknown !== undefined) {
    throw new RangeError(`Expected by to name columns of ${[...columns.keys()].join(", ")}, got ${unknown ?? "none"}`);
  }
  const texts = names.map((name) => columns.get(name)!.map(cellName));
  if (names.length === 1) return texts[0];
  return texts[0].map((_, i) => names.map((name, k) => `${name} = ${texts[k][i]}`).join(", "));
}

/** A cell as the name of a group. */
export const cellName = (cell: Cell): string => isMissing(cell) ? MISSING : String(cell);

export const isMissing = (cell: Cell): boolean =>
  cell === null || cell === undefined || cell === "" || Number.isNaN(cell);

/** A record with columns called "columns" and "values" is no data frame unless it holds rows. */
const isDataFrame = (frame: Frame): frame is DataFrameLike =>
  Array.isArray(frame.columns) && Array.isArray(frame.values) &&
  frame.values.every((row) => Array.isArray(row) && row.length === (frame.columns as unknown[]).length);
