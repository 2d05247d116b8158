import assert from "node:assert/strict";
import { join } from "node:path";
import { findChromium } from "braid/cli/test_browser.ts";
import { ensureJupyter, installJupyter, JUPYTER_PACKAGES, JupyterError } from "braid/cli/lab/jupyter.ts";
import { thisHost } from "braid/engine/libtensorflow/host.ts";
import { runCli } from "./run_cli.ts";

/** A machine whose `PATH` holds these programs alone; each appends its arguments to calls.txt. */
async function machineWith(programs: Record<string, string>) {
  const home = await Deno.makeTempDir(), bin = join(home, "bin"), calls = join(home, "calls.txt");
  await Deno.mkdir(bin);
  const write = async (path: string, body: string) => {
    await Deno.writeTextFile(path, `#!/bin/sh\necho "$0 $*" >> ${calls}\n${body}\n`, { mode: 0o755 });
  };
  for (const [name, body] of Object.entries(programs)) await write(join(bin, name), body);
  return {
    host: { ...thisHost(), env: { HOME: home, PATH: bin } },
    cache: join(home, ".cache", "braid", "jupyterlab"),
    calls: async () => (await Deno.readTextFile(calls)).replaceAll(bin + "/", "").trim().split("\n"),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

/** A python3 whose environments have a python that does this. */
const venvWith = (python: string) =>
  `/bin/mkdir -p "$4/bin"; /bin/cat > "$4/bin/python" <<'END'\n#!/bin/sh\n${python}\nEND\n/bin/chmod +x "$4/bin/python"`;

Deno.test("JupyterLab on the path is used as it is", async () => {
  await using machine = await machineWith({ jupyter: "echo 4.0.0" });
  assert.deepEqual(await ensureJupyter(machine), ["jupyter", "lab"]);
  assert.deepEqual(await machine.calls(), ["jupyter lab --version"]);
});

Deno.test("a jupyter without JupyterLab does not count: Jupyter is installed once, with its exact versions", async () => {
  const python = venvWith(
    '[ "$1" = --version ] || echo "$*"; echo "Collecting jupyterlab==4.6.6"; echo "Installing collected"',
  );
  await using machine = await machineWith({ jupyter: "exit 1", python3: python });
  const steps: string[] = [];
  const options = {
    ...machine,
    onProgress: ({ stage, name }: { stage: string; name: string }) => void steps.push(`${stage} ${name}`),
  };
  const command = [join(machine.cache, "bin", "python"), "-m", "jupyterlab"];
  assert.deepEqual(await ensureJupyter(options), command);
  assert.deepEqual(steps, ["making an environment for JupyterLab", "downloading jupyterlab", "installing JupyterLab"]);
  assert.deepEqual(await ensureJupyter(options), command);
  assert.equal((await machine.calls()).filter((call) => call.startsWith("python3")).length, 1);
});

Deno.test("an installation that was broken off, or of other versions, is made anew", async () => {
  await using machine = await machineWith({ python3: venvWith("exit 0") });
  await installJupyter(machine);
  for (const stamp of [undefined, "jupyterlab==4.0.0\n"]) {
    const file = join(machine.cache, "installed.txt");
    await (stamp === undefined ? Deno.remove(file) : Deno.writeTextFile(file, stamp));
    await installJupyter(machine);
  }
  assert.equal((await machine.calls()).filter((call) => call.startsWith("python3 -m venv")).length, 3);
});

Deno.test("what keeps Jupyter from being installed is said in one line, with what to do", async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{}, /^Expected JupyterLab, or python3 to install it with, got neither on PATH: install Python/],
    [
      { python3: "echo 'No module named venv' >&2; exit 1" },
      /got "No module named venv": .*apt-get install python3-venv/,
    ],
    [
      { python3: venvWith("echo 'ERROR: No matching distribution found' >&2; exit 1") },
      /^Expected pip to install jupyterlab==\S+, .*, got "No matching distribution found": see that/,
    ],
  ];
  for (const [programs, message] of cases) {
    await using machine = await machineWith(programs);
    await assert.rejects(ensureJupyter(machine), (error) => {
      assert.ok(error instanceof JupyterError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});

Deno.test("Binder starts what it is told to without the compiler's warnings, which would take too much memory", async () => {
  const args = ["-c", "echo $BRAID_TYPE_CHECK $0", "jupyter"];
  const { stdout } = await new Deno.Command(".binder/start", { args: ["sh", ...args] }).output();
  assert.equal(new TextDecoder().decode(stdout), "off jupyter\n");
});

Deno.test("containers and Binder have the same Python, the same versions of Jupyter, and the Deno of the documentation", async () => {
  const [, python] = (await Deno.readTextFile("Dockerfile")).match(/^FROM (python:[\d.]+)-/m)!;
  assert.equal((await Deno.readTextFile(".binder/runtime.txt")).trim(), python.replace(":", "-"));
  const requirements = (await Deno.readTextFile(".binder/requirements.txt")).trim().split("\n");
  assert.deepEqual(requirements.filter((line) => !line.startsWith("deno")).sort(), [...JUPYTER_PACKAGES].sort());
  const deno = requirements.find((line) => line.startsWith("deno"))!.replace("==", "@");
  assert.ok((await Deno.readTextFile("README.md")).includes(`npx --yes ${deno} task`));
});

Deno.test("deno task lab tells its options and refuses a wrong port", async () => {
  assert.match((await runCli("lab.ts", ["--help"], {})).stdout, /--no-browser[^]*--port/);
  for (const port of ["0", "65536", "a", "-1"]) {
    const { code, stderr } = await runCli("lab.ts", [`--port=${port}`], {});
    assert.equal(code, 1);
    assert.equal(stderr, `error: Expected --port to be a whole number from 1 to 65535, got "${port}"\n`);
  }
});

Deno.test("findChromium() takes the file that is named, else the first on the path", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "google-chrome");
  await Deno.writeTextFile(path, "");
  assert.equal(findChromium({ PATH: `/nowhere:${folder}` }), path);
  assert.equal(findChromium({ PATH: "/nowhere", BRAID_CHROMIUM: path }), path);
  assert.throws(
    () => findChromium({ PATH: folder, BRAID_CHROMIUM: "/nowhere/chrome" }),
    /to name a file, got "\/nowhere/,
  );
  await Deno.remove(folder, { recursive: true });
});
