// JupyterLab: the user's own, or one in an environment of its own in the per-user cache.

import { dirname, join } from "node:path";
import { cacheFolder, type Host, thisHost } from "../../engine/libtensorflow/host.ts";
import { lockFile } from "../../files/lock_file.ts";
import type { InstallStep } from "../install_progress.ts";

/** What is installed where no JupyterLab is found. */
export const JUPYTER_PACKAGES: readonly string[] = ["jupyterlab==4.6.6", "notebook==7.6.5", "jupyter_server==2.21.1"];

/** JupyterLab cannot be had; the message is one line. */
export class JupyterError extends Error {
  override name = "JupyterError";
}

/** Options of {@linkcode ensureJupyter}. */
export interface JupyterOptions {
  /** The machine to look and install on. Default this one. */
  host?: Host;
  /** Told of every step of an installation. */
  onProgress?: (step: InstallStep) => void;
}

/**
 * Finds JupyterLab, or installs it.
 *
 * @returns The command that starts it, to be followed by its arguments.
 * @throws {JupyterError} If it is missing and cannot be installed: no Python 3, no venv, no network.
 */
export async function ensureJupyter(options: JupyterOptions = {}): Promise<string[]> {
  const host = options.host ?? thisHost();
  const own = ["jupyter", "lab"], found = await run([...own, "--version"], host);
  return found?.success ? own : [await installJupyter(options), "-m", "jupyterlab"];
}

/**
 * Installs JupyterLab and Notebook into the per-user cache, or finds them there. What a killed run leaves is done anew; a second
 * process waits for the first.
 *
 * @returns Path of the environment's Python.
 * @throws {JupyterError} As {@linkcode ensureJupyter}.
 */
export async function installJupyter(
  { host = thisHost(), onProgress = () => {} }: JupyterOptions = {},
): Promise<string> {
  const report = (stage: string, name = "") => onProgress({ stage, name, done: 0, total: 0 });
  const folder = join(cacheFolder(host), "jupyterlab"), stamp = join(folder, "installed.txt");
  await Deno.mkdir(dirname(folder), { recursive: true });
  using _lock = await lockFile(`${folder}.lock`, () => report("waiting for another set-up"));
  const wanted = JUPYTER_PACKAGES.join("\n") + "\n";
  const python = host.os === "windows" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  if (await contentOf(stamp) === wanted && (await run([python, "--version"], host))?.success) return python;

  report("making an environment for", "JupyterLab");
  await makeEnvironment(folder, host);
  await installPackages(python, host, report);
  await Deno.writeTextFile(stamp, wanted);
  return python;
}

async function makeEnvironment(folder: string, host: Host): Promise<void> {
  const result = await run(["python3", "-m", "venv", "--clear", folder], host);
  if (result?.success) return;
  if (!result) {
    throw new JupyterError(
      "Expected JupyterLab, or python3 to install it with, got neither on PATH: install Python 3.10 or later",
    );
  }
  throw new JupyterError(
    `Expected python3 to make an environment in ${folder}, got "${lastLine(result.stdout + result.stderr)}": ` +
      "see that python3 has the module venv (on Debian and Ubuntu: apt-get install python3-venv)",
  );
}

async function installPackages(
  python: string,
  host: Host,
  report: (stage: string, name?: string) => void,
): Promise<void> {
  const silent = ["--progress-bar", "off", "--disable-pip-version-check", "--no-input"];
  const result = await run([python, "-m", "pip", "install", ...silent, ...JUPYTER_PACKAGES], host, (line) => {
    const [, name] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
    if (name) report("downloading", name);
    else if (line.startsWith("Installing")) report("installing", "JupyterLab");
  });
  if (result?.success) return;
  const cause = lastLine(result?.stderr ?? "").replace(/^ERROR: */, "");
  throw new JupyterError(
    `Expected pip to install ${
      JUPYTER_PACKAGES.join(", ")
    }, got "${cause}": see that this machine reaches the package ` +
      "index and that the disk has 400 MB free",
  );
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1)!.trim();

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

interface Result {
  success: boolean;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end; undefined if there is no such command. */
async function run(
  [command, ...args]: string[],
  host: Host,
  onLine: (line: string) => void = () => {},
): Promise<Result | undefined> {
  const env = Object.fromEntries(Object.entries(host.env).flatMap(([name, value]) => value ? [[name, value]] : []));
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(command, { args, env, clearEnv: true, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
  const [stdout, stderr] = await Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  return { ...await child.status, stdout, stderr };
}

async function readLines(stream: Deno.ChildProcess["stdout"], onLine: (line: string) => void): Promise<string> {
  let text = "", seen = 0;
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf("\n", seen)) >= 0; seen = end + 1) onLine(text.slice(seen, end));
  }
  return text;
}
