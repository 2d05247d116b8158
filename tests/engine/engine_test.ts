// Which engine is chosen, and what is said about it.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Engine, engineNames, engineVersions, useEngine } from "braid/engine/engine.ts";
import { runCli } from "../cli/run_cli.ts";
import { installed, testNative } from "./engines.ts";

/** What `useEngine(name)` gives in a process of its own, with nothing in the way but the environment. */
async function engineElsewhere(env: Record<string, string>, name = ""): Promise<Engine> {
  const program = `import { useEngine } from "braid/engine/engine.ts";
    console.log(JSON.stringify(await useEngine(${name && JSON.stringify(name)})));`;
  const { code, stdout, stderr } = await runCli(null, ["eval", program], env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout); // one line: no banner, no start-up notes
}

/** A machine without libtensorflow. */
async function withoutLibrary<T>(run: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const home = await Deno.makeTempDir();
  try {
    return await run({ HOME: home, XDG_CACHE_HOME: join(home, "cache"), BRAID_ENGINE: "", BRAID_TENSORFLOW: "" });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("useEngine() refuses an unknown name and names those it knows", async () => {
  for (const name of ["abacus", "CPU", "tensorflow", "toString"]) {
    await assert.rejects(useEngine(name), (error: Error) => {
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, `Expected an engine of libtensorflow, wasm, cpu, got "${name}"`);
      return true;
    });
  }
});

Deno.test("useEngine() takes the engine that is asked for and can change it", async () => {
  for (const name of ["cpu", "wasm", "cpu"] as const) {
    const engine = await useEngine(name);
    assert.deepEqual([engine.name, engine.compiles, engine.reason, tf.getBackend()], [name, false, "", name]);
    assert.match(engine.description, /^(plain JavaScript|WebAssembly) \(tfjs \d+\.\d+\.\d+\), CPU, not compiled$/);
    const { braid: _, deno, tfjs, ...own } = engineVersions(engine);
    assert.deepEqual([deno, tfjs, own], [Deno.version.deno, tf.version.tfjs, { [name]: engine.version }]);
  }
});

testNative("useEngine() starts libtensorflow once, and comes back to it", async () => {
  const first = await useEngine("libtensorflow"), backend = tf.backend();
  assert.deepEqual([first.name, first.compiles], ["libtensorflow", true]);
  assert.match(first.description, /^libtensorflow \d+\.\d+\.\d+, .+, compiled$/);
  await useEngine("cpu");
  assert.deepEqual(await useEngine("libtensorflow"), first);
  assert.equal(tf.backend(), backend);
});

testNative("tensors move with the engine", async () => {
  const x = tf.tensor1d([1, 2, 3]), y = x.mul(2);
  for (const name of [...engineNames].reverse()) {
    await useEngine(name);
    assert.deepEqual([...await x.add(y).data()], [3, 6, 9], name);
  }
});

Deno.test("without libtensorflow the engine is wasm, and the reason says what to do", async () => {
  await withoutLibrary(async (env) => {
    const engine = await engineElsewhere(env);
    assert.deepEqual([engine.name, engine.compiles], ["wasm", false]);
    assert.match(engine.reason, /libtensorflow.*not installed.*deno task setup/);
  });
});

Deno.test("without libtensorflow, asking for it by name is an error that says what to do", async () => {
  await withoutLibrary(async (env) => {
    const program = `await (await import("braid/engine/engine.ts")).useEngine("libtensorflow");`;
    const { code, stderr } = await runCli(null, ["eval", program], env);
    assert.equal(code, 1);
    assert.match(stderr, /libtensorflow.*not installed.*deno task setup/);
  });
});

Deno.test("BRAID_ENGINE chooses the engine, a name in the program wins over it, and a wrong one is an error", async () => {
  const chosen = await engineElsewhere({ BRAID_ENGINE: "cpu" });
  assert.deepEqual([chosen.name, chosen.reason], ["cpu", ""]);
  assert.equal((await engineElsewhere({ BRAID_ENGINE: "cpu" }, "wasm")).name, "wasm");
  if (installed) assert.equal((await engineElsewhere({ BRAID_ENGINE: "" })).name, "libtensorflow");
  const program = `await (await import("braid/engine/engine.ts")).useEngine();`;
  const { code, stderr } = await runCli(null, ["eval", program], { BRAID_ENGINE: "abacus" });
  assert.equal(code, 1);
  assert.match(stderr, /Expected BRAID_ENGINE to name an engine of libtensorflow, wasm, cpu, got "abacus"/);
});
