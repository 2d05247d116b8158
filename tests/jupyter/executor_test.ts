import assert from "node:assert/strict";
import { join } from "node:path";
import { TYPE_CHECK_VARIABLE } from "braid/jupyter/cell_language.ts";
import { CellError, type CellProgress, executeNotebook, type ExecuteOptions } from "braid/jupyter/executor.ts";
import {
  type CodeCell,
  createNotebook,
  formatNotebook,
  type Notebook,
  type Output,
  readNotebook,
} from "braid/jupyter/notebook_file.ts";
import { languageServersOf } from "./processes.ts";

const outputsOf = ({ cells }: Notebook): Output[][] =>
  cells.filter((cell): cell is CodeCell => cell.cell_type === "code").map((cell) => cell.outputs);
const run = async (sources: string[], options?: ExecuteOptions) =>
  outputsOf(await executeNotebook(createNotebook(sources), options));
const stdout = (text: string) => ({ output_type: "stream", name: "stdout", text });
const stderr = (text: string) => ({ output_type: "stream", name: "stderr", text });
const lines = (count: number, name = "") => Array.from({ length: count }, (_, i) => `${name}${i}\n`).join("");
const result = (text: string, execution_count: number) => ({
  output_type: "execute_result",
  data: { "text/plain": text },
  metadata: {},
  execution_count,
});

/** Runs a notebook that must fail and returns its error. */
async function failure(notebook: Notebook, options?: ExecuteOptions): Promise<CellError> {
  const error = await executeNotebook(notebook, options).then(() => undefined, (error) => error);
  assert.ok(error instanceof CellError, `got ${error}`);
  return error;
}

const broadcast = (type: string, content: unknown) =>
  `await Deno.jupyter.broadcast(${JSON.stringify(type)}, ${JSON.stringify(content)});`;
const show = (text: string, display_id?: string, type = "display_data") =>
  broadcast(type, { data: { "text/plain": text }, metadata: {}, transient: { display_id } });
const shown = (text: string) => ({ output_type: "display_data", data: { "text/plain": text }, metadata: {} });

Deno.test("every line stays in the cell that printed it", async () => {
  const log = (name: string) => `for (let i = 0; i < 20; i++) console.log("${name}" + i);`;
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  assert.deepEqual(await run(names.map(log)), names.map((name) => [stdout(lines(20, name))]));
});

Deno.test("two thousand lines, a 60 kB display and the values after them are complete", async () => {
  const html = "<p>é🙂</p>".repeat(5000);
  assert.ok(html.length > 45_000);
  const outputs = await run([
    "for (let i = 0; i < 2000; i++) console.log(i);",
    `Deno.jupyter.html([${JSON.stringify(html)}])`,
    "'last'",
  ]);
  assert.deepEqual(outputs[0], [stdout(lines(2000))]);
  assert.partialDeepStrictEqual(outputs[1], [{ output_type: "execute_result", data: { "text/html": html } }]);
  assert.deepEqual(outputs[2], [result('"last"', 3)]);
});

Deno.test("a cell shows the value of its last expression unless there is none", async () => {
  const cells = ["1 + 1", "undefined", "null", "await Promise.resolve('awaited')", "Promise.resolve(5)", "let x = 1;"];
  assert.deepEqual(await run(cells), [
    [result("2", 1)],
    [],
    [],
    [result('"awaited"', 4)],
    [result("Promise { 5 }", 5)],
    [],
  ]);
});

Deno.test("streams of one name are joined, others keep their order", async () => {
  const cell = 'console.log("naïve 🙂"); console.log("b"); console.error("c"); console.log("d");';
  assert.deepEqual(await run([cell]), [[stdout("naïve 🙂\nb\n"), stderr("c\n"), stdout("d\n")]]);
});

Deno.test("names can be declared again, and imports and awaits stand at the top level", async () => {
  const outputs = await run([
    'const name = "one"; class Box {}',
    'import { join } from "node:path"; const name = await Promise.resolve(join("two", "three")); class Box {}',
    "name",
  ]);
  assert.deepEqual(outputs, [[], [], [result('"two/three"', 3)]]);
});

