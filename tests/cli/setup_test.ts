import assert from "node:assert/strict";
import { join } from "node:path";
import { fakeMachine } from "../engine/libtensorflow/fake_machine.ts";
import { runCli } from "./run_cli.ts";

const ensure =
  `import { ensureLibrary } from "braid/cli/setup.ts"; console.log((await ensureLibrary())?.source ?? "none")`;

Deno.test("deno task setup says in one line why wasm has to stand in, and succeeds", async () => {
  using machine = await fakeMachine();
  machine.removePython();
  const { code, stdout, stderr } = await runCli("setup.ts", [], machine.host.env);
  assert.equal(code, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^No libtensorflow, so wasm computes\. Expected a Python 3 with pip .*\n$/);
});

Deno.test("deno task setup refuses a wheel with a wrong hash by exit code 1 and one line", async () => {
  using machine = await fakeMachine(); // its pip brings the fake wheel
  const { code, stderr } = await runCli("setup.ts", [], machine.host.env);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^(downloading tensorflow_cpu 2.21.0, 274 MB\n)?error: Expected tensorflow_cpu 2.21.0 to have SHA-256 .*\n$/,
  );
  assert.deepEqual(machine.cached(), []);
});

Deno.test("deno task setup leaves the folder of BRAID_TENSORFLOW alone and tells whether it knows the libraries", async () => {
  using machine = await fakeMachine();
  const BRAID_TENSORFLOW = machine.host.env.PATH!;
  const wrong = await runCli("setup.ts", [], { ...machine.host.env, BRAID_TENSORFLOW });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^error: Expected BRAID_TENSORFLOW=.* got python3: .*\n$/);
  for (const name of ["framework", "cc"]) {
    Deno.writeTextFileSync(join(BRAID_TENSORFLOW, `libtensorflow_${name}.so.2`), "");
  }
  const { code, stdout } = await runCli("setup.ts", [], { ...machine.host.env, BRAID_TENSORFLOW });
  assert.equal(code, 0);
  assert.match(stdout, /are used, of another build, which Braid does not know/);
});

Deno.test("ensureLibrary() returns nothing where libtensorflow cannot be had", async () => {
  using machine = await fakeMachine();
  machine.setPip("echo 'ERROR: No matching distribution found' >&2; exit 1");
  const { code, stdout, stderr } = await runCli(null, ["eval", ensure], machine.host.env);
  assert.equal(code, 0);
  assert.equal(stdout, "none\n");
  assert.match(stderr, /^No libtensorflow, so wasm computes\. .*got "No matching distribution found".*\n$/);
});

Deno.test("ensureLibrary() downloads nothing for an engine that does not need it", async () => {
  using machine = await fakeMachine();
  const { stdout, stderr } = await runCli(null, ["eval", ensure], { ...machine.host.env, BRAID_ENGINE: "wasm" });
  assert.equal(stdout, "none\n");
  assert.equal(stderr, "");
});

Deno.test("deno task setup --help tells about --gpu and --force", async () => {
  const { code, stdout } = await runCli("setup.ts", ["--help"], {});
  assert.equal(code, 0);
  assert.match(stdout, /--gpu .*CUDA[^]*--force .*download/);
});

Deno.test("deno task setup refuses an option that it does not know", async () => {
  const { code, stderr } = await runCli("setup.ts", ["--gpus"], {});
  assert.equal(code, 1);
  assert.match(stderr, /unknown option '--gpus'/);
});
