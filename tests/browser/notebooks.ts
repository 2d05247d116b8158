// What a reader sees in JupyterLab and in Notebook 7. `deno task test:browser` runs this file.

import type { Browser } from "playwright-core";
import assert from "node:assert/strict";
import { examples } from "../plots/examples.ts";
import { type FrontEnd, frontEnds, NotebookPage, openBrowser } from "./front_end.ts";
import { type JupyterServer, startJupyter } from "./jupyter_server.ts";

const FIGURE = `import { learningCurves, roleColors } from "braid";
learningCurves({
  title: "The loss halves with every epoch",
  xTitle: "epoch",
  yTitle: "loss (nats)",
  series: [{ name: "CoMM", x: [1, 2, 3, 4], y: [4, 2, 1, 0.5], color: roleColors.shared }],
  references: [{ y: 3, label: "guessing" }],
  caption: "n = 1 run.",
});`;

let server: JupyterServer, browser: Browser;

Deno.test.beforeAll(async () => {
  [server, browser] = await Promise.all([startJupyter(), openBrowser()]);
  const counting = Array.from({ length: 12 }, (_, i) => `console.log("cell ${i}"); "value ${i}"`);
  await server.write("figure.ipynb", ['console.log("before");', FIGURE, '"after";', ...counting]);
  const draw = Object.keys(examples).map((name) => `examples[${JSON.stringify(name)}]`);
  await server.write("families.ipynb", [
    'const { examples } = await import("../../tests/plots/examples.ts");',
    ...draw,
  ]);
});

Deno.test.afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

for (const theme of ["Light", "Dark"] as const) {
  for (const frontEnd of Object.keys(frontEnds) as FrontEnd[]) {
    Deno.test(`${frontEnd}, ${theme}: a figure is drawn in its cell, tells its values, and no script fails`, async () => {
      await server.setTheme(theme);
      await using notebook = await NotebookPage.open(browser, server, frontEnd, "figure.ipynb");
      await notebook.runAll();
      const figure = notebook.cell(1).locator(".js-plotly-plot");
      await notebook.pointAt(figure.locator(".scatterlayer .point").nth(1));
      await figure.locator(".hovertext").first().waitFor();
      await notebook.screenshot(`${frontEnd} ${theme} figure`);
      assert.deepEqual(notebook.errors, []);
    });
  }

  Deno.test(`${theme}: figures of every family are drawn, and remain when the page is loaded anew`, async () => {
    await server.setTheme(theme);
    await using notebook = await NotebookPage.open(browser, server, "Notebook 7", "families.ipynb");
    await notebook.runAll();
    const names = Object.keys(examples);
    for (const [i, name] of names.entries()) {
      await notebook.cell(i + 1).locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: 60_000 });
      await notebook.screenshotOf(notebook.cell(i + 1), `${theme} ${name}`);
    }
    assert.deepEqual(notebook.errors, []);
  });
}
