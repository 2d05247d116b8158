// Braid's kernel as Jupyter starts it, with the path of a connection file.

import { readConnection } from "./connection.ts";
import { FrontKernel } from "./front_kernel.ts";

if (import.meta.main) {
  try {
    const kernel = new FrontKernel(await readConnection(Deno.args[0]));
    Deno.addSignalListener("SIGINT", () => kernel.interrupt());
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => kernel.shutdown());
    // Jupyter says that it is our parent unless the kernel is to outlive it.
    if (Deno.env.get("JPY_PARENT_PID") === String(Deno.ppid)) endWithParent(kernel, Deno.ppid);
    await kernel.ended;
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
  Deno.exit(0);
}

function endWithParent(kernel: FrontKernel, parent: number): void {
  setInterval(() => Deno.ppid !== parent && kernel.shutdown(), 1000);
}
