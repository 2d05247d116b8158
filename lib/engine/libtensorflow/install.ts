// Installs libtensorflow for this user: all or nothing, by one process at a time.

import { basename, dirname, join } from "node:path";
import { lockFile } from "../../files/lock_file.ts";
import { type Build, TENSORFLOW_VERSION } from "./builds.ts";
import { type Host, thisHost } from "./host.ts";
import {
  buildsFor,
  findAlteredFile,
  installationFolder,
  LibraryError,
  type LibraryLocation,
  readStamp,
  writeStamp,
} from "./library.ts";
import { downloadWheel, findPython, type OnBytes, unpackWheel } from "./wheel.ts";

/** What an installation is busy with. */
export interface InstallProgress {
  stage: "waiting for another set-up" | "checking" | "downloading" | "unpacking";
  /** Package at hand; empty while waiting or checking. */
  name: string;
  /** Bytes done and to be done; both 0 where they are unknown. */
  done: number;
  total: number;
}

/** Options of {@linkcode installLibrary}. */
export interface InstallOptions {
  /** With CUDA, for NVIDIA GPUs (Linux, x86_64). Default false. */
  gpu?: boolean;
  /** Download even if it is installed. Default false. */
  force?: boolean;
  /** Told of every step. */
  onProgress?: (progress: InstallProgress) => void;
  /** The machine to install on. Default this one. */
  host?: Host;
}

/**
 * Downloads libtensorflow by pip into the per-user cache, or checks every hash of what is there already.
 *
 * What is being made lies in a folder of its own until it is whole, so a killed run leaves nothing that could be taken for
 * an installation; the next one clears it away. A second process waits for the first and uses its result.
 *
 * @returns Where it is.
 * @throws {LibraryError} Fatal if a file is not what it should be (it is removed first); not fatal if it cannot be had
 * here: no wheel for the platform, no Python, no network, no space, no permission.
 *
 * @example Where there is no wheel, another engine has to stand in.
 * ```ts
 * import { thisHost } from "braid/engine/libtensorflow/host.ts";
 * import { installLibrary } from "braid/engine/libtensorflow/install.ts";
 * import { LibraryError } from "braid/engine/libtensorflow/library.ts";
 * import assert from "node:assert/strict";
 *
 * const elsewhere = installLibrary({ host: { ...thisHost(), os: "freebsd" } });
 * await assert.rejects(elsewhere, (error) => error instanceof LibraryError && !error.fatal);
 * ```
 */
export async function installLibrary(
  { gpu = false, force = false, onProgress = () => {}, host = thisHost() }: InstallOptions = {},
): Promise<LibraryLocation> {
  const build = chooseBuild(host, gpu);
  const folder = installationFolder(build, host);
  try {
    await Deno.mkdir(dirname(folder), { recursive: true });
    const onWait = () => onProgress({ stage: "waiting for another set-up", name: "", done: 0, total: 0 });
    using _lock = await lockFile(`${folder}.lock`, onWait);
    for (const leftover of leftovers(folder)) await Deno.remove(leftover, { recursive: true });
    if (force || !readStamp(folder)) await install(build, folder, host, onProgress);
    else await recheck(build, folder, onProgress);
  } catch (error) {
    throw isStorageError(error) ? storageFailure(build, folder, error) : error;
  }
  return { directory: join(folder, "tensorflow"), source: "setup" };
}

function chooseBuild(host: Host, gpu: boolean): Build {
  const build = buildsFor(host).find(({ cuda }) => cuda === gpu);
  if (build) return build;
  const where = [...new Set(host.builds.filter(({ cuda }) => cuda === gpu).map(({ os, arch }) => `${os}-${arch}`))];
  throw new LibraryError(
    `Expected a platform with a wheel of TensorFlow ${TENSORFLOW_VERSION}${gpu ? " for CUDA" : ""} (${
      where.join(", ")
    }), ` +
      `got ${host.os}-${host.arch}: set BRAID_TENSORFLOW to a folder with libtensorflow if you have one`,
    false,
  );
}

const PARTIAL = ".partial-";

function leftovers(folder: string): string[] {
  const siblings = [...Deno.readDirSync(dirname(folder))].map(({ name }) => name);
  return siblings.filter((name) => name.startsWith(basename(folder) + PARTIAL)).map((name) =>
    join(dirname(folder), name)
  );
}

async function install(
  build: Build,
  folder: string,
  host: Host,
  onProgress: (progress: InstallProgress) => void,
): Promise<void> {
  checkSpace(build, folder, host);
  const python = await findPython(host);
  // A pip that outlives its killed parent must not write into the next run's folder: each has a name of its own.
  const partial = `${folder}${PARTIAL}${crypto.randomUUID()}`;
  try {
    const hashes = new Map<string, string>();
    for (const wheel of build.wheels) {
      const download = join(partial, "download");
      const report = (stage: InstallProgress["stage"], total: number): OnBytes => (done) =>
        onProgress({ stage, name: `${wheel.name} ${wheel.version}`, done: Math.min(done, total), total });
      await Deno.mkdir(download, { recursive: true });
      const path = await downloadWheel(python, wheel, download, host, report("downloading", wheel.size));
      const unpacked = await unpackWheel(path, wheel, partial, report("unpacking", wheel.unpackedSize));
      for (const [file, hash] of unpacked) hashes.set(file, hash);
      await Deno.remove(download, { recursive: true });
    }
    checkLibraries(build, hashes);
    writeStamp(partial, hashes);
    await remove(folder);
    await Deno.rename(partial, folder);
  } catch (error) {
    await remove(partial);
    throw error;
  }
}

function checkLibraries({ libraries }: Build, hashes: Map<string, string>): void {
  for (const { path, sha256 } of libraries) {
    if (hashes.get(path) === sha256) continue;
    throw new LibraryError(
      `Expected ${path} to have SHA-256 ${sha256}, got ${
        hashes.get(path) ?? "no such file in the wheel"
      }: removed it; ` +
        "run `deno task setup` again",
      true,
    );
  }
}

async function recheck(
  build: Build,
  folder: string,
  onProgress: (progress: InstallProgress) => void,
): Promise<void> {
  onProgress({ stage: "checking", name: "", done: 0, total: 0 });
  const altered = await findAlteredFile(folder, build);
  if (altered === undefined) {
    writeStamp(folder, new Map(readStamp(folder)!.map(({ path, sha256 }) => [path, sha256])));
    return;
  }
  await remove(folder);
  throw new LibraryError(
    `Expected ${altered} to be as it was installed, got other content: removed the installation; run \`deno task setup\` ` +
      "to install it anew",
    true,
  );
}

async function remove(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Bytes needed at most: all files unpacked, and the largest wheel twice, since pip copies what it has downloaded. */
function spaceNeeded({ wheels }: Build): number {
  const unpacked = wheels.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0);
  return unpacked + 2 * Math.max(...wheels.map(({ size }) => size));
}

function checkSpace(build: Build, folder: string, host: Host): void {
  const free = host.freeSpace(dirname(folder));
  if (free < spaceNeeded(build)) throw storageFailure(build, folder, new Error(`${gigabytes(free)} free`));
}

const isStorageError = (error: unknown): error is Error =>
  error instanceof Error && !(error instanceof LibraryError) && "code" in error;

function storageFailure(build: Build, folder: string, { message }: Error): LibraryError {
  return new LibraryError(
    `Expected to write ${gigabytes(spaceNeeded(build))} in ${
      dirname(folder)
    }, got "${message}": free space or permissions ` +
      "there" + (build.os === "linux" ? ", or set XDG_CACHE_HOME to a folder on another disk" : ""),
    false,
  );
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
