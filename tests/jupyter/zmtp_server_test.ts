import assert from "node:assert/strict";
import { ZmtpSocket } from "braid/jupyter/zmtp.ts";
import { ZmtpServer } from "braid/jupyter/zmtp_server.ts";

const at = (port: number) => ({ hostname: "127.0.0.1", port });
const text = (characters: string) => [...new TextEncoder().encode(characters)];

Deno.test("a ROUTER answers the peer that asked, long frames too", async () => {
  using server = new ZmtpServer("ROUTER", at(0), (frames, peer) => peer.send([...frames, Uint8Array.of(9)]));
  const sockets = [
    await ZmtpSocket.connect("DEALER", at(server.port)),
    await ZmtpSocket.connect("REQ", at(server.port)),
  ];
  for (const [i, socket] of sockets.entries()) {
    const long = new Uint8Array(70_000).fill(i);
    await socket.send([long, new Uint8Array(0)]);
    const { value } = await socket[Symbol.asyncIterator]().next();
    assert.deepEqual(value, [long, new Uint8Array(0), Uint8Array.of(9)]);
    socket.close();
  }
});

Deno.test("a PUB tells those who have subscribed, as long as they are subscribed and there", async () => {
  using server = new ZmtpServer("PUB", at(0));
  const listening = await ZmtpSocket.connect("SUB", at(server.port)),
    deaf = await ZmtpSocket.connect("SUB", at(server.port));
  const gone = await ZmtpSocket.connect("SUB", at(server.port));
  gone.close();
  await deaf.send([Uint8Array.of(0)]);
  const received = Array.fromAsync(listening), overheard = Array.fromAsync(deaf);
  await new Promise((resolve) => setTimeout(resolve, 100)); // subscriptions are on their way
  await server.publish([Uint8Array.of(1)]);
  await server.publish([Uint8Array.of(2), Uint8Array.of(3)]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  listening.close();
  assert.deepEqual(await received, [[Uint8Array.of(1)], [Uint8Array.of(2), Uint8Array.of(3)]]);
  deaf.close();
  assert.deepEqual(await overheard, []);
});

Deno.test("a peer's name is that of its READY, byte for byte", async () => {
  const names: string[] = [];
  using server = new ZmtpServer("ROUTER", at(0), (_, peer) => names.push(peer.identity));
  using connection = await Deno.connect(at(server.port));
  const property = (name: string, value: number[]) => [name.length, ...text(name), 0, 0, 0, value.length, ...value];
  const ready = [5, ...text("READY"), ...property("Socket-Type", text("DEALER")), ...property("identity", [1, 0, 255])];
  const greeting = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, ...text("NULL"), ...Array(48).fill(0)];
  await connection.write(Uint8Array.from([...greeting, 4, ready.length, ...ready, 0, 1, 7]));
  while (names.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(names, ["\x01\0ÿ"]);
});

Deno.test("whoever does not speak ZMTP is let go, and others are served", async () => {
  const told: string[] = [], error = console.error;
  console.error = (message: string) => told.push(message);
  try {
    using server = new ZmtpServer("ROUTER", at(0), (frames, peer) => peer.send(frames));
    using stranger = await Deno.connect(at(server.port));
    await stranger.write(new TextEncoder().encode("GET / HTTP/1.1\r\n".repeat(8)));
    await new Response(stranger.readable).bytes().catch(() => {}); // until it is closed
    const socket = await ZmtpSocket.connect("DEALER", at(server.port));
    await socket.send([Uint8Array.of(1)]);
    assert.deepEqual((await socket[Symbol.asyncIterator]().next()).value, [Uint8Array.of(1)]);
    socket.close();
  } finally {
    console.error = error;
  }
  assert.match(told[0], /ZMTP 3 greeting, got 71,69,84/);
});
