// A compiled step has to carry an optimiser's state along; on engines that do not compile it must do the same.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { Adam } from "braid/training/adam.ts";
import { AdamW } from "braid/training/adam_w.ts";
import { clipGradientNorm } from "braid/training/clip_gradient_norm.ts";
import { SGD } from "braid/training/sgd.ts";

await useEngine();

/** SGD with momentum, which has state to carry along. */
class Momentum extends SGD {
  constructor(parameters: [string, tf.Variable][], options: { learningRate: number; weightDecay: number }) {
    super(parameters, { ...options, learningRate: options.learningRate / 10, momentum: 0.9, nesterov: true });
  }
}

for (const Kind of [Adam, AdamW, Momentum]) {
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

Deno.test("clipped gradients in a compiled step follow its values: the same as eagerly when they clip and when they do not", async () => {
  const walk = async (compiled: boolean): Promise<number[]> => {
    const x = tf.variable(tf.tensor1d([3, -2])), optimizer = new SGD([["x", x]], { learningRate: 0.4 });
    const step = () => {
      const { value, grads } = tf.variableGrads(() => x.square().sum().asScalar(), [x]);
      const { clipped, norm } = clipGradientNorm({ x: grads[x.name] }, { maxNorm: 2 });
      optimizer.step(clipped);
      return [value, norm];
    };
    const run = compiled ? compile(step) : step, seen: number[] = [];
    for (let t = 0; t < 8; t++) {
      const results = tf.tidy(() => run());
      for (const result of results) seen.push((await result.data())[0]);
    }
    return [...seen, ...await x.data()];
  };
  const eager = await walk(false), compiled = await walk(true);
  eager.forEach((want, i) => assert.ok(Math.abs(compiled[i] - want) < 1e-5));
  assert.ok(eager[1] > 2 && eager.at(-3)! < 2, `norms ${eager}`);
});

Deno.test("a compiled step of an optimiser leaves no tensor behind", () => {
  const x = tf.variable(tf.ones([4])), optimizer = new Adam([["x", x]]);
  const step = compile(() => optimizer.minimize(() => x.square().sum().asScalar()));
  step().dispose();
  step().dispose();
  const before = tf.memory().numTensors;
  for (let t = 0; t < 3; t++) step().dispose();
  assert.equal(tf.memory().numTensors, before);
});
