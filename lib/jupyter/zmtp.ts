/**
 * ZeroMQ over a plain TCP connection: as much of ZMTP 3.0 as Jupyter needs, without native code.
 *
 * The npm binding of libzmq misses wake-ups under Deno when several sockets wait at once, so replies arrive seconds late.
 *
 * Source: RFC 23/ZMTP, with the NULL mechanism.
 *
 * @module
 */

/** Kind of socket: `DEALER` asks a `ROUTER`, `SUB` listens to a `PUB`, `REQ` waits for a `REP` to answer. */
export type SocketType = "DEALER" | "ROUTER" | "SUB" | "PUB" | "REQ" | "REP";

/** The other end is not a ZeroMQ socket, or it closed the connection in the middle of a message. */
export class ZmtpError extends Error {
  override name = "ZmtpError";
}

/**
 * One ZeroMQ connection; iterating over it yields the messages, each a list of frames, until the other end closes.
 *
 * @example Refused when nobody listens.
 * ```ts
 * import { ZmtpSocket } from "braid/jupyter/zmtp.ts";
 * import assert from "node:assert/strict";
 *
 * await assert.rejects(ZmtpSocket.connect("DEALER", { hostname: "127.0.0.1", port: 1 }), Deno.errors.ConnectionRefused);
 * ```
 */
export class ZmtpSocket implements AsyncIterable<Uint8Array[]> {
  readonly #connection: Deno.Conn;
  readonly #reader: ByteReader;
  #sent: Promise<void> = Promise.resolve();
  #identity = "";

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
  }

  /**
   * Connects, shakes hands and, for a `SUB` socket, subscribes to everything.
   *
   * @param type Kind of socket at this end.
   * @param address Where the other end listens.
   * @throws {ZmtpError} If the other end does not speak ZMTP 3.
   */
  static async connect(type: SocketType, address: { hostname: string; port: number }): Promise<ZmtpSocket> {
    const socket = await ZmtpSocket.accept(type, await Deno.connect(address));
    if (type === "SUB") await socket.send([Uint8Array.of(1)]);
    return socket;
  }

  /**
   * Shakes hands over a connection that is there.
   *
   * @param type Kind of socket at this end.
   * @param connection The connection; it is closed if this fails.
   * @throws {ZmtpError} If the other end does not speak ZMTP 3.
   */
  static async accept(type: SocketType, connection: Deno.TcpConn): Promise<ZmtpSocket> {
    const socket = new ZmtpSocket(connection);
    try {
      connection.setNoDelay(true);
      await socket.#shakeHands(type);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** What the other end calls itself, or "": a client's sockets carry the same name. */
  get identity(): string {
    return this.#identity;
  }

  /** Sends one message after those that are on their way. */
  send(frames: Uint8Array[]): Promise<void> {
    return this.#write(concat(frames.flatMap((body, i) => [frameHead(body, i < frames.length - 1 ? MORE : 0), body])));
  }

  /** Closes the connection. */
  close(): void {
    try {
      this.#connection.close();
    } catch {
      // The other end was faster.
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array[]> {
    let frames: Uint8Array[] = [];
    for (let frame = await this.#frame(); frame; frame = await this.#frame()) {
      if (frame.flags & COMMAND) continue;
      frames.push(frame.body);
      if (frame.flags & MORE) continue;
      yield frames;
      frames = [];
    }
    if (frames.length > 0) throw new ZmtpError(`Expected more frames after ${frames.length}, got the connection's end`);
  }

  async #shakeHands(type: SocketType): Promise<void> {
    const greeting = new Uint8Array(64);
    greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...encoder.encode("NULL")]);
    await this.#write(greeting);
    const theirs = await this.#reader.read(64);
    if (theirs?.[0] !== 0xff || theirs[9] !== 0x7f || theirs[10] < 3) {
      throw new ZmtpError(`Expected a ZMTP 3 greeting, got ${theirs?.subarray(0, 12) ?? "the connection's end"}`);
    }
    const name = (text: string) => Uint8Array.of(text.length, ...encoder.encode(text));
    const value = Uint8Array.of(0, 0, 0, type.length, ...encoder.encode(type));
    const ready = concat([name("READY"), name("Socket-Type"), value]);
    await this.#write(concat([frameHead(ready, COMMAND), ready]));
    const answer = await this.#frame();
    if (!answer || !(answer.flags & COMMAND)) throw new ZmtpError("Expected the command READY, got none");
    this.#identity = readyProperty(answer.body, "identity");
  }

  async #frame(): Promise<{ flags: number; body: Uint8Array } | null> {
    const flags = (await this.#reader.read(1))?.[0];
    if (flags === undefined) return null;
    const size = await this.#reader.read(flags & LONG ? 8 : 1);
    const length = size && (flags & LONG ? Number(new DataView(size.buffer).getBigUint64(0)) : size[0]);
    const body = length === null ? null : await this.#reader.read(length);
    if (!body) throw new ZmtpError("Expected the rest of a frame, got the connection's end");
    return { flags, body };
  }

  #write(bytes: Uint8Array): Promise<void> {
    const previous = this.#sent.catch(() => {}); // its sender has been told
    return this.#sent = previous.then(async () => {
      for (let done = 0; done < bytes.length;) done += await this.#connection.write(bytes.subarray(done));
    });
  }
}

const MORE = 1, LONG = 2, COMMAND = 4;
const encoder = new TextEncoder();

function frameHead(body: Uint8Array, flags: number): Uint8Array {
  if (body.length < 256) return Uint8Array.of(flags, body.length);
  const head = new Uint8Array(9);
  head[0] = flags | LONG;
  new DataView(head.buffer).setBigUint64(1, BigInt(body.length));
  return head;
}

/** A property of the command READY, whose names are told apart without case, or "". */
function readyProperty(command: Uint8Array, wanted: string): string {
  const text = new TextDecoder("latin1"); // identities are any bytes
  for (let at = 1 + command[0]; at + 5 < command.length;) {
    const name = text.decode(command.subarray(at + 1, at += 1 + command[at]));
    const length = new DataView(command.buffer, command.byteOffset + at, 4).getUint32(0);
    const value = text.decode(command.subarray(at + 4, at += 4 + length));
    if (name.toLowerCase() === wanted) return value;
  }
  return "";
}

function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Reads exact numbers of bytes from a connection. */
class ByteReader {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(65536);
  #rest = this.#buffer.subarray(0, 0);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next `length` bytes, or null if the connection ended before them. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      if (this.#rest.length === 0) {
        const count = await this.#connection.read(this.#buffer).catch(endOfConnection);
        if (count === null) return null;
        this.#rest = this.#buffer.subarray(0, count);
      }
      const taken = this.#rest.subarray(0, length - done);
      bytes.set(taken, done);
      done += taken.length;
      this.#rest = this.#rest.subarray(taken.length);
    }
    return bytes;
  }
}

/** A killed process resets its connections, and our own `close()` interrupts a read: both are an end. */
function endOfConnection(error: unknown): null {
  const ends = [Deno.errors.ConnectionReset, Deno.errors.BadResource, Deno.errors.Interrupted];
  if (ends.some((type) => error instanceof type)) return null;
  throw error;
}
