/**
 * Checks the cells of notebooks as `deno check` and `deno fmt --check` do with files.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type CellModule, toModule } from "./cell_module.ts";
import { syntaxErrorOf } from "./cell_source.ts";
import { type CodeCell, codeCells, readNotebook } from "./notebook_file.ts";

/** Something wrong in a cell. */
export interface CellDiagnostic {
  /** Path of the notebook. */
  notebook: string;
  /** Number of the cell, counted from 1 over those with code. */
  cell: number;
  /** Line in the cell, from 1. */
  line: number;
  /** What is wrong; a type error begins with its code, such as `TS2322`, another format with `Format`. */
  message: string;
}

/**
 * Checks types, syntax and format of the cells of notebooks. Cells tagged `raises-exception` may contain errors.
 *
 * @param paths The `.ipynb` files.
 * @param options `config`: the `deno.json` whose imports, compiler options and format hold. Default: the current folder's.
 * @returns Everything that is wrong: first syntax, then types, then format.
 *
 * @example
 * ```ts
 * import { checkCells } from "braid/jupyter/cell_check.ts";
 * import { createNotebook, writeNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".ipynb" });
 * await writeNotebook(path, createNotebook(["const a = 1;", "\nconst b: string = a;"]));
 * const [{ cell, line, message }] = await checkCells([path]);
 * assert.deepEqual([cell, line], [2, 2]);
 * assert.match(message, /^TS2322 Type 'number' is not assignable to type 'string'/);
 * await Deno.remove(path);
 * ```
 */
export async function checkCells(
  paths: readonly string[],
  { config = "deno.json" }: { config?: string } = {},
): Promise<CellDiagnostic[]> {
  if (paths.length === 0) return [];
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "braid-cells-" }));
  try {
    const notebooks = await Promise.all(paths.map(async (path, i) => {
      const notebook = await readNotebook(path);
      return {
        path,
        cells: codeCells(notebook),
        file: join(folder, `${i}.ts`),
        ...toModule(notebook, { folder: dirname(resolve(path)) }),
      };
    }));
    const syntaxErrors = notebooks.flatMap(({ path, syntaxErrors }) =>
      syntaxErrors.map((error) => ({ notebook: path, ...error }))
    );
    const types = await checkTypes(notebooks, config);
    const formats = await checkFormat(notebooks, join(folder, "cells"), config);
    return [...syntaxErrors, ...types, ...formats];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface CheckedNotebook extends CellModule {
  path: string;
  cells: CodeCell[];
  /** Where its module is written. */
  file: string;
}

async function checkTypes(notebooks: CheckedNotebook[], config: string): Promise<CellDiagnostic[]> {
  for (const { file, text } of notebooks) await Deno.writeTextFile(file, text);
  const report = await deno("check", "--quiet", "--config", config, ...notebooks.map(({ file }) => file));
  return report === undefined ? [] : typeErrorsOf(report, notebooks);
}

/**
 * Writes each cell as a file of its own, because `deno fmt --check` refuses every cell of a notebook whose last line has no
 * line break, although neither Jupyter nor `deno fmt` itself writes one.
 */
async function checkFormat(notebooks: CheckedNotebook[], folder: string, config: string): Promise<CellDiagnostic[]> {
  await Deno.mkdir(folder);
  const broken = (cell: CodeCell) => syntaxErrorOf(cell.source) !== undefined;
  const files = notebooks.flatMap(({ path, cells }, i) =>
    cells.flatMap((cell, k) =>
      broken(cell) ? [] : [{ path, cell: k + 1, source: cell.source, file: `${i}-${k + 1}.ts` }]
    )
  );
  if (files.length === 0) return [];
  for (const { file, source } of files) await Deno.writeTextFile(join(folder, file), source.trimEnd() + "\n");
  const report = await deno("fmt", "--check", "--config", config, folder);
  if (report === undefined) return [];
  const changes = [...report.matchAll(/^from .*?(\d+-\d+\.ts):\n( *(\d+) .*\n(?:.+\n)*)/gm)];
  if (changes.length === 0) throw new Error(`Expected deno fmt to report changes, got:\n${report}`);
  return changes.map(([_, name, change, line]) => {
    const { path, cell } = files.find(({ file }) => file === name)!;
    return { notebook: path, cell, line: Number(line), message: `Format: run deno fmt ${path}\n${change.trimEnd()}` };
  });
}

/** Runs a command of Deno and returns what it reports if it fails. */
async function deno(...args: string[]): Promise<string | undefined> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  return success ? undefined : new TextDecoder().decode(stderr);
}

/** Reads what `deno check` reports and finds the cells again. */
function typeErrorsOf(report: string, notebooks: CheckedNotebook[]): CellDiagnostic[] {
  // A place that is indented further belongs to a remark on the error before.
  const errors = [...report.matchAll(/^(TS\d+) \[ERROR\]: ((?:(?!^TS\d).*\n)*?) {4}at (file:\S+):(\d+):\d+$/gm)];
  if (errors.length === 0) throw new Error(`Expected deno check to report type errors, got:\n${report}`);
  return errors.flatMap(([whole, code, text, file, line]) => {
    const notebook = notebooks.find((notebook) => pathToFileURL(notebook.file).href === file);
    if (!notebook) throw new Error(`Expected type errors in cells only, got:\n${whole}`);
    const [origin] = notebook.origins[Number(line) - 1];
    if (!origin) return [];
    return [{ notebook: notebook.path, cell: origin.cell, line: origin.line, message: `${code} ${text.trimEnd()}` }];
  });
}
