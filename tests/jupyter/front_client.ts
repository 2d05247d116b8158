// A front end for tests: it starts Braid's kernel as Jupyter does and keeps every message that it sends.

import assert from "node:assert/strict";
import { TYPE_CHECK_VARIABLE } from "braid/jupyter/cell_language.ts";
import { type Connection, createConnection } from "braid/jupyter/connection.ts";
import {
  createMessage,
  isMessage,
  type Message,
  type MessageContents,
  type MessageType,
  packMessage,
  parseMessage,
} from "braid/jupyter/messages.ts";
import { ZmtpSocket } from "braid/jupyter/zmtp.ts";

/** The messages of one request, without the busy and the idle around them. */
export interface Answer {
  reply: Record<string, unknown>;
  /** What was published under the request, in order, as pairs of type and content. */
  published: [type: string, content: Record<string, unknown>][];
  buffers: Uint8Array[][];
}

type Sockets = Record<"shell" | "control" | "stdin" | "iopub", ZmtpSocket>;

/** Braid's kernel in a process of its own. */
export class FrontClient implements AsyncDisposable {
  readonly process: Deno.ChildProcess;
  readonly connection: Connection;
  /** All that was published, in order. */
  readonly published: Message[] = [];
  /** Answers to input requests, in order. */
  readonly inputs: string[] = [];
  readonly #sockets: Sockets;
  readonly #folder: string;
  readonly #session = crypto.randomUUID();
  readonly #replies: Message[] = [];
  readonly #idle = new Set<string>();
  #changed = Promise.withResolvers<void>();

  private constructor(
    process: Deno.ChildProcess,
    connection: Connection,
    sockets: Sockets,
    folder: string,
  ) {
    this.process = process;
    this.connection = connection;
    this.#sockets = sockets;
    this.#folder = folder;
    const collect = (message: Message) => this.#replies.push(message);
    this.#listen("shell", collect);
    this.#listen("control", collect);
    this.#listen("stdin", (message) => this.#answerInput(message));
    this.#listen("iopub", (message) => {
      this.published.push(message);
      if (isMessage(message, "status") && message.content.execution_state === "idle") {
        this.#idle.add(message.parent.msg_id!);
      }
    });
  }

  /** Starts the kernel and waits until it answers. It warns of type errors only if `env` says so, which takes processor time. */
  static async start({ cwd, env }: { cwd?: string; env?: Record<string, string> } = {}): Promise<FrontClient> {
    const folder = await Deno.makeTempDir(), file = `${folder}/connection.json`, connection = createConnection();
    await Deno.writeTextFile(file, JSON.stringify(connection));
    const program = new URL(import.meta.resolve("braid/jupyter/front.ts")).pathname;
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", new URL("../../deno.json", import.meta.url).pathname, program, file],
      ...{ cwd, env: { [TYPE_CHECK_VARIABLE]: "off", ...env }, stderr: "piped" as const },
    }).spawn();
    const connect = async (type: "DEALER" | "SUB", port: number) => {
      while (true) {
        try {
          return await ZmtpSocket.connect(type, { hostname: "127.0.0.1", port });
        } catch (error) {
          if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };
    const client = new FrontClient(process, connection, {
      shell: await connect("DEALER", connection.shell_port),
      control: await connect("DEALER", connection.control_port),
      stdin: await connect("DEALER", connection.stdin_port),
      iopub: await connect("SUB", connection.iopub_port),
    }, folder);
    const { reply } = await client.ask("kernel_info_request", {});
    assert.equal(reply.protocol_version, "5.3");
    return client;
  }

  /** Sends a request; returns its identifier. */
  async send<Type extends MessageType>(
    type: Type,
    content: MessageContents[Type],
    { channel = "shell", key = this.connection.key, metadata = {} }: {
      channel?: "shell" | "control";
      key?: string;
      metadata?: Record<string, unknown>;
    } = {},
  ): Promise<string> {
    const message = { ...createMessage(type, content, this.#session), metadata };
    await this.#sockets[channel].send(packMessage(message, key));
    return message.header.msg_id;
  }

  /** Sends a cell; returns the identifier of the request. */
  sendCell(
    code: string,
    content: Partial<MessageContents["execute_request"]> = {},
    metadata: Record<string, unknown> = {},
  ): Promise<string> {
    return this.send("execute_request", {
      ...{ code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true },
      ...content,
    }, { metadata });
  }

  /** Waits for the reply and the idle of a request. What is published later is missing, as in a front end. */
  async answer(id: string): Promise<Answer> {
    const find = () => this.#replies.find(({ parent }) => parent.msg_id === id);
    while (!find() || !this.#idle.has(id)) await this.#changed.promise;
    return { reply: find()!.content as Answer["reply"], ...this.publishedUnder(id) };
  }

  /** What has been published under a request so far. */
  publishedUnder(id: string): Omit<Answer, "reply"> {
    const own = this.published.filter((message) =>
      message.parent.msg_id === id && !isMessage(message, "status") && !isMessage(message, "execute_input")
    );
    return {
      published: own.map(({ header, content }) => [header.msg_type, content as Record<string, unknown>]),
      buffers: own.map(({ buffers }) => buffers).filter((buffers) => buffers.length > 0),
    };
  }

  /** Sends a request and waits for its answer. */
  async ask<Type extends MessageType>(type: Type, content: MessageContents[Type]): Promise<Answer> {
    return await this.answer(await this.send(type, content));
  }

  /** Runs a cell. */
  async run(code: string, content?: Partial<MessageContents["execute_request"]>): Promise<Answer> {
    return await this.answer(await this.sendCell(code, content));
  }

  /** Presses the stop button. */
  async interrupt(): Promise<void> {
    await this.send("interrupt_request", {}, { channel: "control" });
  }

  /** Waits until a published message fulfils a condition. */
  async seen(condition: (message: Message) => boolean): Promise<void> {
    while (!this.published.some(condition)) await this.#changed.promise;
  }

  /** Shuts the kernel down; returns what it wrote as errors. */
  async shutdown(): Promise<string> {
    await this.send("shutdown_request", { restart: false }, { channel: "control" });
    return await this.ended();
  }

  /** Waits until the process has ended; returns what it wrote as errors. */
  async ended(): Promise<string> {
    const { stderr } = await this.process.output();
    for (const socket of Object.values(this.#sockets)) socket.close();
    await Deno.remove(this.#folder, { recursive: true });
    return new TextDecoder().decode(stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #answerInput(message: Message): Promise<void> {
    assert.ok(isMessage(message, "input_request"));
    const reply = createMessage("input_reply", { status: "ok", value: this.inputs.shift() ?? "" }, this.#session);
    await this.#sockets.stdin.send(packMessage({ ...reply, parent: message.header }, this.connection.key));
  }

  async #listen(channel: keyof Sockets, receive: (message: Message) => void): Promise<void> {
    for await (const frames of this.#sockets[channel]) {
      receive(parseMessage(frames, this.connection.key));
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}
