// Kernels that tfjs's WebGPU backend has wrong, and what it says where Deno cannot do what a browser can.

import * as tf from "@tensorflow/tfjs";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { broadcastProducts } from "./broadcast_products.ts";
import { convolveNothing } from "./convolve_nothing.ts";
import { registerEinsum } from "./einsum.ts";
import { replaceKernel } from "./replace_kernel.ts";
import { sumNothing } from "./sum_nothing.ts";

registerEinsum("webgpu");
sumNothing("webgpu");
convolveNothing("webgpu");

// A sum of no products is 0; the backend's own kernel leaves it unwritten.
replaceKernel("BatchMatMul", "webgpu", (own) => (call) => {
  const { a, b } = call.inputs as Record<"a" | "b", tf.Tensor>;
  if (a.size > 0 || b.size > 0) return own(call);
  const { transposeA, transposeB } = call.attrs as unknown as Record<"transposeA" | "transposeB", boolean>;
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return tf.zeros([...batch, a.shape.at(transposeA ? -1 : -2)!, b.shape.at(transposeB ? -2 : -1)!]);
});
broadcastProducts("webgpu");

/** Lets ordinary tfjs code compute a function of single numbers. */
function replaceFunction(kernelName: string, compute: (x: tf.Tensor) => tf.Tensor): void {
  replaceKernel(kernelName, "webgpu", () => ({ inputs }) => tf.tidy(() => compute(inputs.x as tf.Tensor)));
}

// A driver's own acos() and asin() may be wrong by 1e-4 and more, and nothing else that it has for angles is exact.
replaceFunction("Acos", (x) => tf.mul(2, angle(tf.sqrt(tf.sub(1, x)), tf.sqrt(tf.add(1, x)), Math.SQRT2)));
replaceFunction("Asin", (x) => angle(x, tf.sqrt(tf.mul(tf.sub(1, x), tf.add(1, x))), 1));

/** The angle of the point (x, y) at distance r: `φ ≈ atan2(y, x)`, then `φ - sin(φ - angle)`. */
function angle(y: tf.Tensor, x: tf.Tensor, r: number): tf.Tensor {
  const phi = tf.atan2(y, x);
  return tf.sub(phi, tf.div(tf.sub(tf.mul(tf.sin(phi), x), tf.mul(tf.cos(phi), y)), r));
}

// The backend adds 1 before the logarithm and subtracts it after the exponential, which leaves nothing of small numbers.
replaceFunction("Log1p", (x) => {
  const s = tf.div(x, tf.add(2, x)); // log(1 + x) = 2 artanh(s) = 2s (1 + s²/3 + s⁴/5 + …)
  const series = tf.mul(tf.mul(2, s), polynomial(tf.square(s), [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11, 1 / 13]));
  return tf.where(tf.less(tf.abs(x), 0.5), series, tf.log(tf.add(1, x)));
});
replaceFunction("Expm1", (x) => {
  const series = tf.mul(x, polynomial(x, [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320]));
  return tf.where(tf.less(tf.abs(x), 0.5), series, tf.sub(tf.exp(x), 1));
});

/** `c₀ + x (c₁ + x (c₂ + …))`. */
function polynomial(x: tf.Tensor, coefficients: number[]): tf.Tensor {
  return coefficients.reduceRight((sum: tf.Tensor, c) => tf.add(tf.mul(sum, x), c), tf.zerosLike(x));
}

// A browser reads at once by drawing on a canvas, which Deno has not.
const { readSync } = WebGPUBackend.prototype;
WebGPUBackend.prototype.readSync = function (id) {
  const { values, dtype } = this.tensorMap.get(id);
  if (values || dtype === "string" || dtype === "complex64") return readSync.call(this, id);
  throw new Error(READ_AT_ONCE);
};

const READ_AT_ONCE =
  "Expected values on the WebGPU engine to be read by `await tensor.data()`, got dataSync(), arraySync() " +
  "or another engine that takes the tensor over: await its data() before";
