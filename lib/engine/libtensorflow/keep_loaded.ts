// Deno closes every library as a program ends, and libtensorflow crashes the process when it is unloaded. It also holds a
// copy of LLVM, and crashes if it is given another one's functions: those of a Vulkan driver that WebGPU has loaded.

const RTLD_NOW = 2;

/**
 * Keeps a library in memory until the process is gone, whoever closes it, and lets it prefer its own functions to others of
 * the same names (macOS always does). To be called before `Deno.dlopen`, which reports
 * what is wrong if the library cannot be loaded.
 */
export function keepLoaded(path: string): void {
  const [system, RTLD_NODELETE, RTLD_DEEPBIND] = Deno.build.os === "darwin"
    ? ["/usr/lib/libSystem.B.dylib", 0x80, 0]
    : ["libdl.so.2", 0x1000, 0x8];
  const { dlopen } = Deno.dlopen(system, { dlopen: { parameters: ["buffer", "i32"], result: "pointer" } }).symbols;
  dlopen(new TextEncoder().encode(path + "\0"), RTLD_NOW | RTLD_NODELETE | RTLD_DEEPBIND);
}