Deno.test("an update changes what was shown, in whichever cell that was", async () => {
  const outputs = await run([
    show("0 %", "bar") + show("other"),
    show("50 %", "bar", "update_display_data") + "console.log('working');",
    show("100 %", "bar", "update_display_data") + show("lost", "unknown", "update_display_data"),
  ]);
  assert.deepEqual(outputs, [[shown("100 %"), shown("other")], [stdout("working\n")], []]);
});

Deno.test("clear_output removes what the cell has shown, at once or when the next output comes", async () => {
  const clear = (wait: boolean) => broadcast("clear_output", { wait });
  const outputs = await run([
    show("old") + clear(false),
    show("old") + clear(true) + show("new"),
    show("stays") + clear(true),
    show("next cell"),
  ]);
  assert.deepEqual(outputs, [[], [shown("new")], [shown("stays")], [shown("next cell")]]);
});

Deno.test("output of a timer belongs to the cell that runs when it comes", async () => {
  const wait = "await new Promise((resolve) => setTimeout(resolve, 300));";
  assert.deepEqual(await run(["const timer = setTimeout(() => console.log('late'), 100);", wait]), [[], [
    stdout("late\n"),
  ]]);
});

Deno.test("a thrown error stops the run and stands in its cell", async () => {
  const error = await failure(createNotebook(["1", "const a = 1;\nthrow new TypeError('bad');", "2"]));
  assert.deepEqual([error.cell, error.firstLine, error.reason], [2, "const a = 1;", "error"]);
  assert.match(error.message, /cell 2 \(const a = 1;\) .* TypeError: bad/);
  const [first, second, third] = outputsOf(error.notebook);
  assert.deepEqual(first, [result("1", 1)]);
  assert.partialDeepStrictEqual(second, [{ output_type: "error", ename: "TypeError", evalue: "bad" }]);
  assert.deepEqual(third, []);
});

Deno.test("a thrown string is shown, though it has no stack", async () => {
  const { reason, notebook } = await failure(createNotebook(['throw "just text";']));
  assert.equal(reason, "error");
  assert.partialDeepStrictEqual(outputsOf(notebook)[0], [{ traceback: ["Error: just text"] }]);
});

Deno.test("code that does not parse stops the run with the place, though the kernel says nothing", async () => {
  const error = await failure(createNotebook(["1", "const a = 1;\nconst b = ;"]));
  assert.deepEqual([error.cell, error.firstLine, error.reason], [2, "const a = 1;", "syntax"]);
  assert.match(error.message, /Unexpected token \(2:10\)/);
  assert.partialDeepStrictEqual(outputsOf(error.notebook)[1], [{ output_type: "error", ename: "SyntaxError" }]);
});

Deno.test("a notebook that is to be committed gets no warnings of type errors", async () => {
  let servers: number[] = [];
  const outputs = await run(['const count: number = "x";', "count"], {
    env: { [TYPE_CHECK_VARIABLE]: "on" },
    onProgress: async () => servers = [...servers, ...await languageServersOf(Deno.pid)],
  });
  assert.deepEqual([outputs, servers], [[[], [result('"x"', 2)]], []]);
});

Deno.test("a cell tagged raises-exception may fail, the others go on", async () => {
  const notebook = createNotebook(["throw new Error('wanted');", "const = 1;", "'after'"]);
  for (const cell of notebook.cells.slice(0, 2)) cell.metadata.tags = ["raises-exception"];
  const outputs = outputsOf(await executeNotebook(notebook));
  assert.partialDeepStrictEqual(outputs.slice(0, 2), [[{ evalue: "wanted" }], [{ ename: "SyntaxError" }]]);
  assert.deepEqual(outputs[2], [result('"after"', 3)]);
});

Deno.test("a kernel that ends inside a cell is reported with its exit code", async () => {
  const error = await failure(createNotebook(["1", "Deno.exit(3);"]));
  assert.deepEqual([error.cell, error.reason], [2, "kernel died"]);
  assert.match(error.message, /exit code 3/);
  assert.deepEqual(outputsOf(error.notebook)[0], [result("1", 1)]);
});

Deno.test("an endless loop and an endless wait end at the time limit, with what they had printed", async () => {
  for (const endless of ["while (true);", "await new Promise(() => setInterval(() => {}, 1000));"]) {
    const error = await failure(createNotebook([`console.log("before"); ${endless}`]), { cellTimeout: 0.5 });
    assert.deepEqual([error.cell, error.reason], [1, "timeout"]);
    assert.match(error.message, /no end within 0.5 s/);
    const [printed, shown] = outputsOf(error.notebook)[0];
    assert.deepEqual(printed, stdout("before\n"));
    assert.partialDeepStrictEqual(shown, { output_type: "error", ename: "Timeout" });
  }
});

