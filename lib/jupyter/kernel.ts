/**
 * A Deno kernel as a child process, spoken to over its sockets.
 *
 * @module
 */

import { join } from "node:path";
import {
  createMessage,
  isMessage,
  type Message,
  type MessageContents,
  MessageError,
  type MessageType,
  packMessage,
  parseMessage,
} from "./messages.ts";
import { ZmtpSocket } from "./zmtp.ts";

/** Options of {@linkcode Kernel.start}. */
export interface KernelOptions {
  /** Folder in which the kernel runs; it finds `deno.json` there or above. Default: the current one. */
  cwd?: string;
  /** Environment variables on top of this process's own and of {@linkcode KERNEL_ENVIRONMENT}. */
  env?: Record<string, string>;
  /** Seconds within which the kernel must answer. Default 60. */
  startTimeout?: number;
  /** Called with every message that the kernel publishes, in order. */
  onPublish?: (message: Message) => void;
}

/** What every kernel gets: plain text without colour codes, and a heap of 6 GB instead of V8's own limit. */
export const KERNEL_ENVIRONMENT: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  DENO_V8_FLAGS: "--max-old-space-size=6000",
};

/** The kernel did not start, or its process ended while an answer was awaited. */
export class KernelDiedError extends Error {
  override name = "KernelDiedError";
}

/**
 * A running `deno jupyter` kernel that listens on this machine only.
 *
 * @example
 * ```ts
 * import { Kernel } from "braid/jupyter/kernel.ts";
 * import { isMessage } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * let printed = "";
 * await using kernel = await Kernel.start({
 *   onPublish: (message) => printed += isMessage(message, "stream") ? message.content.text : "",
 * });
 * await kernel.execute("for (let i = 0; i < 3; i++) console.log(i);");
 * assert.equal(printed, "0\n1\n2\n");
 * ```
 */
export class Kernel implements AsyncDisposable {
  /** How the process ended, once it has and everything it published has been passed on. */
  readonly exited: Promise<string>;
  readonly #process: KernelProcess;
  readonly #sockets: Sockets;
  readonly #onPublish: (message: Message) => void;
  readonly #session: string = crypto.randomUUID();
  readonly #replies = new Map<string, (message: Message) => void>();
  readonly #marks = new Map<string, () => void>();

  private constructor(process: KernelProcess, sockets: Sockets, onPublish: (message: Message) => void) {
    this.#process = process;
    this.#sockets = sockets;
    this.#onPublish = onPublish;
    const resolve = (message: Message) => this.#replies.get(message.parent.msg_id ?? "")?.(message);
    const listening = Promise.all([
      this.#listen(sockets.shell, resolve),
      this.#listen(sockets.control, resolve),
      this.#listen(sockets.published, (message) => this.#publish(message)),
    ]);
    this.exited = process.exited.then((how) => listening.then(() => how));
  }

