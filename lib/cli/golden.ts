// deno task golden DIR…: compares the library with golden vectors.

import { Command, Option } from "commander";
import { engineNames, useEngine } from "../engine/engine.ts";
import { calls } from "./golden/calls.ts";
import { type Mode, modes, runFolders } from "./golden/runner.ts";

async function golden(folders: string[], options: { only?: string[]; engine?: string; mode: Mode }): Promise<void> {
  const engine = await useEngine(options.engine);
  const mode = options.mode !== "eager" && !engine.compiles ? `${options.mode}, which it runs eagerly` : options.mode;
  console.log(`${engine.description}; mode ${mode}`);
  const { passed, failed } = await runFolders(folders, { ...options, calls, report: console.log });
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exitCode = 1;
}

if (import.meta.main) {
  try {
    await new Command("deno task golden")
      .description(
        "Compare the library with golden vectors, in value and gradient. The last line is `N passed, N failed`.",
      )
      .argument("<DIR...>", "folders of golden cases, read with all folders below them")
      .option("--only <FUNCTION,...>", "run these functions only", (names: string) => names.split(","))
      .addOption(new Option("--engine <NAME>", "what computes (default: the best there is)").choices(engineNames))
      .addOption(
        new Option("--mode <MODE>", "eager, or differentiable functions as one compiled function").choices(modes)
          .default("eager"),
      )
      .action(golden)
      .parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
