import * as tf from "@tensorflow/tfjs";
import { Adam, type AdamOptions } from "../../training/adam.ts";
import { AdamW } from "../../training/adam_w.ts";
import { warmupCosineLr, type WarmupCosineOptions } from "../../training/schedules.ts";
import { type Call, call } from "./call.ts";

/** The parameters after each of several steps with given gradients. */
const trajectory = (Optimizer: typeof Adam): Call =>
  call((
    { parameters, gradients }: { parameters: tf.Tensor; gradients: tf.Tensor },
    { lr, ...options }: AdamOptions & { lr: number },
  ) => {
    const parameter = tf.variable(parameters);
    const optimizer = new Optimizer([["parameter", parameter]], { learningRate: lr, ...options });
    const positions = tf.unstack(gradients).map((gradient) => {
      optimizer.step({ parameter: gradient });
      return parameter.clone();
    });
    optimizer.dispose();
    parameter.dispose();
    return { trajectory: tf.stack(positions) };
  });

/** Calls of the golden folder `optim`. */
export const optimCalls: Record<string, Call> = {
  adam: trajectory(Adam),
  adamW: trajectory(AdamW),
  warmupCosineLr: call((_: unknown, options: WarmupCosineOptions) => ({ lr: tf.tensor1d(warmupCosineLr(options)) })),
};
