/**
 * Notebook files in nbformat 4: read with validation, written as Jupyter writes them.
 *
 * In memory every text is one string; in the file it is a list of lines.
 *
 * @module
 */

import * as v from "valibot";
import { writeWhole } from "../files/whole_file.ts";
import type { ExceptionContent, MimeBundle } from "./messages.ts";

/** A notebook. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: 4;
  nbformat_minor: number;
}

/** A cell of any kind. */
export type Cell = CodeCell | TextCell;

/** Metadata of a cell; tags such as `parameters` or `raises-exception` tell an executor what to do. */
export interface CellMetadata {
  tags?: string[];
  [name: string]: unknown;
}

/** A cell with code, its number of execution (null if it has not run) and its outputs. */
export interface CodeCell {
  cell_type: "code";
  id: string;
  source: string;
  metadata: CellMetadata;
  execution_count: number | null;
  outputs: Output[];
}

/** A cell with Markdown, or with raw text that passes unchanged. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id: string;
  source: string;
  metadata: CellMetadata;
  attachments?: Record<string, MimeBundle>;
}

/** What a cell printed, showed, resulted in or threw. */
export type Output = StreamOutput | DisplayOutput | ResultOutput | ErrorOutput;

/** Printed text. */
export interface StreamOutput {
  output_type: "stream";
  name: "stdout" | "stderr";
  text: string;
}

/** A shown value in one or several formats. */
export interface DisplayOutput {
  output_type: "display_data";
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** The value of a cell's last expression in one or several formats. */
export interface ResultOutput {
  output_type: "execute_result";
  data: MimeBundle;
  metadata: Record<string, unknown>;
  execution_count: number | null;
}

/** An exception. */
export interface ErrorOutput extends ExceptionContent {
  output_type: "error";
}

/** A file that is not a notebook of nbformat 4. */
export class NotebookFormatError extends Error {
  override name = "NotebookFormatError";
}

/**
 * Reads a notebook file.
 *
 * @param path The `.ipynb` file.
 * @throws {NotebookFormatError} If it is not a notebook of nbformat 4; says which field is wrong.
 *
 * @example
 * ```ts
 * import { createNotebook, readNotebook, writeNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".ipynb" });
 * await writeNotebook(path, createNotebook(["1 + 1"]));
 * assert.equal((await readNotebook(path)).cells[0].source, "1 + 1");
 * await Deno.remove(path);
 * ```
 */
export async function readNotebook(path: string): Promise<Notebook> {
  try {
    return parseNotebook(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof NotebookFormatError) error.message = `${path}: ${error.message}`;
    throw error;
  }
}

/**
 * Writes a notebook file, all of it or (if the process ends meanwhile) nothing.
 *
 * @param path The `.ipynb` file.
 * @param notebook Notebook to write.
 */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeWhole(path, formatNotebook(notebook));
}

/**
 * Reads a notebook from a file's text. Cells without an id (before nbformat 4.5) get one from their position.
 *
 * @param text Content of an `.ipynb` file.
 * @throws {NotebookFormatError} If it is not a notebook of nbformat 4; says which field is wrong.
 *
 * @example
 * ```ts
 * import { parseNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => parseNotebook('{ "cells": 3 }'), /Expected cells to be Array, got 3/);
 * ```
 */
export function parseNotebook(text: string): Notebook {
  const parsed = v.safeParse(notebookSchema, parseJson(text));
  if (!parsed.success) throw new NotebookFormatError(describe(parsed.issues[0]));
  const notebook = parsed.output;
  const cells = notebook.cells.map((cell, i) => ({ ...cell, id: cell.id ?? `cell-${i + 1}` }));
  return { ...notebook, cells, nbformat_minor: Math.max(5, notebook.nbformat_minor) };
}

/**
 * The text of a notebook's file: keys sorted, indented by one space, texts as lists of lines, as Jupyter does it.
 *
 * @param notebook Notebook to write.
 *
 * @example
 * ```ts
 * import { createNotebook, formatNotebook, parseNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const notebook = createNotebook(["const a = 1;\na"]);
 * assert.deepEqual(parseNotebook(formatNotebook(notebook)), notebook);
 * ```
 */
export function formatNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: splitLines(cell.source),
    ...("attachments" in cell && cell.attachments && { attachments: mapValues(cell.attachments, splitBundle) }),
    ...("outputs" in cell && { outputs: cell.outputs.map(splitOutput) }),
  }));
  return JSON.stringify(sortKeys({ ...notebook, cells }), null, 1) + "\n";
}

/**
 * A notebook for the Deno kernel with the given code cells.
 *
 * @param sources Code of each cell.
 *
 * @example
 * ```ts
 * import { createNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(createNotebook(["1", "2"]).cells.map((cell) => cell.id), ["cell-1", "cell-2"]);
 * ```
 */
