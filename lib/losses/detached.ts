import * as tf from "@tensorflow/tfjs";

/**
 * Computes something whose gradient is 0: what comes out counts as a constant.
 *
 * tfjs has no stop-gradient. Multiplying a finished computation's gradient by 0 would still send zeros back through all of
 * its steps; here they are not recorded in the first place.
 *
 * @param inputs What `compute` reads; tensors that it catches otherwise do not become constant.
 * @param compute From the inputs to one tensor.
 *
 * @example The gradient of x · detached(x) is x, not 2x.
 * ```ts
 * import { detached } from "braid/losses/detached.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * const gradient = tf.grad((x) => x.mul(detached([x], ([copy]) => copy)).sum())(tf.tensor1d([3]));
 * assert.deepEqual(await gradient.array(), [3]);
 * ```
 */
export function detached<Inputs extends tf.Tensor[], Output extends tf.Tensor>(
  inputs: readonly [...Inputs],
  compute: (inputs: Inputs) => Output,
): Output {
  const constant = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const tensors = args.slice(0, inputs.length) as Inputs, save = args.at(-1) as tf.GradSaveFunc;
    save(tensors);
    return {
      value: compute(tensors).clone(), // an input returned as it is would be disposed with the result
      gradFunc: (_: tf.Tensor, saved: tf.Tensor[]) => saved.map((tensor) => tf.zerosLike(tensor)),
    };
  });
  return constant(...inputs) as Output;
}
