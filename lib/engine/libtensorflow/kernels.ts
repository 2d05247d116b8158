// tfjs-node's kernels for the backend "tensorflow", with the one replaced that a recording could not keep.

import * as tf from "@tensorflow/tfjs";
import "./node_util.ts";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import "@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js";
import { AttributeType } from "./attributes.ts";
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
