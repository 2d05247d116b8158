/**
 * A Jupyter kernel that stands between front ends and `deno jupyter`.
 *
 * @module
 */

import { CellLanguage, checksTypes, type Completions } from "./cell_language.ts";
import type { Connection } from "./connection.ts";
import { Kernel, KernelDiedError, type PassedOn } from "./kernel.ts";
import {
  createMessage,
  exception,
  type ExceptionContent,
  isMessage,
  type Message,
  type MessageContents,
  type MessageHeader,
  type MessageType,
  packMessage,
  parseOrDrop,
} from "./messages.ts";
import { StreamJoiner } from "./stream_joiner.ts";
import type { ZmtpSocket } from "./zmtp.ts";
import { ZmtpServer } from "./zmtp_server.ts";

/**
 * Braid's kernel. It runs cells in a {@linkcode Kernel} and speaks Jupyter's protocol to front ends, with all outputs of a cell in
 * order, under that cell and before the message that it is idle.
 *
 * The compiler says in the background what is wrong with the types of a cell, what stands where the cursor is, and how to go on.
 * Requests are answered one after another. After a cell that failed or was interrupted, those that wait are not run. When the inner
 * kernel ends, the cell says so and another one takes its place.
 *
 * @example
 * ```ts
 * import { createConnection } from "braid/jupyter/connection.ts";
 * import { FrontKernel } from "braid/jupyter/front_kernel.ts";
 * import { createMessage, packMessage, parseMessage } from "braid/jupyter/messages.ts";
 * import { ZmtpSocket } from "braid/jupyter/zmtp.ts";
 * import assert from "node:assert/strict";
 *
 * const connection = createConnection(), { ip: hostname, shell_port: port, key } = connection;
 * const kernel = new FrontKernel(connection);
 * const shell = await ZmtpSocket.connect("DEALER", { hostname, port });
 * await shell.send(packMessage(createMessage("kernel_info_request", {}, "me"), key));
 * const { value } = await shell[Symbol.asyncIterator]().next();
 * assert.equal(parseMessage(value!, key).header.msg_type, "kernel_info_reply");
 * shell.close();
 * await kernel.shutdown();
 * ```
 */
export class FrontKernel {
  /** Settled once the kernel has been shut down; rejected if the inner kernel cannot be started. */
  readonly ended: Promise<void>;
  readonly #end = Promise.withResolvers<void>();
  readonly #key: string;
  readonly #session: string = crypto.randomUUID();
  readonly #published: ZmtpServer;
  readonly #stdin: ZmtpServer;
  readonly #servers: ZmtpServer[];
  readonly #streams = new StreamJoiner((stream) => this.#publish("stream", stream));
  readonly #language = new CellLanguage(Deno.cwd());
  readonly #checksTypes = checksTypes();
  readonly #waiting: Request[] = [];
  #kernel: Promise<Kernel>;
  #info: MessageContents["kernel_info_reply"] | undefined;
  #busy = false;
  #ending = false;
  #interrupted = false;
  #count = 0;
  /** The request that runs or ran last: late output of timers belongs to it. */
  #latest: Request | undefined;

