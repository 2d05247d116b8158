import assert from "node:assert/strict";
import { ZmtpSocket } from "braid/jupyter/zmtp.ts";

// The other end, written out byte by byte from RFC 23/ZMTP 3.0.

const text = (characters: string) => [...new TextEncoder().encode(characters)];
const GREETING = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...text("NULL"), ...Array(48).fill(0)];
const READY = [0x04, 26, 5, ...text("READY"), 11, ...text("Socket-Type"), 0, 0, 0, 4];
const ROUTER_READY = [0x04, 28, ...READY.slice(2, -1), 6, ...text("ROUTER")];

/** Serves one connection with the given bytes and returns everything that the client sends before it closes. */
async function exchange(reply: number[], talk: (address: Deno.NetAddr) => Promise<void>): Promise<number[]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received: number[] = [];
  const served = (async () => {
    using connection = await listener.accept();
    await connection.write(Uint8Array.from(reply));
    await connection.closeWrite();
    const buffer = new Uint8Array(4096);
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      received.push(...buffer.subarray(0, n));
    }
  })();
  await talk(listener.addr);
  await served;
  return received;
}

Deno.test("a DEALER greets, names its type, and frames messages short and long", async () => {
  const long = Array.from({ length: 300 }, (_, i) => i % 256);
  const sent = await exchange([...GREETING, ...ROUTER_READY], async (address) => {
    const socket = await ZmtpSocket.connect("DEALER", address);
    await Promise.all([socket.send([Uint8Array.of(7), Uint8Array.from(long)]), socket.send([new Uint8Array(0)])]);
    socket.close();
  });
  const expected = [...GREETING, 0x04, 28, ...READY.slice(2, -1), 6, ...text("DEALER")];
  assert.deepEqual(sent, [...expected, 1, 1, 7, 2, 0, 0, 0, 0, 0, 0, 1, 44, ...long, 0, 0]);
});

Deno.test("a SUB subscribes to everything and yields messages frame by frame, without commands", async () => {
  const messages = [1, 2, 8, 9, 0, 0, 0x04, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 5];
  const sent = await exchange([...GREETING, ...ROUTER_READY, ...messages], async (address) => {
    const socket = await ZmtpSocket.connect("SUB", address), received: Uint8Array[][] = [];
    for await (const frames of socket) received.push(frames);
    assert.deepEqual(received, [[Uint8Array.of(8, 9), new Uint8Array(0)], [Uint8Array.of(5)]]);
    socket.close();
  });
  assert.deepEqual(sent.slice(-3), [0, 1, 1]);
});

Deno.test("a connection that ends inside a message is an error", async () => {
  await exchange([...GREETING, ...ROUTER_READY, 1, 1, 8, 0, 5, 1], async (address) => {
    const socket = await ZmtpSocket.connect("DEALER", address);
    await assert.rejects(Array.fromAsync(socket), /rest of a frame/);
    socket.close();
  });
  await exchange([...GREETING, ...ROUTER_READY, 1, 1, 8], async (address) => {
    const socket = await ZmtpSocket.connect("DEALER", address);
    await assert.rejects(Array.fromAsync(socket), /more frames after 1/);
    socket.close();
  });
});

Deno.test("whoever does not speak ZMTP 3 is refused", async () => {
  const http = [...text("HTTP/1.1 400 Bad Request\r\n"), ...Array(64).fill(10)];
  await exchange(http, (address) => assert.rejects(ZmtpSocket.connect("SUB", address), /ZMTP 3 greeting, got 72,84/));
  await exchange([], (address) => assert.rejects(ZmtpSocket.connect("SUB", address), /greeting, got the connection/));
  await exchange([...GREETING, 0, 1, 1], (address) => assert.rejects(ZmtpSocket.connect("SUB", address), /READY/));
});
