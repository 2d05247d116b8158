// Which engine is chosen, and what is said about it.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { join } from "node:path";
import { bestFirst, type Engine, engineVersions, useEngine } from "braid/engine/engine.ts";
import { runCli } from "../cli/run_cli.ts";
import { adapter, allEngines, installed, testNative, testWebGpu } from "./engines.ts";

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
      assert.equal(error.message, `Expected an engine of libtensorflow, webgpu, wasm, cpu, got "${name}"`);
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

(installed ? testWebGpu : testNative)(
  "libtensorflow starts beside the drivers of WebGPU, whichever was there first",
  async () => {
    const program = (first: string, second: string) =>
      `import { useEngine } from "braid/engine/engine.ts";
    import * as tf from "@tensorflow/tfjs";
    for (const name of ["${first}", "${second}"]) {
      await useEngine(name);
      console.log(...await tf.matMul(tf.ones([40, 40]), tf.ones([40, 40])).max().data());
    }`;
    for (const [first, second] of [["webgpu", "libtensorflow"], ["libtensorflow", "webgpu"]]) {
      const { code, stdout, stderr } = await runCli(null, ["eval", program(first, second)], {});
      assert.deepEqual([code, stdout], [0, "40\n40\n"], stderr);
    }
  },
);

testNative("tensors move with the engine", async () => {
  const x = tf.tensor1d([1, 2, 3]), y = x.mul(2);
  for (const name of [...allEngines].reverse()) {
    await useEngine(name);
    assert.deepEqual([...await x.add(y).data()], [3, 6, 9], name);
  }
});

Deno.test("a GPU comes first, and there CUDA; without one WebGPU is not even tried", () => {
  const rest = ["libtensorflow", "wasm", "cpu"];
  assert.deepEqual(bestFirst({ cuda: true, webgpu: true }), ["libtensorflow", "webgpu", "wasm", "cpu"]);
  assert.deepEqual(bestFirst({ cuda: false, webgpu: true }), ["webgpu", ...rest]);
  for (const cuda of [true, false]) assert.deepEqual(bestFirst({ cuda, webgpu: false }), rest);
});

testWebGpu("WebGPU computes on what its driver names, and counts as a GPU only if that is no software", async () => {
  const engine = await useEngine("webgpu"), { name, isSoftware } = adapter!;
  assert.equal(tf.getBackend(), "webgpu");
  assert.deepEqual([engine.device, engine.onGpu, engine.compiles], [name, !isSoftware, false]);
  assert.match(engine.description, /^WebGPU \(tfjs \d+\.\d+\.\d+\), .+, not compiled$/);
});

Deno.test("without a GPU, asking for WebGPU by name is an error that says what to do", async () => {
  const program = `Object.defineProperty(navigator, "gpu", { value: { requestAdapter: () => Promise.resolve(null) } });
    await (await import("braid/engine/engine.ts")).useEngine("webgpu");`;
  const { code, stderr } = await runCli(null, ["eval", program], {});
  assert.equal(code, 1);
  assert.match(stderr, /WebGPU finds no GPU .*install its driver/);
});

/** What is chosen on a machine without libtensorflow. */
const standIn = adapter && !adapter.isSoftware ? "webgpu" : "wasm";

Deno.test(`without libtensorflow the engine is ${standIn}, and the reason says what to do`, async () => {
  await withoutLibrary(async (env) => {
    const engine = await engineElsewhere(env);
    assert.deepEqual([engine.name, engine.compiles], [standIn, false]);
    if (standIn === "wasm") assert.match(engine.reason, /libtensorflow.*not installed.*deno task setup/);
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
  if (installed && standIn === "wasm") {
    assert.equal((await engineElsewhere({ BRAID_ENGINE: "" })).name, "libtensorflow");
  }
  const program = `await (await import("braid/engine/engine.ts")).useEngine();`;
  const { code, stderr } = await runCli(null, ["eval", program], { BRAID_ENGINE: "abacus" });
  assert.equal(code, 1);
  assert.match(stderr, /Expected BRAID_ENGINE to name an engine of libtensorflow, webgpu, wasm, cpu, got "abacus"/);
});