  /**
   * Listens where the connection says, and starts the inner kernel in the current folder.
   *
   * @throws {RangeError} If `BRAID_TYPE_CHECK` is neither `on` nor `off`.
   */
  constructor(connection: Connection) {
    this.ended = this.#end.promise;
    this.#key = connection.key;
    const at = (port: number) => ({ hostname: connection.ip, port });
    this.#published = new ZmtpServer("PUB", at(connection.iopub_port));
    this.#stdin = new ZmtpServer("ROUTER", at(connection.stdin_port), (frames) => this.#receiveInput(frames));
    this.#servers = [
      this.#published,
      this.#stdin,
      new ZmtpServer("REP", at(connection.hb_port), (frames, peer) => peer.send(frames).catch(goneIsFine)),
      new ZmtpServer("ROUTER", at(connection.shell_port), (frames, peer) => this.#receiveShell(frames, peer)),
      new ZmtpServer("ROUTER", at(connection.control_port), (frames, peer) => this.#receiveControl(frames, peer)),
    ];
    this.#kernel = this.#startKernel();
  }

  /** Stops the running cell, and those that wait are not run. */
  async interrupt(): Promise<void> {
    if (!this.#busy) return;
    this.#interrupted = true;
    await (await this.#kernel).stop();
  }

  /** Ends the inner kernel and stops listening. */
  async shutdown(): Promise<void> {
    if (this.#ending) return await this.ended;
    this.#ending = true;
    const kernel = await this.#kernel;
    if (this.#busy) await kernel.kill();
    else await kernel.shutdown();
    await this.#language.end();
    for (const server of this.#servers) server[Symbol.dispose]();
    this.#end.resolve();
  }

  async #startKernel(): Promise<Kernel> {
    this.#count = 0;
    this.#language.forget();
    try {
      const kernel = await Kernel.start({
        onOutput: (message) => this.#passOn(message),
        onInputRequest: (content) => this.#askForInput(content),
      });
      this.#info = (await kernel.ask("kernel_info_request", {})).content as MessageContents["kernel_info_reply"];
      kernel.exited.then(() => {
        if (!this.#ending) this.#kernel = this.#startKernel();
      });
      return kernel;
    } catch (error) {
      this.#end.reject(error);
      throw error;
    }
  }

  #receiveShell(frames: Uint8Array[], peer: ZmtpSocket): void {
    const message = parseOrDrop(frames, this.#key);
    if (!message) return;
    this.#waiting.push({ message, peer });
    if (!this.#busy) this.#work();
  }

  /** Handles what waits, in order. */
  async #work(): Promise<void> {
    this.#busy = true;
    for (let request = this.#waiting.shift(); request; request = this.#waiting.shift()) {
      this.#publish("status", { execution_state: "busy" }, request.message.header);
      try {
        await this.#handle(request);
      } catch (error) {
        if (!(error instanceof KernelDiedError)) return this.#end.reject(error); // a fault of our own
        console.error(error.message);
      }
      this.#publish("status", { execution_state: "idle" }, request.message.header);
    }
    this.#busy = false;
  }

  async #handle(request: Request): Promise<void> {
    const { message } = request, type = message.header.msg_type;
    if (isMessage(message, "execute_request")) await this.#execute(request, message.content);
    else if (isMessage(message, "shutdown_request")) this.#shutdownOnRequest(request, message.content);
    else if (isMessage(message, "kernel_info_request")) await this.#tellInfo(request);
    else if (type in REPLIES) {
      const answer = await this.#answerByCompiler(message) ??
        (await (await this.#kernel).ask(type as PassedOn, message.content as never)).content;
      this.#reply(request, REPLIES[type as PassedOn], answer as never);
    } else if (/^comm_(open|msg|close)$/.test(type)) {
      this.#latest = request; // what a widget's code prints belongs to the widget's message
      await (await this.#kernel).tell(message);
    } else console.error(`A message of the unknown type ${type} was dropped.`);
  }

  /** What the inner kernel would not know, or not as well. */
  async #answerByCompiler(message: Message) {
    if (isMessage(message, "inspect_request")) {
      const markdown = await this.#language.inspect(message.content.code, message.content.cursor_pos);
      return markdown ? inspectReply(markdown) : undefined;
    }
    if (isMessage(message, "complete_request")) {
      const completions = await this.#language.complete(message.content.code, message.content.cursor_pos);
      return completions && completeReply(completions);
    }
    return undefined;
  }

  async #execute(request: Request, content: MessageContents["execute_request"]): Promise<void> {
    const { code, silent = false, store_history = !silent } = content;
    const started = this.#kernel, kernel = await started, counted = !silent && store_history;
    const count = this.#count + (counted ? 1 : 0);
    this.#latest = request;
    this.#interrupted = false;
    if (!silent) this.#publish("execute_input", { code, execution_count: count });
    const reply = await this.#run(kernel, content, count);
    this.#streams.flush();
    this.#reply(request, "execute_reply", reply);
    const fails = reply.status === "error" && content.stop_on_error !== false;
    if (fails || this.#interrupted) await this.#abortWaiting();
    if (counted && this.#kernel === started) this.#look(request.message.header, code, request.message.metadata);
  }

  /** Warnings come when the cell is long done: front ends that still look put them under it, others have what it gave. */
  #look(parent: MessageHeader, source: string, { tags }: Record<string, unknown>): void {
    const warn = (text: string) => this.#publish("stream", { name: "stderr", text }, parent);
    const cell = { source, tags: Array.isArray(tags) ? tags.map(String) : [] };
    this.#language.add(cell, this.#checksTypes ? warn : undefined);
  }

  async #run(
    kernel: Kernel,
    content: MessageContents["execute_request"],
    count: number,
  ): Promise<MessageContents["execute_reply"]> {
    try {
      const reply = await kernel.execute(content.code, { ...content, stop_on_error: false });
      this.#count = reply.execution_count;
      return reply;
    } catch (error) {
      if (!(error instanceof KernelDiedError)) throw error;
      const lost = this.#interrupted ? UNSTOPPABLE : deathOf(await kernel.exited);
      this.#streams.flush();
      if (!this.#ending) this.#publish("error", lost);
      return { status: "error", execution_count: count, ...lost };
    }
  }

  /** Cells that were sent along with one that failed are not run. */
  async #abortWaiting(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve)); // take in what has arrived
    const waiting = this.#waiting.splice(0);
    for (const request of waiting) {
      if (!isMessage(request.message, "execute_request")) {
        this.#waiting.push(request);
        continue;
      }
      const { header } = request.message;
      this.#publish("status", { execution_state: "busy" }, header);
      this.#reply(request, "execute_reply", { status: "aborted", execution_count: this.#count });
      this.#publish("status", { execution_state: "idle" }, header);
    }
  }

  #receiveControl(frames: Uint8Array[], peer: ZmtpSocket): void {
    const message = parseOrDrop(frames, this.#key);
    if (!message) return;
    const request = { message, peer };
    if (isMessage(message, "interrupt_request")) {
      this.interrupt().catch((error) => this.#end.reject(error));
      this.#reply(request, "interrupt_reply", { status: "ok" });
    } else if (isMessage(message, "shutdown_request")) this.#shutdownOnRequest(request, message.content);
    else if (isMessage(message, "kernel_info_request")) {
      this.#tellInfo(request).catch((error) => this.#end.reject(error));
    } else console.error(`A control message of the unknown type ${message.header.msg_type} was dropped.`);
  }

  #shutdownOnRequest(request: Request, { restart }: MessageContents["shutdown_request"]): void {
    this.#reply(request, "shutdown_reply", { status: "ok", restart });
    this.shutdown().catch((error) => this.#end.reject(error));
  }

  /** Asked on the control channel, it is answered although a cell runs. */
  async #tellInfo(request: Request): Promise<void> {
    await this.#kernel;
    this.#reply(request, "kernel_info_reply", this.#info!);
  }

  #receiveInput(frames: Uint8Array[]): void {
    const message = parseOrDrop(frames, this.#key);
    if (message && isMessage(message, "input_reply")) this.#answerInput(message.content.value);
  }

  #answerInput(text: string): void {
    this.#kernel.then((kernel) => kernel.answerInput(text)).catch((error) => this.#end.reject(error));
  }

  /** The front end that sent the cell is asked: its sockets bear one name. */
  #askForInput(content: MessageContents["input_request"]): void {
    const { peer, message } = this.#latest!;
    const asked = this.#stdin.peers.find(({ identity }) => identity === peer.identity);
    this.#streams.flush();
    if (asked) this.#reply({ peer: asked, message: { ...message, identities: [] } }, "input_request", content);
    else this.#answerInput(""); // nobody is there any more
  }

  #passOn(message: Message): void {
    if (isMessage(message, "stream")) return this.#streams.add(message.content);
    this.#streams.flush();
    const { content, metadata, buffers } = message;
    this.#publish(message.header.msg_type as MessageType, content as never, undefined, { metadata, buffers });
  }

  #publish<Type extends MessageType>(
    type: Type,
    content: MessageContents[Type],
    parent: Partial<MessageHeader> = this.#latest?.message.header ?? {},
    rest: Partial<Message> = {},
  ): void {
    const message = { ...createMessage(type, content, this.#session), parent, ...rest };
    this.#published.publish(packMessage(message, this.#key));
  }

  #reply<Type extends MessageType>(
    { message: { header, identities }, peer }: Request,
    type: Type,
    content: MessageContents[Type],
  ): void {
    const reply = { ...createMessage(type, content, this.#session), parent: header, identities };
    peer.send(packMessage(reply, this.#key)).catch(goneIsFine);
  }
}

interface Request {
  message: Message;
  peer: ZmtpSocket;
}

/** What is passed on, and how it is answered. */
const REPLIES: Readonly<Record<PassedOn, MessageType>> = {
  complete_request: "complete_reply",
  inspect_request: "inspect_reply",
  is_complete_request: "is_complete_reply",
  history_request: "history_reply",
  comm_info_request: "comm_info_reply",
};

const inspectReply = (markdown: string): MessageContents["inspect_reply"] => ({
  status: "ok",
  found: true,
  data: { "text/markdown": markdown, "text/plain": markdown.replace(/^```.*\n?/gm, "").trim() },
  metadata: {},
});

const completeReply = ({ names, start, end }: Completions): MessageContents["complete_reply"] => ({
  status: "ok",
  matches: names,
  cursor_start: start,
  cursor_end: end,
  metadata: {},
});

const STATE_LOST = "The kernel was started anew and knows no variables any more: run the notebook from its start.";

const UNSTOPPABLE = exception(
  "Interrupted",
  `the cell waited for something that cannot be stopped. ${STATE_LOST}`,
);

const deathOf = (how: string): ExceptionContent =>
  exception("KernelDied", `the cell ended the kernel: ${how}\n${STATE_LOST}`);

function goneIsFine(): void {
  // The front end has left, and misses nothing that it could still see.
}
