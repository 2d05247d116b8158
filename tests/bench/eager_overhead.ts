// What an op costs beside its computation: ops on small tensors, one by one.
//
//     deno run -A tests/bench/eager_overhead.ts [--engine libtensorflow] [--rounds 200]

import { useEngine } from "braid";
import * as tf from "@tensorflow/tfjs";
import { Command } from "commander";
import { median, min } from "simple-statistics";
import { positive } from "./options.ts";

/** Calls of an op that are timed together, with the disposal of what they give. */
const CALLS = 50;

const ops: Record<string, (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor> = {
  add: (x, y) => tf.add(x, y),
  matMul: (x, y) => tf.matMul(x, y),
  relu: (x) => tf.relu(x),
  softmax: (x) => tf.softmax(x),
  sum: (x) => tf.sum(x, 1),
  concat: (x, y) => tf.concat([x, y], 1),
  transpose: (x) => tf.transpose(x),
  reshape: (x) => tf.reshape(x, [64]),
};

/** Microseconds of one call of each op on `[8, 8]`: the shortest and the median of all rounds, in which the ops take turns. */
export function eagerOverhead(rounds: number): Record<string, { min: number; median: number }> {
  const x = tf.tensor2d(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)), [8, 8]), y = tf.transpose(x);
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(ops).map((name) => [name, []]));
  for (let round = -3; round < rounds; round++) {
    for (const [name, op] of Object.entries(ops)) {
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) op(x, y).dispose();
      const microseconds = (performance.now() - start) * 1000 / CALLS;
      if (round >= 0) times[name].push(microseconds); // the first ones warm up
    }
  }
  tf.dispose([x, y]);
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, { min: min(all), median: median(all) }]));
}

if (import.meta.main) {
  const program = new Command("eager_overhead.ts")
    .description("Times ops on [8, 8] tensors, run one by one: microseconds an op, as one JSON line each.")
    .option("--engine <NAME>", "what computes", "libtensorflow")
    .option("--rounds <NUMBER>", `turns of ${CALLS} calls of each op`, positive, 200)
    .parse(Deno.args, { from: "user" });
  const { engine, rounds } = program.opts<{ engine: string; rounds: number }>();
  const { description } = await useEngine(engine);
  for (const [op, times] of Object.entries(eagerOverhead(rounds))) {
    const [shortest, middle] = [times.min, times.median].map((value) => Number(value.toFixed(1)));
    console.log(JSON.stringify({ op, min: shortest, median: middle, engine: description }));
  }
}
