import assert from "node:assert/strict";
import { join } from "node:path";
import { codeCells, type Notebook, readNotebook } from "braid/jupyter/notebook_file.ts";
import { walkthroughs } from "braid/cli/walkthroughs.ts";

const FOLDER = join(import.meta.dirname!, "../../notebooks");
const names = Array.from(Deno.readDirSync(FOLDER)).map(({ name }) => name).filter((name) => name.endsWith(".ipynb"))
  .sort();

const bundlesOf = (notebook: Notebook) =>
  codeCells(notebook).flatMap(({ outputs }) => outputs).flatMap((output) => "data" in output ? [output.data] : []);

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
    const notebook = await readNotebook(join(FOLDER, name)), bundles = bundlesOf(notebook);
    assert.ok(bundles.some((data) => "image/png" in data && "application/vnd.plotly.v1+json" in data));
    for (const data of bundles) {
      assert.ok(!("text/html" in data), "text/html");
      assert.ok(JSON.stringify(data).length <= 100_000, `${data["text/plain"]}`.slice(0, 80));
    }
    // deno-lint-ignore no-control-regex -- colour codes begin with the escape character
    assert.doesNotMatch(JSON.stringify(notebook), /\\u001b\[|\x1b\[/);
  });
}
