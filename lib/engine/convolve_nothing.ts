// Convolutions of an empty batch.

import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "./replace_kernel.ts";

/**
 * Makes the convolution of no images no maps, of the right shape, on a backend of tfjs: oneDNN, which TensorFlow takes on
 * CPUs with AVX-512, gives them the channels of the images, and WebGPU fails.
 */
export function convolveNothing(backendName: string): void {
  replaceKernel("Conv2D", backendName, (own) => (call) => {
    const { x, filter } = call.inputs as unknown as Record<"x" | "filter", { shape: Shape4D }>;
    if (x.shape[0] > 0) return own(call);
    const { strides, dilations, pad, dimRoundingMode, dataFormat } = call.attrs as unknown as tf.Conv2DAttrs;
    const format = dataFormat === "NHWC" ? "channelsLast" : "channelsFirst";
    const { outShape } = tf.backend_util.computeConv2DInfo(
      ...[x.shape, filter.shape, strides, dilations, pad, dimRoundingMode, false, format] as const,
    );
    return tf.zeros(outShape);
  });
}

type Shape4D = [number, number, number, number];