  /**
   * Starts a kernel and waits until it answers.
   *
   * @param options Where and how it runs, and who listens.
   * @throws {KernelDiedError} If the process ends or does not answer in time.
   */
  static async start(
    { cwd = Deno.cwd(), env, startTimeout = 60, onPublish = () => {} }: KernelOptions = {},
  ): Promise<Kernel> {
    const process = await spawnKernel(cwd, env), failed = new AbortController();
    const fail = (how: string) => failed.abort(new KernelDiedError(`Expected the kernel to answer, got ${how}`));
    const timer = setTimeout(() => fail(`nothing within ${startTimeout} s`), 1000 * startTimeout);
    process.exited.then(fail);
    try {
      const kernel = new Kernel(process, await connect(process.connection, failed.signal), onPublish);
      await Promise.race([kernel.#ready(), rejectOnAbort(failed.signal)]);
      return kernel;
    } catch (error) {
      process.kill();
      await process.exited;
      throw error;
    } finally {
      clearTimeout(timer);
      await Deno.remove(process.folder, { recursive: true }); // its key is no longer needed
    }
  }

  /**
   * Runs code and waits until everything it published has been passed on.
   *
   * `deno jupyter` publishes output after it has said that the code is done, and under whatever code runs by then. Published
   * messages keep their order, though: when a mark that was asked for after the reply comes by, the output is complete.
   *
   * @param code TypeScript.
   * @returns The kernel's reply; its `status` is `"error"` if the code threw or did not parse.
   * @throws {KernelDiedError} If the process ends meanwhile.
   */
  async execute(code: string): Promise<MessageContents["execute_reply"]> {
    const reply = await this.#request("shell", "execute_request", executeRequest(code, { silent: false }));
    await this.#mark();
    return reply.content as MessageContents["execute_reply"];
  }

  /** Asks the kernel to stop the running code. It obeys in a loop, but not while it awaits a promise. */
  async interrupt(): Promise<void> {
    await this.#request("control", "interrupt_request", {});
  }

  /** Asks the kernel to end, and ends it when it has not after two seconds. */
  async shutdown(): Promise<void> {
    const timer = setTimeout(() => this.#process.kill(), 2000);
    this.#request("control", "shutdown_request", { restart: false }).catch(() => {}); // it has ended already
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#process.kill();
    await this.exited;
  }

  /** Shuts the kernel down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #ready(): Promise<void> {
    await this.#request("shell", "kernel_info_request", {});
    // What is published before the kernel has noted our subscription is lost: repeat the mark until one comes by.
    let subscribed = false;
    while (!subscribed) {
      subscribed = await Promise.race([this.#mark().then(() => true), delay(250).then(() => false)]);
    }
    await this.#request("shell", "execute_request", executeRequest(END_WITH_PARENT, { silent: true }));
  }

  async #mark(): Promise<void> {
    const mark = crypto.randomUUID();
    const seen = new Promise<void>((resolve) => this.#marks.set(mark, resolve));
    const bundle = JSON.stringify({ data: { [MARK_TYPE]: mark }, metadata: {}, transient: {} });
    const code = `await Deno.jupyter.broadcast("display_data", ${bundle})`;
    await this.#request("shell", "execute_request", executeRequest(code, { silent: true }));
    await this.#unlessItDies(seen);
  }

  async #request<Type extends MessageType>(
    channel: "shell" | "control",
    type: Type,
    content: MessageContents[Type],
  ): Promise<Message> {
    const message = createMessage(type, content, this.#session);
    const reply = new Promise<Message>((resolve) => this.#replies.set(message.header.msg_id, resolve));
    try {
      const sent = this.#sockets[channel].send(packMessage(message, this.#process.connection.key));
      return await this.#unlessItDies(sent.then(() => reply));
    } finally {
      this.#replies.delete(message.header.msg_id);
    }
  }

  #unlessItDies<T>(promise: Promise<T>): Promise<T> {
    const died = this.exited.then((how) => {
      throw new KernelDiedError(`Expected the kernel to live on, got ${how}`);
    });
    return Promise.race([promise, died]);
  }

  #publish(message: Message): void {
    const mark = isMessage(message, "display_data") ? message.content.data[MARK_TYPE] : undefined;
    if (typeof mark !== "string") return this.#onPublish(message);
    this.#marks.get(mark)?.();
    this.#marks.delete(mark);
  }

  async #listen(socket: ZmtpSocket, receive: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      const message = parseOrDrop(frames, this.#process.connection.key);
      if (message) receive(message);
    }
    socket.close();
  }
}

const LOOPBACK = "127.0.0.1";

/** A run that is killed must not leave a training loop behind. */
const END_WITH_PARENT = `setInterval(() => Deno.ppid !== ${Deno.pid} && Deno.exit(1), 1000);`;

const MARK_TYPE = "application/x-braid-mark";

/** Content of a kernel's connection file. */
interface Connection {
  transport: "tcp";
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: "hmac-sha256";
  kernel_name: string;
}

interface KernelProcess {
  /** Where its connection file lies until it has been read. */
  folder: string;
  connection: Connection;
  /** How it ended: exit code or signal, and the last lines that it wrote as errors. */
  exited: Promise<string>;
  kill(): void;
}

interface Sockets {
  shell: ZmtpSocket;
  control: ZmtpSocket;
  published: ZmtpSocket;
}

async function spawnKernel(cwd: string, env: Record<string, string> = {}): Promise<KernelProcess> {
  const folder = await Deno.makeTempDir({ prefix: "braid-kernel-" });
  const connection = createConnection(), file = join(folder, "connection.json");
  await Deno.writeTextFile(file, JSON.stringify(connection), { mode: 0o600 });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", file],
    cwd,
    env: { ...KERNEL_ENVIRONMENT, ...env },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  return { folder, connection, exited: describeExit(child), kill: () => killIfAlive(child) };
}

function createConnection(): Connection {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = freePorts(5);
  const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port };
  const key = crypto.randomUUID() + crypto.randomUUID();
  return { transport: "tcp", ip: LOOPBACK, ...ports, key, signature_scheme: "hmac-sha256", kernel_name: "deno" };
}

function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: LOOPBACK, port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

async function describeExit(child: Deno.ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  let errors = "";
  for await (const chunk of child.stderr) errors = (errors + decoder.decode(chunk, { stream: true })).slice(-2000);
  const { code, signal } = await child.status;
  return `${signal ?? `exit code ${code}`}\n${errors}`.trim();
}

function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // Deno's word for: it has ended
  }
}

async function connect(connection: Connection, signal: AbortSignal): Promise<Sockets> {
  const [shell, control, published] = await Promise.all([
    connectWhenListening("DEALER", connection.shell_port, signal),
    connectWhenListening("DEALER", connection.control_port, signal),
    connectWhenListening("SUB", connection.iopub_port, signal),
  ]);
  return { shell, control, published };
}

async function connectWhenListening(type: "DEALER" | "SUB", port: number, signal: AbortSignal): Promise<ZmtpSocket> {
  while (true) {
    signal.throwIfAborted();
    try {
      return await ZmtpSocket.connect(type, { hostname: LOOPBACK, port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    await delay(50);
  }
}

/** The message, or nothing if it is not one that our kernel has signed. */
function parseOrDrop(frames: Uint8Array[], key: string): Message | undefined {
  try {
    return parseMessage(frames, key);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

const executeRequest = (code: string, { silent }: { silent: boolean }): MessageContents["execute_request"] => ({
  code,
  silent,
  store_history: !silent,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: false,
});

const delay = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

const rejectOnAbort = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
