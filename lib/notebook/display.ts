// What a cell shows besides figures: tables, ledgers, and lines that are rewritten while something runs.

import type { Ledger } from "../evaluation/ledger.ts";
import { runningKernel } from "../jupyter/cell_context.ts";

/** The protocol by which the Deno kernel asks a value for its MIME types. */
const display: unique symbol = Symbol.for("Jupyter.display") as never;

/** A value that a notebook shows. */
export interface Displayable {
  [display](): Record<string, unknown>;
}

/** The MIME type under which a notebook keeps a ledger for machines. */
export const LEDGER_TYPE = "application/vnd.braid.ledger+json";

/** A data frame: what danfo's DataFrame has of it. */
export interface Frame {
  columns: string[];
  values: unknown;
}

/**
 * Shows rows or a danfo data frame as a table.
 *
 * @param rows Records with the same names, or a data frame.
 * @param options `limit`: how many rows to show, default 12; the rest is counted.
 * @returns A value for the end of a cell: Markdown, and text where that is not drawn.
 *
 * @example
 * ```ts
 * import { table } from "braid/notebook/display.ts";
 * import assert from "node:assert/strict";
 *
 * const view = table([{ layer: "fusion", parameters: 789760 }]);
 * const { "text/markdown": markdown } = view[Symbol.for("Jupyter.display") as keyof typeof view]();
 * assert.equal(markdown, "| layer | parameters |\n|---|---:|\n| fusion | 789,760 |");
 * ```
 */
export function table(rows: readonly object[] | Frame, { limit = 12 }: { limit?: number } = {}): Displayable {
  const { columns, cells } = isFrame(rows)
    ? { columns: rows.columns, cells: rows.values as unknown[][] }
    : recordsAsFrame(rows);
  if (cells.length === 0) return markdown("no rows");
  const shown = cells.slice(0, limit), left = cells.length - shown.length;
  const isNumber = columns.map((_, column) => shown.every((row) => typeof row[column] === "number"));
  const line = (texts: string[]) => `| ${texts.join(" | ")} |`;
  const lines = [
    line(columns.map(cellText)),
    `|${isNumber.map((number) => number ? "---:" : "---").join("|")}|`,
    ...shown.map((row) => line(row.map(cellText))),
    ...left > 0 ? ["", `and ${left.toLocaleString("en")} more ${left === 1 ? "row" : "rows"}`] : [],
  ];
  return markdown(lines.join("\n"));
}

function recordsAsFrame(rows: readonly object[]): { columns: string[]; cells: unknown[][] } {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, cells: rows.map((row) => columns.map((name) => (row as Record<string, unknown>)[name])) };
}

const isFrame = (rows: readonly object[] | Frame): rows is Frame => !Array.isArray(rows);

function cellText(value: unknown): string {
  if (typeof value !== "number") return String(value ?? "").replaceAll("|", "\\|").replaceAll("\n", " ");
  return Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(4)).toString();
}

/** Shows a claims ledger as a table, with its JSON beside. */
export function showLedger(ledger: Ledger): Displayable {
  return {
    [display]: () => ({
      [LEDGER_TYPE]: ledger.toJSON(),
      "text/markdown": ledger.toMarkdown(),
      "text/plain": ledger.toText(),
    }),
  };
}

/** Shows Markdown that was put together in a cell. */
export function markdown(text: string): Displayable {
  return { [display]: () => ({ "text/markdown": text, "text/plain": text }) };
}

/** A line of text in a cell that is rewritten in place; outside of a notebook nothing is shown. */
export interface LiveLine {
  /** Shows `text`, at most twice a second. */
  update(text: string): Promise<void>;
  /** Shows the last text, whenever the one before was. */
  end(text: string): Promise<void>;
}

/** Opens a {@linkcode LiveLine}. */
export function liveLine(): LiveLine {
  const id = crypto.randomUUID();
  let shown = -Infinity;
  const show = async (text: string) => {
    const jupyter = runningKernel();
    if (!jupyter) return;
    const first = shown === -Infinity;
    shown = performance.now();
    await jupyter.broadcast(first ? "display_data" : "update_display_data", {
      data: { "text/plain": text },
      metadata: {},
      transient: { display_id: id },
    });
  };
  return {
    update: (text) => performance.now() - shown < 500 ? Promise.resolve() : show(text),
    end: show,
  };
}
