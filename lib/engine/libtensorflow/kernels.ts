// tfjs-node's kernels for the backend "tensorflow", with those replaced that reject what Braid needs.

import * as tf from "@tensorflow/tfjs";
import "./node_util.ts";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import { convolveNothing } from "../convolve_nothing.ts";
import { replaceKernel } from "../replace_kernel.ts";
import { type Attribute, AttributeType } from "./attributes.ts";
import { DataType } from "./c_api.ts";

// tfjs-node's GatherV2 reads the indices to check them; TensorFlow checks them itself.
tf.unregisterKernel("GatherV2", "tensorflow");
tf.registerKernel({
  kernelName: "GatherV2",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, indices } = inputs as Record<"x" | "indices", tf.TensorInfo>;
    const { axis, batchDims } = attrs as { axis: number; batchDims: number };
    const engine = backend as NodeJSKernelBackend;
    const type = (name: string, value: number) => ({ name, type: AttributeType.type, value });
    const attributes = [
      { name: "batch_dims", type: AttributeType.int, value: batchDims },
      type("Tparams", engine.getDTypeInteger(x.dtype)),
      type("Tindices", engine.getDTypeInteger(indices.dtype)),
      type("Taxis", DataType.int32),
    ];
    const axisTensor = tf.scalar(axis, "int32");
    try {
      return engine.executeSingleOutput("GatherV2", attributes, [x, indices, axisTensor]);
    } finally {
      axisTensor.dispose();
    }
  },
});

convolveNothing("tensorflow");

// Where a batch axis is 1 on both sides and another one repeats, oneDNN, which TensorFlow takes on CPUs with AVX-512, leaves
// parts of a product of batches unwritten: [3, 1, 16, 8] by [1, 1, 8, 9]. Without those axes it does not.
replaceKernel("BatchMatMul", "tensorflow", (own) => (call) => {
  const { a, b } = call.inputs as Record<"a" | "b", tf.Tensor>;
  const { transposeA, transposeB } = call.attrs as unknown as Record<"transposeA" | "transposeB", boolean>;
  const rank = Math.max(a.rank, b.rank), [left, right] = [a, b].map(({ shape }) => alignedShape(shape, rank));
  const isOne = (axis: number) => axis < rank - 2 && left[axis] === 1 && right[axis] === 1;
  if (rank < 4 || !left.some((_, axis) => isOne(axis))) return own(call);
  const needed = (shape: number[]) => shape.filter((_, axis) => !isOne(axis));
  return tf.tidy(() => {
    const product = tf.matMul(tf.reshape(a, needed(left)), tf.reshape(b, needed(right)), transposeA, transposeB);
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(left.slice(0, -2), right.slice(0, -2));
    return tf.reshape(product, [...batch, ...product.shape.slice(-2)]);
  });
});

/** A shape with axes of 1 before it. */
const alignedShape = (shape: number[], rank: number): number[] => [...Array(rank - shape.length).fill(1), ...shape];

// tfjs-node's gradients of a convolution know only "same" and "valid"; TensorFlow pads by any number, as PyTorch does.
tf.unregisterKernel("Conv2DBackpropFilter", "tensorflow");
tf.registerKernel({
  kernelName: "Conv2DBackpropFilter",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { x, dy } = inputs as Record<"x" | "dy", tf.TensorInfo>;
    const { filterShape } = attrs as unknown as { filterShape: Shape4D };
    const attributes = convolutionAttributes(x.shape as Shape4D, filterShape, attrs);
    return withSizes(
      filterShape,
      (sizes) =>
        (backend as NodeJSKernelBackend).executeSingleOutput("Conv2DBackpropFilter", attributes, [x, sizes, dy]),
    );
  },
});
tf.unregisterKernel("Conv2DBackpropInput", "tensorflow");
tf.registerKernel({
  kernelName: "Conv2DBackpropInput",
  backendName: "tensorflow",
  kernelFunc: ({ inputs, backend, attrs }) => {
    const { dy, filter } = inputs as Record<"dy" | "filter", tf.TensorInfo>;
    const { inputShape } = attrs as unknown as { inputShape: Shape4D };
    const attributes = convolutionAttributes(inputShape, filter.shape as Shape4D, attrs);
    return withSizes(
      inputShape,
      (sizes) =>
        (backend as NodeJSKernelBackend).executeSingleOutput("Conv2DBackpropInput", attributes, [sizes, filter, dy]),
    );
  },
});

type Shape4D = [number, number, number, number];

function convolutionAttributes(input: Shape4D, filter: Shape4D, attrs: tf.NamedAttrMap | undefined): Attribute[] {
  const { strides, pad, dataFormat, dimRoundingMode } = attrs as unknown as {
    strides: number | [number, number];
    pad: "valid" | "same" | number;
    dataFormat: "NHWC" | "NCHW";
    dimRoundingMode?: "floor" | "round" | "ceil";
  };
  if (dataFormat !== "NHWC") throw new RangeError(`Expected channels last, got the data format ${dataFormat}`);
  const { strideHeight, strideWidth, padInfo } = tf.backend_util.computeConv2DInfo(
    ...[input, filter, strides, 1, pad, dimRoundingMode] as const,
  );
  const { type, top, bottom, left, right } = padInfo;
  return [
    { name: "T", type: AttributeType.type, value: DataType.float32 },
    { name: "strides", type: AttributeType.int, value: [1, strideHeight, strideWidth, 1] },
    { name: "padding", type: AttributeType.string, value: type },
    ...type === "EXPLICIT"
      ? [{ name: "explicit_paddings", type: AttributeType.int, value: [0, 0, top, bottom, left, right, 0, 0] }]
      : [],
    { name: "data_format", type: AttributeType.string, value: "NHWC" },
  ];
}

function withSizes(shape: number[], run: (sizes: tf.Tensor) => tf.Tensor): tf.Tensor {
  const sizes = tf.tensor1d(shape, "int32");
  try {
    return run(sizes);
  } finally {
    sizes.dispose();
  }
}
