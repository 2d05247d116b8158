import assert from "node:assert/strict";
import { join } from "node:path";
import { codeCells, createNotebook, type Notebook, type Output, readNotebook } from "braid/jupyter/notebook_file.ts";
import { walkthroughs } from "braid/cli/walkthroughs.ts";

const FOLDER = join(import.meta.dirname!, "../../notebooks");
const names = Array.from(Deno.readDirSync(FOLDER)).map(({ name }) => name).filter((name) => name.endsWith(".ipynb"))
  .sort();

const outputsOf = (notebook: Notebook): Output[] => codeCells(notebook).flatMap(({ outputs }) => outputs);

/** What may not be committed in a notebook's outputs, each with the beginning of the output. */
function unfitFor(notebook: Notebook): string[] {
  return outputsOf(notebook).flatMap((output) => {
    const text = JSON.stringify(output), types = "data" in output ? Object.keys(output.data) : [];
    const problems = [
      ...types.filter((type) => type === "text/html" || type === "application/javascript"),
      // deno-lint-ignore no-control-regex -- colour codes begin with the escape character
      ...(/\\u001b\[|\x1b\[/.test(text) ? ["colour codes"] : []),
      ...(text.length > 100_500 ? [`${text.length} bytes`] : []), // a bundle of 100 kB, and what Jupyter writes around it
    ];
    return problems.map((problem) => `${problem} in ${text.slice(0, 80)}`);
  });
}

Deno.test("every walkthrough has a notebook, and every notebook a walkthrough", () => {
  assert.deepEqual(
    Object.values(walkthroughs).map(({ notebook }) => notebook).sort(),
    names.map((n) => join(FOLDER, n)),
  );
});

for (const name of names) {
  Deno.test(`${name} is committed as it ran: every cell, in order, without an error`, async () => {
    const cells = codeCells(await readNotebook(join(FOLDER, name)));
    assert.deepEqual(cells.map(({ execution_count }) => execution_count), cells.map((_, i) => i + 1));
    const errors = cells.flatMap(({ outputs }) => outputs).filter(({ output_type }) => output_type === "error");
    assert.deepEqual(errors, []);
  });

  Deno.test(`${name} holds pictures and text, no HTML, no colour codes, nothing over 100 kB`, async () => {
    const notebook = await readNotebook(join(FOLDER, name));
    const isFigure = (output: Output) =>
      "data" in output && "image/png" in output.data && "application/vnd.plotly.v1+json" in output.data;
    assert.ok(outputsOf(notebook).some(isFigure));
    assert.deepEqual(unfitFor(notebook), []);
  });
}

Deno.test("a notebook that was saved in a front end is not fit to be committed", () => {
  const shown = (data: Record<string, unknown>): Output => ({ output_type: "display_data", data, metadata: {} });
  const printed = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
  const cases: [Output, RegExp?][] = [
    [shown({ "text/plain": "x", "image/png": "A".repeat(99_000) })],
    [shown({ "text/plain": "x", "text/html": "<b>" }), /^text\/html in /],
    [shown({ "application/javascript": "1" }), /^application\/javascript in /],
    [shown({ "image/png": "A".repeat(101_000) }), /^\d+ bytes in /],
    [printed("A".repeat(101_000)), /^\d+ bytes in /],
    [printed("\x1b[33m1\x1b[39m"), /^colour codes in /],
    [{ output_type: "error", ename: "E", evalue: "", traceback: ["\x1b[31m"] }, /^colour codes in /],
  ];
  for (const [output, problem] of cases) {
    const notebook = createNotebook(["1"]);
    Object.assign(notebook.cells[0], { outputs: [output] });
    const found = unfitFor(notebook);
    assert.equal(found.length, problem ? 1 : 0, found.join());
    if (problem) assert.match(found[0], problem);
  }
});
