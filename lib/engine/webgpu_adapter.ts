// What WebGPU can compute on here.

/** What computes behind WebGPU. */
export interface Adapter {
  /** As its driver calls it. */
  name: string;
  /** True for a program that only acts as a GPU, such as llvmpipe or SwiftShader. */
  isSoftware: boolean;
}

/** The adapter that tfjs's backend takes, if there is one. */
export async function findAdapter(): Promise<Adapter | null> {
  // Where no desktop runs, Mesa's drivers ask it in vain which GPU it prefers, and write errors to the terminal.
  if (Deno.build.os === "linux" && !Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("NODEVICE_SELECT", "1");
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  return adapter && { name: adapter.info.description, isSoftware: adapter.info.isFallbackAdapter };
}

/** Why there is none, and what to do. */
export const NO_ADAPTER = "WebGPU finds no GPU (install its driver, on Linux that for Vulkan: mesa-vulkan-drivers on " +
  "Debian, or NVIDIA's own)";
