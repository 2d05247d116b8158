// deno task walkthrough: runs a notebook headless and leaves the notebook, its page and its ledger.

import { Command, Option } from "commander";
import { join, relative, resolve } from "node:path";
import { type Ledger, readLedger } from "../evaluation/ledger.ts";
import { RENDER_VARIABLE } from "../plots/live/cell_context.ts";
import { CellError, type CellProgress, executeNotebook } from "../jupyter/executor.ts";
import { codeCells, type Notebook, readNotebook } from "../jupyter/notebook_file.ts";
import { LEDGER_TYPE } from "../notebook/display.ts";
import { notebookToHtml } from "../notebook/page.ts";
import { chooseSettings, SettingsError } from "../notebook/settings.ts";
import { ensureLibrary } from "./setup.ts";
import { type Walkthrough, walkthroughs } from "./walkthroughs.ts";

interface Options {
  preset: string;
  out?: string;
  set: Record<string, unknown>;
}

/** What the parameter cells of all notebooks say. */
const DEFAULT_PRESET = "quick";

const ROOT = resolve(import.meta.dirname!, "../..");

/**
 * Runs one walkthrough.
 *
 * @param walkthrough Which.
 * @param folder Gets `notebook.ipynb` (rewritten after each cell), `index.html` with `plotly.min.js`, and `ledger.json`.
 * @param options Preset, and settings that replace its own.
 * @returns The ledger.
 * @throws {SettingsError} If preset or settings are wrong.
 * @throws {CellError} If a cell fails; notebook and page are written up to there.
 */
export async function runWalkthrough(
  { notebook: path, title, presets }: Walkthrough,
  folder: string,
  { preset, set }: Pick<Options, "preset" | "set">,
  onProgress?: (progress: CellProgress) => void,
): Promise<Ledger> {
  chooseSettings(presets, preset, set); // a mistake shows before anything long starts
  const notebook = await readNotebook(path);
  await Deno.mkdir(folder, { recursive: true });
  const writePage = (executed: Notebook) =>
    Deno.writeTextFile(join(folder, "index.html"), notebookToHtml(executed, { title }));
  const asWritten = preset === DEFAULT_PRESET && Object.keys(set).length === 0;
  let executed: Notebook;
  try {
    executed = await executeNotebook(notebook, {
      writeTo: join(folder, "notebook.ipynb"),
      cwd: join(ROOT, "notebooks"),
      env: { [RENDER_VARIABLE]: "commit" },
      parameters: asWritten ? undefined : { preset, overrides: set },
      onProgress,
    });
  } catch (error) {
    if (error instanceof CellError) await writePage(error.notebook);
    throw error;
  }
  await writePage(executed);
  const { default: plotly } = await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } });
  await Deno.writeTextFile(join(folder, "plotly.min.js"), plotly as unknown as string);
  const ledgerPath = join(folder, "ledger.json");
  await Deno.writeTextFile(ledgerPath, JSON.stringify(ledgerOf(executed), null, 2) + "\n");
  return await readLedger(ledgerPath);
}

function ledgerOf(notebook: Notebook): unknown {
  const outputs = codeCells(notebook).flatMap((cell) => cell.outputs);
  const shown = outputs.map((output) => "data" in output ? output.data[LEDGER_TYPE] : undefined);
  const ledger = shown.findLast((data) => data !== undefined);
  if (ledger === undefined) throw new Error("Expected a cell that shows the ledger by showLedger(), got none");
  return ledger;
}

/** Says which part runs: one line that is rewritten in a terminal, a line for each heading elsewhere. */
function progressLine(): { report(progress: CellProgress): void; end(): void } {
  const inTerminal = Deno.stderr.isTerminal(), encoder = new TextEncoder();
  let heading = "";
  return {
    report({ cell, cells, title, latest }) {
      if (inTerminal) {
        const line = `[${cell}/${cells}] ${title}${latest ? `: ${latest}` : ""}`;
        const width = Deno.consoleSize().columns - 1;
        Deno.stderr.writeSync(encoder.encode(`\r\x1b[K${line.slice(0, width)}`));
      } else if (title !== heading) {
        heading = title;
        console.error(`[${cell}/${cells}] ${title}`);
      }
    },
    end: () => {
      if (inTerminal) Deno.stderr.writeSync(encoder.encode("\r\x1b[K"));
    },
  };
}

/** `steps=100` or `encoder=[3,8]` as a name and a value. */
function parseSetting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new SettingsError(`Expected --set name=value, got "${text}"`);
  return { ...before, [name]: parseValue(value) };
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function run(names: string[], { preset, out, set }: Options): Promise<void> {
  const known = Object.keys(walkthroughs), unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new SettingsError(`Expected a walkthrough of ${known.join(", ")}, got "${unknown}"`);
  }
  const chosen = names.length > 0 ? names : known;
  for (const name of chosen) chooseSettings(walkthroughs[name].presets, preset, set);
  await ensureLibrary();
  for (const name of chosen) {
    const folder = out ? join(out, ...chosen.length > 1 ? [name] : []) : join(ROOT, "runs", name);
    const line = progressLine(), started = performance.now();
    const ledger = await runWalkthrough(walkthroughs[name], folder, { preset, set }, line.report).finally(line.end);
    console.log(ledger.toText());
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${name}, preset ${preset}, ${seconds} s: open ${relative(Deno.cwd(), join(folder, "index.html"))}`);
  }
}

if (import.meta.main) {
  const program = new Command("deno task walkthrough")
    .description(
      `Runs walkthroughs headless (${Object.keys(walkthroughs).join(", ")}; all of them without a name) and leaves ` +
        "notebook.ipynb, index.html and ledger.json. Sets up what is missing.",
    )
    .argument("[name...]", "walkthroughs to run")
    .addOption(
      new Option("--preset <name>", "smoke (under a minute), quick (minutes) or paper (published)").default(
        DEFAULT_PRESET,
      ),
    )
    .option("--out <folder>", "where the results go (default: runs/NAME)")
    .option("--set <name=value>", "replace one setting of the preset; may be repeated", parseSetting, {})
    .action(run);
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
