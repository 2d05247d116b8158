// tfjs's backend "tensorflow": tfjs-node's kernels over libtensorflow.

import "./faster_kernels.ts";
import * as tf from "@tensorflow/tfjs";
import { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js";
import type { Attribute } from "./attributes.ts";
import { Binding } from "./binding.ts";
import { openLibrary } from "./c_api.ts";
import type { TensorMetadata } from "./recording.ts";

/** The name under which tfjs knows this backend; tfjs-node's kernels are registered for it. */
export const backendName = "tensorflow";

/** What NodeJSKernelBackend keeps to itself: data by id, and the way to and from the binding's numbers. */
interface Internals {
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
  getInputTensorIds(tensors: Pick<tf.TensorInfo, "dataId">[]): number[];
}

/** tfjs-node's backend, opened up for {@linkcode compile}. */
export class LibtensorflowBackend extends NodeJSKernelBackend {
  override readonly binding: Binding & NodeJSKernelBackend["binding"];
  readonly #internals = this as unknown as Internals;

  constructor(binding: Binding) {
    const whole = binding as Binding & NodeJSKernelBackend["binding"]; // without saved models, which Braid never loads
    super(whole, "@tensorflow/tfjs-node");
    this.binding = whole;
  }

  /** Takes values at once, not at their first use: a recording can then tell its own constants from captured ones. */
  override move(...data: Parameters<NodeJSKernelBackend["move"]>): void {
    super.move(...data);
    const [dataId, values, , dtype] = data;
    if (values && dtype !== "string") this.idOf({ dataId });
  }

  /** The binding's number of a tensor. */
  idOf(tensor: Pick<tf.TensorInfo, "dataId">): number {
    return this.#internals.getInputTensorIds([tensor])[0];
  }

  /** A tfjs tensor for an output of the binding. */
  toTensor(metadata: TensorMetadata): tf.Tensor {
    return this.#internals.createOutputTensor(metadata);
  }

  /** Runs an op of TensorFlow that tfjs has no name for; one output. */
  execute(op: string, attributes: Attribute[], inputs: tf.Tensor[]): tf.Tensor {
    return this.executeSingleOutput(op, attributes, inputs);
  }
}

/** Loads libtensorflow from `directory` and registers the backend; call once. */
export function registerLibtensorflow(directory: string): LibtensorflowBackend {
  const backend = new LibtensorflowBackend(new Binding(openLibrary(directory)));
  tf.registerBackend(backendName, () => backend);
  return backend;
}

/** The backend, if it is the one that computes now. */
export function currentLibtensorflow(): LibtensorflowBackend | null {
  const backend = tf.getBackend() === backendName ? tf.backend() : null;
  return backend instanceof LibtensorflowBackend ? backend : null;
}
