import assert from "node:assert/strict";
import { type Connection, createConnection, readConnection } from "braid/jupyter/connection.ts";

async function read(connection: Partial<Connection>): Promise<Connection> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, JSON.stringify(connection));
  return await readConnection(file).finally(() => Deno.remove(file));
}

Deno.test("a connection is read as it was written, at any loopback address", async () => {
  for (const ip of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
    const connection = { ...createConnection(), ip };
    assert.deepEqual(await read(connection), connection);
  }
});

Deno.test("the kernel does not listen where others could reach it", async () => {
  for (const ip of ["0.0.0.0", "192.168.1.5", "127.0.0.1.example.org", "::", "2001:db8::1"]) {
    await assert.rejects(read({ ...createConnection(), ip }), /Expected to listen on a loopback address .*, got .*ssh/);
  }
});

Deno.test("what is missing or wrong in a connection file is named", async () => {
  const { key: _, ...keyless } = createConnection();
  await assert.rejects(read(keyless), /got for key: /);
  await assert.rejects(read({ ...createConnection(), shell_port: 70_000 }), /got for shell_port: /);
  await assert.rejects(read({ ...createConnection(), transport: "ipc" as "tcp" }), /got for transport: /);
});
