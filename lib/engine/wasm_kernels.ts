// Kernels that training needs and tfjs's WebAssembly backend lacks or has wrong.

import * as tf from "@tensorflow/tfjs";
import { registerEinsum } from "./einsum.ts";
import { replaceKernel } from "./replace_kernel.ts";
import { sumNothing } from "./sum_nothing.ts";
import "./wasm_products.ts";

registerEinsum("wasm");

/** Sums over segments; what belongs to none is left out. */
tf.registerKernel({
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as Record<"x" | "segmentIds", tf.Tensor>;
    const { numSegments } = attrs as { numSegments: number }, whole = (value: number) => tf.scalar(value, "int32");
    return tf.tidy(() => {
      // Rows before and after the segments take what lies outside of them.
      const within = tf.maximum(tf.minimum(segmentIds, whole(numSegments)), whole(-1));
      const places = tf.add(within, whole(1));
      const sums = tf.scatterND(tf.expandDims(places, -1), x, [numSegments + 2, ...x.shape.slice(segmentIds.rank)]);
      return tf.slice(sums, [1], [numSegments]);
    });
  },
});

sumNothing("wasm");

/**
 * Gradient of a convolution with respect to its filter:
 * `filter[i, j] = sum over positions of input(position · stride + (i, j))ᵀ · gradient(position)`, one product a filter cell.
 */
tf.registerKernel({
  kernelName: "Conv2DBackpropFilter",
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs }) => {
    const x = inputs.x as tf.Tensor4D, dy = inputs.dy as tf.Tensor4D;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as ConvolutionAttributes;
    if (dataFormat !== "NHWC") throw new RangeError(`Expected channels last on the wasm engine, got ${dataFormat}`);
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const { padInfo, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth, batchSize } = info;
    return tf.tidy(() => {
      const padded = tf.pad(x, [[0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right], [0, 0]]);
      const gradient = tf.reshape(dy, [-1, outChannels]);
      const cells: tf.Tensor[] = [];
      for (let i = 0; i < info.filterHeight; i++) {
        for (let j = 0; j < info.filterWidth; j++) {
          const end = [
            batchSize,
            i + (outHeight - 1) * strideHeight + 1,
            j + (outWidth - 1) * strideWidth + 1,
            inChannels,
          ];
          const seen = tf.stridedSlice(padded, [0, i, j, 0], end, [1, strideHeight, strideWidth, 1]);
          cells.push(tf.matMul(tf.reshape(seen, [-1, inChannels]), gradient, true, false));
        }
      }
      return tf.reshape(tf.stack(cells), filterShape);
    });
  },
});

/**
 * Gradient of the largest value of each window: it goes to the first place that has it. The backend's own kernel gives it to
 * the first place of the window where no value is positive, and to the last of equal ones.
 */
replaceKernel("MaxPoolGrad", "wasm", () => ({ inputs, attrs }) => {
  const x = inputs.input as tf.Tensor4D, dy = inputs.dy as tf.Tensor4D;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttributes;
  const info = tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const values = x.dataSync(), given = dy.dataSync(), gradient = new Float32Array(x.size);
  for (let output = 0; output < dy.size; output++) gradient[firstLargest(values, output, info)] += given[output];
  return tf.tensor4d(gradient, x.shape);
});

/** Where in the input the largest value of an output's window stands. */
function firstLargest(values: ArrayLike<number>, output: number, info: tf.backend_util.Conv2DInfo): number {
  const { inChannels, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const channel = output % inChannels, place = Math.floor(output / inChannels), row = Math.floor(place / outWidth);
  const top = (row % outHeight) * strideHeight - padInfo.top, left = (place % outWidth) * strideWidth - padInfo.left;
  const image = Math.floor(row / outHeight) * inHeight;
  const bottom = Math.min(top + info.filterHeight, inHeight), right = Math.min(left + info.filterWidth, inWidth);
  let best = -1;
  for (let i = Math.max(top, 0); i < bottom; i++) {
    for (let j = Math.max(left, 0); j < right; j++) {
      const at = ((image + i) * inWidth + j) * inChannels + channel;
      if (best < 0 || values[at] > values[best]) best = at;
    }
  }
  return best;
}

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dimRoundingMode?: "floor" | "round" | "ceil";
}

interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
  filterShape: [number, number, number, number];
}
