// deno task lab: opens the notebooks in JupyterLab, with everything that they need.

import { Command } from "commander";
import { delimiter, resolve } from "node:path";
import { writeJupyterPath } from "../jupyter/kernel_spec.ts";
import { showInstallProgress } from "./install_progress.ts";
import { ensureJupyter } from "./lab/jupyter.ts";
import { ensureLibrary } from "./setup.ts";

interface Options {
  browser: boolean;
  port?: string;
}

const NOTEBOOKS = resolve(import.meta.dirname!, "../../notebooks");

/**
 * The environment in which Jupyter finds Braid's kernel.
 *
 * @returns What to add to Jupyter's environment variables.
 */
export async function kernelEnvironment(): Promise<Record<string, string>> {
  const folder = await writeJupyterPath(), given = Deno.env.get("JUPYTER_PATH");
  return { JUPYTER_PATH: given ? `${folder}${delimiter}${given}` : folder };
}

async function lab({ browser, port }: Options): Promise<void> {
  await ensureLibrary();
  const onProgress = showInstallProgress();
  const [command, ...args] = await ensureJupyter({ onProgress }).finally(onProgress.end);
  const server = new Deno.Command(command, {
    args: [
      ...args,
      ...["--ServerApp.ip=127.0.0.1", `--ServerApp.root_dir=${NOTEBOOKS}`],
      ...browser ? [] : ["--no-browser"],
      ...port === undefined ? [] : [`--ServerApp.port=${port}`, "--ServerApp.port_retries=0"],
      // Jupyter refuses to run as root unless it is told; in containers there is nobody else.
      ...Deno.uid() === 0 ? ["--allow-root"] : [],
    ],
    env: await kernelEnvironment(),
  }).spawn();
  // Jupyter asks whether to stop when it is interrupted: this process has to stay until it has.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.addSignalListener("SIGTERM", () => server.kill("SIGTERM"));
  Deno.exitCode = (await server.status).code;
}

if (import.meta.main) {
  const program = new Command("deno task lab")
    .description(
      "Opens the notebooks in JupyterLab, with Braid's kernel. Where no JupyterLab is found, it is installed into an " +
        "environment of its own in this user's cache, which takes Python 3 and happens once. Only this machine can reach " +
        "it, with the token that it prints.",
    )
    .option("--no-browser", "print the address instead of opening it")
    .option("--port <number>", "where it listens (default: the first free one from 8888)", parsePort)
    .action(lab);
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}

function parsePort(text: string): string {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65535) return text;
  throw new RangeError(`Expected --port to be a whole number from 1 to 65535, got "${text}"`);
}
