/**
 * How Jupyter finds Braid's kernel.
 *
 * @module
 */

import { isAbsolute, join, resolve } from "node:path";
import { cacheFolder, type Host, thisHost } from "../engine/libtensorflow/host.ts";
import { sha256 } from "../files/sha256.ts";
import { writeWhole } from "../files/whole_file.ts";

/** Content of a `kernel.json`. */
export interface KernelSpec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "message" | "signal";
  metadata: Record<string, unknown>;
}

/** Name under which committed notebooks ask for their kernel; Deno's own has it too, so that they open anywhere. */
export const NOTEBOOK_KERNEL = "deno";

const ROOT = resolve(import.meta.dirname!, "../..");

/**
 * The kernel of this copy of Braid, started by this Deno. All paths are absolute, since Jupyter and VS Code start it anywhere.
 *
 * @example
 * ```ts
 * import { kernelSpec } from "braid/jupyter/kernel_spec.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(kernelSpec().interrupt_mode, "message");
 * assert.equal(kernelSpec().argv.at(-1), "{connection_file}");
 * ```
 */
export function kernelSpec(): KernelSpec {
  const program = join(ROOT, "lib", "jupyter", "front.ts"), config = join(ROOT, "deno.json");
  return {
    argv: [Deno.execPath(), "run", "-A", "--quiet", "--config", config, program, "{connection_file}"],
    display_name: "Deno (Braid)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: false },
  };
}

/**
 * Writes a folder for Jupyter's `JUPYTER_PATH` in which {@linkcode NOTEBOOK_KERNEL} is Braid's kernel. It goes before the kernel
 * that the user has under this name, and leaves that alone.
 *
 * @param host Whose cache it lies in; each copy of Braid has a folder of its own.
 * @returns The folder.
 */
export async function writeJupyterPath(host: Host = thisHost()): Promise<string> {
  const copy = sha256(ROOT).slice(0, 12);
  const folder = join(cacheFolder(host), "jupyter", copy);
  await writeSpec(join(folder, "kernels", NOTEBOOK_KERNEL));
  return folder;
}

/**
 * Makes the kernel known to all of the user's Jupyter front ends.
 *
 * @param name Name of the kernel, of letters, digits, and `-`, `_`, `.`.
 * @param host Whose data folder it goes to; `JUPYTER_DATA_DIR` names another one.
 * @returns The folder of the kernel.
 * @throws {RangeError} If Jupyter would not take the name, or another kernel has it.
 */
export async function installKernel(name: string, host: Host = thisHost()): Promise<string> {
  const folder = specFolder(name, host), spec = await readSpec(folder);
  if (spec && !isOurs(spec)) {
    throw new RangeError(
      `Expected no other kernel called ${name}, got one in ${folder}: choose a name by --name, or remove that kernel by ` +
        `\`jupyter kernelspec remove ${name}\``,
    );
  }
  await writeSpec(folder);
  return folder;
}

/**
 * Takes back {@linkcode installKernel}.
 *
 * @param name Name of the kernel.
 * @param host Whose data folder it lies in.
 * @returns The folder that was removed.
 * @throws {RangeError} If Braid's kernel is not installed under this name.
 */
export async function uninstallKernel(name: string, host: Host = thisHost()): Promise<string> {
  const folder = specFolder(name, host), spec = await readSpec(folder);
  if (!spec || !isOurs(spec)) {
    throw new RangeError(
      `Expected Braid's kernel in ${folder}, got ${spec ? `that of ${spec.display_name}` : "none"}: ` +
        "`jupyter kernelspec list` shows what is installed",
    );
  }
  await Deno.remove(folder, { recursive: true });
  return folder;
}

function specFolder(name: string, host: Host): string {
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new RangeError(`Expected a kernel name of letters, digits, "-", "_" and ".", got "${name}"`);
  }
  return join(dataFolder(host), "kernels", name.toLowerCase());
}

/** Jupyter's data folder of a user, by the rules of jupyter_core. */
function dataFolder({ os, env }: Host): string {
  if (env.JUPYTER_DATA_DIR) return resolve(env.JUPYTER_DATA_DIR);
  const home = env.HOME ?? env.USERPROFILE ?? "";
  if (os === "darwin") return join(home, "Library", "Jupyter");
  if (os === "windows") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "jupyter");
  const data = env.XDG_DATA_HOME ?? "";
  return join(isAbsolute(data) ? data : join(home, ".local", "share"), "jupyter");
}

const isOurs = ({ argv }: KernelSpec): boolean => argv.some((part) => /\blib[\\/]jupyter[\\/]front\.ts$/.test(part));

async function readSpec(folder: string): Promise<KernelSpec | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(join(folder, "kernel.json")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function writeSpec(folder: string): Promise<void> {
  await writeWhole(join(folder, "kernel.json"), JSON.stringify(kernelSpec(), null, 2) + "\n");
}
