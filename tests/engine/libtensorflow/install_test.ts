import assert from "node:assert/strict";
import { join } from "node:path";
import { BUILDS } from "braid/engine/libtensorflow/builds.ts";
import type { Host } from "braid/engine/libtensorflow/host.ts";
import { installLibrary, type InstallProgress } from "braid/engine/libtensorflow/install.ts";
import { findLibrary, LibraryError } from "braid/engine/libtensorflow/library.ts";
import { pipArguments } from "braid/engine/libtensorflow/wheel.ts";
import { contents, fakeMachine } from "./fake_machine.ts";

/** Installs, expects the named end, and one line about it. */
async function fails(host: Host, message: RegExp, { fatal }: { fatal: boolean }): Promise<void> {
  await assert.rejects(installLibrary({ host }), (error: unknown) => {
    assert.ok(error instanceof LibraryError, String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    assert.equal(error.fatal, fatal);
    return true;
  });
}

async function works(host: Host): Promise<void> {
  const installed = await installLibrary({ host });
  assert.deepEqual(findLibrary(host), installed);
}

Deno.test("installLibrary() keeps the two libraries and nothing else", async () => {
  using machine = await fakeMachine();
  const { directory } = await installLibrary({ host: machine.host });
  assert.equal(directory, join(machine.folder, "tensorflow"));
  const [framework, main] = ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"] as const;
  for (const name of [framework, main]) {
    assert.equal(Deno.readTextFileSync(join(directory, name)), contents[`tensorflow/${name}`]);
  }
  assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), [main, framework]);
  assert.deepEqual([...Deno.readDirSync(machine.folder)].map(({ name }) => name).sort(), [
    "installed.json",
    "tensorflow",
  ]);
  assert.equal(machine.cached().length, 1);
});

Deno.test("installLibrary() downloads once, and again only when forced", async () => {
  using machine = await fakeMachine();
  const calls = () => Deno.readTextFileSync(join(machine.host.env.PATH!, "python3.calls")).trim().split("\n").length;
  await works(machine.host);
  await works(machine.host);
  assert.equal(calls(), 1);
  await installLibrary({ host: machine.host, force: true });
  assert.equal(calls(), 2);
});

Deno.test("installLibrary() reports bytes up to the total", async () => {
  using machine = await fakeMachine();
  const reports: InstallProgress[] = [];
  await installLibrary({ host: machine.host, onProgress: (progress) => reports.push(progress) });
  const { done, total } = reports.findLast(({ stage }) => stage === "unpacking")!;
  assert.equal(done, total);
});

Deno.test("without Python, or without pip, another engine has to stand in", async () => {
  using machine = await fakeMachine();
  machine.removePython();
  await fails(machine.host, /Expected a Python 3 with pip .* got none of python3, python on PATH: install/, {
    fatal: false,
  });
  Deno.writeTextFileSync(
    join(machine.host.env.PATH!, "python"),
    "#!/bin/sh\necho 'No module named pip' >&2; exit 1\n",
    { mode: 0o755 },
  );
  await fails(machine.host, /got python without it/, { fatal: false });
  machine.setPip(machine.deliver);
  await works(machine.host);
});

Deno.test("Python 2 does not count as a Python with pip", async () => {
  using machine = await fakeMachine();
  machine.removePython();
  Deno.writeTextFileSync(
    join(machine.host.env.PATH!, "python"),
    "#!/bin/sh\necho 'pip 20.3 from somewhere (python 2.7)'\n",
    { mode: 0o755 },
  );
  await fails(machine.host, /Expected a Python 3 with pip/, { fatal: false });
});

Deno.test("without a network or the package, pip's last word is told and another engine has to stand in", async () => {
  using machine = await fakeMachine();
  machine.setPip(`echo 'WARNING: Retrying
ERROR: Could not find a version that satisfies the requirement
ERROR: No matching distribution found for tensorflow_cpu==2.21.0' >&2; exit 1`);
  await fails(machine.host, /pip to download tensorflow_cpu 2.21.0, got "No matching distribution found/, {
    fatal: false,
  });
  assert.deepEqual(machine.cached(), []);
  machine.setPip(machine.deliver);
  await works(machine.host);
});

