/** How a step runs: op by op on libtensorflow (`eager`) or WebAssembly (`wasm`), or compiled as a `graph`, by `xla`, or as
 * the faster of the two (`auto`). */
export const modes = ["eager", "graph", "xla", "auto", "wasm"] as const;

export type Mode = typeof modes[number];
