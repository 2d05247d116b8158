// Which processes are there.

/** Whether a process is there. */
export function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The language servers that a process has started and that run. */
export async function languageServersOf(parent: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid=,args="] }).output();
  const processes = new TextDecoder().decode(stdout).matchAll(/^ *(\d+) +(\d+) .* lsp --quiet$/gm);
  return Array.from(processes).filter(([, , ppid]) => Number(ppid) === parent).map(([, pid]) => Number(pid));
}
