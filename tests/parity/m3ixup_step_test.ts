// Whole training steps of M3ixup, draws included: eager and compiled, and on WebAssembly, they come out alike.
// The networks have the published size, for which plain JavaScript would take minutes; it has the losses' golden vectors.

import * as tf from "@tensorflow/tfjs";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { M3ixup, m3ixupDraws } from "braid/methods/m3ixup/m3ixup.ts";
import { Adam } from "braid/training/adam.ts";
import assert from "node:assert/strict";
import { closeTo, numbersOf, tensorsHeld, testNative, wave } from "../engine/engines.ts";

const BATCH = 3, STEPS = 2;

/** What training leaves to compare, step by step. */
interface Trace {
  /** The loss and its terms. */
  losses: number[][];
  /** Length of each parameter and running statistic after the last step. */
  state: Record<string, number[]>;
  /** Tensors held after each step. */
  held: number[][];
}

async function trace(engine: EngineName, mode: "eager" | "graph"): Promise<Trace> {
  await useEngine(engine);
  const random = new RandomStream(4, "m3ixup"), model = new M3ixup({ random });
  // Where a gradient is 0 but for rounding, Adam would divide rounding by rounding: this epsilon is above it.
  const optimizer = new Adam(model.parameters(), { learningRate: 0.01, epsilon: 1 });
  const x = [[BATCH, 28, 28, 1], [BATCH, 32, 128, 1], [BATCH, 200]].map((shape, phase) => wave(shape, phase));
  const step = (...x: tf.Tensor[]) => {
    const draws = m3ixupDraws(random, { batch: BATCH, modalities: 3 });
    return { ...optimizer.minimize(() => model.mixupLoss(x, draws)) };
  };
  const run = mode === "eager" ? step : compile(step), result: Trace = { losses: [], state: {}, held: [] };
  for (let i = 0; i < STEPS; i++) {
    tf.tidy(() => void result.losses.push(numbersOf(run(...x))));
    result.held.push(tensorsHeld());
  }
  tf.tidy(() => {
    for (const [name, tensor] of Object.entries(model.stateDict())) {
      result.state[name] = numbersOf(tensor.toFloat().norm());
    }
  });
  optimizer.dispose();
  model.dispose();
  random.dispose();
  tf.dispose(x);
  return result;
}

testNative("steps of M3ixup agree, eager, compiled and on WebAssembly; no step leaves a tensor", async () => {
  const want = await trace("libtensorflow", "eager");
  for (const [engine, mode] of [["libtensorflow", "graph"], ["wasm", "eager"]] as const) {
    const got = await trace(engine, mode);
    closeTo(got.losses.flat(), want.losses.flat(), 1e-4, `${engine}, ${mode}: losses`);
    for (const entry in want.state) {
      closeTo([...got.state[entry], 0.1], [...want.state[entry], 0.1], 1e-4, `${engine}, ${mode}: ${entry}`);
    }
    assert.deepEqual(got.held.map(String), got.held.map(() => String(got.held[0])), `${engine}, ${mode}: tensors held`);
  }
  assert.equal(new Set(want.losses.map(String)).size, STEPS);
});
