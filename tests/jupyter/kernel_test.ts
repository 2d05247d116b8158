import assert from "node:assert/strict";
import { join } from "node:path";
import { Kernel, KernelDiedError } from "braid/jupyter/kernel.ts";
import { isMessage, type Message } from "braid/jupyter/messages.ts";

/** A kernel and everything that it prints. */
async function startListening(options: { cwd?: string; env?: Record<string, string> } = {}) {
  const printed: string[] = [];
  const onOutput = (message: Message) => void (isMessage(message, "stream") && printed.push(message.content.text));
  return { kernel: await Kernel.start({ ...options, onOutput }), printed };
}

Deno.test("a kernel runs in its folder, with its variables, a large heap and no colours", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeTextFile(join(folder, "deno.json"), '{ "imports": { "here": "./here.ts" } }');
  await Deno.writeTextFile(join(folder, "here.ts"), 'export const where = "here";');
  const { kernel, printed } = await startListening({ cwd: folder, env: { BRAID_WORD: "thread" } });
  await kernel.execute(`
    import { where } from "here";
    import v8 from "node:v8";
    console.log(where, Deno.cwd(), Deno.env.get("BRAID_WORD"), v8.getHeapStatistics().heap_size_limit > 5e9, [1]);
  `);
  await kernel.shutdown();
  await Deno.remove(folder, { recursive: true });
  assert.equal(printed.join(""), `here ${folder} thread true [ 1 ]\n`);
});

Deno.test("what code prints is complete when execute() returns, twenty lines at a time", async () => {
  const { kernel, printed } = await startListening();
  for (let run = 0; run < 10; run++) {
    printed.length = 0;
    await kernel.execute("for (let i = 0; i < 20; i++) console.log(i);");
    assert.equal(printed.join(""), Array.from({ length: 20 }, (_, i) => `${i}\n`).join(""));
  }
  await kernel.shutdown();
});

Deno.test("what code prints comes before what it then throws, whichever the kernel publishes first", async () => {
  const put: string[] = [], onOutput = ({ header: { msg_type } }: Message) => void put.push(msg_type);
  const kernel = await Kernel.start({ onOutput });
  for (let run = 0; run < 200; run++) {
    put.length = 0;
    await kernel.execute('console.log("printed");\nthrow new Error("thrown");');
    assert.deepEqual(put, ["stream", "error"], `run ${run}`);
  }
  await kernel.shutdown();
});

Deno.test("the connection file is readable by its owner alone and gone when the kernel is there", async () => {
  const parent = await Deno.makeTempDir(), before = Deno.env.get("TMPDIR"), write = Deno.writeTextFile;
  let mode: number | null = null, text = "";
  // Looked at when it has just been written: soon after, the kernel has read it and it is gone.
  const writeAndLook = async (...[path, content, options]: Parameters<typeof write>) => {
    await write(path, content, options);
    if (!String(path).endsWith("connection.json")) return;
    mode = (await Deno.stat(path)).mode;
    text = await Deno.readTextFile(path);
  };
  Deno.env.set("TMPDIR", parent);
  Object.assign(Deno, { writeTextFile: writeAndLook });
  const { kernel } = await startListening().finally(() => {
    Object.assign(Deno, { writeTextFile: write });
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  });
  const { ip, key } = JSON.parse(text);
  assert.equal(mode! & 0o777, 0o600);
  assert.equal(ip, "127.0.0.1");
  assert.ok(key.length >= 32);
  const [{ name: folder }, ...others] = Deno.readDirSync(parent);
  assert.deepEqual(Array.from(Deno.readDirSync(join(parent, folder)), ({ name }) => name), ["stoppable"]);
  assert.deepEqual(others, []);
  await kernel.kill();
  await Deno.remove(parent); // which fails if anything is left
});

Deno.test("an interrupt ends a loop and keeps what was defined", async () => {
  const { kernel, printed } = await startListening();
  await kernel.execute("let kept = 'kept';");
  const looping = kernel.execute("while (true);");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await kernel.stop(), true);
  assert.partialDeepStrictEqual(await looping, { status: "error", ename: "Interrupted" });
  await kernel.execute("console.log(kept);");
  await kernel.shutdown();
  assert.deepEqual(printed, ["kept\n"]);
});

Deno.test("requests to a kernel that has ended fail, and ending it again does nothing", async () => {
  const { kernel } = await startListening();
  const waiting = kernel.execute("await new Promise(() => {});");
  await kernel.kill();
  await assert.rejects(waiting, KernelDiedError);
  await assert.rejects(kernel.execute("1"), /live on, got SIGKILL/);
  await kernel.shutdown();
  await kernel.kill();
});

Deno.test("a kernel ends soon after a process that was killed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const starter = `
    import { Kernel } from "braid/jupyter/kernel.ts";
    const kernel = await Kernel.start();
    await kernel.execute("const line = await Deno.connect({ port: ${listener.addr.port} }); await line.read(new Uint8Array(1));");
  `;
  const options = { args: ["eval", "--ext=ts", starter], stderr: "null" as const };
  const process = new Deno.Command(Deno.execPath(), options).spawn();
  using line = await listener.accept();
  process.kill("SIGKILL");
  await process.status;
  assert.equal(await line.read(new Uint8Array(1)).catch(() => null), null);
});

Deno.test("a kernel that cannot start says why", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "deno.json"), "{ broken");
  await assert.rejects(
    Kernel.start({ cwd: folder }),
    /Expected the kernel to answer, got exit code 1\n.*Failed deserializing/s,
  );
  await Deno.remove(folder, { recursive: true });
  await assert.rejects(Kernel.start({ startTimeout: 0 }), /nothing within 0 s/);
});
