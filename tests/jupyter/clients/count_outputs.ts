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

/** How a cell puts out its parts: each carries the cell's number and its own. */
const kinds: ((cell: number) => { source: string; parts: number })[] = [
  (cell) => ({ source: `"<${cell}:0>"`, parts: 1 }),
  (cell) => ({ source: `console.log("<${cell}:0>");`, parts: 1 }),
  (cell) => ({ source: `for (let i = 0; i < 20; i++) console.log(\`<${cell}:\${i}>\`);`, parts: 20 }),
  (cell) => ({ source: `Deno.jupyter.html(["<p>${cell}</p>".repeat(5000) + "<${cell}:0>"])`, parts: 1 }),
  (cell) => ({
    source: `console.log("<${cell}:0>");\n${
      broadcast("display_data", `<${cell}:1>`)
    }\nconsole.error("<${cell}:2>");\n"<${cell}:3>"`,
    parts: 4,
  }),
  (cell) => ({
    source: `${broadcast("display_data", "0 %", `bar ${cell}`)}\n` +
      broadcast("update_display_data", `<${cell}:0>`, `bar ${cell}`),
    parts: 1,
  }),
];

const broadcast = (type: string, text: string, display_id?: string): string =>
  `await Deno.jupyter.broadcast("${type}", ${
    JSON.stringify({ data: { "text/plain": text }, metadata: {}, transient: { display_id } })
  });`;

/** A notebook with cells of every kind, one after another. */
export const mixedNotebook = (cells: number): Notebook =>
  createNotebook(Array.from({ length: cells }, (_, cell) => kinds[cell % kinds.length](cell).source));

/** What a client has kept of {@linkcode mixedNotebook}. */
export function countOutputs(executed: Notebook): Counts {
  const counts: Counts = { cells: 0, lost: 0, misplaced: 0, reordered: 0 };
  for (const [cell, { outputs }] of codeCells(executed).entries()) {
    const { parts } = kinds[cell % kinds.length](cell);
    const found = [...outputs.map(textOf).join("").matchAll(/<(\d+):(\d+)>/g)];
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
