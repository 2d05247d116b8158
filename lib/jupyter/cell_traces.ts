/**
 * Where in which cell an error was thrown.
 *
 * @module
 */

import { SourceMap, stripTypeScriptTypes } from "node:module";
import { type CellStatement, parseCell } from "./cell_source.ts";

/**
 * Names cells and lines in stack traces.
 *
 * Deno's kernel compiles each cell on its own and keeps no source map: frames read `<anonymous>:12:7`, whichever cell it was, and
 * count the lines of the JavaScript. Only these lines can be told apart: a comment of many lines, put in front of a cell, moves
 * its code to line numbers that no other cell has.
 *
 * @example
 * ```ts
 * import { CellTraces } from "braid/jupyter/cell_traces.ts";
 * import assert from "node:assert/strict";
 *
 * const traces = new CellTraces();
 * const sent = traces.place("interface A {}\n\nthrow new Error('x');", 7);
 * assert.equal(sent.split("\n").length, 100 + 2); // one line less in JavaScript, where it throws in line 100
 * assert.deepEqual(traces.name(["Error: x", "    at <anonymous>:100:7"]), ["Error: x", "    at cell 7, line 3"]);
 * ```
 */
export class CellTraces {
  readonly #cells: PlacedCell[] = [];
  #free = FIRST_LINE;

  /**
   * The code of a cell as the kernel should get it.
   *
   * @param source Code of the cell.
   * @param count Number that stands beside it.
   */
  place(source: string, count: number): string {
    const code = asExpression(source), compiled = compile(code);
    if (!compiled) return source; // it does not parse, and will not run
    const first = this.#free;
    this.#cells.push({ count, first, map: compiled.map });
    this.#free += compiled.lines;
    return `/*${"\n".repeat(first - 1)}*/${code}`;
  }

  /** A stack trace whose frames name cells and lines, without those of the kernel's own code. */
  name(trace: readonly string[]): string[] {
    return trace.flatMap((text) => {
      const [place, line, column] = text.match(/<anonymous>:(\d+):(\d+)/) ?? [];
      if (place === undefined) return /\(ext:cli\//.test(text) ? [] : [text];
      const name = this.#name(Number(line), Number(column));
      return name ? [text.replace(place, name)] : [];
    });
  }

  #name(line: number, column: number): string | undefined {
    const cell = this.#cells.findLast(({ first }) => first <= line);
    if (!cell) return undefined;
    // What stands before the code has moved the columns of its first line.
    const { originalLine } = cell.map.findEntry(line - cell.first, line === cell.first ? 0 : column - 1) as Place;
    return originalLine === undefined ? `cell ${cell.count}` : `cell ${cell.count}, line ${originalLine + 1}`;
  }
}

/** Lines before are those of code that the kernel runs for itself. */
const FIRST_LINE = 100;

interface PlacedCell {
  count: number;
  /** Its first line in the kernel. */
  first: number;
  map: SourceMap;
}

/** Lines and columns count from 0; nothing is known of what the compiler has added. */
interface Place {
  originalLine?: number;
}

/**
 * What begins with a brace is an object if it can be one, as at every prompt. The kernel would try the same, but when the object
 * throws, it runs the code again as a block.
 */
function asExpression(source: string): string {
  if (!/^\s*\{/.test(source) || /;\s*$/.test(source)) return source;
  const expression = `(${source})`;
  return parseOrNothing(expression) ? expression : source;
}

/** Deno has the mode `transform`, which the types of newer Nodes no longer know. */
const transpile = stripTypeScriptTypes as (code: string, options: { mode: string; sourceMap: boolean }) => string;

/** What the kernel's compiler makes of a cell: how many lines, and where they come from. Nothing if it does not parse. */
function compile(code: string): { lines: number; map: SourceMap } | undefined {
  const statements = parseOrNothing(code);
  if (!statements) return undefined;
  try {
    const text = transpile(asScript(code, statements), { mode: "transform", sourceMap: true });
    const [, encoded] = text.match(/\/\/# sourceMappingURL=[^,\n]*,([^\n]*)\s*$/)!;
    return { lines: text.split("\n").length, map: new SourceMap(JSON.parse(atob(encoded))) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // this parser refuses a little more
    throw error;
  }
}

/** The kernel turns each import into one statement, used or not, and drops mere lists of exports. Other places stay. */
function asScript(code: string, statements: readonly CellStatement[]): string {
  let text = code;
  for (const statement of statements) {
    const replacement = scriptStatement(statement);
    if (replacement === undefined) continue;
    const before = text.slice(0, statement.start!), after = text.slice(statement.end!);
    const breaks = text.slice(statement.start!, statement.end!).replace(/[^\n]/g, "");
    text = before + replacement.padEnd(statement.end! - statement.start! - breaks.length) + breaks + after;
  }
  return text;
}

function scriptStatement(statement: CellStatement): string | undefined {
  if (statement.type === "ImportDeclaration") return statement.importKind === "type" ? "" : "void 0;";
  if (statement.type === "ExportNamedDeclaration" && !statement.declaration) return "";
  return undefined;
}

function parseOrNothing(code: string): CellStatement[] | undefined {
  try {
    return parseCell(code);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
