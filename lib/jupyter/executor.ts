/**
 * Runs notebooks without a front end and loses no output.
 *
 * @module
 */

import { dirname } from "node:path";
import { syntaxErrorOf } from "./cell_source.ts";
import { Kernel, KernelDiedError } from "./kernel.ts";
import {
  exception,
  type ExceptionContent,
  isMessage,
  type Message,
  type MessageContents,
  type MimeBundle,
} from "./messages.ts";
import {
  type CodeCell,
  codeCells,
  type ErrorOutput,
  hasTag,
  injectParameters,
  type Notebook,
  type Output,
  writeNotebook,
} from "./notebook_file.ts";

/** Options of {@linkcode executeNotebook}. */
export interface ExecuteOptions {
  /** File that receives the notebook after each cell, so that a run that is killed leaves what it had. */
  writeTo?: string;
  /** Folder in which the kernel runs. Default: that of `writeTo`, else the current one. */
  cwd?: string;
  /** Environment variables for the kernel. */
  env?: Record<string, string>;
  /** Values for {@linkcode injectParameters}. */
  parameters?: Record<string, unknown>;
  /** Seconds that a cell may take. Default: no limit. */
  cellTimeout?: number;
  /** Stops the running cell. */
  signal?: AbortSignal;
  /** Called when a cell starts, prints or shows something, and ends. */
  onProgress?: (progress: CellProgress) => void;
}

/** How far a run has come. */
export interface CellProgress {
  /** Number of the cell, counted from 1 over those with code: the number that stands beside it. */
  cell: number;
  /** How many such cells there are. */
  cells: number;
  /** The closest heading above the cell, or "". */
  title: string;
  state: "running" | "done" | "failed";
  /** What the cell has put out so far. */
  outputs: readonly Output[];
  /** The last line that it printed or showed as text; absent before there is one. */
  latest?: string;
}

/** Why a cell stopped the run: its code threw or did not parse, it took too long, a caller stopped it, or the kernel died. */
export type CellFailure = "error" | "syntax" | "timeout" | "aborted" | "kernel died";

/** A cell that stopped a run. */
export class CellError extends Error {
  override name = "CellError";
  /** Number of the cell, counted from 1 over those with code. */
  readonly cell: number;
  /** First line of its code. */
  readonly firstLine: string;
  readonly reason: CellFailure;
  /** The notebook with all outputs up to there. */
  readonly notebook: Notebook;

  /** An error for one cell of a notebook; `detail` says what happened. */
  constructor(cell: number, firstLine: string, reason: CellFailure, detail: string, notebook: Notebook) {
    super(`Expected cell ${cell} (${firstLine}) to succeed, got ${reason}: ${detail}`);
    this.cell = cell;
    this.firstLine = firstLine;
    this.reason = reason;
    this.notebook = notebook;
  }
}

/**
 * Runs the code cells of a notebook in order, in a kernel of their own, and keeps every output in its cell.
 *
 * The run stops at the first cell that fails, unless the cell is tagged `raises-exception`. Nothing of the run itself (times,
 * identifiers) is kept, so that running an unchanged notebook again changes only what its code makes different.
 *
 * @param notebook Notebook to run; it stays as it is.
 * @param options How to run it, and who hears of it.
 * @returns A copy with the new outputs.
 * @throws {CellError} If a cell fails; carries the notebook with the outputs up to there.
 * @throws {KernelDiedError} If the kernel does not start.
 * @throws {RangeError} If the notebook does not declare a given parameter.
 *
 * @example
 * ```ts
 * import { executeNotebook } from "braid/jupyter/executor.ts";
 * import { createNotebook } from "braid/jupyter/notebook_file.ts";
 * import assert from "node:assert/strict";
 *
 * const { cells } = await executeNotebook(createNotebook(["const half = 21;", "2 * half"]));
 * const result = { output_type: "execute_result", data: { "text/plain": "42" }, metadata: {}, execution_count: 2 };
 * assert.deepEqual(cells[1].cell_type === "code" && cells[1].outputs, [result]);
 * ```
 */