export function createNotebook(sources: string[]): Notebook {
  return {
    cells: sources.map((source, i) => codeCell(source, `cell-${i + 1}`)),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/**
 * A copy of a notebook that runs with other parameters, by papermill's convention: assignments in a cell tagged
 * `injected-parameters` right after the cell tagged `parameters`, which declares each of them with `let`.
 *
 * @param notebook Notebook to copy.
 * @param parameters Values by name; each must be a JSON value.
 * @throws {RangeError} If no code cell is tagged `parameters`, or it does not declare a parameter with `let`.
 *
 * @example
 * ```ts
 * import { createNotebook, injectParameters } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const notebook = createNotebook(['let preset = "quick";', "preset"]);
 * notebook.cells[0].metadata.tags = ["parameters"];
 * assert.equal(injectParameters(notebook, { preset: "smoke" }).cells[1].source, 'preset = "smoke";');
 * ```
 */
export function injectParameters(notebook: Notebook, parameters: Record<string, unknown>): Notebook {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  const position = cells.findIndex((cell) => cell.cell_type === "code" && hasTag(cell, "parameters"));
  if (position < 0) {
    const wanted = Object.keys(parameters).join(", ");
    throw new RangeError(`Expected a code cell tagged "parameters" that declares ${wanted}, got none: tag that cell`);
  }
  const declared = [...cells[position].source.matchAll(/^\s*let\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gmu)]
    .map((match) => match[1]);
  const unknown = Object.keys(parameters).filter((name) => !declared.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `Expected parameters that the cell tagged "parameters" declares with let (${declared.join(", ")}), ` +
        `got ${unknown.join(", ")}`,
    );
  }
  const source = Object.entries(parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)};`).join("\n");
  const injected = codeCell(source, "injected-parameters", ["injected-parameters"]);
  return { ...notebook, cells: cells.toSpliced(position + 1, 0, injected) };
}

/**
 * Whether a cell carries a tag.
 *
 * @param cell Cell to look at.
 * @param tag Name of the tag.
 *
 * @example
 * ```ts
 * import { createNotebook, hasTag } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(hasTag(createNotebook(["1"]).cells[0], "parameters"), false);
 * ```
 */
export function hasTag(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}

/**
 * The cells with code, in order; the first one's number is 1.
 *
 * @param notebook Notebook to look at.
 *
 * @example
 * ```ts
 * import { codeCells, createNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(codeCells(createNotebook(["1", "", "2"])).length, 2);
 * ```
 */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code").filter((cell) => cell.source.trim() !== "");
}

const codeCell = (source: string, id: string, tags?: string[]): CodeCell => ({
  cell_type: "code",
  id,
  source,
  metadata: tags ? { tags } : {},
  execution_count: null,
  outputs: [],
});

// The schema of a file's JSON; unknown fields pass, so that reading and writing loses nothing.

const text = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((lines) => typeof lines === "string" ? lines : lines.join("")),
);
const record = v.record(v.string(), v.unknown());
const bundle = v.pipe(record, v.transform(joinBundle));
const count = v.nullable(v.number());
const metadata = v.looseObject({ tags: v.optional(v.array(v.string())) });
const output = v.variant("output_type", [
  v.looseObject({ output_type: v.literal("stream"), name: v.picklist(["stdout", "stderr"]), text }),
  v.looseObject({ output_type: v.literal("display_data"), data: bundle, metadata: record }),
  v.looseObject({ output_type: v.literal("execute_result"), data: bundle, metadata: record, execution_count: count }),
  v.looseObject({
    output_type: v.literal("error"),
    ename: v.string(),
    evalue: v.string(),
    traceback: v.array(v.string()),
  }),
]);
const cellFields = { id: v.optional(v.string()), source: text, metadata };
const attachments = v.optional(v.record(v.string(), bundle));
const cell = v.variant("cell_type", [
  v.looseObject({
    cell_type: v.literal("code"),
    ...cellFields,
    execution_count: count,
    outputs: v.array(output),
  }),
  v.looseObject({ cell_type: v.picklist(["markdown", "raw"]), ...cellFields, attachments }),
]);
const notebookSchema = v.looseObject({
  cells: v.array(cell),
  metadata: record,
  nbformat: v.literal(4),
  nbformat_minor: v.number(),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotebookFormatError(`Expected a notebook in JSON, got something else: ${(error as Error).message}`);
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).reduce(
    (path, { key }) => typeof key === "number" ? `${path}[${key}]` : path ? `${path}.${key}` : String(key),
    "",
  );
  const missing = issue.received === "undefined";
  return `Expected ${path || "the notebook"} to be ${missing ? "there" : issue.expected}, got ${issue.received}`;
}

// Texts as lists of lines, as nbformat splits and joins them.

/** Cuts after each line break; the breaks are those of Python's `str.splitlines`. */
const splitLines = (text: string): string[] =>
  // deno-lint-ignore no-control-regex
  text.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|.+/g) ?? [];

const isSplit = (type: string): boolean =>
  type.startsWith("text/") || type === "image/svg+xml" || type === "application/javascript";

const isJson = (type: string): boolean => /^application\/(.*\+)?json$/.test(type);

const splitBundle = (data: MimeBundle): MimeBundle =>
  mapValues(data, (value, type) => isSplit(type) && typeof value === "string" ? splitLines(value) : value);

function joinBundle(data: MimeBundle): MimeBundle {
  return mapValues(data, (value, type) => !isJson(type) && Array.isArray(value) ? value.join("") : value);
}

function splitOutput(output: Output): unknown {
  if (output.output_type === "stream") return { ...output, text: splitLines(output.text) };
  return "data" in output ? { ...output, data: splitBundle(output.data) } : output;
}

const mapValues = <A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, sortKeys(value)]),
  );
}
