// deno task test:browser: sees notebooks work in real front ends; the last line says how many tests passed and failed.

import { Command } from "commander";
import { statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { showInstallProgress } from "./install_progress.ts";
import { installJupyter } from "./lab/jupyter.ts";
import { ensureLibrary } from "./setup.ts";
import { countTests } from "./test.ts";

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const TESTS = ["figures", "notebooks", "soak"].map((name) => `tests/browser/${name}.ts`);

/**
 * Finds Chromium or Chrome: what the environment variable `BRAID_CHROMIUM` names, else the first on `PATH`.
 *
 * @param env Environment variables.
 * @returns Its path.
 * @throws {Error} If there is none; the message says how to get it.
 *
 * @example
 * ```ts
 * import { findChromium } from "braid/cli/test_browser.ts";
 * import assert from "node:assert/strict";
 *
 * assert.throws(() => findChromium({ PATH: "/nowhere" }), /install Chromium/);
 * ```
 */
export function findChromium(env: Record<string, string | undefined>): string {
  const named = env.BRAID_CHROMIUM, folders = (env.PATH ?? "").split(delimiter);
  const places = named ? [named] : COMMANDS.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = places.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found) return found;
  throw new Error(
    `Expected ${named ? "BRAID_CHROMIUM to name a file" : `one of ${COMMANDS.join(", ")} on PATH`}, got ` +
      `${named ? `"${named}"` : "none"}: install Chromium (on Debian: apt-get install chromium), or set BRAID_CHROMIUM`,
  );
}

/**
 * Finds or installs what the tests need and runs them.
 *
 * @throws {Error} If Chromium or JupyterLab cannot be had.
 */
async function runTests(filter: string | undefined): Promise<{ passed: number; failed: number }> {
  const BRAID_CHROMIUM = findChromium(Deno.env.toObject());
  await ensureLibrary();
  const onProgress = showInstallProgress();
  await installJupyter({ onProgress }).finally(onProgress.end);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...filter === undefined ? [] : ["--filter", filter], ...TESTS],
    env: { BRAID_CHROMIUM },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    await Deno.stdout.write(new TextEncoder().encode(piece));
    output += piece;
  }
  return countTests(output, (await child.status).success);
}

/** What cannot even begin has failed. */
async function testBrowser(filter: string | undefined): Promise<void> {
  const { passed, failed } = await runTests(filter).catch((error) => {
    console.error(`error: ${(error as Error).message}`);
    return { passed: 0, failed: 1 };
  });
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exitCode = 1;
}

if (import.meta.main) {
  await new Command("deno task test:browser")
    .description(
      "Opens notebooks in JupyterLab and Notebook 7 with Chromium, runs them and looks at what they show; leaves pictures " +
        "in runs/screenshots. Installs Jupyter into this user's cache; Chromium must be there.",
    )
    .argument("[filter]", "run only tests whose names contain this")
    .action(testBrowser)
    .parseAsync(Deno.args, { from: "user" });
}
