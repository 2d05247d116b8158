/**
 * Type-checks the cells of notebooks, which neither `deno check` nor the kernel does.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type CellModule, toModule } from "./cell_module.ts";
import { readNotebook } from "./notebook_file.ts";

/** A type or syntax error in a cell. */
export interface CellDiagnostic {
  /** Path of the notebook. */
  notebook: string;
  /** Number of the cell, counted from 1 over those with code. */
  cell: number;
  /** Line in the cell, from 1. */
  line: number;
  /** What is wrong; a type error begins with its code, such as `TS2322`. */
  message: string;
}

/**
 * Type-checks the cells of notebooks.
 *
 * Cells tagged `raises-exception` may contain errors.
 *
 * @param paths The `.ipynb` files.
 * @param options `config`: the `deno.json` whose imports and compiler options hold. Default: that of the current folder.
 * @returns All errors, in the order of `deno check`.
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
    const modules = await Promise.all(paths.map(async (path, i) => {
      const module = toModule(await readNotebook(path), dirname(resolve(path))), file = join(folder, `${i}.ts`);
      await Deno.writeTextFile(file, module.text);
      return { ...module, notebook: path, file };
    }));
    const args = ["check", "--quiet", "--config", config, ...modules.map(({ file }) => file)];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    const typeErrors = success ? [] : typeErrorsOf(new TextDecoder().decode(stderr), modules);
    const syntaxErrors = modules.flatMap(({ notebook, syntaxErrors }) =>
      syntaxErrors.map((error) => ({ notebook, ...error }))
    );
    return [...syntaxErrors, ...typeErrors];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads what `deno check` reports and finds the cells again. */
function typeErrorsOf(report: string, modules: (CellModule & { notebook: string; file: string })[]): CellDiagnostic[] {
  // A place that is indented further belongs to a remark on the error before.
  const errors = [...report.matchAll(/^(TS\d+) \[ERROR\]: ((?:(?!^TS\d).*\n)*?) {4}at (file:\S+):(\d+):\d+$/gm)];
  if (errors.length === 0) throw new Error(`Expected deno check to report type errors, got:\n${report}`);
  return errors.flatMap(([whole, code, text, file, line]) => {
    const module = modules.find((module) => pathToFileURL(module.file).href === file);
    if (!module) throw new Error(`Expected type errors in cells only, got:\n${whole}`);
    const origin = module.origins[Number(line) - 1];
    return origin ? [{ notebook: module.notebook, ...origin, message: `${code} ${text.trimEnd()}` }] : [];
  });
}
