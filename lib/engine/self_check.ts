// A few computations whose results every engine must share: deno run -A lib/engine/self_check.ts NAME
//
// Each engine is checked in a process of its own: one that crashes takes nothing else with it.

import * as tf from "@tensorflow/tfjs";
import { compile } from "./compile.ts";
import { type Engine, useEngine } from "./engine.ts";
import { currentLibtensorflow } from "./libtensorflow/backend.ts";
import { RandomStream } from "./random.ts";

/** What an engine computed. */
export interface SelfCheck {
  engine: Engine;
  /** What libtensorflow can compute on, e.g. `CPU:0`, `GPU:0`; empty for other engines. */
  devices: string[];
  /** Results by name of the computation. */
  results: Record<string, number[]>;
}

/** Runs every computation on the engine in use. */
export async function selfCheck(engine: Engine): Promise<SelfCheck> {
  const results: SelfCheck["results"] = {};
  for (const [name, compute] of Object.entries(computations)) {
    const tensors = tf.tidy(compute);
    results[name] = (await Promise.all(tensors.map((tensor) => tensor.data()))).flatMap((values) => [...values]);
    tf.dispose(tensors);
  }
  const devices = currentLibtensorflow()?.binding.devices().map(({ name }) => name.split("device:").at(-1)!) ?? [];
  return { engine, devices, results };
}

const computations: Record<string, () => tf.Tensor[]> = {
  matmul: () => [tf.matMul(wave([17, 33]), wave([33, 9]))],
  conv2d: () => {
    const convolution = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, "same").square().sum();
    const inputs = [wave([2, 9, 8, 3]), wave([3, 3, 3, 4])];
    const { value, grads } = tf.valueAndGrads(convolution)(inputs);
    return [value, ...grads];
  },
  softmax: () => {
    const logits = tf.mul(wave([4, 7]), 50);
    return [tf.softmax(logits), tf.grad((x) => tf.softmax(x).square().sum())(logits)];
  },
  training: () => {
    const weight = tf.variable(wave([5, 3])), optimizer = tf.train.adam(0.05);
    const step = compile((x: tf.Tensor, y: tf.Tensor) =>
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, tf.matMul(x, weight)), true)
    );
    const x = wave([8, 5]), y = tf.oneHot(tf.range(0, 8, 1, "int32").mod(tf.scalar(3, "int32")).toInt(), 3);
    for (let i = 0; i < 5; i++) step(x, y);
    const trained = tf.clone(weight);
    step.dispose();
    optimizer.dispose();
    weight.dispose();
    return [trained];
  },
  random: () => {
    const stream = new RandomStream(1, "self-check");
    const drawn = [stream.uniform([6]), stream.normal([6])];
    stream.dispose();
    return drawn;
  },
};

/** Numbers that look irregular and need no random generator. */
function wave(shape: number[]): tf.Tensor {
  return tf.sin(tf.mul(tf.range(1, tf.util.sizeFromShape(shape) + 1), 1.7)).reshape(shape);
}

if (import.meta.main) console.log(JSON.stringify(await selfCheck(await useEngine(Deno.args[0]))));
