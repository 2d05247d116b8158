// What the tests of engines share: tests that need libtensorflow, and comparisons.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { currentLibtensorflow } from "braid/engine/libtensorflow/backend.ts";
import { findLibrary } from "braid/engine/libtensorflow/library.ts";
import { findAdapter } from "braid/engine/webgpu_adapter.ts";

/** Whether libtensorflow is installed here: tests that need it are left out where it is not. */
export const installed = "directory" in findLibrary();

/** The engines that work here and let values be read at once. */
export const engines: EngineName[] = installed ? ["libtensorflow", "wasm", "cpu"] : ["wasm", "cpu"];

/** What WebGPU computes on here: software will do, such as Debian's mesa-vulkan-drivers. */
export const adapter = await findAdapter();

/** The engines that work here, WebGPU too, whose values have to be awaited. */
export const allEngines: EngineName[] = adapter ? [...engines, "webgpu"] : engines;

/** A test on libtensorflow. */
export function testNative(name: string, run: () => void | Promise<void>): void {
  testOn("libtensorflow", name, installed ? "" : "libtensorflow is not installed", run);
}

/** A test on WebGPU. */
export function testWebGpu(name: string, run: () => void | Promise<void>): void {
  testOn("webgpu", name, adapter ? "" : "WebGPU finds no adapter here", run);
}

function testOn(engine: EngineName, name: string, missing: string, run: () => void | Promise<void>): void {
  Deno.test({
    name: missing ? `${name} (left out: ${missing})` : name,
    ignore: missing !== "",
    fn: async () => {
      await useEngine(engine);
      await run();
    },
  });
}

/** All numbers of a tree of tensors, leaf after leaf; null counts as none. */
export function numbersOf(tree: unknown): number[] {
  if (tree instanceof tf.Tensor) return [...tree.dataSync()];
  return tree && typeof tree === "object" ? Object.values(tree).flatMap(numbersOf) : [];
}

/** The same on every engine: the numbers of a tree of tensors, awaited. */
export async function numbersRead(tree: unknown): Promise<number[]> {
  if (tree instanceof tf.Tensor) return [...await tree.data()];
  if (!tree || typeof tree !== "object") return [];
  return (await Promise.all(Object.values(tree).map(numbersRead))).flat();
}

/** Compares numbers by their error in units of the largest one. */
export function closeTo(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5, what = ""): void {
  assert.equal(got.length, want.length, what);
  const scale = Array.from(want).reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
  for (let i = 0; i < want.length; i++) {
    const equal = Object.is(got[i], want[i]) || Math.abs(got[i] - want[i]) <= tolerance * scale;
    assert.ok(equal, `${what} number ${i}: got ${got[i]}, want ${want[i]} (largest ${scale})`);
  }
}

/** Numbers that look irregular and need no generator, `shape`, in [-1, 1]. */
export function wave<R extends tf.Rank>(shape: tf.ShapeMap[R], phase = 0): tf.Tensor<R> {
  const values = Float32Array.from(
    { length: tf.util.sizeFromShape(shape) },
    (_, i) => Math.sin(1.7 * (i + 1) + phase + (i % 7) * (i % 3)),
  );
  return tf.tensor(values, shape);
}

/** How many tensors tfjs and TensorFlow hold. */
export function tensorsHeld(): number[] {
  return [tf.memory().numTensors, currentLibtensorflow()?.binding.getNumOfTensors() ?? 0];
}
