// Kernels that training needs and tfjs's WebAssembly backend lacks, made of those that it has.

import * as tf from "@tensorflow/tfjs";
import { registerEinsum } from "./einsum.ts";
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

interface ConvolutionAttributes {
  strides: number | [number, number];
  pad: "valid" | "same" | number;
  dataFormat: "NHWC" | "NCHW";
  dimRoundingMode?: "floor" | "round" | "ceil";
  filterShape: [number, number, number, number];
}
