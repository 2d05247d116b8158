// What finding and installing libtensorflow depend on, in one value: tests hand in another machine.

import { statfsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { type Build, BUILDS } from "./builds.ts";

/** The machine, and what can be installed on it. */
export interface Host {
  /** As `Deno.build.os`. */
  os: string;
  /** As `Deno.build.arch`. */
  arch: string;
  /** Environment variables. */
  env: Record<string, string | undefined>;
  /** Free bytes on the disk that holds a folder. */
  freeSpace(folder: string): number;
  /** Known builds of libtensorflow. */
  builds: readonly Build[];
}

/** The machine this process runs on. */
export function thisHost(): Host {
  return { os: Deno.build.os, arch: Deno.build.arch, env: Deno.env.toObject(), freeSpace, builds: BUILDS };
}

function freeSpace(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Braid's part of the user's cache folder, where the platform keeps it. */
export function cacheFolder({ os, env }: Host): string {
  return join(userCache(os, env), "braid");
}

function userCache(os: string, env: Host["env"]): string {
  const home = env.HOME ?? homedir();
  if (os === "darwin") return join(home, "Library", "Caches");
  if (os === "windows") return env.LOCALAPPDATA ?? join(home, "AppData", "Local");
  const chosen = env.XDG_CACHE_HOME ?? "";
  return isAbsolute(chosen) ? chosen : join(home, ".cache"); // the XDG standard: a relative path is to be ignored
}
