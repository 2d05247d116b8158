// Which device computes, and why.

import * as tf from "@tensorflow/tfjs";
import braid from "../../deno.json" with { type: "json" };
import { broadcastProducts } from "./broadcast_products.ts";
import { registerEinsum } from "./einsum.ts";
import "./gradients.ts";
import { type LibtensorflowBackend, registerLibtensorflow } from "./libtensorflow/backend.ts";
import { findLibrary } from "./libtensorflow/library.ts";
import { findAdapter, NO_ADAPTER } from "./webgpu_adapter.ts";

broadcastProducts("cpu");
registerEinsum("cpu");

/** The engines. */
export const engineNames = ["libtensorflow", "webgpu", "wasm", "cpu"] as const;

/** Name of an engine. */
export type EngineName = typeof engineNames[number];

/** The engine in use. */
export interface Engine {
  name: EngineName;
  /** Version of what computes, e.g. `2.21.0`. */
  version: string;
  /** The device: `CPU`, or the GPU's name in TensorFlow or by its driver. */
  device: string;
  /** True if a GPU computes; a program that only acts as one does not count. */
  onGpu: boolean;
  /** True if {@linkcode compile} turns a step into one function here. */
  compiles: boolean;
  /** One line for people: `libtensorflow 2.21.0, CPU, compiled`. */
  description: string;
  /** Why a better engine is not in use, and what to do; empty if there is none. */
  reason: string;
}

/**
 * Chooses what computes tensors from now on: a GPU if there is one, by libtensorflow with CUDA or by WebGPU; else
 * libtensorflow on the CPU if it is installed, else WebAssembly, else plain JavaScript.
 *
 * @param name The engine to use; without it the environment variable `BRAID_ENGINE`, without that the best one.
 * @returns What was chosen and why.
 * @throws {RangeError} If the name is unknown.
 * @throws {Error} If an engine asked for by name is not there.
 *
 * @example
 * ```ts
 * import { useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * const engine = await useEngine("cpu");
 * assert.equal(engine.description, "plain JavaScript (tfjs 4.22.0), CPU, not compiled");
 * ```
 */
export async function useEngine(name?: string): Promise<Engine> {
  const wanted = name ?? (Deno.env.get("BRAID_ENGINE") || undefined);
  if (wanted !== undefined) {
    if (isEngineName(wanted)) return await start(wanted, "");
    const what = name === undefined ? "BRAID_ENGINE to name an engine" : "an engine";
    throw new RangeError(`Expected ${what} of ${engineNames.join(", ")}, got "${wanted}"`);
  }
  const reasons: string[] = [];
  for (const candidate of await candidates()) {
    try {
      return await start(candidate, reasons.join("; "));
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error(`Expected at least plain JavaScript to compute, got: ${reasons.join("; ")}`);
}

/** What to try, best first: a GPU before the CPU, and CUDA before WebGPU. Without a GPU, WebGPU is used only if asked for. */
export function bestFirst(onGpu: { cuda: boolean; webgpu: boolean }): EngineName[] {
  if (!onGpu.webgpu) return engineNames.filter((name) => name !== "webgpu");
  return onGpu.cuda ? [...engineNames] : ["webgpu", ...engineNames.filter((name) => name !== "webgpu")];
}

async function candidates(): Promise<EngineName[]> {
  const adapter = await findAdapter(), webgpu = adapter !== null && !adapter.isSoftware;
  return bestFirst({ webgpu, cuda: webgpu && hasCuda() }); // which takes loading libtensorflow
}

function hasCuda(): boolean {
  try {
    return loadLibtensorflow().binding.isUsingGpuDevice();
  } catch {
    return false;
  }
}

/** Versions of all that decides a run's numbers, to be kept with them. */
export function engineVersions(engine: Engine): Record<string, string> {
  return { braid: braid.version, deno: Deno.version.deno, tfjs: tf.version.tfjs, [engine.name]: engine.version };
}

const isEngineName = (name: string): name is EngineName => (engineNames as readonly string[]).includes(name);

async function start(name: EngineName, reason: string): Promise<Engine> {
  const { version, device, onGpu = false, label } = await starters[name]();
  const compiles = name === "libtensorflow";
  const description = `${label}, ${device}, ${compiles ? "compiled" : "not compiled"}`;
  return { name, version, device, onGpu, compiles, description, reason };
}

interface Started extends Pick<Engine, "version" | "device">, Partial<Pick<Engine, "onGpu">> {
  label: string;
}

const starters: Record<EngineName, () => Promise<Started>> = {
  async libtensorflow() {
    const { binding } = loadLibtensorflow(), version = binding.TF_Version;
    await activate("tensorflow");
    const gpu = binding.devices().find(({ type }) => type === "GPU");
    const label = `libtensorflow ${version}`;
    return { version, device: gpu?.name ?? "CPU", onGpu: gpu !== undefined, label };
  },
  async webgpu() {
    const adapter = await findAdapter();
    if (!adapter) throw new Error(NO_ADAPTER);
    await import("@tensorflow/tfjs-backend-webgpu"); // registers the backend
    await import("./webgpu_kernels.ts");
    await activate("webgpu");
    const { name: device, isSoftware } = adapter, version = tf.version.tfjs; // which the backend shares
    return { version, device, onGpu: !isSoftware, label: `WebGPU (tfjs ${version})` };
  },
  async wasm() {
    const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm"); // registers the backend
    await import("./wasm_kernels.ts");
    await activate("wasm");
    return { version: version_wasm, device: "CPU", label: `WebAssembly (tfjs ${version_wasm})` };
  },
  async cpu() {
    silenceCpuBanner();
    await activate("cpu");
    return { version: tf.version.tfjs, device: "CPU", label: `plain JavaScript (tfjs ${tf.version.tfjs})` };
  },
};

/** The backend, whose library is loaded once. */
const loadLibtensorflow = (): LibtensorflowBackend =>
  tf.findBackend("tensorflow") as LibtensorflowBackend | null ?? registerLibtensorflow(installedLibrary());

function installedLibrary(): string {
  const library = findLibrary();
  if ("directory" in library) return library.directory;
  throw new Error(`${library.reason} (${library.remedy})`);
}

async function activate(backend: string): Promise<void> {
  if (!await tf.setBackend(backend)) throw new Error(`Expected tfjs to start its backend "${backend}", got a refusal`);
  await tf.ready();
}

/** tfjs's cpu backend greets its first user under a Node-like runtime with a banner; a library should not. */
function silenceCpuBanner(): void {
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
}
