// TensorFlow's faster way for what tfjs-node computes by a slower one, or by several ops. Speeds are of TensorFlow 2.21 on 2 cores.

import "./kernels.ts";
import * as tf from "@tensorflow/tfjs";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import { type Attribute, AttributeType } from "./attributes.ts";
import { DataType } from "./c_api.ts";

type KernelArguments = Parameters<tf.KernelFunc>[0];

const float: Attribute = { name: "T", type: AttributeType.type, value: DataType.float32 };

/** Lets `faster` compute a kernel where it can; where it returns null, tfjs-node's own kernel does. */
function accelerate(
  kernelName: string,
  faster: (engine: NodeJSKernelBackend, call: KernelArguments) => tf.TensorInfo | null,
): void {
  const { kernelFunc } = tf.getKernel(kernelName, "tensorflow");
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: (call) => faster(call.backend as NodeJSKernelBackend, call) ?? kernelFunc(call),
  });
}

// A product of two matrices, the first one transposed: AᵀB = (BᵀA)ᵀ, and the right side can be the faster one.
accelerate("BatchMatMul", (_engine, { inputs, attrs }) => {
  const [a, b] = [inputs.a, inputs.b] as [tf.Tensor, tf.Tensor];
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const matrices = a.shape.length === 2 && b.shape.length === 2;
  if (!(matrices && transposeA && !transposeB && collidesInCache(a.shape, b.shape))) return null;
  return tf.tidy(() => tf.transpose(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D, true)));
});

/** Whether the rows of A are so long, by multiples of 2 KiB, that a column of it lies in few lines of the cache (3200 x 2048 by
 * 3200 x 40: 43 ms against 10). */
function collidesInCache([inner, rows]: number[], [, columns]: number[]): boolean {
  return rows % 512 === 0 && inner >= 256 && 4 * columns <= rows;
}

// A bias's gradient, the sum over all axes but the last: 3200 x 2048 in 1.7 ms, by Sum in 6.2.
accelerate("Sum", (engine, { inputs, attrs }) => {
  const { x } = inputs as { x: tf.TensorInfo },
    { axis, keepDims } = attrs as unknown as tf.SumAttrs & { keepDims: boolean };
  const rank = x.shape.length, axes = tf.util.parseAxisParam(axis, x.shape).toSorted((i, j) => i - j);
  const leading = rank >= 2 && axes.length === rank - 1 && axes.every((axis, i) => axis === i);
  if (!leading || keepDims || x.dtype !== "float32") return null;
  return engine.executeSingleOutput("BiasAddGrad", [float], [x]);
});

// tfjs multiplies by a step function, which tfjs-node makes of five ops: 8 MB in 19 ms, by ReluGrad in 1.3.
tf.registerKernel({
  kernelName: "ReluGrad",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend }) => {
    const { dy, y } = inputs as Record<"dy" | "y", tf.TensorInfo>;
    return (backend as NodeJSKernelBackend).executeSingleOutput("ReluGrad", [float], [dy, y]);
  },
});

/** ReLU's gradient from its output, which then is all that is kept of it. */
const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  tf.getKernel("ReluGrad", tf.getBackend())
    ? tf.engine().runKernel("ReluGrad", { dy, y })
    : tf.mul(dy, tf.cast(tf.step(y), "float32"));

tf.unregisterGradient("Relu");
tf.registerGradient({
  kernelName: "Relu",
  outputsToSave: [true],
  gradFunc: (dy, saved) => ({ x: () => reluGradient(dy as tf.Tensor, saved[0]) }),
});
tf.registerGradient({
  kernelName: "ReluGrad",
  outputsToSave: [],
  inputsToSave: ["y"],
  gradFunc: (ddy, [y]) => ({ dy: () => reluGradient(ddy as tf.Tensor, y), y: () => tf.zerosLike(y) }),
});
