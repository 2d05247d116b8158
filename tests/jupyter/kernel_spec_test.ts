import assert from "node:assert/strict";
import { join } from "node:path";
import { thisHost } from "braid/engine/libtensorflow/host.ts";
import { installKernel, kernelSpec, uninstallKernel, writeJupyterPath } from "braid/jupyter/kernel_spec.ts";

/** A machine with no variables but these. */
const host = (os: string, env: Record<string, string>) => ({ ...thisHost(), os, env });

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await test(folder).finally(() => Deno.remove(folder, { recursive: true }));
}

Deno.test("the kernel's files are there, and Jupyter interrupts by message", () => {
  const { argv, interrupt_mode } = kernelSpec();
  const files = argv.filter((part) => /\.(ts|json)$/.test(part));
  assert.deepEqual([argv[0], ...files].map((file) => Deno.statSync(file).isFile), [true, true, true]);
  assert.equal(interrupt_mode, "message");
});

Deno.test("Jupyter's data folder is where each platform has it", () =>
  inFolder(async (folder) => {
    const home = join(folder, "home"), data = join(folder, "data"), roaming = join(folder, "roaming");
    const cases: [string, Record<string, string>, string][] = [
      ["linux", { HOME: home }, join(home, ".local", "share", "jupyter")],
      ["linux", { HOME: home, XDG_DATA_HOME: data }, join(data, "jupyter")],
      ["linux", { HOME: home, XDG_DATA_HOME: "relative" }, join(home, ".local", "share", "jupyter")],
      ["darwin", { HOME: home, XDG_DATA_HOME: data }, join(home, "Library", "Jupyter")],
      ["windows", { APPDATA: roaming }, join(roaming, "jupyter")],
      ["linux", { HOME: home, JUPYTER_DATA_DIR: data }, data],
    ];
    for (const [os, env, expected] of cases) {
      const installed = await installKernel("braid", host(os, env));
      assert.equal(installed, join(expected, "kernels", "braid"));
      assert.deepEqual(JSON.parse(await Deno.readTextFile(join(installed, "kernel.json"))), kernelSpec());
      await uninstallKernel("braid", host(os, env));
      assert.deepEqual([...Deno.readDirSync(join(expected, "kernels"))], []);
    }
  }));

Deno.test("another kernel is neither overwritten nor removed", () =>
  inFolder(async (folder) => {
    const here = host("linux", { JUPYTER_DATA_DIR: folder }), theirs = join(folder, "kernels", "deno", "kernel.json");
    await Deno.mkdir(join(theirs, ".."), { recursive: true });
    const text = JSON.stringify({ argv: ["deno", "jupyter"], display_name: "Deno" });
    await Deno.writeTextFile(theirs, text);
    await assert.rejects(installKernel("deno", here), /Expected no other kernel called deno, got one .*--name/);
    await assert.rejects(uninstallKernel("deno", here), /Expected Braid's kernel .*, got that of Deno/);
    assert.equal(await Deno.readTextFile(theirs), text);
    await assert.rejects(uninstallKernel("braid", here), /got none/);
  }));

Deno.test("a name that Jupyter would not take is refused", async () => {
  for (const name of ["", "../braid", "a b"]) {
    await assert.rejects(installKernel(name), new RegExp(`kernel name of letters.*got "${name}"`));
  }
});

Deno.test("the folder for JUPYTER_PATH lies in the user's cache and has the notebooks' kernel", () =>
  inFolder(async (folder) => {
    const path = await writeJupyterPath(host("linux", { XDG_CACHE_HOME: folder }));
    assert.ok(path.startsWith(join(folder, "braid", "jupyter")));
    assert.deepEqual(JSON.parse(await Deno.readTextFile(join(path, "kernels", "deno", "kernel.json"))), kernelSpec());
  }));
