// Writes the state dict of each layer, for make_states.py --check: deno run -A tests/nn/pytorch/write_states.ts FOLDER

import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import { useEngine } from "braid/engine/engine.ts";
import { encodeSafetensors } from "braid/nn/safetensors.ts";
import { layers, trunks } from "./layers.ts";

const [folder] = Deno.args;
if (!folder) throw new RangeError("Expected a folder for the state dicts, got none");
await useEngine();
await Deno.mkdir(folder, { recursive: true });
const modules = [
  ...Object.entries(layers).map(([name, build]) => [name, build().module] as const),
  ...Object.entries(trunks).map(([name, { build }]) => [name, build()] as const),
];
for (const [name, module] of modules) {
  const state = module.stateDict();
  await Deno.writeFile(join(folder, `${name}.safetensors`), await encodeSafetensors(state));
  tf.dispose(state);
}
