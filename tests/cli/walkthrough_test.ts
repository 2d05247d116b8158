// The command that runs a paper's walkthrough, and what it leaves.

import assert from "node:assert/strict";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runWalkthrough } from "braid/cli/walkthrough.ts";
import { walkthroughs } from "braid/cli/walkthroughs.ts";
import { type EngineName } from "braid/engine/engine.ts";
import { readLedger } from "braid/evaluation/ledger.ts";
import { CellError } from "braid/jupyter/executor.ts";
import { codeCells, createNotebook, type Notebook, readNotebook, writeNotebook } from "braid/jupyter/notebook_file.ts";
import { trifeaturePresets } from "braid/methods/comm/settings.ts";
import { engines } from "../engine/engines.ts";
import { runCli } from "./run_cli.ts";

const walkthrough = (args: string[], env: Record<string, string> = {}) => runCli("walkthrough.ts", args, env);

const known = Object.keys(walkthroughs).join(", ");

const settings = Object.keys(trifeaturePresets.quick).join(", ");

for (
  const { mistake, args, message } of [
    { mistake: "an unknown walkthrough", args: ["com"], message: `Expected a walkthrough of ${known}, got "com"` },
    { mistake: "an unknown second one", args: ["comm", "x"], message: `Expected a walkthrough of ${known}, got "x"` },
    {
      mistake: "an unknown preset",
      args: ["comm", "--preset", "quik"],
      message: 'Expected a preset of smoke, quick, recorded, paper, got "quik"',
    },
    {
      mistake: "an unknown setting",
      args: ["comm", "--set", "step=5"],
      message: `Expected a setting of ${settings}, got "step"`,
    },
    {
      mistake: "a setting of another type",
      args: ["comm", "--set", "seed=1", "--set", "steps=many"],
      message: 'Expected steps to be a whole number of at least 0, got "many"',
    },
    {
      mistake: "a setting without a value",
      args: ["comm", "--set", "steps"],
      message: 'Expected --set name=value, got "steps"',
    },
    {
      mistake: "an unknown option",
      args: ["comm", "--presets", "smoke"],
      message: "error: unknown option '--presets'",
    },
  ]
) {
  Deno.test(`walkthrough answers ${mistake} with one line, before anything runs`, async () => {
    const folder = join(await Deno.makeTempDir(), "never");
    const { code, stdout, stderr } = await walkthrough([...args, "--out", folder]);
    const [first, ...more] = stderr.trimEnd().split("\n");
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.equal(first, message.startsWith("error: ") ? message : `error: ${message}`);
    assert.deepEqual(more, message.startsWith("error: ") ? ["(Did you mean --preset?)"] : []);
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
  });
}

