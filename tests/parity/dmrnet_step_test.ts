// Whole training steps of DMRNet, draws included: every engine, eager or compiled, takes the same ones.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { combinationStatistics, HardCombinationMiner } from "braid/methods/dmrnet/mining.ts";
import { SGD } from "braid/training/sgd.ts";
import { allEngines, closeTo, installed, numbersRead } from "../engine/engines.ts";
import { smallBatch, smallModel } from "../methods/dmrnet/models.ts";

type Mode = "eager" | "graph" | "xla";

/** Three steps while warming up and three after: losses, weights, and what was mined. */
async function trace(engine: EngineName, mode: Mode): Promise<{ losses: number[]; state: number[] }> {
  await useEngine(engine);
  const model = smallModel(), miner = new HardCombinationMiner(2), random = new RandomStream(5, "draws");
  const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 });
  const { x, labels } = smallBatch();
  const step = (a: tf.Tensor, b: tf.Tensor, labels: tf.Tensor) => {
    const { indices, ...drawn } = model.draw(6, random), hard = miner.hardSamples(indices);
    return optimizer.minimize(() => {
      const { value, logVariance } = model.loss({ x: [a, b], labels: labels as tf.Tensor1D, hard, ...drawn });
      miner.add(combinationStatistics(logVariance, drawn.masks));
      return value;
    });
  };
  const run = mode === "eager" ? step : compile(step, { mode });
  const take = async () => {
    const losses = Array.from({ length: 3 }, () => tf.tidy(() => run(x[0], x[1], labels)));
    return await numbersRead(losses);
  };
  const warming = await take(), { score, count } = await miner.mine();
  miner.choose([0, 1]);
  const losses = [...warming, ...await take()];
  assert.equal(count.reduce((sum, n) => sum + n), 18);
  const state = await numbersRead(model.stateDict());
  [model, miner, random, optimizer].forEach((owner) => owner.dispose());
  return { losses, state: [...score, ...state] };
}

Deno.test("steps of DMRNet agree on every engine, eager and compiled, with what they mine", async () => {
  const want = await trace("cpu", "eager");
  assert.equal(new Set(want.losses).size, 6);
  const others = allEngines.filter((engine) => engine !== "cpu").map((engine): [EngineName, Mode] => [engine, "eager"]);
  const compiled: [EngineName, Mode][] = installed ? [["libtensorflow", "graph"], ["libtensorflow", "xla"]] : [];
  for (const [engine, mode] of [...others, ...compiled]) {
    const got = await trace(engine, mode);
    closeTo(got.losses, want.losses, 1e-4, `${engine}, ${mode}: losses`);
    closeTo(got.state, want.state, 1e-4, `${engine}, ${mode}: state`);
  }
});
