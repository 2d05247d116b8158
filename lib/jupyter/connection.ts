/**
 * Where a kernel listens, and the key that signs its messages.
 *
 * @module
 */

import * as v from "valibot";

const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

const ConnectionFile = v.object({
  transport: v.literal("tcp"),
  ip: v.string(),
  shell_port: Port,
  iopub_port: Port,
  stdin_port: Port,
  control_port: Port,
  hb_port: Port,
  key: v.string(),
  signature_scheme: v.literal("hmac-sha256"),
  kernel_name: v.optional(v.string(), ""),
});

/** Content of a kernel's connection file. */
export type Connection = v.InferOutput<typeof ConnectionFile>;

/** The only address at which kernels listen. */
export const LOOPBACK = "127.0.0.1";

/**
 * A connection with free ports of this machine and a new key.
 *
 * @example
 * ```ts
 * import { createConnection } from "braid/jupyter/connection.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(createConnection().ip, "127.0.0.1");
 * assert.notEqual(createConnection().key, createConnection().key);
 * ```
 */
export function createConnection(): Connection {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = freePorts(5);
  const ports = { shell_port, iopub_port, stdin_port, control_port, hb_port };
  const key = crypto.randomUUID() + crypto.randomUUID();
  return { transport: "tcp", ip: LOOPBACK, ...ports, key, signature_scheme: "hmac-sha256", kernel_name: "deno" };
}

/**
 * Reads a connection file.
 *
 * @param path Where a front end has written it.
 * @throws {TypeError} If a field is missing or wrong.
 * @throws {RangeError} If it asks to listen elsewhere than on this machine, where others could run code.
 *
 * @example
 * ```ts
 * import { createConnection, readConnection } from "braid/jupyter/connection.ts";
 * import assert from "node:assert/strict";
 *
 * const file = await Deno.makeTempFile(), connection = createConnection();
 * await Deno.writeTextFile(file, JSON.stringify(connection));
 * assert.deepEqual(await readConnection(file), connection);
 * await Deno.remove(file);
 * ```
 */
export async function readConnection(path: string): Promise<Connection> {
  const result = v.safeParse(ConnectionFile, JSON.parse(await Deno.readTextFile(path)));
  if (!result.success) {
    const [{ message, path: at }] = result.issues;
    const field = at?.map(({ key }) => key).join(".") ?? "it";
    throw new TypeError(`Expected ${path} to be a connection file, got for ${field}: ${message}`);
  }
  const { output } = result;
  if (!/^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(output.ip)) {
    throw new RangeError(
      `Expected to listen on a loopback address such as ${LOOPBACK}, got ${output.ip}: whoever reaches a kernel runs ` +
        "code; forward its ports by ssh instead",
    );
  }
  return output;
}

function freePorts(count: number): number[] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: LOOPBACK, port: 0 }));
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
