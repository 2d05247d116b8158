/**
 * The listening end of ZeroMQ sockets: what a kernel is to its front ends.
 *
 * @module
 */

import { ZmtpSocket } from "./zmtp.ts";

/** Kind of socket that listens: a `ROUTER` answers each peer, a `PUB` tells all who have subscribed, a `REP` echoes. */
export type ServerType = "ROUTER" | "PUB" | "REP";

/**
 * A ZeroMQ socket that others connect to.
 *
 * @example Echoes what a peer sends.
 * ```ts
 * import { ZmtpSocket } from "braid/jupyter/zmtp.ts";
 * import { ZmtpServer } from "braid/jupyter/zmtp_server.ts";
 * import assert from "node:assert/strict";
 *
 * using server = new ZmtpServer("ROUTER", { hostname: "127.0.0.1", port: 0 }, (frames, peer) => peer.send(frames));
 * const socket = await ZmtpSocket.connect("DEALER", { hostname: "127.0.0.1", port: server.port });
 * await socket.send([Uint8Array.of(1, 2)]);
 * const { value } = await socket[Symbol.asyncIterator]().next();
 * assert.deepEqual(value, [Uint8Array.of(1, 2)]);
 * socket.close();
 * ```
 */
export class ZmtpServer implements Disposable {
  /** Where it listens. */
  readonly port: number;
  readonly #type: ServerType;
  readonly #listener: Deno.TcpListener;
  readonly #receive: (frames: Uint8Array[], peer: ZmtpSocket) => void;
  readonly #peers = new Set<ZmtpSocket>();
  readonly #subscribers = new Set<ZmtpSocket>();

  /**
   * Listens.
   *
   * @param type Kind of socket at this end.
   * @param address Where; port 0 takes a free one.
   * @param receive Called with each message and who sent it. A `PUB` socket's subscriptions are not passed on.
   */
  constructor(
    type: ServerType,
    address: { hostname: string; port: number },
    receive: (frames: Uint8Array[], peer: ZmtpSocket) => void = () => {},
  ) {
    this.#type = type;
    this.#receive = receive;
    this.#listener = Deno.listen(address);
    this.port = this.#listener.addr.port;
    this.#accept();
  }

  /** The peers that are connected. */
  get peers(): readonly ZmtpSocket[] {
    return [...this.#peers];
  }

  /** Sends a message to all who have subscribed. One that has gone meanwhile misses nothing it could still see. */
  async publish(frames: Uint8Array[]): Promise<void> {
    await Promise.allSettled([...this.#subscribers].map((peer) => peer.send(frames)));
  }

  /** Stops listening and closes all connections. */
  [Symbol.dispose](): void {
    this.#listener.close();
    for (const peer of this.#peers) peer.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#serve(connection);
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    let peer: ZmtpSocket | undefined;
    try {
      peer = await ZmtpSocket.accept(this.#type, connection);
      this.#peers.add(peer);
      for await (const frames of peer) {
        if (this.#type === "PUB") this.#subscribe(frames, peer);
        else this.#receive(frames, peer);
      }
    } catch (error) {
      console.error(`A connection was dropped. ${(error as Error).message}`); // the others go on
    } finally {
      if (peer) this.#peers.delete(peer), this.#subscribers.delete(peer), peer.close();
    }
  }

  /** Jupyter's clients subscribe to everything, so that the topic is of no interest. */
  #subscribe([[wish]]: Uint8Array[], peer: ZmtpSocket): void {
    if (wish === 1) this.#subscribers.add(peer);
    else this.#subscribers.delete(peer);
  }
}
