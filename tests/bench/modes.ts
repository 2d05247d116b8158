/** How a step runs: op by op on libtensorflow (`eager`) or WebAssembly (`wasm`), or compiled as a `graph` or by `xla`. */
export const modes = ["eager", "graph", "xla", "wasm"] as const;

export type Mode = typeof modes[number];
