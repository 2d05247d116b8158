/**
 * What the TypeScript compiler says of cells, while they run and while they are written.
 *
 * @module
 */

import type { Position } from "vscode-languageserver-protocol/node";
import { type CellModule, toModule } from "./cell_module.ts";
import { LanguageServer } from "./language_server.ts";
import { createNotebook } from "./notebook_file.ts";

/** The environment variable that turns warnings of type errors off. */
export const TYPE_CHECK_VARIABLE = "BRAID_TYPE_CHECK";

/**
 * Whether the kernel warns of type errors.
 *
 * @throws {RangeError} If `BRAID_TYPE_CHECK` is neither `on`, the default, nor `off`.
 *
 * @example
 * ```ts
 * import { checksTypes } from "braid/jupyter/cell_language.ts";
 * import assert from "node:assert/strict";
 *
 * Deno.env.set("BRAID_TYPE_CHECK", "off");
 * assert.equal(checksTypes(), false);
 * Deno.env.delete("BRAID_TYPE_CHECK");
 * assert.equal(checksTypes(), true);
 * ```
 */
export function checksTypes(): boolean {
  const mode = Deno.env.get(TYPE_CHECK_VARIABLE) ?? "on";
  if (mode !== "on" && mode !== "off") {
    throw new RangeError(`Expected ${TYPE_CHECK_VARIABLE} to be on or off, got "${mode}": unset it for warnings`);
  }
  return mode === "on";
}

/** A cell as it was run. */
export interface RunCell {
  source: string;
  /** Its tags, as far as the front end tells them. */
  tags: string[];
}

/** Names for a place in a cell. */
export interface Completions {
  names: string[];
  /** Characters of the cell, counted as Unicode code points, that a name replaces. */
  start: number;
  end: number;
}

/**
 * Knows the cells that a kernel has run, and asks the language server about them and about the cell that is being written.
 * The server is started when it is first needed.
 *
 * @example
 * ```ts
 * import { CellLanguage } from "braid/jupyter/cell_language.ts";
 * import assert from "node:assert/strict";
 *
 * const language = new CellLanguage(Deno.cwd());
 * const cell = { source: "const count = 1;\nconst name: string = count;", tags: [] };
 * const warning = await new Promise((resolve) => language.add(cell, resolve));
 * assert.equal(warning, "Warning: line 2, column 7: Type 'number' is not assignable to type 'string'.\n");
 * await language.end();
 * ```
 */
export class CellLanguage {
  readonly #folder: string;
  #cells: (RunCell & { warn?: (text: string) => void })[] = [];
  #server: LanguageServer | undefined;
  #checking = false;
  #ended = false;

