// A compiled step has to carry an optimiser's state along; on engines that do not compile it must do the same.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { Adam } from "braid/training/adam.ts";
import { AdamW } from "braid/training/adam_w.ts";

await useEngine();

for (const Kind of [Adam, AdamW]) {
  Deno.test(`compiled steps of ${Kind.name} are its eager steps, also after a new learning rate and a loaded state`, async () => {
    const walk = async (compiled: boolean): Promise<number[][]> => {
      const x = tf.variable(tf.tensor1d([1, -2, 3]));
      const optimizer = new Kind([["x", x]], { learningRate: 0.1, weightDecay: 0.1 });
      const step = (target: tf.Tensor) =>
        optimizer.minimize(() => ({ value: x.sub(target).square().sum().asScalar(), x }));
      const run = compiled ? compile(step) : step, start = optimizer.stateDict();
      const positions: number[][] = [];
      for (let t = 0; t < 8; t++) {
        if (t === 3) optimizer.learningRate = 0.01;
        if (t === 6) optimizer.loadStateDict(start);
        tf.tidy(() => void run(tf.tensor1d([t, 1, -t])));
        positions.push([...await x.data(), ...await optimizer.stateDict().stepCount.data()]);
      }
      return positions;
    };
    const eager = await walk(false), compiled = await walk(true);
    eager.flat().forEach((want, i) => assert.ok(Math.abs(compiled.flat()[i] - want) < 1e-5));
    assert.deepEqual(eager.map((position) => position[3]), [1, 2, 3, 4, 5, 6, 1, 2]);
  });
}

Deno.test("a compiled step of an optimiser leaves no tensor behind", () => {
  const x = tf.variable(tf.ones([4])), optimizer = new Adam([["x", x]]);
  const step = compile(() => optimizer.minimize(() => x.square().sum().asScalar()));
  step().dispose();
  step().dispose();
  const before = tf.memory().numTensors;
  for (let t = 0; t < 3; t++) step().dispose();
  assert.equal(tf.memory().numTensors, before);
});
