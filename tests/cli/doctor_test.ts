import assert from "node:assert/strict";
import { join } from "node:path";
import { describe } from "braid/cli/doctor.ts";
import { diagnoseLibrary, type Diagnosis } from "braid/cli/doctor/diagnose.ts";
import { engineNames } from "braid/engine/engine.ts";
import { installLibrary } from "braid/engine/libtensorflow/install.ts";
import { adapter, testNative } from "../engine/engines.ts";
import { fakeMachine } from "../engine/libtensorflow/fake_machine.ts";
import { runCli } from "./run_cli.ts";

Deno.test("deno task doctor finds that wasm and cpu agree where libtensorflow is missing, and says how to install it", async () => {
  using machine = await fakeMachine();
  const { code, stdout } = await runCli("doctor.ts", ["--json"], machine.host.env);
  const { library, engines, chosen, healthy }: Diagnosis = JSON.parse(stdout);
  assert.equal(code, 0);
  assert.ok(healthy);
  assert.equal(library.state, "missing");
  assert.equal(chosen, adapter && !adapter.isSoftware ? "webgpu" : "wasm");
  const [libtensorflow, webgpu, wasm, cpu] = engines, others = adapter ? [["webgpu", true]] : [];
  assert.match(libtensorflow.problem, /not installed.*deno task setup/);
  if (!adapter) assert.match(webgpu.problem, /finds no GPU .*install its driver/);
  assert.deepEqual(wasm.comparisons.map(({ with: other, agrees }) => [other, agrees]), [...others, ["cpu", true]]);
  assert.deepEqual(cpu.comparisons.map(({ with: other, agrees }) => [other, agrees]), [...others, ["wasm", true]]);
});

testNative("deno task doctor finds that all engines agree where libtensorflow is installed", async () => {
  const { code, stdout } = await runCli("doctor.ts", ["--json"], { BRAID_ENGINE: "" });
  const { library, engines, chosen }: Diagnosis = JSON.parse(stdout);
  assert.equal(code, 0, stdout);
  assert.ok(["as published", "of another build"].includes(library.state));
  if (adapter === null || adapter.isSoftware) assert.equal(chosen, "libtensorflow");
  const working = engines.filter(({ problem }) => !problem);
  assert.deepEqual(working.map(({ name }) => name), engineNames.filter((name) => adapter || name !== "webgpu"));
  for (const { comparisons } of working) {
    assert.deepEqual(comparisons.map(({ agrees }) => agrees), Array(working.length - 1).fill(true));
  }
});

Deno.test("deno task doctor reports a wrong BRAID_TENSORFLOW or BRAID_ENGINE by exit code 1", async () => {
  const folder = await runCli("doctor.ts", [], { BRAID_TENSORFLOW: "/nowhere" });
  assert.equal(folder.code, 1);
  assert.match(
    folder.stdout,
    /files: not in BRAID_TENSORFLOW, Expected BRAID_TENSORFLOW=\/nowhere .*got no such folder/,
  );
  const engine = await runCli("doctor.ts", [], { BRAID_TENSORFLOW: "/nowhere", BRAID_ENGINE: "abacus" });
  assert.equal(engine.code, 1);
  assert.match(
    engine.stdout,
    /Expected BRAID_ENGINE to name an engine that works \((webgpu, )?wasm, cpu\), got abacus/,
  );
});

Deno.test("diagnoseLibrary() tells published, altered, foreign and missing files apart", async () => {
  using machine = await fakeMachine();
  const { host } = machine;
  assert.equal((await diagnoseLibrary(host)).state, "missing");
  const { directory } = await installLibrary({ host });
  assert.deepEqual(await diagnoseLibrary(host), { directory, state: "as published", problem: "" });
  const own = { ...host, env: { ...host.env, BRAID_TENSORFLOW: directory } };
  assert.equal((await diagnoseLibrary(own)).state, "as published");

  const path = join(directory, "libtensorflow_cc.so.2"), { mtime } = Deno.statSync(path);
  const bytes = Deno.readFileSync(path);
  bytes[0] ^= 1;
  Deno.writeFileSync(path, bytes);
  Deno.utimeSync(path, mtime!, mtime!);
  assert.equal((await diagnoseLibrary(host)).state, "altered");
  Deno.truncateSync(path);
  assert.equal((await diagnoseLibrary(host)).state, "altered");
  assert.equal((await diagnoseLibrary(own)).state, "of another build");
});

Deno.test("describe() has one line for each engine: what it is and whom it agrees with, or what to do", () => {
  const comparison = { difference: 2e-7, computation: "matmul", tolerance: 1e-4, agrees: true };
  const engine = { problem: "", devices: [], onGpu: false, seconds: 1.23 };
  const lines = describe({
    versions: { deno: "2", tfjs: "4", platform: "linux-x86_64" },
    library: { state: "missing", problem: "not installed: run `deno task setup`" },
    engines: [
      { ...engine, name: "libtensorflow", problem: "not installed (run `deno task setup`)", comparisons: [] },
      { ...engine, name: "webgpu", description: "WebGPU, llvmpipe", comparisons: [{ ...comparison, with: "cpu" }] },
      { ...engine, name: "wasm", description: "WebAssembly, CPU", comparisons: [{ ...comparison, with: "cpu" }] },
      {
        ...engine,
        name: "cpu",
        description: "plain JavaScript, CPU",
        comparisons: [{ ...comparison, with: "wasm", difference: 0.25, agrees: false }],
      },
    ],
    chosen: "wasm",
    healthy: false,
  }).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  assert.deepEqual(lines, [
    "Deno 2, tfjs 4, linux-x86_64",
    "libtensorflow's files: missing, not installed: run `deno task setup`",
    " libtensorflow does not work not installed (run `deno task setup`)",
    " webgpu works WebGPU, llvmpipe; no GPU but software, taken only if BRAID_ENGINE names it; agrees with cpu to 2e-7; 1.2 s",
    " wasm works WebAssembly, CPU; agrees with cpu to 2e-7; 1.2 s",
    " cpu differs plain JavaScript, CPU; differs from wasm by 0.25 in matmul (rounding explains 0.0001); 1.2 s; " +
    "let BRAID_ENGINE name one that agrees with another, and report this",
    "Braid computes on wasm; set BRAID_ENGINE to choose (webgpu, wasm, cpu).",
  ]);
});
