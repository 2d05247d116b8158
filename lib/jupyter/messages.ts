/**
 * Jupyter's wire format: what travels between a front end and a kernel, signed with HMAC-SHA256.
 *
 * Source: "Messaging in Jupyter", protocol 5.3.
 *
 * @module
 */

import { createHmac, timingSafeEqual } from "node:crypto";

/** Who sent a message, when, and of which kind. */
export interface MessageHeader {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
}

/** A value in several formats, by MIME type; text and binary (base64) as strings, JSON formats as values. */
export type MimeBundle = Record<string, unknown>;

/** What a kernel says of an exception. */
export interface ExceptionContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

interface DisplayContent {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient?: { display_id?: string };
}

/** A place in code; `cursor_pos` counts Unicode code points. */
interface CodePlace {
  code: string;
  cursor_pos: number;
}

/** Content that passes between front end and kernel without a look inside. */
type UnreadContent = Record<string, unknown>;

/** The content of each message type that this library sends or reads. */
export interface MessageContents {
  kernel_info_request: Record<string, never>;
  kernel_info_reply: { status: string; protocol_version: string; language_info: { name: string; version: string } };
  execute_request: {
    code: string;
    silent: boolean;
    store_history: boolean;
    user_expressions: Record<string, string>;
    allow_stdin: boolean;
    stop_on_error: boolean;
  };
  execute_reply: { status: "ok" | "error" | "aborted"; execution_count: number } & Partial<ExceptionContent>;
  interrupt_request: Record<string, never>;
  interrupt_reply: { status: string };
  shutdown_request: { restart: boolean };
  shutdown_reply: { status: string; restart: boolean };
  complete_request: CodePlace;
  inspect_request: CodePlace & { detail_level: 0 | 1 };
  is_complete_request: UnreadContent;
  history_request: UnreadContent;
  comm_info_request: UnreadContent;
  complete_reply: {
    status: string;
    matches: string[];
    cursor_start: number;
    cursor_end: number;
    metadata: Record<string, unknown>;
  };
  inspect_reply: { status: string; found: boolean; data: MimeBundle; metadata: Record<string, unknown> };
  is_complete_reply: UnreadContent;
  history_reply: UnreadContent;
  comm_info_reply: UnreadContent;
  comm_open: UnreadContent;
  comm_msg: UnreadContent;
  comm_close: UnreadContent;
  input_request: { prompt: string; password: boolean };
  input_reply: { status: string; value: string };
  execute_input: { code: string; execution_count: number };
  status: { execution_state: "starting" | "busy" | "idle" };
  stream: { name: "stdout" | "stderr"; text: string };
  display_data: DisplayContent;
  update_display_data: DisplayContent;
  execute_result: DisplayContent & { execution_count: number };
  error: ExceptionContent;
  clear_output: { wait: boolean };
}

/** Names of the messages that this library sends or reads. */
export type MessageType = keyof MessageContents;

/** A message whose type is not known yet; {@linkcode isMessage} narrows it. */
export interface Message<Content = unknown> {
  /** Routing frames in front of the message; a kernel answers with the same ones. */
  identities: Uint8Array[];
  header: MessageHeader;
  /** Header of the request that this message answers, empty for a request. */
  parent: Partial<MessageHeader>;
  metadata: Record<string, unknown>;
  content: Content;
  buffers: Uint8Array[];
}

/** A message that is not in Jupyter's wire format or not signed with the connection's key. */
export class MessageError extends Error {
  override name = "MessageError";
}

/**
 * A new message, ready to be packed.
 *
 * @param type Message type, for example `"execute_request"`.
 * @param content Content of that type.
 * @param session Identifier of the sending client.
 *
 * @example
 * ```ts
 * import { createMessage } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(createMessage("shutdown_request", { restart: false }, "me").header.msg_type, "shutdown_request");
 * ```
 */
export function createMessage<Type extends MessageType>(
  type: Type,
  content: MessageContents[Type],
  session: string,
): Message<MessageContents[Type]> {
  const header = {
    msg_id: crypto.randomUUID(),
    session,
    username: "braid",
    date: new Date().toISOString(),
    msg_type: type,
    version: "5.3",
  };
  return { identities: [], header, parent: {}, metadata: {}, content, buffers: [] };
}

/**
 * Whether a message is of the given type.
 *
 * @param message Message to look at.
 * @param type Message type.
 *
 * @example
 * ```ts
 * import { createMessage, isMessage } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * const message = createMessage("clear_output", { wait: true }, "me");
 * assert.ok(isMessage(message, "clear_output") && message.content.wait);
 * ```
 */
