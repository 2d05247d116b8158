// One side of a benchmark: a process that answers one JSON command a line.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Mode } from "./modes.ts";
import type { PidRequest } from "./pid.ts";
import type { Request } from "./serve.ts";

const folder = import.meta.dirname!;

/** A running side. */
export class Peer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(readonly name: string, command: string, args: string[]) {
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Braid's side of a workload. */
  static braid(workload: string, mode: Mode): Peer {
    return new Peer(`${workload} ${mode}`, Deno.execPath(), ["run", "-A", join(folder, "serve.ts"), workload, mode]);
  }

  /** The PyTorch twin, from the weights and the batch in `file`. */
  static pytorch(python: string, script: string, workload: string, file: string): Peer {
    return new Peer(`${workload} in PyTorch`, python, [join(folder, "pytorch", script), workload, file]);
  }

  /** The routine of PID's authors, from a checkout of their repository. */
  static pidAuthors(python: string, repository: string): Peer {
    return new Peer("the authors' routine", python, [join(folder, "pid_authors.py"), repository]);
  }

  /** Sends a command and waits for its answer. */
  async ask<Answer>(request: Request | PidRequest): Promise<Answer> {
    this.#process.stdin.write(JSON.stringify(request) + "\n");
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Expected ${this.name} to answer "${request.command}", got the end of its process`);
    return JSON.parse(value);
  }

  /** Lets the process end. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.stdin.end();
    await exit;
  }
}
