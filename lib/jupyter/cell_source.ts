/**
 * The TypeScript of a cell, seen as a program.
 *
 * @module
 */

import { parse } from "@babel/parser";

/** A statement of a cell's top level. */
export type CellStatement = ReturnType<typeof parse>["program"]["body"][number];

/**
 * The top-level statements of a cell.
 *
 * @param source Code of the cell; `await` may stand at its top level.
 * @throws {SyntaxError} If it does not parse; the message ends with line and column.
 *
 * @example
 * ```ts
 * import { parseCell } from "braid/jupyter/cell_source.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseCell("let a: number = await 1; a").map(({ type }) => type), [
 *   "VariableDeclaration",
 *   "ExpressionStatement",
 * ]);
 * ```
 */
export function parseCell(source: string): CellStatement[] {
  return parse(source, { sourceType: "module", plugins: ["typescript"] }).program.body;
}

/**
 * What keeps a cell from being parsed, or undefined if nothing does.
 *
 * @param source Code of the cell.
 *
 * @example
 * ```ts
 * import { syntaxErrorOf } from "braid/jupyter/cell_source.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(syntaxErrorOf("const a = ;"), "Unexpected token (1:10)");
 * assert.equal(syntaxErrorOf("const a = 1;"), undefined);
 * ```
 */
export function syntaxErrorOf(source: string): string | undefined {
  try {
    parseCell(source);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}
