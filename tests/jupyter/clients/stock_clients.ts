// deno task test:clients: Jupyter's own programs run notebooks in Braid's kernel. Do they get every output where it belongs?

import { Command, InvalidArgumentError } from "commander";
import { join } from "node:path";
import { cacheFolder, thisHost } from "braid/engine/libtensorflow/host.ts";
import { findPython } from "braid/engine/libtensorflow/wheel.ts";
import { sha256 } from "braid/files/sha256.ts";
import { NOTEBOOK_KERNEL, writeJupyterPath } from "braid/jupyter/kernel_spec.ts";
import { readNotebook, writeNotebook } from "braid/jupyter/notebook_file.ts";
import { countOutputs, type Counts, mixedNotebook } from "./count_outputs.ts";

/** How each program is told to run a notebook. */
const clients: Record<string, (input: string, output: string) => string[]> = {
  "jupyter execute": (input, output) => ["jupyter-execute", input, "--output", output],
  "nbconvert": (input, output) => ["jupyter-nbconvert", "--to", "notebook", "--execute", input, "--output", output],
  "papermill": (input, output) => ["papermill", input, output, "--no-progress-bar", "-k", NOTEBOOK_KERNEL],
};

/** Numbers of cells in the notebooks that each program runs. */
const SIZES = [20, 20, 20, 20, 20, 100, 300];

/** The folder of the programs, which are installed once for this user. */
async function installClients(): Promise<string> {
  const requirements = join(import.meta.dirname!, "requirements.txt");
  const version = sha256(await Deno.readTextFile(requirements)).slice(0, 12), host = thisHost();
  const folder = join(cacheFolder(host), "jupyter-clients", version);
  const programs = join(folder, Deno.build.os === "windows" ? "Scripts" : "bin"), done = join(folder, "done");
  try {
    await Deno.stat(done);
  } catch {
    await run(await findPython(host), ["-m", "venv", "--clear", folder]);
    await run(join(programs, "python"), ["-m", "pip", "install", "--quiet", "-r", requirements]);
    await Deno.writeTextFile(done, "");
  }
  return programs;
}

/** Runs notebooks of all sizes by one program. */
async function runClient(name: string, programs: string, env: Record<string, string>): Promise<Counts> {
  const sum: Counts = { cells: 0, lost: 0, misplaced: 0, reordered: 0 };
  const folder = await Deno.makeTempDir(), input = join(folder, "input.ipynb"), output = join(folder, "output.ipynb");
  for (const size of SIZES) {
    await writeNotebook(input, mixedNotebook(size));
    const [program, ...args] = clients[name](input, output);
    await run(join(programs, program), args, env);
    const counts = countOutputs(await readNotebook(output));
    for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key];
    await Deno.remove(output);
  }
  await Deno.remove(folder, { recursive: true });
  return sum;
}

async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, env, stdin: "null", stdout: "null" }).output();
  if (!success) throw new Error(`Expected ${program} to succeed, got:\n${new TextDecoder().decode(stderr)}`);
}

async function main({ client }: { client?: string }): Promise<void> {
  const programs = await installClients(), env = { JUPYTER_PATH: await writeJupyterPath() };
  for (const name of client ? [client] : Object.keys(clients)) {
    const { cells, lost, misplaced, reordered } = await runClient(name, programs, env);
    console.log(`${name}: ${cells} cells, ${lost} lost, ${misplaced} misplaced, ${reordered} reordered`);
    if (lost + misplaced + reordered > 0) Deno.exitCode = 1;
  }
}

if (import.meta.main) {
  const oneOf = (name: string) => {
    if (name in clients) return name;
    throw new InvalidArgumentError(`Expected one of ${Object.keys(clients).join(", ")}, got "${name}"`);
  };
  const program = new Command("deno task test:clients")
    .description("Run notebooks by Jupyter's own programs in Braid's kernel, and count the outputs that went astray.")
    .option("--client <name>", "only this program", oneOf)
    .action(main);
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
