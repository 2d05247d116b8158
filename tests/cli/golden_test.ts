// The committed golden vectors, in every way that this machine can compute them, and the command that runs them.

import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { calls } from "braid/cli/golden/calls.ts";
import { type Mode, runFolders } from "braid/cli/golden/runner.ts";
import { engineNames, useEngine } from "braid/engine/engine.ts";
import { runCli } from "./run_cli.ts";

const vectors = fileURLToPath(new URL("../golden", import.meta.url));

for (const name of engineNames) {
  const engine = await useEngine(name).catch(() => null);
  const modes: Mode[] = engine?.compiles ? ["eager", "graph"] : ["eager"];
  for (const mode of modes) {
    Deno.test({
      name: `every golden case passes on ${name}, ${mode}${engine ? "" : " (left out: it does not work here)"}`,
      ignore: engine === null,
      fn: async () => {
        await useEngine(name);
        const failures: string[] = [];
        const { passed } = await runFolders([vectors], { calls, mode, report: (line) => failures.push(line) });
        assert.deepEqual(failures, []);
        assert.ok(passed > 0);
      },
    });
  }
}

const golden = async (...args: string[]) => {
  const { code, stdout, stderr } = await runCli("golden.ts", args, { BRAID_ENGINE: "cpu" });
  return { code, lines: stdout.trimEnd().split("\n"), errors: stderr.trimEnd() };
};

Deno.test("golden ends with its totals and exits with 0 if nothing failed", async () => {
  const { code, lines } = await golden(`${vectors}/optim`, `${vectors}/comm`, "--only", "adamW,warmupCosineLr");
  assert.deepEqual([code, lines.at(-1)], [0, "4 passed, 0 failed"]);
});

Deno.test("golden exits with 1 if a case failed, and names what has no case", async () => {
  const { code, lines } = await golden(`${vectors}/optim`, "--only", "adam,sgdd");
  assert.equal(code, 1);
  assert.match(lines.at(-2) ?? "", /^sgdd: no case in /);
  assert.equal(lines.at(-1), "2 passed, 1 failed");
});

Deno.test("golden answers a mistake with one line that says what it knows", async () => {
  for (
    const [args, message] of [
      [[], /^error: missing required argument 'DIR'$/],
      [[vectors, "--mode", "fast"], /^error: .*Allowed choices are eager, graph, xla\.$/],
      [[vectors, "--engine", "abacus"], /^error: .*Allowed choices are libtensorflow, webgpu, wasm, cpu\.$/],
    ] as const
  ) {
    const { code, errors } = await golden(...args);
    assert.equal(code, 1);
    assert.match(errors, message);
  }
});