Deno.test("a wheel with another hash is refused and removed", async () => {
  using machine = await fakeMachine();
  machine.setPip(`echo altered > "$folder/fake-2.21.0-py3-none-any.whl"`);
  await fails(machine.host, /tensorflow_cpu 2.21.0 to have SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}: removed/, {
    fatal: true,
  });
  machine.setPip("true");
  await fails(machine.host, /got no wheel/, { fatal: true });
  machine.setPip("echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.' >&2; exit 1");
  await fails(machine.host, /the package index's hash/, { fatal: true });
  assert.deepEqual(machine.cached(), []);
  machine.setPip(machine.deliver);
  await works(machine.host);
});

Deno.test("a library with another hash is refused and removed", async () => {
  using machine = await fakeMachine();
  const sha256 = machine.build.libraries[1].sha256;
  machine.build.libraries[1].sha256 = "0".repeat(64);
  await fails(machine.host, new RegExp(`libtensorflow_cc.so.2 to have SHA-256 0{64}, got ${sha256}: removed`), {
    fatal: true,
  });
  assert.deepEqual(machine.cached(), []);
  machine.build.libraries[1].sha256 = sha256;
  await works(machine.host);
});

Deno.test("an installed library that was altered is refused and removed, the next set-up installs anew", async () => {
  using machine = await fakeMachine();
  await works(machine.host);
  const path = join(machine.folder, "tensorflow/libtensorflow_cc.so.2"), { mtime } = Deno.statSync(path);
  Deno.writeTextFileSync(path, contents["tensorflow/libtensorflow_cc.so.2"].replace("main", "evil"));
  Deno.utimeSync(path, mtime!, mtime!); // size and time alone do not tell
  await fails(machine.host, /Expected .*libtensorflow_cc.so.2 to be as it was installed.*removed/, { fatal: true });
  assert.deepEqual(machine.cached(), []);
  await works(machine.host);
});

Deno.test("a library whose time alone has changed is accepted once its hash was checked", async () => {
  using machine = await fakeMachine();
  await works(machine.host);
  Deno.utimeSync(join(machine.folder, "tensorflow/libtensorflow_cc.so.2"), 1e9, 1e9);
  assert.ok("reason" in findLibrary(machine.host));
  machine.removePython(); // nothing is downloaded
  await works(machine.host);
});

Deno.test("too little space is said before the download: where, how much, and how much there is", async () => {
  using machine = await fakeMachine();
  machine.build.wheels[0].unpackedSize = 3e9;
  machine.setPip("exit 1");
  const full = { ...machine.host, freeSpace: () => 2e8 };
  await fails(full, /Expected to write 3\.0 GB in .*cache\/braid, got "0\.2 GB free".*XDG_CACHE_HOME/, {
    fatal: false,
  });
  machine.setPip(machine.deliver);
  await works(machine.host);
});

