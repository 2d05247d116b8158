// What a reader sees in JupyterLab and in Notebook 7. `deno task test:browser` runs this file.

import assert from "node:assert/strict";
import { examples } from "../plots/examples.ts";
import { type FrontEnd, frontEnds, startBeforeTests } from "./front_end.ts";

const FIGURE = `import { learningCurves, roleColors } from "braid";
learningCurves({
  title: "The loss halves with every epoch",
  xTitle: "epoch",
  yTitle: "loss (nats)",
  series: [{ name: "CoMM", x: [1, 2, 3, 4], y: [4, 2, 1, 0.5], color: roleColors.shared }],
  references: [{ y: 3, label: "guessing" }],
  caption: "n = 1 run.",
});`;

const jupyter = startBeforeTests();

/** Many short cells: their outputs come fast, one after the other. */
const counting = Array.from({ length: 12 }, (_, i) => `console.log("printed ${i}"); "value ${i}"`);

for (const theme of ["Light", "Dark"] as const) {
  for (const frontEnd of Object.keys(frontEnds) as FrontEnd[]) {
    Deno.test(`${frontEnd}, ${theme}: a figure is drawn and tells its values, outputs are in their cells, no script fails`, async () => {
      const name = `${frontEnd} ${theme}`;
      await jupyter.server.setTheme(theme);
      await jupyter.server.write(`${name}.ipynb`, [FIGURE, ...counting]);
      await using notebook = await jupyter.open(frontEnd, `${name}.ipynb`);
      await notebook.runAll();
      const figure = notebook.cell(0).locator(".js-plotly-plot");
      await notebook.pointAt(figure.locator(".scatterlayer .point").nth(1));
      await figure.locator(".hovertext").first().waitFor();
      await notebook.screenshot(name);
      for (const i of counting.keys()) {
        const outputs = await notebook.cell(i + 1).locator(".jp-OutputArea-output").allInnerTexts();
        assert.deepEqual(outputs.map((text) => text.trim()), [`printed ${i}`, `"value ${i}"`]);
      }
      assert.deepEqual(notebook.errors, []);
    });
  }

  Deno.test(`${theme}: figures of every family are drawn`, async () => {
    const names = Object.keys(examples), draw = names.map((name) => `examples[${JSON.stringify(name)}]`);
    await jupyter.server.setTheme(theme);
    await jupyter.server.write(`${theme}.ipynb`, [
      'const { examples } = await import("../../tests/plots/examples.ts");',
      ...draw,
    ]);
    await using notebook = await jupyter.open("Notebook 7", `${theme}.ipynb`);
    await notebook.runAll();
    for (const [i, name] of names.entries()) {
      await notebook.cell(i + 1).locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: 60_000 });
      await notebook.screenshotOf(notebook.cell(i + 1), `${theme} ${name}`);
    }
    assert.deepEqual(notebook.errors, []);
  });
}

Deno.test("a saved notebook without a kernel: figures are live in the browser that ran it, elsewhere words stand for them", async () => {
  await jupyter.server.setTheme("Light");
  await jupyter.server.write("saved.ipynb", [FIGURE]);
  await using notebook = await jupyter.open("JupyterLab", "saved.ipynb");
  const figure = notebook.cell(0).locator(".js-plotly-plot");
  await notebook.runAll();
  await figure.locator(".main-svg").first().waitFor({ timeout: 60_000 });
  await notebook.save();
  await jupyter.server.endKernels();

  await notebook.page.reload();
  await notebook.pointAt(figure.locator(".scatterlayer .point").nth(1));
  await figure.locator(".hovertext").first().waitFor();
  await notebook.screenshot("saved");

  await using elsewhere = await jupyter.open("JupyterLab", "saved.ipynb");
  const words = "The loss halves with every epoch. ";
  await elsewhere.cell(0).getByText(words).waitFor();
  await elsewhere.cell(0).getByText("To see this figure, restart the kernel and run the notebook.").waitFor();
});