export function isMessage<Type extends MessageType>(
  message: Message,
  type: Type,
): message is Message<MessageContents[Type]> {
  return message.header.msg_type === type;
}

/**
 * What a kernel says of something that went wrong without code having thrown it.
 *
 * @param ename Name, such as `"Interrupted"`.
 * @param evalue What happened.
 * @param trace Lines after the first one.
 *
 * @example
 * ```ts
 * import { exception } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(exception("Timeout", "too late").traceback, ["Timeout: too late"]);
 * ```
 */
export function exception(ename: string, evalue: string, ...trace: string[]): ExceptionContent {
  return { ename, evalue, traceback: [`${ename}: ${evalue}`, ...trace] };
}

/**
 * Signature of a message: HMAC-SHA256 over its four JSON parts, in hexadecimal digits.
 *
 * @param key Key of the connection; an empty key means unsigned messages, whose signature is empty.
 * @param parts Header, parent header, metadata and content as they are sent.
 *
 * @example RFC 4231, test case 2: how the text is split into parts does not matter.
 * ```ts
 * import { sign } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * const parts = ["what do ya want ", "for nothing?"].map((part) => new TextEncoder().encode(part));
 * assert.equal(sign("Jefe", parts), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
 * ```
 */
export function sign(key: string, parts: Uint8Array[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/**
 * The frames of a message: identities, delimiter, signature, four JSON parts, buffers.
 *
 * @param message Message to send.
 * @param key Key of the connection.
 *
 * @example
 * ```ts
 * import { createMessage, packMessage, parseMessage } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * const message = createMessage("stream", { name: "stdout", text: "héllo" }, "me");
 * assert.deepEqual(parseMessage(packMessage(message, "key"), "key"), message);
 * ```
 */
export function packMessage({ identities, header, parent, metadata, content, buffers }: Message, key: string) {
  const parts = [header, parent, metadata, content].map((part) => encoder.encode(JSON.stringify(part)));
  return [...identities, encoder.encode(DELIMITER), encoder.encode(sign(key, parts)), ...parts, ...buffers];
}

/**
 * Reads a message from its frames.
 *
 * @param frames Frames as they came from the socket.
 * @param key Key of the connection.
 * @throws {MessageError} If the delimiter or a part is missing, the signature is wrong, or a part is not a JSON object.
 *
 * @example A message signed with another key is refused.
 * ```ts
 * import { createMessage, packMessage, parseMessage } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * const frames = packMessage(createMessage("shutdown_request", { restart: false }, "me"), "another key");
 * assert.throws(() => parseMessage(frames, "key"), /signature/);
 * ```
 */
export function parseMessage(frames: Uint8Array[], key: string): Message {
  const delimiter = frames.findIndex((frame) => frame.length === DELIMITER.length && decode(frame) === DELIMITER);
  if (delimiter < 0) throw new MessageError(`Expected a frame ${DELIMITER}, got none in ${frames.length} frames`);
  const [signature, ...rest] = frames.slice(delimiter + 1), parts = rest.slice(0, 4);
  if (parts.length < 4) {
    throw new MessageError(`Expected a signature and 4 parts, got ${frames.length - delimiter - 1}`);
  }
  if (!equalBytes(signature, encoder.encode(sign(key, parts)))) {
    throw new MessageError("Expected the message to carry the signature of the connection's key, got another one");
  }
  const [header, parent, metadata, content] = parts.map(parseObject);
  if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string") {
    throw new MessageError(`Expected a header with msg_type and msg_id, got ${JSON.stringify(header)}`);
  }
  const identities = frames.slice(0, delimiter), buffers = rest.slice(4);
  return { identities, header: header as unknown as MessageHeader, parent, metadata, content, buffers };
}

/**
 * Reads a message, or drops it with a line on standard error if it is not one that the key has signed.
 *
 * @param frames Frames as they came from the socket.
 * @param key Key of the connection.
 *
 * @example
 * ```ts
 * import { parseOrDrop } from "braid/jupyter/messages.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseOrDrop([Uint8Array.of(1)], "key"), undefined);
 * ```
 */
export function parseOrDrop(frames: Uint8Array[], key: string): Message | undefined {
  try {
    return parseMessage(frames, key);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    console.error(`A message was dropped. ${error.message}`);
    return undefined;
  }
}

const DELIMITER = "<IDS|MSG>";
const encoder = new TextEncoder();
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

function parseObject(part: Uint8Array): Record<string, unknown> {
  const text = decode(part);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below, as for JSON that is no object.
  }
  throw new MessageError(`Expected a JSON object, got ${text.slice(0, 80)}`);
}
