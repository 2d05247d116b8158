// Long notebooks and large outputs in JupyterLab. `deno task test:browser` runs this file.

import assert from "node:assert/strict";
import { codeCells } from "braid/jupyter/notebook_file.ts";
import { countOutputs, countTexts, mixedNotebook } from "../jupyter/clients/count_outputs.ts";
import { startBeforeTests } from "./front_end.ts";

const jupyter = startBeforeTests();

const CELLS = 300, whole = { cells: CELLS, lost: 0, misplaced: 0, reordered: 0 };

Deno.test(`${CELLS} cells of every kind: the page and the saved notebook have every output in its place`, async () => {
  await jupyter.server.write("soak.ipynb", mixedNotebook(CELLS, { errors: true }));
  await using notebook = await jupyter.open("JupyterLab", "soak.ipynb");
  await notebook.cell(CELLS - 1).waitFor({ state: "attached" }); // JupyterLab attaches far cells when it has time
  await notebook.runAll();
  assert.deepEqual(countTexts(await notebook.outputTexts()), whole);
  await notebook.save();
  assert.deepEqual(countOutputs(await jupyter.server.read("soak.ipynb")), whole);
  await notebook.cell(CELLS - 1).scrollIntoViewIfNeeded();
  await notebook.screenshot("soak");
});

Deno.test("20,000 printed lines arrive complete and in order, and the page goes on answering", async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  await jupyter.server.write("lines.ipynb", ["for (let i = 0; i < 20_000; i++) console.log(`line ${i}`);", '"after"']);
  await using notebook = await jupyter.open("JupyterLab", "lines.ipynb");
  const pause = await notebook.longestPause(() => notebook.runAll());
  assert.ok(pause < 10_000, `the page stood still for ${Math.round(pause)} ms`);
  await notebook.cell(0).getByText(lines.at(-1)!).waitFor(); // what has arrived may not be drawn yet
  const [printed, after] = await notebook.outputTexts();
  assert.deepEqual(printed.trim().split("\n"), lines);
  assert.equal(after.trim(), '"after"');
  await notebook.save();
  const [{ outputs }] = codeCells(await jupyter.server.read("lines.ipynb"));
  assert.deepEqual(outputs, [{ output_type: "stream", name: "stdout", text: lines.join("\n") + "\n" }]);
  await notebook.screenshot("lines");
});

Deno.test("15 MB of HTML arrive whole, and the next cell's output below the next cell", async () => {
  const paragraphs = 150_000, paragraph = `<p>${"b".repeat(93)}</p>`;
  await jupyter.server.write("large.ipynb", [
    `Deno.jupyter.html([${JSON.stringify(paragraph)}.repeat(${paragraphs}) + "<b id=end>the end</b>"])`,
    '"after"',
  ]);
  await using notebook = await jupyter.open("JupyterLab", "large.ipynb");
  await notebook.runAll();
  assert.equal(await notebook.cell(0).locator("#end").count(), 1);
  assert.equal(await notebook.cell(0).locator(".jp-OutputArea-output p").count(), paragraphs);
  assert.equal((await notebook.outputTexts())[1].trim(), '"after"');
});
