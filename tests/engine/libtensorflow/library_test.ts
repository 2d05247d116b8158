import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { BUILDS } from "braid/engine/libtensorflow/builds.ts";
import { cacheFolder, type Host, thisHost } from "braid/engine/libtensorflow/host.ts";
import { installLibrary } from "braid/engine/libtensorflow/install.ts";
import { findAlteredFile, findLibrary, LibraryError, sha256Of } from "braid/engine/libtensorflow/library.ts";
import { fakeMachine } from "./fake_machine.ts";

const names = ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"];

function inFolder(files: string[], check: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    for (const file of files) Deno.writeTextFileSync(join(folder, file), "");
    check(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const withLibrary = (folder: string): Host => ({ ...thisHost(), os: "linux", env: { BRAID_TENSORFLOW: folder } });

Deno.test("findLibrary() takes the folder that BRAID_TENSORFLOW names, before any other", () => {
  inFolder(names, (directory) => {
    assert.deepEqual(findLibrary(withLibrary(directory)), { directory, source: "BRAID_TENSORFLOW" });
  });
});

Deno.test("findLibrary() names the two files it expects in BRAID_TENSORFLOW and what is there", () => {
  const refused = (folder: string, found: RegExp) =>
    assert.throws(() => findLibrary(withLibrary(folder)), (error: unknown) => {
      assert.ok(error instanceof LibraryError && error.fatal);
      assert.ok(names.every((name) => error.message.includes(name)), error.message);
      assert.match(error.message, found);
      return true;
    });
  inFolder(
    ["libtensorflow.so", names[0]],
    (folder) => refused(folder, /got libtensorflow.so, libtensorflow_framework.so.2:/),
  );
  inFolder([..."abcdefg"], (folder) => refused(folder, /got a, b, c, d, e, …:/));
  inFolder([], (folder) => {
    refused(folder, /got an empty folder/);
    refused(join(folder, "nowhere"), /got no such folder/);
  });
});

Deno.test("findLibrary() says how to install what is not there", async () => {
  using machine = await fakeMachine();
  assert.deepEqual(findLibrary(machine.host), {
    reason: "libtensorflow is not installed",
    remedy: "run `deno task setup`",
  });
  assert.deepEqual(findLibrary({ ...machine.host, os: "freebsd" }), {
    reason: "there is no libtensorflow 2.21.0 for freebsd-x86_64",
    remedy: "set BRAID_TENSORFLOW to a folder with libtensorflow_framework.so.2 and libtensorflow_cc.so.2",
  });
});

Deno.test("findLibrary() notices an installation with a file cut, touched or lost", async () => {
  using machine = await fakeMachine();
  const { directory } = await installLibrary({ host: machine.host });
  const path = join(directory, names[1]), { mtime } = Deno.statSync(path);
  const restored = Deno.readFileSync(path);
  const restore = () => {
    Deno.writeFileSync(path, restored);
    Deno.utimeSync(path, mtime!, mtime!);
  };
  const harms = [
    () => Deno.truncateSync(path, 10),
    () => Deno.utimeSync(path, 1e9, 1e9),
    () => Deno.removeSync(path),
  ];
  for (const harm of harms) {
    harm();
    assert.deepEqual(findLibrary(machine.host), {
      reason: `${path} is not as it was installed`,
      remedy: "run `deno task setup` to check it and mend it",
    });
    restore();
    assert.deepEqual(findLibrary(machine.host), { directory, source: "setup" });
  }
});

Deno.test("findLibrary() prefers the build with CUDA", async () => {
  using machine = await fakeMachine();
  machine.host.builds = [machine.build, { ...machine.build, cuda: true }];
  await installLibrary({ host: machine.host });
  const { directory } = await installLibrary({ host: machine.host, gpu: true });
  assert.match(directory, /-cuda\/tensorflow$/);
  assert.deepEqual(findLibrary(machine.host), { directory, source: "setup" });
});

Deno.test("findLibrary() takes a folder without a finished stamp for no installation", async () => {
  using machine = await fakeMachine();
  await installLibrary({ host: machine.host });
  Deno.writeTextFileSync(join(machine.folder, "installed.json"), `{"files": [`);
  assert.ok("reason" in findLibrary(machine.host));
  await installLibrary({ host: machine.host });
  assert.ok("directory" in findLibrary(machine.host));
});

Deno.test("findAlteredFile() hashes every file, whatever the stamp says", async () => {
  using machine = await fakeMachine();
  const { directory } = await installLibrary({ host: machine.host });
  assert.equal(await findAlteredFile(machine.folder, machine.build), undefined);
  const path = join(directory, names[0]), stamp = join(machine.folder, "installed.json");
  Deno.writeTextFileSync(path, "altered");
  const hash = createHash("sha256").update("altered").digest("hex");
  Deno.writeTextFileSync(stamp, Deno.readTextFileSync(stamp).replace(machine.build.libraries[0].sha256, hash));
  assert.equal(await findAlteredFile(machine.folder, machine.build), path);
});

Deno.test("sha256Of() equals the published digest of the empty file and of abc", async () => {
  const path = Deno.makeTempFileSync();
  // FIPS 180-2, appendix B.1, and the digest of nothing.
  assert.equal(await sha256Of(path), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Deno.writeTextFileSync(path, "abc");
  assert.equal(await sha256Of(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Deno.removeSync(path);
  assert.equal(await sha256Of(path), undefined);
});

Deno.test("cacheFolder() is where each platform keeps a user's cache", () => {
  const on = (os: string, env: Host["env"]) =>
    cacheFolder({ os, arch: "x86_64", env, freeSpace: () => 0, builds: BUILDS });
  assert.equal(on("linux", { HOME: "/home/ada" }), "/home/ada/.cache/braid");
  assert.equal(on("linux", { HOME: "/home/ada", XDG_CACHE_HOME: "/disk" }), "/disk/braid");
  assert.equal(on("linux", { HOME: "/home/ada", XDG_CACHE_HOME: "relative" }), "/home/ada/.cache/braid");
  assert.equal(on("linux", { HOME: "/home/ada", XDG_CACHE_HOME: "" }), "/home/ada/.cache/braid");
  assert.equal(on("darwin", { HOME: "/Users/ada", XDG_CACHE_HOME: "/disk" }), "/Users/ada/Library/Caches/braid");
  assert.equal(on("windows", { HOME: "/ada", LOCALAPPDATA: "/local" }), join("/local", "braid"));
});
