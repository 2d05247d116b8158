import * as tf from "@tensorflow/tfjs";

/** What a kernel is called with. */
export type KernelCall = Parameters<tf.KernelFunc>[0];

/**
 * Puts a kernel in the place of a backend's own, which it may still call.
 *
 * @param replace From the backend's own kernel to the new one.
 */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  replace: (own: tf.KernelFunc) => tf.KernelFunc,
): void {
  const { kernelFunc, ...config } = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...config, kernelFunc: replace(kernelFunc) });
}
