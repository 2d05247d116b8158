// An installation in a process of its own: prints its stages, and dies by SIGKILL in the one named last.
// deno run -A install_child.ts HOST [STAGE]

import type { Host } from "braid/engine/libtensorflow/host.ts";
import { installLibrary } from "braid/engine/libtensorflow/install.ts";

const [hostText, lastStage] = Deno.args;
const plain = JSON.parse(hostText, (key, value) => key === "keep" ? new RegExp(value) : value) as Omit<
  Host,
  "freeSpace"
>;
let seen = "";
await installLibrary({
  host: { ...plain, freeSpace: () => 1e12 },
  onProgress({ stage, done }) {
    if (stage !== seen) console.log(seen = stage);
    if (stage === lastStage && done > 0) Deno.kill(Deno.pid, "SIGKILL");
  },
});
