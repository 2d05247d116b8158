// Sums and means along axes of size 0.

import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "./replace_kernel.ts";

/**
 * Makes the sum of nothing 0 and its mean NaN on a backend of tfjs, as in TensorFlow: the backends' own kernels leave both
 * unwritten, divide by 0, or fail.
 */
export function sumNothing(backendName: string): void {
  for (const [kernelName, ofNothing] of [["Sum", 0], ["Mean", NaN]] as const) {
    replaceKernel(kernelName, backendName, (own) => (call) => {
      const { shape, dtype } = call.inputs.x!, { axis, keepDims } = call.attrs as unknown as Reduction;
      if (tf.util.sizeFromShape(shape) > 0) return own(call);
      const axes = tf.util.parseAxisParam(axis, shape), [rest] = tf.backend_util.computeOutAndReduceShapes(shape, axes);
      return tf.fill(keepDims ? tf.backend_util.expandShapeToKeepDim(rest, axes) : rest, ofNothing, dtype);
    });
  }
}

interface Reduction {
  axis: number | number[];
  keepDims: boolean;
}
