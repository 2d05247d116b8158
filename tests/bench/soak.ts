// Thousands of training steps in one process: do tensors or memory grow?
//
//     deno run -A tests/bench/soak.ts [--mode xla] [--compiled 20000] [--eager 2000]

import { AdamW, BatchNorm, compile, Conv2d, dropout, Linear, Module, RandomStream, useEngine } from "braid";
import * as tf from "@tensorflow/tfjs";
import { Command, InvalidArgumentError, Option } from "commander";
import v8 from "node:v8";
import vm from "node:vm";
import { tensorsHeld } from "../engine/engines.ts";

/** What many steps did to the process. */
export interface Soak {
  steps: number;
  millisecondsPerStep: number;
  /** Tensors of tfjs and of TensorFlow after the warm-up, and at the end. */
  tensors: [start: number[], end: number[]];
  /** Resident memory in megabytes, without JavaScript's garbage: after the warm-up, and at the end. */
  megabytes: [start: number, end: number];
  /** By which part the memory has grown. */
  growth: number;
}

/** Convolution, batch norm, dropout and a linear layer on images of 8 pixels. */
class SmallNetwork extends Module {
  readonly conv: Conv2d;
  readonly norm = new BatchNorm(8);
  readonly head: Linear;

  constructor(random: RandomStream) {
    super();
    this.conv = new Conv2d(1, 8, 3, { stride: 2, padding: 1, random });
    this.head = new Linear(4 * 4 * 8, 10, { random });
  }

  forward(images: tf.Tensor4D, random: RandomStream): tf.Tensor2D {
    const features = tf.relu(this.norm.forward(this.conv.forward(images), { training: true }));
    const kept = dropout(features, { rate: 0.2, random, training: true });
    return this.head.forward(tf.reshape(kept, [images.shape[0], -1])) as tf.Tensor2D;
  }
}

/** A whole training step: it uploads a batch, updates all variables and gives the loss. */
function trainingStep(mode?: "graph" | "xla"): () => number {
  const random = new RandomStream(0, "soak"), model = new SmallNetwork(random);
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-3 });
  const step = (images: tf.Tensor4D, labels: tf.Tensor1D) =>
    optimizer.minimize(() =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), model.forward(images, random)) as tf.Scalar
    );
  const run = mode ? compile(step, { mode }) : step;
  const pixels = Float32Array.from({ length: 16 * 64 }, (_, i) => Math.sin(i)), digits = pixels.map((_, i) => i % 10);
  return () =>
    tf.tidy(() => run(tf.tensor4d(pixels, [16, 8, 8, 1]), tf.tensor1d(digits.subarray(0, 16), "int32")).dataSync()[0]);
}

/** Takes so many steps after a warm-up of a quarter as many, by which V8's heap has found its size. */
export function soak(steps: number, mode?: "graph" | "xla"): Soak {
  const step = trainingStep(mode);
  for (let i = 0; i < steps / 4; i++) step();
  const tensors = tensorsHeld(), megabytes = residentMegabytes(), start = performance.now();
  for (let i = 0; i < steps; i++) {
    if (!Number.isFinite(step())) throw new Error(`Expected a finite loss, got another in step ${i}`);
  }
  const millisecondsPerStep = (performance.now() - start) / steps, end = residentMegabytes();
  return {
    ...{ steps, millisecondsPerStep, tensors: [tensors, tensorsHeld()] },
    ...{ megabytes: [megabytes, end], growth: end / megabytes - 1 },
  };
}

/** V8 lets garbage lie, up to 100 MB between two collections, which is no leak: it is collected first. */
function residentMegabytes(): number {
  collectGarbage();
  return Deno.memoryUsage().rss / 2 ** 20;
}

v8.setFlagsFromString("--expose-gc");
const collectGarbage: () => void = vm.runInNewContext("gc");

const count = (text: string): number => {
  if (Number.isInteger(Number(text)) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError(`Expected a whole number above 0, got "${text}"`);
};

if (import.meta.main) {
  await new Command("soak")
    .description("Train a small network for thousands of steps; one JSON line says what tensors and memory did.")
    .addOption(new Option("--mode <MODE>", "how the compiled steps run").choices(["graph", "xla"]).default("graph"))
    .option("--compiled <STEPS>", "compiled steps", count, 20_000)
    .option("--eager <STEPS>", "eager steps", count, 2_000)
    .action(async ({ mode, compiled, eager }: { mode: "graph" | "xla"; compiled: number; eager: number }) => {
      await useEngine("libtensorflow");
      console.log(JSON.stringify({ mode, compiled: soak(compiled, mode), eager: soak(eager) }));
    })
    .parseAsync(Deno.args, { from: "user" });
}