export async function executeNotebook(notebook: Notebook, options: ExecuteOptions = {}): Promise<Notebook> {
  const { writeTo, cwd = writeTo && dirname(writeTo), env, parameters, onProgress = () => {} } = options;
  const running = withoutOutputs(parameters ? injectParameters(notebook, parameters) : notebook);
  const cells = codeCells(running), collector = new OutputCollector();
  let report = () => {};
  const onOutput = (message: Message) => {
    if (collector.receive(message)) report();
  };

  await using kernel = await Kernel.start({ cwd, env, onOutput });
  for (const [index, cell] of cells.entries()) {
    const number = index + 1, title = headingAbove(running, cell);
    const progress = { cell: number, cells: cells.length, title, outputs: cell.outputs };
    collector.begin(cell, number);
    report = () => onProgress({ ...progress, state: "running", latest: latestLine(cell.outputs) });
    report();
    const failure = await runCell(kernel, cell, options);
    if (failure && !cell.outputs.some(isError)) {
      cell.outputs.push({ output_type: "error", ...failureContent(failure) });
    }
    if (writeTo) await writeNotebook(writeTo, running);
    const stops = failure && !(canContinue(failure) && hasTag(cell, "raises-exception"));
    onProgress({ ...progress, state: stops ? "failed" : "done", latest: latestLine(cell.outputs) });
    if (stops) throw new CellError(number, firstLine(cell.source), failure.reason, failure.detail, running);
  }
  return running;
}

const isError = (output: Output): output is ErrorOutput => output.output_type === "error";

interface Failure {
  reason: CellFailure;
  detail: string;
}

const canContinue = ({ reason }: Failure): boolean => reason === "error" || reason === "syntax";

/** Runs one cell; the collector receives what it puts out. */
async function runCell(
  kernel: Kernel,
  cell: CodeCell,
  { cellTimeout, signal }: ExecuteOptions,
): Promise<Failure | undefined> {
  const timeout = cellTimeout === undefined ? undefined : AbortSignal.timeout(1000 * cellTimeout);
  const stop = AbortSignal.any([signal, timeout].filter((one) => one !== undefined));
  if (stop.aborted) return stopFailure(stop, timeout, cellTimeout);
  const ended = kernel.execute(cell.source).then(
    (reply) => replyFailure(reply, cell),
    (error) => deathFailure(error),
  );
  const stopped = new Promise<"stopped">((resolve) => stop.addEventListener("abort", () => resolve("stopped")));
  const outcome = await Promise.race([ended, stopped]);
  if (outcome !== "stopped") return outcome;

  const failure = stopFailure(stop, timeout, cellTimeout);
  await kernel.stop(failureContent(failure)); // what the cell has printed is not lost
  return failure;
}

function replyFailure(
  { status, ename, evalue }: MessageContents["execute_reply"],
  cell: CodeCell,
): Failure | undefined {
  if (status === "ok") return lostOutput(cell);
  return { reason: syntaxErrorOf(cell.source) === undefined ? "error" : "syntax", detail: `${ename}: ${evalue}` };
}

/** A value whose `Jupyter.display` throws leaves an error or an empty output, and a reply that all is well. */
function lostOutput({ outputs }: CodeCell): Failure | undefined {
  const error = outputs.find(isError), empty = outputs.some((output) => "data" in output && isEmpty(output.data));
  if (!error && !empty) return undefined;
  return { reason: "error", detail: `a value could not be shown${error ? `: ${error.ename}: ${error.evalue}` : ""}` };
}

const isEmpty = (data: MimeBundle): boolean => Object.keys(data).length === 0;

function deathFailure(error: unknown): Failure {
  if (error instanceof KernelDiedError) return { reason: "kernel died", detail: error.message };
  throw error;
}

function stopFailure(stop: AbortSignal, timeout: AbortSignal | undefined, cellTimeout?: number): Failure {
  if (timeout?.aborted) return { reason: "timeout", detail: `no end within ${cellTimeout} s` };
  return { reason: "aborted", detail: stop.reason instanceof Error ? stop.reason.message : String(stop.reason) };
}

