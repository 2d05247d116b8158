import assert from "node:assert/strict";
import { join } from "node:path";
import { runCli } from "./run_cli.ts";

Deno.test("deno task kernel installs and removes the kernel, as braid unless told otherwise", async () => {
  const folder = await Deno.makeTempDir(), env = { JUPYTER_DATA_DIR: folder };
  const kernels = () => Array.from(Deno.readDirSync(join(folder, "kernels")), ({ name }) => name).sort();
  const installed = await runCli("kernel.ts", ["install"], env);
  assert.equal(installed.stdout, `wrote ${join(folder, "kernels", "braid")}\n`);
  assert.equal((await runCli("kernel.ts", ["install", "--name", "deno"], env)).code, 0);
  assert.deepEqual(kernels(), ["braid", "deno"]);
  assert.equal((await runCli("kernel.ts", ["uninstall"], env)).code, 0);
  assert.deepEqual(kernels(), ["deno"]);
  const { code, stderr } = await runCli("kernel.ts", ["uninstall"], env);
  assert.equal(code, 1);
  assert.match(stderr, /^error: Expected Braid's kernel in /);
  await Deno.remove(folder, { recursive: true });
});
