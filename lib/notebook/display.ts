// What a cell shows besides figures: tables, ledgers, and lines that are rewritten while something runs.

import type { DataFrameLike } from "../evaluation/frame.ts";
import type { Ledger } from "../evaluation/ledger.ts";
import { jupyterDisplay, rendersForCommit, runningKernel } from "../plots/live/cell_context.ts";
import { escapeHtml } from "./output_html.ts";

/** A value that a notebook shows. */
export interface Displayable {
  [jupyterDisplay](): Record<string, unknown>;
}

/** The MIME type under which a notebook keeps a ledger for machines. */
export const LEDGER_TYPE = "application/vnd.braid.ledger+json";

/**
 * Shows rows or a danfo data frame as a table.
 *
 * @param rows Records with the same names, or a data frame.
 * @param options `limit`: how many rows to show at a time, default 12.
 * @returns A value for the end of a cell: Markdown, and text where that is not drawn; the rows over the limit are counted. Where
 * somebody looks on, they are further pages, up to 1,000 rows.
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
export function table(rows: readonly object[] | DataFrameLike, { limit = 12 }: { limit?: number } = {}): Displayable {
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
  const text = lines.join("\n"), paged = left > 0 && !rendersForCommit();
  return {
    [jupyterDisplay]: () => ({ ...paged && { "text/html": pages(columns, cells, limit) }, ...textBundle(text) }),
  };
}

/** Most rows of a table with pages. */
const MOST_ROWS = 1000;

/** A table of which one page is seen; where no script runs, that is the first. */
function pages(columns: readonly string[], cells: unknown[][], limit: number): string {
  const row = (tag: string, values: readonly unknown[]) =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(plainText(value))}</${tag}>`).join("")}</tr>`;
  const shown = cells.slice(0, MOST_ROWS), left = cells.length - shown.length;
  const bodies = Array.from({ length: Math.ceil(shown.length / limit) }, (_, page) => {
    const rows = shown.slice(page * limit, (page + 1) * limit).map((values) => row("td", values));
    return `<tbody${page > 0 ? " hidden" : ""}>${rows.join("")}</tbody>`;
  });
  const more = left > 0 ? ` (and ${left.toLocaleString("en")} more)` : "";
  return `<div><table><thead>${row("th", columns)}</thead>${bodies.join("")}</table>
<p hidden><button type="button">previous</button> <span></span>${more} <button type="button">next</button></p></div>
<script>(${turnPages})(document.currentScript.previousElementSibling, ${limit}, ${shown.length});</script>`;
}

/** Runs in the reader's page. */
function turnPages(place: Element, limit: number, count: number): void {
  const bodies = [...place.querySelectorAll("tbody")], controls = place.querySelector("p")!;
  const [back, on] = controls.querySelectorAll("button");
  let page = 0;
  const turn = (by: number) => {
    page += by;
    bodies.forEach((body, i) => body.hidden = i !== page);
    back.disabled = page === 0;
    on.disabled = page === bodies.length - 1;
    controls.querySelector("span")!.textContent = `rows ${page * limit + 1} to ${
      Math.min(count, (page + 1) * limit)
    } of ${count}`;
  };
  back.onclick = () => turn(-1);
  on.onclick = () => turn(1);
  controls.hidden = false;
  turn(0);
}

function recordsAsFrame(rows: readonly object[]): { columns: string[]; cells: unknown[][] } {
  const columns = Object.keys(rows[0] ?? {});
  return { columns, cells: rows.map((row) => columns.map((name) => (row as Record<string, unknown>)[name])) };
}

/** Whether a table's rows come as a data frame. */
const isFrame = (rows: readonly object[] | DataFrameLike): rows is DataFrameLike => !Array.isArray(rows);

const cellText = (value: unknown): string => plainText(value).replaceAll("|", "\\|").replaceAll("\n", " ");

function plainText(value: unknown): string {
  if (typeof value !== "number") return String(value ?? "");
  return Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(4)).toString();
}

/** Shows a claims ledger as a table, with its JSON beside. */
export function showLedger(ledger: Ledger): Displayable {
  return {
    [jupyterDisplay]: () => ({
      [LEDGER_TYPE]: ledger.toJSON(),
      "text/markdown": ledger.toMarkdown(),
      "text/plain": ledger.toText(),
    }),
  };
}

/** Shows Markdown that was put together in a cell. */
export function markdown(text: string): Displayable {
  return { [jupyterDisplay]: () => textBundle(text) };
}

const textBundle = (text: string) => ({ "text/markdown": text, "text/plain": text });

/** A line of text in a cell that is rewritten in place; outside of a notebook nothing is shown. */
export interface LiveLine {
  /** Shows `text`, at most twice a second; `html` instead of it where somebody looks on. */
  update(text: string, html?: string): Promise<void>;
  /** Shows the last text, whenever the one before was. */
  end(text: string, html?: string): Promise<void>;
}

/** Opens a {@linkcode LiveLine}. */
export function liveLine(): LiveLine {
  const id = crypto.randomUUID();
  let shown = -Infinity;
  const show = async (text: string, html?: string) => {
    const jupyter = runningKernel();
    if (!jupyter) return;
    const first = shown === -Infinity;
    shown = performance.now();
    await jupyter.broadcast(first ? "display_data" : "update_display_data", {
      data: { "text/plain": text, ...html !== undefined && !rendersForCommit() && { "text/html": html } },
      metadata: {},
      transient: { display_id: id },
    });
  };
  return {
    update: (text, html) => performance.now() - shown < 500 ? Promise.resolve() : show(text, html),
    end: show,
  };
}