  /** For cells of a notebook in a folder. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Takes in a cell that has been run.
   *
   * @param cell The cell.
   * @param warn Called with the type errors of the cell, one or more lines of text, if it has some; without it, nobody looks.
   */
  add(cell: RunCell, warn?: (text: string) => void): void {
    // A cell that is run again takes the place of its former run, once nobody looks at that any more.
    if (this.#unchecked().length === 0) this.#cells = this.#cells.filter(({ source }) => source !== cell.source);
    this.#cells.push({ ...cell, warn });
    if (!warn || this.#checking) return;
    this.#checking = true;
    setTimeout(() => this.#check().catch(this.#report)); // what is sent for the cell goes first, and so does the next cell
  }

  /** Forgets all cells, as a kernel that starts anew does. */
  forget(): void {
    this.#cells = [];
  }

  /**
   * Signature and documentation of what stands in a cell.
   *
   * @param source Text of the cell, which may be broken.
   * @param cursor Characters before the place, counted as Unicode code points.
   * @returns Markdown, or undefined if there is nothing to tell or the server is not ready yet.
   */
  async inspect(source: string, cursor: number): Promise<string | undefined> {
    const place = this.#place(source, cursor);
    return place && await this.#soon((server) => server.describe(place.text, place.position));
  }

  /**
   * Names that can go on at a place in a cell.
   *
   * @param source Text of the cell, which may be broken.
   * @param cursor Characters before the place, counted as Unicode code points.
   * @returns The names, or undefined if there are none or the server is not ready yet.
   */
  async complete(source: string, cursor: number): Promise<Completions | undefined> {
    const place = this.#place(source, cursor);
    const all = place && await this.#soon((server) => server.completions(place.text, place.position));
    const [begun] = before(source, cursor).match(/[\p{ID_Continue}$]*$/u)!;
    const names = all?.filter((name) => name.startsWith(begun)) ?? [];
    return names.length === 0 ? undefined : { names, start: cursor - Array.from(begun).length, end: cursor };
  }

  /** Ends the server. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#server?.end();
  }

  /** Tells every cell's errors, once. */
  async #check(): Promise<void> {
    try {
      for (let news = this.#unchecked(); news.length > 0 && !this.#ended; news = this.#unchecked()) {
        const cells = [...this.#cells], { text, origins } = moduleOf(cells);
        const errors = (await this.#started().typeErrors(text)).filter(({ code }) => code !== DUPLICATE_IDENTIFIER);
        for (const cell of news) {
          const warnings = errors.flatMap(({ range: { start }, message }) =>
            (origins[start.line] ?? []).filter((origin) => cells[origin.cell - 1] === cell)
              .map(({ line, column }) => `Warning: line ${line}, column ${column + start.character + 1}: ${message}\n`)
          );
          if (warnings.length > 0) cell.warn!([...new Set(warnings)].join(""));
          delete cell.warn;
        }
      }
    } finally {
      this.#checking = false;
    }
  }

  #unchecked() {
    return this.#cells.filter(({ warn }) => warn);
  }

  #place(source: string, cursor: number): { text: string; position: Position } | undefined {
    const cells = [...this.#cells, { source, tags: [] }], module = moduleOf(cells, true);
    const lines = before(source, cursor).split("\n");
    const position = positionIn(module, cells.length, lines.length, lines.at(-1)!.length);
    return position && { text: module.text, position };
  }

  #started(): LanguageServer {
    if (this.#server) return this.#server;
    const server = this.#server = new LanguageServer(this.#folder);
    server.ended.then(() => this.#server = undefined);
    return server;
  }

  /** The server's answer, if it comes while somebody waits for it. */
  async #soon<Answer>(ask: (server: LanguageServer) => Promise<Answer>): Promise<Answer | undefined> {
    const answer = Promise.resolve().then(() => ask(this.#started())).catch(this.#report);
    const late = Promise.withResolvers<undefined>(), timer = setTimeout(() => late.resolve(undefined), PATIENCE);
    return await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer)) ?? undefined;
  }

  readonly #report = (error: Error): void => {
    if (!this.#ended) console.error(`The compiler could not answer. ${error.message}`);
  };
}

/** The compiler's word for a name that two cells import from different modules, which a kernel lets them do. */
const DUPLICATE_IDENTIFIER = 2300;

/** Milliseconds that somebody waits for an answer. */
const PATIENCE = 1000;

function moduleOf(cells: readonly RunCell[], unfinished = false): CellModule {
  const notebook = createNotebook(cells.map(({ source }) => source));
  for (const [i, { metadata }] of notebook.cells.entries()) metadata.tags = cells[i].tags;
  return toModule(notebook, { unfinished });
}

/** Where a place of a cell is in a module: of the pieces that it may lie in, the one that begins last. */
function positionIn({ text, origins }: CellModule, cell: number, line: number, column: number): Position | undefined {
  const lines = text.split("\n");
  const places = origins.flatMap((all, i) =>
    all.filter((origin) => origin.cell === cell && origin.line === line)
      .map((origin) => ({ line: i, character: column - origin.column }))
      .filter(({ character }) => character >= 0 && character <= lines[i].length)
  );
  return places.sort((a, b) => a.character - b.character)[0];
}

/** The part of a text before a place that is counted in Unicode code points. */
const before = (text: string, cursor: number): string => Array.from(text).slice(0, cursor).join("");
