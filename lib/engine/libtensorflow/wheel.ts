// One wheel from the package index to its place: pip brings it, Braid checks it and unpacks what it needs.

import { type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Wheel } from "./builds.ts";
import type { Host } from "./host.ts";
import { LibraryError, sha256Of } from "./library.ts";

/** Called with the bytes done so far. */
export type OnBytes = (done: number) => void;

/**
 * Finds a Python 3 that has pip.
 *
 * @returns The command's name.
 * @throws {LibraryError} Not fatal, if there is none.
 */
export async function findPython(host: Host): Promise<string> {
  const commands = ["python3", "python"], found: string[] = [];
  for (const command of commands) {
    const version = await python(command, ["-m", "pip", "--version"], host);
    if (/\(python 3\./.test(version?.stdout ?? "")) return command;
    if (version) found.push(`${command} without it`);
  }
  const got = found.join(" and ") || `none of ${commands.join(", ")} on PATH`;
  throw new LibraryError(
    `Expected a Python 3 with pip to fetch TensorFlow, got ${got}: install Python 3 and pip`,
    false,
  );
}

/** What pip is asked for: this wheel and no other, whichever Python asks. */
export function pipArguments({ name, version, platform }: Wheel, folder: string): string[] {
  // The libraries are the same for every Python; one is named so that one hash serves.
  const wheel = ["--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp", "--platform", platform];
  const silent = ["--quiet", "--progress-bar", "off", "--no-cache-dir", "--disable-pip-version-check"];
  return ["-m", "pip", "download", "--no-deps", ...wheel, ...silent, `${name}==${version}`, "-d", folder];
}

/**
 * Downloads a wheel into an empty folder and checks its hash.
 *
 * @returns Path of the wheel.
 * @throws {LibraryError} Fatal if its hash is wrong; not fatal if pip cannot get it.
 */
export async function downloadWheel(
  command: string,
  wheel: Wheel,
  folder: string,
  host: Host,
  onBytes: OnBytes,
): Promise<string> {
  const timer = setInterval(() => onBytes(folderSize(folder)), 500);
  const result = await python(command, pipArguments(wheel, folder), host, folder).finally(() => clearInterval(timer));
  if (!result?.success) throw downloadFailure(wheel, result?.stderr ?? "");

  const path = [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name)).find((path) =>
    path.endsWith(".whl")
  );
  const sha256 = path && await sha256Of(path);
  if (path && sha256 === wheel.sha256) return path;
  throw new LibraryError(
    `Expected ${wheel.name} ${wheel.version} to have SHA-256 ${wheel.sha256}, got ${
      sha256 ?? "no wheel"
    }: removed it; ` +
      "see which package index pip uses (`python3 -m pip config list`) and run `deno task setup` again",
    true,
  );
}

function downloadFailure({ name, version }: Wheel, stderr: string): Error {
  const lines = stderr.trim().split("\n").map((line) => line.trim());
  const cause = (lines.findLast((line) => line.startsWith("ERROR:")) ?? lines.at(-1) ?? "").replace(/^ERROR: */, "");
  if (/No space left|Disk quota/i.test(stderr)) return Object.assign(new Error(cause), { code: "ENOSPC" });
  if (/DO NOT MATCH THE HASHES/.test(stderr)) {
    return new LibraryError(
      `Expected ${name} ${version} to have the package index's hash, got "${cause}": refused it`,
      true,
    );
  }
  return new LibraryError(
    `Expected pip to download ${name} ${version}, got "${cause}": see that this machine reaches the package index`,
    false,
  );
}

async function python(command: string, args: string[], { env }: Host, temporary?: string) {
  const variables = {
    ...env,
    PIP_REQUIRE_VIRTUALENV: "false", // nothing is installed into any environment
    ...temporary && { TMPDIR: temporary }, // on the disk whose space was checked, and removed with the folder
  };
  const defined = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      env: Object.fromEntries(defined),
      clearEnv: true,
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Bytes of all files in a folder that others write to meanwhile. */
function folderSize(folder: string): number {
  try {
    return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) => {
      const path = join(folder, name);
      return isDirectory ? folderSize(path) : Deno.statSync(path).size;
    }).reduce((sum, size) => sum + size, 0);
  } catch {
    return 0; // pip has just moved it
  }
}

/**
 * Unpacks the wanted files of a wheel, piece by piece.
 *
 * @returns The SHA-256 of each file by its path in the wheel.
 */
export async function unpackWheel(
  path: string,
  { keep }: Wheel,
  folder: string,
  onBytes: OnBytes,
): Promise<Map<string, string>> {
  using file = await Deno.open(path);
  const hashes = new Map<string, string>();
  let done = 0;
  const zip = new ZipReader(new OpenFile(file), { useWebWorkers: false });
  for (const entry of await zip.getEntries()) {
    if (entry.directory || !keep.test(entry.filename)) continue;
    const target = join(folder, entry.filename);
    await Deno.mkdir(dirname(target), { recursive: true });
    hashes.set(entry.filename, await unpackFile(entry, target, (bytes) => onBytes(done += bytes)));
  }
  return hashes;
}

async function unpackFile(entry: FileEntry, target: string, onWritten: (bytes: number) => void): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(target, { write: true, create: true, truncate: true });
  let failure: unknown;
  const disk = new WritableStream<Uint8Array>({
    async write(piece) {
      hash.update(piece);
      await writeAll(file, piece).catch((error) => Promise.reject(failure = error));
      onWritten(piece.length);
    },
  });
  // zip.js says only that its stream broke; the disk knows why.
  await entry.getData(disk).catch((error) => Promise.reject(failure ?? error));
  if (/\/bin\//.test(entry.filename)) await Deno.chmod(target, 0o755);
  return hash.digest("hex");
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Lets zip.js read an open file where it needs to, instead of holding it in memory. */
class OpenFile extends Reader<Deno.FsFile> {
  constructor(readonly file: Deno.FsFile) {
    super(file);
    this.size = file.statSync().size;
  }

  override async readUint8Array(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    await this.file.seek(offset, Deno.SeekMode.Start);
    let filled = 0;
    for (let read; filled < length && (read = await this.file.read(bytes.subarray(filled))) !== null;) filled += read;
    return bytes.subarray(0, filled);
  }
}
