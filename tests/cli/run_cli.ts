// Runs a command as `deno task` does, with other environment variables.

import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts lib/cli/`script`, or deno itself if it is null, in the project's folder. */
export async function runCli(script: string | null, args: string[], env: Record<string, string | undefined>) {
  const output = await new Deno.Command(Deno.execPath(), {
    args: script === null ? args : ["run", "--quiet", "-A", `lib/cli/${script}`, ...args],
    // Deno's own cache must not move with XDG_CACHE_HOME.
    env: { DENO_DIR: await denoFolder(), NO_COLOR: "1", ...env as Record<string, string> },
    cwd: root,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
}

async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
