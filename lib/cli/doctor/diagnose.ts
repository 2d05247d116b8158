// What the doctor looks at: libtensorflow's files, and every engine in a process of its own.

import { version_core } from "@tensorflow/tfjs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bestFirst, type EngineName, engineNames } from "../../engine/engine.ts";
import { type Host, thisHost } from "../../engine/libtensorflow/host.ts";
import {
  findAlteredFile,
  findInstallation,
  findLibrary,
  isKnownBuild,
  LibraryError,
  type LibraryLocation,
  type Missing,
} from "../../engine/libtensorflow/library.ts";
import type { SelfCheck } from "../../engine/self_check.ts";
import { NO_ADAPTER } from "../../engine/webgpu_adapter.ts";
import { compareChecks, type Comparison } from "./compare_checks.ts";

/** All that the doctor found out. */
export interface Diagnosis {
  versions: { deno: string; tfjs: string; platform: string };
  library: LibraryDiagnosis;
  engines: EngineDiagnosis[];
  /** The engine that Braid computes on, if any works. */
  chosen?: EngineName;
  /**
   * False if files are altered, or engines that should work do not or disagree; it is no illness to have no libtensorflow and
   * no GPU.
   */
  healthy: boolean;
}

/** The state of libtensorflow's files. */
export interface LibraryDiagnosis {
  directory?: string;
  state: "as published" | "of another build" | "altered" | "missing" | "not in BRAID_TENSORFLOW";
  /** What is the matter and what to do; empty if nothing is. */
  problem: string;
}

/** The state of an engine. */
export interface EngineDiagnosis {
  name: EngineName;
  /** Why it does not work and what to do; empty if it works. */
  problem: string;
  /** E.g. `libtensorflow 2.21.0, CPU, compiled`. */
  description?: string;
  version?: string;
  /** What libtensorflow can compute on. */
  devices: string[];
  /** True if a GPU computes. */
  onGpu: boolean;
  /** How its results compare with those of every other engine that works. */
  comparisons: Comparison[];
  /** Duration of the self-check, start included. */
  seconds: number;
}

/** Looks at everything. Takes seconds: libtensorflow's 850 MB are hashed. */
export async function diagnose(): Promise<Diagnosis> {
  const library = await diagnoseLibrary(thisHost());
  const runs: Run[] = [];
  for (const name of engineNames) runs.push(await runSelfCheck(name));
  const engines = runs.map((run) => diagnoseEngine(run, runs));
  const wanted = Deno.env.get("BRAID_ENGINE"),
    works = (name: string) => engines.some((e) => e.name === name && !e.problem);
  const onGpu = (name: EngineName) => engines.find((engine) => engine.name === name)!.onGpu;
  const best = bestFirst({ cuda: onGpu("libtensorflow"), webgpu: onGpu("webgpu") });
  const chosen = (wanted ? engineNames.filter((name) => name === wanted) : best).find(works);
  const missing = (engine: EngineDiagnosis) =>
    engine.name === "libtensorflow" ? library.state === "missing" : engine.problem === NO_ADAPTER;
  return {
    versions: {
      deno: Deno.version.deno,
      tfjs: version_core,
      platform: `${Deno.build.os}-${Deno.build.arch}`,
    },
    library,
    engines,
    chosen,
    healthy: chosen !== undefined && library.state !== "altered" &&
      engines.every((engine) => missing(engine) || isWell(engine)),
  };
}

/** True if an engine works and agrees with all others. */
export const isWell = ({ problem, comparisons }: EngineDiagnosis): boolean =>
  !problem && comparisons.every(({ agrees }) => agrees);

/** Hashes libtensorflow's files, wherever they are. */
export async function diagnoseLibrary(host: Host): Promise<LibraryDiagnosis> {
  if (host.env.BRAID_TENSORFLOW) return await diagnoseUserLibrary(host);
  const installed = findInstallation(host);
  if (installed) {
    const { build, folder } = installed, directory = join(folder, "tensorflow");
    const altered = await findAlteredFile(folder, build);
    if (!altered) return { directory, state: "as published", problem: "" };
    const remedy = "run `deno task setup` to remove it, and again to install it anew";
    return { directory, state: "altered", problem: `${altered} has other content: ${remedy}` };
  }
  const { reason, remedy } = findLibrary(host) as Missing;
  return { state: "missing", problem: `${reason}: ${remedy}` };
}

async function diagnoseUserLibrary(host: Host): Promise<LibraryDiagnosis> {
  try {
    const { directory } = findLibrary(host) as LibraryLocation;
    return { directory, state: await isKnownBuild(directory, host) ? "as published" : "of another build", problem: "" };
  } catch (error) {
    if (error instanceof LibraryError) return { state: "not in BRAID_TENSORFLOW", problem: error.message };
    throw error;
  }
}

interface Run {
  name: EngineName;
  check?: SelfCheck;
  problem: string;
  seconds: number;
}

async function runSelfCheck(name: EngineName): Promise<Run> {
  const script = fileURLToPath(new URL("../../engine/self_check.ts", import.meta.url));
  const started = performance.now();
  const { success, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, name],
    env: { TF_CPP_MIN_LOG_LEVEL: "3", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const seconds = (performance.now() - started) / 1000;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return { name, check: JSON.parse(text(stdout).trim().split("\n").at(-1)!), problem: "", seconds };
  const error = /^error: (?:Uncaught (?:\(in promise\) )?)?(?:\w*Error: )?(.*)$/m.exec(text(stderr))?.[1];
  return { name, problem: signal ? `it was ended by ${signal}` : error ?? "it failed without a message", seconds };
}

function diagnoseEngine({ name, check, problem, seconds }: Run, runs: Run[]): EngineDiagnosis {
  const others = check ? runs.filter((run) => run.check && run.name !== name) : [];
  return {
    name,
    problem,
    description: check?.engine.description,
    version: check?.engine.version,
    devices: check?.devices ?? [],
    onGpu: check?.engine.onGpu ?? false,
    comparisons: others.map((other) => compareChecks(check!, other.check!)),
    seconds,
  };
}