Deno.test("tables turn pages, sounds play, pictures show, and a curve grows in one place", async () => {
  await jupyter.server.setTheme("Dark");
  await jupyter.server.write("show.ipynb", [
    `import { show, watchTraining } from "braid";
import * as tf from "@tensorflow/tfjs";
show(Array.from({ length: 30 }, (_, row) => ({ row, square: row ** 2 })));`,
    `const samples = Float32Array.from({ length: 4000 }, (_, i) => 0.3 * Math.sin(i / 3));
show({ label: 3, sound: { samples, rate: 8000 }, image: tf.linspace(0, 1, 4 * 16 * 16).reshape([4, 16, 16, 1]) });`,
    `const reports = async function* () {
  for (let step = 100; step <= 2000; step += 100) {
    await new Promise((resume) => setTimeout(resume, 100));
    yield { step, steps: 2000, epoch: 0, loss: 500 / step, terms: {}, samplesPerSecond: 900, seconds: step / 1000, secondsLeft: 0 };
  }
};
const curve = await watchTraining("CoMM", reports());`,
  ]);
  await using notebook = await jupyter.open("JupyterLab", "show.ipynb");
  await notebook.runAll();
  const table = notebook.cell(0);
  await table.getByRole("button", { name: "next" }).click();
  await table.getByText("rows 13 to 24 of 30").waitFor();
  const sound = notebook.cell(1).locator("audio");
  const seconds = await sound.evaluate((audio: HTMLAudioElement) =>
    new Promise<number>((resolve) => {
      if (audio.readyState > 0) resolve(audio.duration);
      else audio.onloadedmetadata = () => resolve(audio.duration);
    })
  );
  assert.equal(seconds, 0.5);
  await notebook.cell(1).locator(".js-plotly-plot .main-svg image").first().waitFor({ timeout: 60_000 });
  assert.equal(await notebook.cell(2).locator(".jp-OutputArea-output").count(), 1);
  await notebook.cell(2).getByText("CoMM: step 2000 of 2000").waitFor();
  await notebook.screenshot("show");
  assert.deepEqual(notebook.errors, []);
});

Deno.test("what is wrong with the types of a cell appears below its output", async () => {
  await jupyter.server.setTheme("Light");
  await jupyter.server.write("warning.ipynb", [
    'const count: number = "one";\nconsole.log(`printed ${count}`);',
    '"after"',
  ]);
  await using notebook = await jupyter.open("JupyterLab", "warning.ipynb");
  await notebook.runAll();
  await notebook.cell(0).getByText("Warning").waitFor({ timeout: 60_000 });
  const outputs = await notebook.cell(0).locator(".jp-OutputArea-output").allInnerTexts();
  assert.deepEqual(outputs.map((text) => text.trim()), [
    "printed one",
    "Warning: line 1, column 7: Type 'string' is not assignable to type 'number'.",
  ]);
  assert.equal((await notebook.outputTexts())[1].trim(), '"after"');
  await notebook.screenshot("warning");
  assert.deepEqual(notebook.errors, []);
});

Deno.test("Shift-Tab shows signature and documentation, Tab the members of what a call returns", async () => {
  await jupyter.server.setTheme("Light");
  await jupyter.server.write("help.ipynb", [
    'import { infoNCE, randomNumbers } from "braid";',
    "infoNCE",
    'randomNumbers(7, "pairs")',
  ]);
  await using notebook = await jupyter.open("JupyterLab", "help.ipynb");
  await notebook.runAll();

  await notebook.write(1, "(");
  const tooltip = notebook.page.locator(".jp-Tooltip");
  await notebook.pressUntil("Shift+Tab", tooltip.getByText("Contrastive loss of two sets"));
  assert.match(await tooltip.innerText(), /infoNCE\(a: Tensor2D, b: Tensor2D, [^]*\): Scalar/);
  await notebook.screenshot("signature");
  await notebook.page.keyboard.press("Escape");

  await notebook.write(2, ".");
  const completer = notebook.page.locator(".jp-Completer:not(.lm-mod-hidden)");
  await notebook.pressUntil("Tab", completer);
  const names = await completer.locator(".jp-Completer-match").allInnerTexts();
  assert.deepEqual(names, ["integer", "normal", "permutation", "sample", "uniform"]);
  await notebook.screenshot("members");
  await completer.getByText("permutation").click();
  await notebook.cell(2).getByText('randomNumbers(7, "pairs").permutation').waitFor();
  assert.deepEqual(notebook.errors, []);
});
