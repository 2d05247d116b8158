// Products of matrices along batch axes of which one operand has only one entry.

import * as tf from "@tensorflow/tfjs";
import { replaceKernel } from "./replace_kernel.ts";

/**
 * Makes `tf.matMul` broadcast every batch axis on a backend of tfjs. Its own kernels count through each operand's matrices in
 * turn, which is right only if the axes that repeat come first: [2, 1, n, m] by [2, 3, m, p] gives wrong numbers, and no error.
 */
export function broadcastProducts(backendName: string): void {
  replaceKernel("BatchMatMul", backendName, (own) => (call) => {
    const { a, b } = call.inputs as Record<"a" | "b", tf.Tensor>;
    const { transposeA, transposeB } = call.attrs as unknown as Record<"transposeA" | "transposeB", boolean>;
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (repeatsInTurn(a, batch) && repeatsInTurn(b, batch)) return own(call);
    const repeated = (x: tf.Tensor) => tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
    return tf.tidy(() => tf.matMul(repeated(a), repeated(b), transposeA, transposeB));
  });
}

/** Whether a tensor's batch axes, but for leading ones, are the last ones of the result. */
function repeatsInTurn(x: tf.Tensor, batch: number[]): boolean {
  const axes = x.shape.slice(0, -2), first = axes.findIndex((size) => size !== 1);
  return first < 0 || String(axes.slice(first)) === String(batch.slice(batch.length - axes.length + first));
}
