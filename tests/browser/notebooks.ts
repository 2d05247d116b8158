// What a reader sees in JupyterLab and in Notebook 7. `deno task test:browser` runs this file.

import assert from "node:assert/strict";
import { type FrontEnd, frontEnds, NotebookPage, openBrowser } from "./front_end.ts";
import { startJupyter } from "./jupyter_server.ts";

const FIGURE = `import { learningCurves, roleColors } from "braid";
learningCurves({
  title: "The loss halves with every epoch",
  xTitle: "epoch",
  yTitle: "loss (nats)",
  series: [{ name: "CoMM", x: [1, 2, 3, 4], y: [4, 2, 1, 0.5], color: roleColors.shared }],
  references: [{ y: 3, label: "guessing" }],
  caption: "n = 1 run.",
});`;

for (const theme of ["JupyterLab Light", "JupyterLab Dark"] as const) {
  for (const frontEnd of Object.keys(frontEnds) as FrontEnd[]) {
    Deno.test(`${frontEnd}, ${theme}: a figure is drawn and tells its values`, async () => {
      await using server = await startJupyter(theme);
      await using browser = await openBrowser();
      await server.write("figure.ipynb", ['console.log("before");', FIGURE, '"after";']);
      await using notebook = await NotebookPage.open(browser, server, frontEnd, "figure.ipynb");
      await notebook.runAll();
      const figure = notebook.cell(1).locator(".js-plotly-plot");
      await figure.waitFor({ timeout: 30_000 });
      await notebook.screenshot(`${frontEnd} ${theme} figure`);
      await figure.locator(".nsewdrag").first().hover();
      await figure.locator(".hovertext").first().waitFor({ timeout: 10_000 });
      await notebook.screenshot(`${frontEnd} ${theme} hover`);
      assert.deepEqual(notebook.errors, []);
    });
  }
}
