// Notebooks whose every output says where it belongs, and what of them a client has kept.

import { codeCells, createNotebook, type Notebook, type Output } from "braid/jupyter/notebook_file.ts";

/** What became of the cells of a notebook. */
export interface Counts {
  cells: number;
  /** Cells that lack some of their output. */
  lost: number;
  /** Cells with output of another cell. */
  misplaced: number;
  /** Cells whose output is complete but out of order, or there twice. */
  reordered: number;
}

/** A cell that puts out parts, each of which carries the cell's number and its own. */
interface Kind {
  source: string;
  parts: number;
  /** The source that puts out the last part as an error, where errors are wanted. */
  failing?: string;
}

const kinds: ((cell: number) => Kind)[] = [
  (cell) => ({ source: `"<${cell}:0>"`, parts: 1 }),
  (cell) => ({ source: `console.log("<${cell}:0>");`, parts: 1 }),
  (cell) => ({ source: `for (let i = 0; i < 20; i++) console.log(\`<${cell}:\${i}>\`);`, parts: 20 }),
  (cell) => ({ source: `Deno.jupyter.html(["<p>${cell}</p>".repeat(5000) + "<${cell}:0>"])`, parts: 1 }),
  (cell) => ({
    source: `console.log("<${cell}:0>");\n${
      broadcast("display_data", { "text/plain": `<${cell}:1>` })
    }\nconsole.error("<${cell}:2>");\n"<${cell}:3>"`,
    parts: 4,
  }),
  (cell) => ({
    source: `${broadcast("display_data", { "text/plain": "0 %" }, `bar ${cell}`)}\n` +
      broadcast("update_display_data", { "text/plain": `<${cell}:0>` }, `bar ${cell}`),
    parts: 1,
  }),
  (cell) => ({
    source: `for (let i = 0; i < 3; i++) {
  await new Promise((resume) => setTimeout(resume, 10));
  console.log(\`<${cell}:\${i}>\`);
}`,
    parts: 3,
  }),
  (cell) => ({
    source: broadcast("display_data", { "image/png": PIXEL, "text/plain": "a pixel" }) + `\n"<${cell}:0>"`,
    parts: 1,
  }),
  (cell) => ({
    source: `console.log("<${cell}:0>");\nconsole.error("<${cell}:1>");`,
    parts: 2,
    failing: `console.log("<${cell}:0>");\nthrow new Error("<" + "${cell}:1>");`,
  }),
];

/** A picture of one pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const broadcast = (type: string, data: Record<string, string>, display_id?: string): string =>
  `await Deno.jupyter.broadcast("${type}", ${JSON.stringify({ data, metadata: {}, transient: { display_id } })});`;

const kindOf = (cell: number): Kind => kinds[cell % kinds.length](cell);

/**
 * A notebook with cells of every kind, one after another.
 *
 * @param cells How many.
 * @param options `errors`: some cells end with an error and the tag by which most clients go on after it; papermill does not.
 */
export function mixedNotebook(cells: number, { errors = false }: { errors?: boolean } = {}): Notebook {
  const all = Array.from({ length: cells }, (_, cell) => kindOf(cell));
  const notebook = createNotebook(all.map(({ source, failing }) => errors && failing || source));
  for (const [cell, { failing }] of all.entries()) {
    if (errors && failing) notebook.cells[cell].metadata.tags = ["raises-exception"];
  }
  return notebook;
}

/** What a client has kept of {@linkcode mixedNotebook}. */
export const countOutputs = (executed: Notebook): Counts =>
  countTexts(codeCells(executed).map(({ outputs }) => outputs.map(textOf).join("")));

/** What there is of {@linkcode mixedNotebook}, by all that each of its cells shows. */
export function countTexts(texts: string[]): Counts {
  const counts: Counts = { cells: 0, lost: 0, misplaced: 0, reordered: 0 };
  for (const [cell, text] of texts.entries()) {
    const { parts } = kindOf(cell), found = [...text.matchAll(/<(\d+):(\d+)>/g)];
    const own = found.filter(([, owner]) => Number(owner) === cell).map(([, , part]) => Number(part));
    const complete = new Set(own).size === parts;
    counts.cells++;
    if (!complete) counts.lost++;
    if (own.length < found.length) counts.misplaced++;
    if (complete && own.some((part, i) => part !== i)) counts.reordered++;
  }
  return counts;
}

function textOf(output: Output): string {
  if (output.output_type === "stream") return output.text;
  if (output.output_type === "error") return output.traceback.join("\n");
  return String(output.data["text/html"] ?? output.data["text/plain"]);
}
