// A machine that exists in one temporary folder only: its cache, its Python (a shell script) and its tiny wheels.

import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Build, Library, Wheel } from "braid/engine/libtensorflow/builds.ts";
import type { Host } from "braid/engine/libtensorflow/host.ts";

/** What the wheel holds: the two libraries, and a file that nobody needs. */
export const contents = {
  "tensorflow/libtensorflow_framework.so.2": "framework ".repeat(20_000),
  "tensorflow/libtensorflow_cc.so.2": "main library ".repeat(20_000),
  "tensorflow/python/framework.py": "print()",
};

/** The machine and the ways to put it out of order. */
export interface FakeMachine {
  host: Host;
  build: Build;
  /** Where libtensorflow is installed to. */
  folder: string;
  /** What is in Braid's cache now, lock files aside. */
  cached(): string[];
  /** The lines of shell that `python3 -m pip download` runs; `$folder` is where the wheel must go. */
  setPip(script: string): void;
  /** The script that delivers the wheel. */
  deliver: string;
  removePython(): void;
  [Symbol.dispose](): void;
}

/** Makes a machine on which everything works. */
export async function fakeMachine(): Promise<FakeMachine> {
  const root = Deno.makeTempDirSync({ prefix: "braid-machine-" });
  const [cache, bin, wheelFile] = [join(root, "cache"), join(root, "bin"), join(root, "served.whl")];
  Deno.mkdirSync(bin);
  const bytes = await zip(contents);
  Deno.writeFileSync(wheelFile, bytes);
  const build = fakeBuild(bytes);
  const host = {
    os: "linux",
    arch: "x86_64",
    env: { PATH: bin, XDG_CACHE_HOME: cache },
    freeSpace: () => 1e12,
    builds: [build],
  };

  const deliver = `/bin/cp ${wheelFile} "$folder/fake-2.21.0-py3-none-any.whl"`;
  const python = join(bin, "python3");
  const setPip = (script: string) => Deno.writeTextFileSync(python, shell(script), { mode: 0o755 });
  setPip(deliver);
  const braid = join(cache, "braid");
  return {
    host,
    build,
    folder: join(braid, "libtensorflow-2.21.0-linux-x86_64"),
    cached: () => [...Deno.readDirSync(braid)].map(({ name }) => name).filter((name) => !name.endsWith(".lock")),
    setPip,
    deliver,
    removePython: () => Deno.removeSync(python),
    [Symbol.dispose]: () => Deno.removeSync(root, { recursive: true }),
  };
}

const shell = (script: string) =>
  `#!/bin/sh
if [ "$3" = --version ]; then echo "pip 24.0 from somewhere (python 3.12)"; exit; fi
for folder; do :; done
echo "$@" >> "$0.calls"
${script}
`;

async function zip(files: Record<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [path, text] of Object.entries(files)) await writer.add(path, new TextReader(text));
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

function fakeBuild(wheelBytes: Uint8Array): Build {
  const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
  const library = (path: keyof typeof contents): Library => ({ path, sha256: sha256(contents[path]) });
  const wheel: Wheel = {
    name: "tensorflow_cpu",
    version: "2.21.0",
    platform: "manylinux_2_27_x86_64",
    size: wheelBytes.length,
    sha256: sha256(wheelBytes),
    keep: /^tensorflow\/libtensorflow/,
    unpackedSize: 460_000,
  };
  return {
    os: "linux",
    arch: "x86_64",
    cuda: false,
    wheels: [wheel],
    libraries: [library("tensorflow/libtensorflow_framework.so.2"), library("tensorflow/libtensorflow_cc.so.2")],
  };
}