Deno.test("a disk that fills up during the download or the unpacking is named", async () => {
  using machine = await fakeMachine();
  machine.setPip("echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1");
  await fails(machine.host, /Expected to write .* in .*cache\/braid, got ".*No space left/, { fatal: false });
  machine.setPip(`${machine.deliver}; /bin/mkdir "$folder/../tensorflow"
/bin/ln -s /dev/full "$folder/../tensorflow/libtensorflow_cc.so.2"`);
  await fails(machine.host, /Expected to write .* in .*cache\/braid, got ".*No space left/, { fatal: false });
  assert.deepEqual(machine.cached(), []);
  machine.setPip(machine.deliver);
  await works(machine.host);
});

Deno.test("a cache that cannot be written is named", async () => {
  using machine = await fakeMachine();
  const cache = machine.host.env.XDG_CACHE_HOME!;
  Deno.writeTextFileSync(cache, "a file where a folder should be");
  await fails(machine.host, /Expected to write .* in .*cache\/braid, got ".*(exists|ot a directory)/, { fatal: false });
  Deno.removeSync(cache);
  await works(machine.host);
});

Deno.test("on a platform without a wheel another engine has to stand in", async () => {
  using machine = await fakeMachine();
  const host = { ...machine.host, os: "freebsd", builds: BUILDS };
  await fails(host, /a platform with a wheel .* \(linux-x86_64, linux-aarch64, darwin-aarch64\), got freebsd-x86_64/, {
    fatal: false,
  });
  await assert.rejects(
    installLibrary({ host: { ...host, os: "darwin" }, gpu: true }),
    /for CUDA \(linux-x86_64\), got darwin/,
  );
});

for (const stage of ["downloading", "unpacking"]) {
  Deno.test(`after a kill while ${stage} the next set-up starts over cleanly`, async () => {
    using machine = await fakeMachine();
    if (stage === "downloading") machine.setPip(`echo part > "$folder/part"; /bin/sleep 3`);
    const { signal } = await child(machine.host, stage).output();
    assert.equal(signal, "SIGKILL");
    assert.match(machine.cached().join(), /\.partial-/);
    assert.ok("reason" in findLibrary(machine.host));
    machine.setPip(machine.deliver);
    await works(machine.host);
    assert.equal(machine.cached().length, 1);
  });
}

Deno.test("of two set-ups at once the second waits, says so, and uses the first's result", async () => {
  using machine = await fakeMachine();
  const gate = join(machine.host.env.PATH!, "gate");
  machine.setPip(`while [ ! -e ${gate} ]; do /bin/sleep 0.05; done; ${machine.deliver}`);
  const first = installLibrary({ host: machine.host });
  const second = child(machine.host).spawn();
  const output = second.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  assert.equal((await output.next()).value, "waiting for another set-up\n");
  Deno.writeTextFileSync(gate, "");
  await first;
  let rest = "";
  for (let piece; !(piece = await output.next()).done;) rest += piece.value;
  assert.equal(rest, "checking\n");
  assert.ok((await second.status).success);
  assert.equal(Deno.readTextFileSync(join(machine.host.env.PATH!, "python3.calls")).trim().split("\n").length, 1);
});

Deno.test("a waiting set-up takes over when the first is killed", async () => {
  using machine = await fakeMachine();
  machine.setPip(`echo part > "$folder/part"; /bin/sleep 3`);
  const first = child(machine.host).spawn();
  await first.stdout.getReader().read(); // it downloads
  machine.setPip(machine.deliver);
  const stages: string[] = [];
  const onProgress = ({ stage }: InstallProgress) => {
    if (stages.push(stage) === 1) first.kill("SIGKILL");
  };
  const installed = await installLibrary({ host: machine.host, onProgress });
  assert.equal(stages[0], "waiting for another set-up");
  assert.deepEqual(findLibrary(machine.host), installed);
  await first.status;
});

function child({ os, arch, env, builds }: Host, lastStage = ""): Deno.Command {
  const host = JSON.stringify({ os, arch, env, builds }, (_, value) => value instanceof RegExp ? value.source : value);
  const script = join(import.meta.dirname!, "install_child.ts");
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, host, lastStage], stdout: "piped" });
}

Deno.test("pip is asked for one exact wheel, whichever Python asks", () => {
  const [wheel] = BUILDS.find(({ os, arch, cuda }) => os === "linux" && arch === "x86_64" && !cuda)!.wheels;
  const command = pipArguments(wheel, "DIR").join(" ");
  assert.match(command, /^-m pip download --no-deps --only-binary=:all: --python-version 3.11 --implementation cp /);
  assert.match(command, /--platform manylinux_2_27_x86_64 .*tensorflow_cpu==2.21.0 -d DIR$/);
});

Deno.test("the build for CUDA holds every package of TensorFlow's extra and-cuda, where the libraries look for it", () => {
  const { wheels, libraries } = BUILDS.find(({ cuda }) => cuda)!;
  const packages = wheels.map(({ name }) => name);
  // Requires-Dist lines of tensorflow 2.21.0 with extra == "and-cuda".
  const extra = [
    "cublas",
    "cuda-cupti",
    "cuda-nvcc",
    "cuda-nvrtc",
    "cuda-runtime",
    "cudnn",
    "cufft",
    "curand",
    "cusolver",
  ];
  for (const name of [...extra, "cusparse", "nccl", "nvjitlink"]) {
    assert.ok(packages.includes(`nvidia-${name}-cu12`), name);
  }
  assert.deepEqual(libraries.map(({ path }) => path), Object.keys(contents).slice(0, 2));
  const { keep } = wheels.find(({ name }) => name === "nvidia-cublas-cu12")!;
  assert.ok(keep.test("nvidia/cublas/lib/libcublas.so.12")); // $ORIGIN/../nvidia/cublas/lib in their RUNPATH
  assert.ok(!keep.test("nvidia/cublas/include/cublas.h"));
});

Deno.test("every wheel and library has a SHA-256", () => {
  for (const { sha256 } of BUILDS.flatMap(({ wheels, libraries }) => [...wheels, ...libraries])) {
    assert.match(sha256, /^[0-9a-f]{64}$/);
  }
});
