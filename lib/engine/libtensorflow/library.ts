// Where libtensorflow lies, and whether it is still what was installed.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Build, buildName, libraryNames, TENSORFLOW_VERSION } from "./builds.ts";
import { cacheFolder, type Host, thisHost } from "./host.ts";

/** Where libtensorflow was found. */
export interface LibraryLocation {
  /** Folder of the two libraries. */
  directory: string;
  /** What chose it: the environment variable, or Braid's own installation. */
  source: "BRAID_TENSORFLOW" | "setup";
}

/** Why there is no libtensorflow to load. */
export interface Missing {
  /** What is the matter, one line. */
  reason: string;
  /** What to do, one line. */
  remedy: string;
}

/** Why libtensorflow cannot be had; its message is one line. */
export class LibraryError extends Error {
  override name = "LibraryError";
  /**
   * @param message What was expected, what was found and what to do.
   * @param fatal True if somebody has to look before anything goes on; false if another engine can stand in.
   */
  constructor(message: string, readonly fatal: boolean) {
    super(message);
  }
}

/**
 * Finds libtensorflow: in the folder that the environment variable `BRAID_TENSORFLOW` names, else where
 * `deno task setup` put it, with CUDA before without.
 *
 * Hashing 850 MB at every start would take seconds, so an installation is compared with the sizes and times that were
 * noted when its hashes were verified.
 *
 * @returns Where it is, or why there is none and what to do.
 * @throws {LibraryError} If `BRAID_TENSORFLOW` names a folder without the two libraries.
 *
 * @example
 * ```ts
 * import { findLibrary } from "braid/engine/libtensorflow/library.ts";
 * import assert from "node:assert/strict";
 *
 * const library = findLibrary();
 * assert.ok("directory" in library || library.remedy.includes("deno task setup"));
 * ```
 */
export function findLibrary(host: Host = thisHost()): LibraryLocation | Missing {
  const own = host.env.BRAID_TENSORFLOW;
  if (own) return userLibrary(own, host.os);
  if (buildsFor(host).length === 0) {
    return {
      reason: `there is no libtensorflow ${TENSORFLOW_VERSION} for ${host.os}-${host.arch}`,
      remedy: `set BRAID_TENSORFLOW to a folder with ${libraryNames(host.os).join(" and ")}`,
    };
  }
  const installed = findInstallation(host);
  if (!installed) return { reason: "libtensorflow is not installed", remedy: "run `deno task setup`" };
  const { folder } = installed, changed = readStamp(folder)!.find((file) => !isUnchanged(folder, file));
  if (!changed) return { directory: join(folder, "tensorflow"), source: "setup" };
  return {
    reason: `${join(folder, changed.path)} is not as it was installed`,
    remedy: "run `deno task setup` to check it and mend it",
  };
}

/** The best build that was installed completely, unchanged since or not. */
export function findInstallation(host: Host): { build: Build; folder: string } | undefined {
  const places = buildsFor(host).map((build) => ({ build, folder: installationFolder(build, host) }));
  return places.find(({ folder }) => readStamp(folder));
}

function userLibrary(directory: string, os: string): LibraryLocation {
  const entries = listFolder(directory), names = libraryNames(os);
  if (names.every((name) => entries?.includes(name))) return { directory, source: "BRAID_TENSORFLOW" };
  const shown = entries?.slice(0, 5).join(", ") + (entries && entries.length > 5 ? ", …" : "");
  const found = !entries ? "no such folder" : entries.length === 0 ? "an empty folder" : shown;
  throw new LibraryError(
    `Expected BRAID_TENSORFLOW=${directory} to be a folder with ${
      names.join(" and ")
    }, got ${found}: correct it, or unset ` +
      "it to use the library of `deno task setup`",
    true,
  );
}

function listFolder(folder: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return undefined;
  }
}

/** The builds that run on a machine, best first. */
export function buildsFor({ os, arch, builds }: Host): Build[] {
  const fitting = builds.filter((build) => build.os === os && build.arch === arch);
  return fitting.sort((a, b) => Number(b.cuda) - Number(a.cuda));
}

/** Where a build is installed: in the layout of its wheels, since the libraries look for CUDA's beside them. */
export const installationFolder = (build: Build, host: Host): string => join(cacheFolder(host), buildName(build));

/** An installed file as it was when its hash was verified. */
export interface StampedFile {
  /** Path inside the installation. */
  path: string;
  size: number;
  /** Time of the last change, whole seconds since 1970: what archives of a cache keep. */
  changed: number;
  sha256: string;
}

const STAMP = "installed.json";

/** The files of an installation, or nothing if it is not a finished one. */
export function readStamp(folder: string): StampedFile[] | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(join(folder, STAMP))).files;
  } catch {
    return undefined;
  }
}

/** Notes that these files, by path and hash, are what was installed. */
export function writeStamp(folder: string, hashes: Map<string, string>): void {
  const files = [...hashes].map(([path, sha256]) => ({ path, ...sizeAndTime(join(folder, path)), sha256 }));
  Deno.writeTextFileSync(join(folder, STAMP), JSON.stringify({ version: TENSORFLOW_VERSION, files }, null, 1) + "\n");
}

function sizeAndTime(path: string): Pick<StampedFile, "size" | "changed"> {
  const { size, mtime } = Deno.statSync(path);
  return { size, changed: Math.floor(mtime!.getTime() / 1000) };
}

function isUnchanged(folder: string, { path, size, changed }: StampedFile): boolean {
  try {
    const now = sizeAndTime(join(folder, path));
    return now.size === size && now.changed === changed;
  } catch {
    return false;
  }
}

/**
 * Hashes every file of an installation.
 *
 * @returns The path of the first file that differs from what was installed or from TensorFlow's own, or nothing.
 */
export async function findAlteredFile(folder: string, build: Build): Promise<string | undefined> {
  const expected = new Map((readStamp(folder) ?? []).map(({ path, sha256 }) => [path, sha256]));
  for (const { path, sha256 } of build.libraries) expected.set(path, sha256);
  for (const [path, sha256] of expected) {
    if (await sha256Of(join(folder, path)) !== sha256) return join(folder, path);
  }
  return undefined;
}

/** True if the two libraries in a folder are those of a wheel that Braid knows, whoever put them there. */
export async function isKnownBuild(directory: string, host: Host): Promise<boolean> {
  const hashes = await Promise.all(libraryNames(host.os).map((name) => sha256Of(join(directory, name))));
  return host.builds.some(({ libraries }) => libraries.every(({ sha256 }, i) => sha256 === hashes[i]));
}

/** SHA-256 of a file, hexadecimal; nothing if there is no such file. */
export async function sha256Of(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    const chunk = new Uint8Array(1 << 20);
    for (let read; (read = await file.read(chunk)) !== null;) hash.update(chunk.subarray(0, read));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return hash.digest("hex");
}
