/**
 * A Deno kernel as a child process, spoken to over its sockets.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { syntaxErrorOf } from "./cell_source.ts";
import { CellTraces } from "./cell_traces.ts";
import { LOOPBACK } from "./connection.ts";
import { type KernelProcess, preparation, spawnKernel, THROWN_TYPE } from "./kernel_process.ts";
import {
  createMessage,
  exception,
  type ExceptionContent,
  isMessage,
  type Message,
  type MessageContents,
  type MessageType,
  packMessage,
  parseOrDrop,
} from "./messages.ts";
import { requestStop } from "../training/stop_request.ts";
import { ZmtpSocket } from "./zmtp.ts";

/** Options of {@linkcode Kernel.start}. */
export interface KernelOptions {
  /** Folder in which the kernel runs; it finds `deno.json` there or above. Default: the current one. */
  cwd?: string;
  /** Environment variables on top of this process's own and of `KERNEL_ENVIRONMENT`. */
  env?: Record<string, string>;
  /** Seconds within which the kernel must answer. Default 60. */
  startTimeout?: number;
  /** Called with everything that code puts out, in order. */
  onOutput?: (message: Message) => void;
  /** Called when code asks for a line of text, which {@linkcode Kernel.answerInput} gives. */
  onInputRequest?: (content: MessageContents["input_request"]) => void;
}

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
 *   onOutput: (message) => printed += isMessage(message, "stream") ? message.content.text : "",
 * });
 * await kernel.execute("for (let i = 0; i < 3; i++) console.log(i);");
 * assert.equal(printed, "0\n1\n2\n");
 * ```
 */
export class Kernel implements AsyncDisposable {
  /** How the process ended, once it has and everything it put out has been passed on. */
  readonly exited: Promise<string>;
  readonly #process: KernelProcess;
  readonly #sockets: Sockets;
  readonly #onOutput: (message: Message) => void;
  readonly #onInputRequest: (content: MessageContents["input_request"]) => void;
  readonly #session: string = crypto.randomUUID();
  readonly #replies = new Map<string, (message: Message) => void>();
  readonly #marks = new Map<string, () => void>();
  readonly #traces = new CellTraces();
  #count = 0;
  #running: Run | undefined;

  private constructor(
    process: KernelProcess,
    sockets: Sockets,
    { onOutput = () => {}, onInputRequest = () => {} }: KernelOptions,
  ) {
    this.#process = process;
    this.#sockets = sockets;
    this.#onOutput = onOutput;
    this.#onInputRequest = onInputRequest;
    const resolve = (message: Message) => this.#replies.get(message.parent.msg_id ?? "")?.(message);
    const listening = Promise.all([
      this.#listen(sockets.shell, resolve),
      this.#listen(sockets.control, resolve),
      this.#listen(sockets.stdin, (message) => this.#askForInput(message)),
      this.#listen(sockets.published, (message) => this.#receive(message)),
    ]);
    this.exited = process.exited.then((how) => listening.then(() => how));
  }

  /**
   * Starts a kernel and waits until it answers.
   *
   * @param options Where and how it runs, and who listens.
   * @throws {KernelDiedError} If the process ends or does not answer in time.
   */
  static async start(options: KernelOptions = {}): Promise<Kernel> {
    const { cwd = Deno.cwd(), env, startTimeout = 60 } = options;
    const process = await spawnKernel(cwd, env), failed = new AbortController();
    const fail = (how: string) => failed.abort(new KernelDiedError(`Expected the kernel to answer, got ${how}`));
    const timer = setTimeout(() => fail(`nothing within ${startTimeout} s`), 1000 * startTimeout);
    process.exited.then(fail);
    try {
      const kernel = new Kernel(process, await connect(process, failed.signal), options);
      await Promise.race([kernel.#ready(), rejectOnAbort(failed.signal)]);
      await Deno.remove(process.connectionFile); // its key is no longer needed
      return kernel;
    } catch (error) {
      process.kill();
      await process.exited;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Runs code and waits until everything it put out has been passed on.
   *
   * `deno jupyter` publishes output after it has said that the code is done, and under whatever code runs by then. Published
   * messages keep their order, though: when a mark that was asked for after the reply comes by, the output is complete.
   *
   * Whatever makes the reply an error has then been passed on as an output of the type `error`: what was thrown, with the cells
   * and lines where it came from, the place at which the code does not parse, or that it was stopped.
   *
   * @param code TypeScript.
   * @param options Fields of Jupyter's `execute_request`; by default, code is not silent and gets no input.
   * @returns The kernel's reply.
   * @throws {KernelDiedError} If the process ends meanwhile.
   */
  async execute(code: string, options: Partial<ExecuteRequest> = {}): Promise<MessageContents["execute_reply"]> {
    const content = executeRequest(code, options), counted = !content.silent && content.store_history;
    const ended = Promise.withResolvers<void>();
    const run: Run = { ended: ended.promise, over: false, errors: [], hurry: () => {} };
    this.#running = run;
    try {
      const sent = this.#traces.place(code, this.#count + (counted ? 1 : 0));
      const reply = await this.#request("shell", "execute_request", { ...content, code: sent });
      const result = reply.content as MessageContents["execute_reply"];
      await this.#mark();
      this.#count = result.execution_count;
      for (const error of run.errors) {
        const thrown = run.thrown === undefined || hasTrace(error) ? error : exception("Error", run.thrown);
        this.#fail(run, run.stopReason ?? thrown);
      }
      if (result.status !== "error") return result;
      if (!run.error) this.#fail(run, run.stopReason ?? unpublishedError(code, this.#count, result));
      return { ...result, ...run.error };
    } finally {
      run.over = true;
      this.#running = undefined;
      ended.resolve();
    }
  }

  /**
   * Passes on another request of a front end, such as one for completions.
   *
   * @param type Its type.
   * @param content Its content.
   * @throws {KernelDiedError} If the process ends meanwhile.
   */
  ask<Type extends PassedOn | "kernel_info_request">(type: Type, content: MessageContents[Type]): Promise<Message> {
    return this.#request("shell", type, content);
  }

  /** Passes on a message of a widget, to which nothing is answered. */
  async tell({ header: { msg_type }, content, metadata, buffers }: Message): Promise<void> {
    const message = { ...createMessage(msg_type as MessageType, content as never, this.#session), metadata, buffers };
    await this.#sockets.shell.send(packMessage(message, this.#process.connection.key));
  }

  /** Gives the text that running code has asked for. */
  async answerInput(value: string): Promise<void> {
    const message = createMessage("input_reply", { status: "ok", value }, this.#session);
    await this.#sockets.stdin.send(packMessage(message, this.#process.connection.key));
  }

  /**
   * Stops the running code by the gentlest means that works, and waits until it has ended.
   *
   * Training loops end after the step at hand, other loops where they are, and both keep what is in memory. Code that waits for a
   * promise cannot be reached: the process is then ended. Asking again while a training loop finishes its step gives it no more
   * time.
   *
   * @param reason What the code's error says.
   * @returns Whether the kernel is still there.
   */
  stop(reason: ExceptionContent = INTERRUPTED): Promise<boolean> {
    const run = this.#running;
    if (!run) return Promise.resolve(true);
    if (run.stopped) run.hurry();
    else run.stopped = this.#stop(run, reason);
    return run.stopped;
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
    await this.#request("shell", "execute_request", executeRequest(preparation(this.#process), SILENT));
  }

  async #mark(): Promise<void> {
    const mark = crypto.randomUUID();
    const seen = new Promise<void>((resolve) => this.#marks.set(mark, resolve));
    const bundle = JSON.stringify({ data: { [MARK_TYPE]: mark }, metadata: {}, transient: {} });
    const code = `await Deno.jupyter.broadcast("display_data", ${bundle})`;
    await this.#request("shell", "execute_request", executeRequest(code, SILENT));
    await this.#unlessItDies(seen);
  }

  async #stop(run: Run, reason: ExceptionContent): Promise<boolean> {
    if (await requestStop(this.#process.stoppableFolder) > 0) {
      const hurried = new Promise<void>((resolve) => run.hurry = resolve);
      await Promise.race([run.ended, hurried, delay(STEP_TIME)]);
    }
    if (run.over) return true;
    run.stopReason = reason;
    this.#request("control", "interrupt_request", {}).catch(() => {}); // execute() reports a kernel that is gone
    for (let waited = 0; waited < INTERRUPT_TIME; waited += 500) {
      await Promise.race([run.ended, delay(500)]);
      if (run.over) return true;
      // A loop after an `await` has ended by now, but the kernel still waits for its promise: it learns that it is waste.
      this.#process.collectGarbage();
    }
    await this.kill();
    return false;
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

  /** Takes in what the kernel publishes. When code is done is said by `execute()`, not by the kernel. */
  #receive(message: Message): void {
    const data = isMessage(message, "display_data") ? message.content.data : {};
    const { [MARK_TYPE]: mark, [THROWN_TYPE]: thrown } = data;
    if (typeof mark === "string") {
      this.#marks.get(mark)?.();
      this.#marks.delete(mark);
    } else if (typeof thrown === "string") {
      if (this.#running) this.#running.thrown = thrown;
    } else if (isMessage(message, "error")) {
      const error = this.#readable(message.content);
      // It may come before what the cell printed.
      if (this.#running) this.#running.errors.push(error);
      else this.#fail(undefined, error);
    } else if (!isMessage(message, "status") && !isMessage(message, "execute_input")) this.#onOutput(message);
  }

  #fail(run: Run | undefined, error: ExceptionContent): void {
    if (run) run.error = error;
    this.#onOutput(createMessage("error", error, this.#session));
  }

  #readable({ ename, evalue: colored, traceback }: ExceptionContent): ExceptionContent {
    const evalue = stripVTControlCharacters(colored);
    const trace = this.#traces.name(traceback.map(stripVTControlCharacters));
    // A thrown value that is no error comes without a trace.
    return { ename, evalue, traceback: trace.some((line) => line !== "") ? trace : [`${ename}: ${evalue}`] };
  }

  #askForInput(message: Message): void {
    if (isMessage(message, "input_request")) this.#onInputRequest(message.content);
  }

  async #listen(socket: ZmtpSocket, receive: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      const message = parseOrDrop(frames, this.#process.connection.key);
      if (message) receive(message);
    }
    socket.close();
  }
}

/** Whether it says where it comes from, as a thrown value that is no error does not. */
const hasTrace = ({ traceback }: ExceptionContent): boolean => traceback.length > 1;

/** Code that is running. */
interface Run {
  ended: Promise<void>;
  over: boolean;
  /** What it threw, or why it did not parse. */
  error?: ExceptionContent;
  /** What the kernel has published as errors: they are passed on when all other output has been. */
  errors: ExceptionContent[];
  /** A thrown object that is no error, in full. */
  thrown?: string;
  /** Set when it has been asked to stop. */
  stopped?: Promise<boolean>;
  /** Set when it has been interrupted, which the kernel does not tell. */
  stopReason?: ExceptionContent;
  /** Gives a training loop no more time. */
  hurry: () => void;
}

/** Messages to which a kernel replies, and which this library passes on without a look inside. */
export type PassedOn =
  | "complete_request"
  | "inspect_request"
  | "is_complete_request"
  | "history_request"
  | "comm_info_request";

type ExecuteRequest = MessageContents["execute_request"];

/** Milliseconds that a training loop has to end its step. */
const STEP_TIME = 10_000;

/** Milliseconds after which interrupted code is taken to wait for a promise. */
const INTERRUPT_TIME = 4000;

const INTERRUPTED: ExceptionContent = exception("Interrupted", "the cell was stopped; what it had computed is kept");

const MARK_TYPE = "application/x-braid-mark";

interface Sockets {
  shell: ZmtpSocket;
  control: ZmtpSocket;
  stdin: ZmtpSocket;
  published: ZmtpSocket;
}

async function connect({ connection }: KernelProcess, signal: AbortSignal): Promise<Sockets> {
  const [shell, control, stdin, published] = await Promise.all([
    connectWhenListening("DEALER", connection.shell_port, signal),
    connectWhenListening("DEALER", connection.control_port, signal),
    connectWhenListening("DEALER", connection.stdin_port, signal),
    connectWhenListening("SUB", connection.iopub_port, signal),
  ]);
  return { shell, control, stdin, published };
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

/** What the kernel replies to code that does not parse is only that it has failed. */
function unpublishedError(
  code: string,
  count: number,
  { ename = "Error", evalue = "" }: MessageContents["execute_reply"],
): ExceptionContent {
  const message = syntaxErrorOf(code), [, line, column] = message?.match(/\((\d+):(\d+)\)$/) ?? [];
  if (message === undefined) return exception(ename, evalue);
  const place = `    at cell ${count}, line ${line}, column ${Number(column) + 1}`;
  const text = code.split("\n")[Number(line) - 1] ?? "";
  return exception(
    "SyntaxError",
    message,
    place,
    `    ${text}`,
    `    ${text.slice(0, Number(column)).replace(/\S/g, " ")}^`,
  );
}

const SILENT = { silent: true, store_history: false };

const executeRequest = (code: string, options: Partial<ExecuteRequest>): ExecuteRequest => ({
  ...{ silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: false },
  ...options,
  code,
});

const delay = (milliseconds: number) =>
  new Promise<void>((resolve) => Deno.unrefTimer(setTimeout(resolve, milliseconds)));

const rejectOnAbort = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
