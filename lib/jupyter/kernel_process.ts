/**
 * The process of a `deno jupyter` kernel.
 *
 * @module
 */

import { join } from "node:path";
import { STOPPABLE_FOLDER } from "../training/stop_request.ts";
import { type Connection, createConnection } from "./connection.ts";

/** What every kernel gets: plain text without colour codes, a heap of 6 GB instead of V8's own limit, and `gc()`. */
export const KERNEL_ENVIRONMENT: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  DENO_V8_FLAGS: "--max-old-space-size=6000,--expose-gc",
};

/** A kernel's process. */
export interface KernelProcess {
  connection: Connection;
  /** Its file of the connection, of no use once it has been read. */
  connectionFile: string;
  /** Where its loops that can be stopped say so. */
  stoppableFolder: string;
  /** How it ended: exit code or signal, and the last lines that it wrote as errors. */
  exited: Promise<string>;
  /** Asks it to collect garbage, which it does unless a loop lets nothing else run; not on Windows. */
  collectGarbage(): void;
  kill(): void;
}

/**
 * Starts a kernel that listens on this machine only.
 *
 * @param cwd Folder in which it runs.
 * @param env Environment variables on top of this process's own and of {@linkcode KERNEL_ENVIRONMENT}.
 */
export async function spawnKernel(cwd: string, env: Record<string, string> = {}): Promise<KernelProcess> {
  const folder = await Deno.makeTempDir({ prefix: "braid-kernel-" }), stoppableFolder = join(folder, "stoppable");
  await Deno.mkdir(stoppableFolder);
  const connection = createConnection(), connectionFile = join(folder, "connection.json");
  await Deno.writeTextFile(connectionFile, JSON.stringify(connection), { mode: 0o600 });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", connectionFile],
    cwd,
    env: { ...KERNEL_ENVIRONMENT, ...env, [STOPPABLE_FOLDER]: stoppableFolder },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const exited = describeExit(child).finally(() => removeFolder(folder));
  const collectGarbage = () => {
    if (Deno.build.os !== "windows") signalIfAlive(child, "SIGINT");
  };
  const kill = () => signalIfAlive(child, "SIGKILL");
  return { connection, connectionFile, stoppableFolder, exited, collectGarbage, kill };
}

/** The MIME type under which a kernel tells what was thrown, if it is an object but no error. */
export const THROWN_TYPE = "application/x-braid-thrown";

/**
 * Code that a kernel runs first. A worker ends it when this process has gone, even out of a loop that lets nothing else run.
 * The signal of an interrupt, which a terminal sends to the whole group, must not end the kernel; it collects garbage.
 *
 * Of what a cell has thrown, Deno's kernel asks whether it is an `Error`, and else knows no more than "[object Object]". That
 * question, which comes from code at the top of a stack that no cell is in, is the moment to look at the object.
 */
export function preparation({ stoppableFolder }: KernelProcess): string {
  const folder = JSON.stringify(join(stoppableFolder, ".."));
  const watch = `setInterval(() => {
    if (Deno.ppid === ${Deno.pid}) return;
    try { Deno.removeSync(${folder}, { recursive: true }); } catch { /* it has gone */ }
    Deno.kill(Deno.pid, "SIGKILL");
  }, 500);`;
  const url = JSON.stringify(`data:text/javascript,${encodeURIComponent(watch)}`);
  return `Deno.addSignalListener("SIGINT", () => gc());
  new Worker(${url}, { type: "module" });
  {
    const isInstance = Function.prototype[Symbol.hasInstance];
    const byKernel = /^Error\\n.*\\n *at <anonymous>:2:\\d+$/; // cells have higher line numbers
    Object.defineProperty(Error, Symbol.hasInstance, {
      value(thrown) {
        const answer = isInstance.call(this, thrown);
        if (!answer && Object(thrown) === thrown && byKernel.test(new Error().stack)) {
          Deno.jupyter.broadcast("display_data", { data: { "${THROWN_TYPE}": Deno.inspect(thrown) }, metadata: {} });
        }
        return answer;
      },
    });
  }`;
}

async function describeExit(child: Deno.ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  let errors = "";
  for await (const chunk of child.stderr) errors = (errors + decoder.decode(chunk, { stream: true })).slice(-2000);
  const { code, signal } = await child.status;
  errors = errors.replace(/^Warning "deno jupyter" is unstable.*\n/m, ""); // it says so at every start
  return `${signal ?? `exit code ${code}`}\n${errors}`.trim();
}

function signalIfAlive(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // Deno's word for: it has ended
  }
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