Deno.test("walkthrough --help names the walkthroughs, the presets and what is left behind", async () => {
  const { code, stdout, stderr } = await walkthrough(["--help"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (
    const word of [
      ...Object.keys(walkthroughs),
      "--preset <name>",
      "smoke",
      "quick",
      "paper",
      "--out <folder>",
      "--set <name=value>",
    ]
  ) {
    assert.ok(stdout.includes(word), word);
  }
  assert.match(stdout, /notebook\.ipynb,\s+index\.html\s+and\s+ledger\.json/);
});

/** What runs of the smoke preset came to, all started at once. */
const smokeRuns = (() => {
  let runs: Record<string, ReturnType<typeof runSmoke>> | undefined;
  return () =>
    runs ??= Object.fromEntries(engines.filter((name) => name !== "cpu").map((name) => [name, runSmoke(name)]));
})();

async function runSmoke(engine: EngineName) {
  const folder = await Deno.makeTempDir();
  const outcome = await walkthrough(["comm", "--preset", "smoke", "--out", folder], { BRAID_ENGINE: engine });
  return { folder, ...outcome };
}

const PLOTLY = "application/vnd.plotly.v1+json";

const outputsOf = (notebook: Notebook) => codeCells(notebook).flatMap(({ outputs }) => outputs);
const bundlesOf = (notebook: Notebook) =>
  outputsOf(notebook).flatMap((output) => "data" in output ? [output.data] : []);
const figuresOf = (notebook: Notebook) => bundlesOf(notebook).filter((data) => PLOTLY in data);

for (const engine of engines.filter((name) => name !== "cpu")) {
  Deno.test(`walkthrough comm runs to its end on ${engine}: ledger on the screen, progress by heading`, async () => {
    const { code, stdout, stderr, folder } = await smokeRuns()[engine];
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^claim +published +ours +from +verdict\n/);
    assert.match(stdout, /\ncomm, preset smoke, \d+ s: open \S+index\.html\n$/);
    assert.match(stderr, /^\[1\/\d+\] What do I choose\?\n/);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["index.html", "ledger.json", "notebook.ipynb", "plotly.min.js"]);
  });

  Deno.test(`on ${engine} every cell of the notebook ran, with the preset that was asked for`, async () => {
    const { folder } = await smokeRuns()[engine], notebook = await readNotebook(join(folder, "notebook.ipynb"));
    const cells = codeCells(notebook), source = codeCells(await readNotebook(walkthroughs.comm.notebook));
    assert.deepEqual(cells.map((cell) => cell.execution_count), cells.map((_, i) => i + 1));
    assert.deepEqual(cells.toSpliced(1, 1).map((cell) => cell.source), source.map((cell) => cell.source));
    assert.equal(cells[1].source, 'preset = "smoke";\noverrides = {};');
    assert.deepEqual(outputsOf(notebook).filter(({ output_type }) => output_type === "error"), []);
  });

  Deno.test(`on ${engine} the notebook holds figures, text and Markdown, no HTML and no terminal codes`, async () => {
    const { folder } = await smokeRuns()[engine], path = join(folder, "notebook.ipynb");
    const notebook = await readNotebook(path), figures = figuresOf(notebook);
    assert.deepEqual(bundlesOf(notebook).filter((data) => "text/html" in data), []);
    const text = await Deno.readTextFile(path);
    assert.equal(stripVTControlCharacters(text.replaceAll("\\u001b", "\x1b")), text);
    assert.ok(figures.length >= 15, `${figures.length} figures`);
    for (const figure of figures) {
      const { data, layout } = figure[PLOTLY] as { data: unknown[]; layout: { title: { text: string } } };
      const title = figure["text/plain"] as string;
      assert.ok(new TextEncoder().encode(JSON.stringify(figure)).length <= 100_000, `more than 100 kB: ${title}`);
      assert.ok((data.length > 0 || "shapes" in layout) && title.length > 20, `an empty figure: ${title}`);
      const png = Uint8Array.fromBase64(figure["image/png"] as string);
      assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], title); // "\x89PNG"
      assert.ok(png.length > 2000, title);
    }
  });

  Deno.test(`on ${engine} the page stands alone, with every figure as a picture`, async () => {
    const { folder } = await smokeRuns()[engine];
    const page = await Deno.readTextFile(join(folder, "index.html"));
    const figures = figuresOf(await readNotebook(join(folder, "notebook.ipynb")));
    const loading = [
      ...page.matchAll(/<(?:script|img|link|iframe|source|object|embed)\b[^>]*?\b(?:src|href|data)="([^"]*)"/g),
    ];
    const addresses = loading.map(([, address]) => address).filter((address) => !address.startsWith("data:"));
    assert.deepEqual(addresses, ["plotly.min.js"]);
    assert.doesNotMatch(page, /<style>[^]*(?:@import|url\(["']?(?:https?:)?\/\/)[^]*<\/style>/);
    for (const { "image/png": png } of figures) assert.ok(page.includes(`<img src="data:image/png;base64,${png}"`));
    assert.ok((await Deno.stat(join(folder, "plotly.min.js"))).size > 1e6);
  });

  Deno.test(`on ${engine} the ledger is one that can be judged anew, and is that of the notebook`, async () => {
    const { folder, stdout } = await smokeRuns()[engine];
    const ledger = await readLedger(join(folder, "ledger.json"));
    assert.ok(ledger.entries.length >= 10);
    assert.ok(stdout.startsWith(ledger.toText()));
    const quick = ledger.entries.find(({ claim }) => claim.id === "comm-above-cross-quick");
    assert.ok(quick && "protocol" in quick.measured && quick.measured.protocol.includes("preset smoke"));
  });
}

/** A walkthrough of a notebook in a folder of its own. */
async function ownWalkthrough(notebook: Notebook) {
  const folder = await Deno.makeTempDir(), path = join(folder, "source.ipynb");
  await writeNotebook(path, notebook);
  return { folder, walkthrough: { notebook: path, title: "A copy", presets: trifeaturePresets } };
}

Deno.test("a walkthrough with a failing cell leaves notebook and page up to there, and names the cell", async () => {
  const notebook = await readNotebook(walkthroughs.comm.notebook);
  const planted =
    createNotebook(["console.log(`runs with ${preset}`);", 'throw new RangeError("planted")', "1 + 1"]).cells;
  const parameters = notebook.cells.findIndex(({ cell_type }) => cell_type === "code");
  const cells = notebook.cells.toSpliced(parameters + 1, 0, ...planted);
  const { folder, walkthrough } = await ownWalkthrough({ ...notebook, cells });

  const states: string[] = [];
  const run = runWalkthrough(walkthrough, folder, { preset: "smoke", set: { steps: 2 } }, ({ cell, state }) => {
    if (state !== "running") states.push(`${cell} ${state}`);
  });
  const error = await run.then(() => undefined, (error) => error);
  assert.ok(error instanceof CellError);
  assert.equal(error.cell, 4); // 1 declares, 2 injects the parameters, 3 prints
  assert.equal(
    error.message,
    'Expected cell 4 (throw new RangeError("planted")) to succeed, got error: RangeError: planted',
  );
  assert.deepEqual(states, ["1 done", "2 done", "3 done", "4 failed"]);

  const left = codeCells(await readNotebook(join(folder, "notebook.ipynb")));
  assert.deepEqual(left.slice(0, 6).map(({ execution_count }) => execution_count), [1, 2, 3, 4, null, null]);
  assert.deepEqual(left[2].outputs, [{ output_type: "stream", name: "stdout", text: "runs with smoke\n" }]);
  const page = await Deno.readTextFile(join(folder, "index.html"));
  assert.match(page, /<title>A copy<\/title>/);
  assert.match(page, /runs with smoke/);
  assert.match(page, /RangeError: planted/);
  await assert.rejects(Deno.stat(join(folder, "ledger.json")), Deno.errors.NotFound);
});

Deno.test("a walkthrough that shows no ledger says so, and leaves its page", async () => {
  const notebook = createNotebook([
    'let preset = "quick";\nlet overrides: Record<string, unknown> = {};',
    "[preset, overrides]",
  ]);
  notebook.cells[0].metadata.tags = ["parameters"];
  const { folder, walkthrough } = await ownWalkthrough(notebook);
  await assert.rejects(
    runWalkthrough(walkthrough, folder, { preset: "smoke", set: { seed: 7 } }),
    /^Error: Expected a cell that shows the ledger by showLedger\(\), got none$/,
  );
  assert.match(await Deno.readTextFile(join(folder, "index.html")), /seed: 7/);
});

Deno.test("a walkthrough refuses wrong settings before it writes anything", async () => {
  const { folder, walkthrough } = await ownWalkthrough(createNotebook(["1"])), out = join(folder, "out");
  await assert.rejects(runWalkthrough(walkthrough, out, { preset: "smoke", set: { step: 7 } }), {
    name: "SettingsError",
  });
  await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
});

Deno.test("every walkthrough has its notebook, a title and the three presets", async () => {
  for (const { notebook, title, presets } of Object.values(walkthroughs)) {
    assert.ok(codeCells(await readNotebook(notebook)).length > 0);
    assert.ok(title.length > 0);
    for (const preset of ["smoke", "quick", "paper"]) assert.ok(preset in presets, preset);
  }
});
