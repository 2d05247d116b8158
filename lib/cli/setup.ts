// deno task setup: installs libtensorflow, the engine of choice, for this user.

import { Command } from "commander";
import { showInstallProgress } from "./install_progress.ts";
import { TENSORFLOW_VERSION } from "../engine/libtensorflow/builds.ts";
import { thisHost } from "../engine/libtensorflow/host.ts";
import { installLibrary, type InstallOptions } from "../engine/libtensorflow/install.ts";
import { findLibrary, isKnownBuild, LibraryError, type LibraryLocation } from "../engine/libtensorflow/library.ts";

/**
 * Installs libtensorflow if it is missing and would be used; for commands that compute.
 *
 * Where it cannot be had (no Python, no network, no space, no wheel for the platform), one line on standard error says why
 * and what to do, and the command goes on with another engine.
 *
 * @returns Where it is, or nothing if another engine computes.
 * @throws {LibraryError} If a file is not what it should be, or `BRAID_TENSORFLOW` names a wrong folder: do not go on.
 */
export async function ensureLibrary(): Promise<LibraryLocation | undefined> {
  const engine = Deno.env.get("BRAID_ENGINE");
  if (engine && engine !== "libtensorflow") return undefined;
  const found = findLibrary();
  return "directory" in found ? found : await installOrFallBack({});
}

async function installOrFallBack(options: InstallOptions): Promise<LibraryLocation | undefined> {
  const onProgress = showInstallProgress();
  try {
    return await installLibrary({ ...options, onProgress }).finally(onProgress.end);
  } catch (error) {
    if (!(error instanceof LibraryError) || error.fatal) throw error;
    console.error(`No libtensorflow, so wasm computes. ${error.message}`);
    return undefined;
  }
}

async function setup(options: { gpu?: boolean; force?: boolean }): Promise<void> {
  const location = Deno.env.get("BRAID_TENSORFLOW") ? findLibrary() : await installOrFallBack(options);
  if (!location || !("directory" in location)) return;
  const { directory, source } = location;
  if (source === "setup") {
    console.log(`libtensorflow ${TENSORFLOW_VERSION} is ready in ${directory}`);
  } else {
    const known = await isKnownBuild(directory, thisHost());
    const what = known ? `TensorFlow ${TENSORFLOW_VERSION}'s own files` : "of another build, which Braid does not know";
    console.log(`BRAID_TENSORFLOW is set: the libraries in ${directory} are used, ${what}`);
  }
}

if (import.meta.main) {
  const program = new Command("deno task setup")
    .description(
      `Install libtensorflow ${TENSORFLOW_VERSION} into this user's cache, or check what is there by its hashes.\n\n` +
        "pip of any Python 3 fetches TensorFlow's wheel; only its two libraries are kept. Set BRAID_TENSORFLOW to a " +
        "folder with them to use a copy of your own. Where libtensorflow cannot be had, wasm computes and the exit code " +
        "is 0; it is 1 if a file was not what it should be, and was removed.",
    )
    .option("--gpu", "with CUDA, for NVIDIA GPUs on Linux (x86_64): 3.4 GB to download, 5.7 GB on disk")
    .option("--force", "download even if it is installed")
    .action(setup);
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