Deno.test("an abort signal stops the running cell, or the run before its first cell", async () => {
  const running = new AbortController();
  const stop = ({ latest }: CellProgress) =>
    void (latest === "go" && setTimeout(() => running.abort(new Error("enough")), 200));
  const looping = createNotebook([
    "1",
    "console.log('go'); await new Promise((r) => setTimeout(r, 50)); while (true);",
  ]);
  const error = await failure(looping, { signal: running.signal, onProgress: stop });
  assert.deepEqual([error.cell, error.reason], [2, "aborted"]);
  assert.match(error.message, /enough/);
  assert.deepEqual(outputsOf(error.notebook)[1][0], stdout("go\n"));

  const early = await failure(createNotebook(["1"]), { signal: AbortSignal.abort() });
  assert.deepEqual([early.cell, early.reason], [1, "aborted"]);
});

Deno.test("the file holds what a failing run had, and a run again changes no byte", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "notebook.ipynb");
  const notebook = createNotebook([
    "console.log(Deno.cwd() === Deno.realPathSync(Deno.cwd()));",
    "",
    "2 * 3",
    "oops()",
  ]);
  notebook.cells[0].metadata = { execution: { "iopub.status.busy": "2024-01-01" } };
  notebook.cells.splice(1, 0, { cell_type: "markdown", id: "text", source: "## Title", metadata: {} });
  const { notebook: partial } = await failure(notebook, { writeTo: path });
  const first = await Deno.readTextFile(path);
  assert.equal(first, formatNotebook(partial));
  assert.deepEqual(partial.cells.map((cell) => cell.cell_type === "code" && cell.execution_count), [
    1,
    false,
    null,
    2,
    3,
  ]);
  assert.deepEqual(partial.cells[0].metadata, {});
  await failure(await readNotebook(path), { writeTo: path });
  assert.equal(await Deno.readTextFile(path), first);
  assert.deepEqual(Array.from(Deno.readDirSync(folder), (entry) => entry.name), ["notebook.ipynb"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("parameters replace the preset for this run only", async () => {
  const notebook = createNotebook(['let preset = "quick";', "preset"]), before = structuredClone(notebook);
  notebook.cells[0].metadata.tags = before.cells[0].metadata.tags = ["parameters"];
  const done = await executeNotebook(notebook, { parameters: { preset: "smoke" } });
  assert.deepEqual(outputsOf(done), [[], [result('"smoke"', 2)], [result('"smoke"', 3)]]);
  assert.deepEqual(notebook, before);
});

Deno.test("progress tells cell, heading, state and the latest line", async () => {
  const notebook = createNotebook(["1 + 1", "console.log('a\\nb');", "fail()"]);
  const text = (source: string) => ({ cell_type: "markdown" as const, id: "text", source, metadata: {} });
  notebook.cells.splice(1, 0, text("# Top\n\nwords\n\n## Data, *drawn*\n"));
  const seen: unknown[][] = [];
  const onProgress = ({ cell, cells, title, state, latest }: CellProgress) =>
    void seen.push([cell, cells, title, state, latest]);
  await failure(notebook, { onProgress });
  assert.deepEqual(seen, [
    [1, 3, "", "running", undefined],
    [1, 3, "", "running", "2"],
    [1, 3, "", "done", "2"],
    [2, 3, "Data, *drawn*", "running", undefined],
    [2, 3, "Data, *drawn*", "running", "b"],
    [2, 3, "Data, *drawn*", "done", "b"],
    [3, 3, "Data, *drawn*", "running", undefined],
    [3, 3, "Data, *drawn*", "running", undefined],
    [3, 3, "Data, *drawn*", "failed", undefined],
  ]);
});

Deno.test("a value that cannot be shown stops the run, though the kernel says that all is well", async () => {
  const source = '({ [Symbol.for("Jupyter.display")]: () => { throw new RangeError("too large"); } })';
  const { cell, reason, message } = await failure(createNotebook(["1", source]));
  assert.deepEqual([cell, reason], [2, "error"]);
  assert.match(message, /could not be shown: RangeError: too large/);
});
