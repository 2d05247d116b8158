// A Jupyter server of its own, with settings of its own, over a folder in which Braid's kernel finds the project.

import { join, resolve } from "node:path";
import { kernelEnvironment } from "braid/cli/lab.ts";
import { installJupyter } from "braid/cli/lab/jupyter.ts";
import { createNotebook, type Notebook, readNotebook, writeNotebook } from "braid/jupyter/notebook_file.ts";

/** A running server. */
export interface JupyterServer extends AsyncDisposable {
  /** Address of a page of the server, such as `lab/tree/a.ipynb`. */
  address(path: string): string;
  /** Writes a notebook, or one with these cells, into the folder. */
  write(name: string, notebook: Notebook | string[]): Promise<void>;
  /** Reads a notebook of the folder. */
  read(name: string): Promise<Notebook>;
  /** Ends all kernels that run. */
  endKernels(): Promise<void>;
  /** Sets the theme of the pages that are opened from now on. */
  setTheme(theme: "Light" | "Dark"): Promise<void>;
}

/** The compiler is silent in folders that `deno.json` excludes, such as `runs`. */
const NOTEBOOKS = resolve(import.meta.dirname!, "../../notebooks"), TOKEN = crypto.randomUUID();

/** Starts a server and waits until it answers. */
export async function startJupyter(): Promise<JupyterServer> {
  const folder = await Deno.makeTempDir({ dir: NOTEBOOKS, prefix: ".browser-" }), own = join(folder, ".jupyter");
  const settings = join(own, "settings", "@jupyterlab", "apputils-extension");
  await Deno.mkdir(settings, { recursive: true });
  const setTheme = (theme: string) =>
    Deno.writeTextFile(
      join(settings, "themes.jupyterlab-settings"),
      JSON.stringify({ theme: `JupyterLab ${theme}` }),
    );
  await Deno.writeTextFile(join(settings, "notification.jupyterlab-settings"), JSON.stringify({ fetchNews: "false" }));
  const port = freePort(), log = join(own, "server.log");
  const server = new Deno.Command(await installJupyter(), {
    args: [
      ...["-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", `--ServerApp.port=${port}`],
      ...["--ServerApp.port_retries=0", `--ServerApp.root_dir=${folder}`, `--IdentityProvider.token=${TOKEN}`],
    ],
    env: {
      ...await kernelEnvironment(),
      JUPYTER_CONFIG_DIR: own,
      JUPYTER_DATA_DIR: join(own, "data"),
      JUPYTERLAB_SETTINGS_DIR: join(own, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(own, "workspaces"),
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const written = server.stderr.pipeTo((await Deno.create(log)).writable);
  const address = (path: string) => `http://127.0.0.1:${port}/${path}?token=${TOKEN}`;
  const endKernels = async () => {
    const kernels: { id: string }[] = await (await fetch(address("api/kernels"))).json();
    for (const { id } of kernels) {
      const { ok, status, body } = await fetch(address(`api/kernels/${id}`), { method: "DELETE" });
      await body?.cancel();
      if (!ok) throw new Error(`Expected Jupyter to end a kernel, got status ${status}`);
    }
  };
  const stop = async () => {
    server.kill("SIGTERM");
    await server.status;
    await written;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await answers(address("api/status"), log);
  } catch (error) {
    await stop();
    throw error;
  }
  const write = (name: string, notebook: Notebook | string[]) =>
    writeNotebook(join(folder, name), Array.isArray(notebook) ? createNotebook(notebook) : notebook);
  const read = (name: string) => readNotebook(join(folder, name));
  return { address, write, read, endKernels, setTheme, [Symbol.asyncDispose]: stop };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(url: string, log: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`Expected Jupyter to answer within 60 s, got nothing:\n${await Deno.readTextFile(log)}`);
}
