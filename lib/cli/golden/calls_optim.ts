import * as tf from "@tensorflow/tfjs";
import { Adam } from "../../training/adam.ts";
import { AdamW } from "../../training/adam_w.ts";
import { clipGradientNorm } from "../../training/clip_gradient_norm.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { stepLr, type StepOptions, warmupCosineLr, type WarmupCosineOptions } from "../../training/schedules.ts";
import { SGD } from "../../training/sgd.ts";
import { type Call, call } from "./call.ts";

/** The parameters after each of several steps with given gradients. */
const trajectory = <Options>(
  Kind: new (parameters: [string, tf.Variable][], options: Options & { learningRate: number }) => Optimizer,
): Call =>
  call((
    { parameters, gradients }: { parameters: tf.Tensor; gradients: tf.Tensor },
    { lr, ...options }: Options & { lr: number },
  ) => {
    const parameter = tf.variable(parameters);
    const optimizer = new Kind([["parameter", parameter]], { ...options as Options, learningRate: lr });
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
  clipGradientNorm: call(({ gradients }: { gradients: tf.Tensor }, options: { maxNorm: number }) => {
    const rows = Object.fromEntries(tf.unstack(gradients).map((row, i) => [i, row]));
    const { clipped, norm } = clipGradientNorm(rows, options);
    return { clipped: tf.stack(Object.values(clipped)), norm };
  }),
  sgd: trajectory(SGD),
  stepLr: call((_: unknown, options: StepOptions) => ({ lr: tf.tensor1d(stepLr(options)) })),
  warmupCosineLr: call((_: unknown, options: WarmupCosineOptions) => ({ lr: tf.tensor1d(warmupCosineLr(options)) })),
};