/** How a notebook shows what the kernel cannot tell itself. */
function failureContent({ reason, detail }: Failure): ExceptionContent {
  const ename = { "syntax": "SyntaxError", "timeout": "Timeout", "aborted": "Aborted", "kernel died": "KernelDied" };
  const name = reason === "error" ? "Error" : ename[reason];
  return exception(name, detail);
}

/** Puts published messages into the cell that is running, as a front end does. */
class OutputCollector {
  #outputs: Output[] = [];
  #count = 0;
  #clearsNext = false;
  /** Shown values by display id, for later updates. */
  readonly #displays = new Map<string, { data: MimeBundle; metadata: Record<string, unknown> }[]>();

  /** From now on, messages belong to this cell. */
  begin(cell: CodeCell, count: number): void {
    cell.execution_count = count;
    this.#outputs = cell.outputs;
    this.#count = count;
    this.#clearsNext = false;
  }

  /** Takes in a message; returns whether it changed an output. */
  receive(message: Message): boolean {
    if (isMessage(message, "stream")) this.#print(message.content);
    else if (isMessage(message, "display_data")) this.#show({ output_type: "display_data" }, message.content);
    else if (isMessage(message, "execute_result")) {
      this.#show({ output_type: "execute_result", execution_count: this.#count }, message.content);
    } else if (isMessage(message, "update_display_data")) this.#update(message.content);
    else if (isMessage(message, "error")) this.#fail(message.content);
    else if (isMessage(message, "clear_output")) this.#clear(message.content);
    else return false;
    return true;
  }

  #print({ name, text }: MessageContents["stream"]): void {
    this.#clearIfDue();
    const last = this.#outputs.at(-1);
    if (last?.output_type === "stream" && last.name === name) last.text += text;
    else this.#outputs.push({ output_type: "stream", name, text });
  }

  #show(
    kind: { output_type: "display_data" } | { output_type: "execute_result"; execution_count: number },
    content: MessageContents["display_data"],
  ): void {
    this.#clearIfDue();
    this.#update(content);
    const output = { ...kind, data: content.data, metadata: content.metadata };
    this.#outputs.push(output);
    const id = content.transient?.display_id;
    if (id !== undefined) this.#displays.set(id, [...this.#displays.get(id) ?? [], output]);
  }

  #update({ data, metadata, transient }: MessageContents["update_display_data"]): void {
    for (const shown of this.#displays.get(transient?.display_id ?? "") ?? []) Object.assign(shown, { data, metadata });
  }

  #fail(error: MessageContents["error"]): void {
    this.#clearIfDue();
    this.#outputs.push({ output_type: "error", ...error });
  }

  #clear({ wait }: MessageContents["clear_output"]): void {
    if (wait) this.#clearsNext = true;
    else this.#outputs.length = 0;
  }

  #clearIfDue(): void {
    if (this.#clearsNext) this.#outputs.length = 0;
    this.#clearsNext = false;
  }
}

/** A copy in which no cell has run; how long cells once took is forgotten too. */
function withoutOutputs(notebook: Notebook): Notebook {
  const copy = structuredClone(notebook);
  for (const cell of copy.cells) {
    delete cell.metadata.execution;
    if (cell.cell_type === "code") Object.assign(cell, { execution_count: null, outputs: [] });
  }
  return copy;
}

/** The last heading above a cell, or "". */
function headingAbove(notebook: Notebook, cell: CodeCell): string {
  const above = notebook.cells.slice(0, notebook.cells.indexOf(cell)).filter((cell) => cell.cell_type === "markdown");
  const headings = above.flatMap(({ source }) => [...source.matchAll(/^#+\s+(.*)$/gm)]);
  return headings.at(-1)?.[1].trim() ?? "";
}

const firstLine = (source: string): string => source.trim().split("\n")[0];

function latestLine(outputs: readonly Output[]): string | undefined {
  const output = outputs.at(-1);
  if (!output || output.output_type === "error") return undefined;
  const text = output.output_type === "stream" ? output.text : output.data["text/plain"];
  return typeof text === "string" ? text.trimEnd().split(/[\r\n]/).at(-1) : undefined;
}
