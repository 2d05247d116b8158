// A small training run with everything that a checkpoint must hold: weights, running statistics, slots, random numbers, the order
// of the data. It is started as a process of its own, and killed.
//
//     deno run -A resumable_run.ts FOLDER STEPS ENGINE
//
// It prints from which step it goes on, each step once it is saved, and at its end the checksum of all its state.

import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { BatchNorm } from "braid/nn/batch_norm.ts";
import { Linear } from "braid/nn/linear.ts";
import { Module } from "braid/nn/module.ts";
import { AdamW } from "braid/training/adam_w.ts";
import { Checkpoints } from "braid/training/checkpoints.ts";
import { batchesOf, train } from "braid/training/train.ts";

class Model extends Module {
  readonly hidden: Linear;
  readonly norm: BatchNorm;
  readonly out: Linear;

  constructor(random: RandomStream) {
    super();
    this.hidden = new Linear(6, 16, { random });
    this.norm = new BatchNorm(16);
    this.out = new Linear(16, 2, { random });
  }

  forward(x: tf.Tensor2D): tf.Tensor2D {
    return this.out.forward(tf.relu(this.norm.forward(this.hidden.forward(x), { training: true }) as tf.Tensor2D));
  }
}

/** Trains up to `steps`, going on from the last checkpoint in `folder`, and saves after every step. */
export async function run(folder: string, steps: number, say: (line: string) => void = () => {}): Promise<string> {
  const weights = new RandomStream(1, "weights"), noise = new RandomStream(1, "noise"), model = new Model(weights);
  const optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 });
  const { normal } = randomNumbers(2, "data"), samples = tf.tensor2d(Array.from({ length: 60 * 6 }, normal), [60, 6]);
  const parts = { model, optimizer, noise }, checkpoints = new Checkpoints(folder, parts);
  const from = (await checkpoints.restore())?.step ?? 0;
  say(`from ${from}`);
  const step = compile((x: tf.Tensor2D) =>
    optimizer.minimize(() => ({
      value: model.forward(x.add(noise.normal(x.shape))).sub(x.slice([0, 0], [-1, 2])).square().mean() as tf.Scalar,
    }))
  );
  const take = (rows: Int32Array) => {
    const x = tf.tidy(() => tf.gather(samples, tf.tensor1d(rows, "int32")) as tf.Tensor2D);
    const result = step(x);
    x.dispose();
    return result;
  };
  const batches = (epoch: number) => batchesOf(randomNumbers(3, `order/${epoch}`).permutation(60), 8);
  for await (const report of train({ batches, step: take, steps, from, batchSize: 8, reportEvery: 1 })) {
    await checkpoints.save(report.step, { loss: report.loss });
    say(`saved ${report.step}`);
  }
  step.dispose();
  const hash = createHash("sha256");
  for (const part of Object.values(parts)) {
    for (const [name, tensor] of Object.entries(part.stateDict())) {
      hash.update(name).update(new Uint8Array((await tensor.data()).slice().buffer));
      tensor.dispose();
    }
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const [folder, steps, engine] = Deno.args;
  await useEngine(engine as EngineName);
  console.log(await run(folder, Number(steps), (line) => console.log(line)));
}
