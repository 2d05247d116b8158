import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { clipGradientNorm } from "braid/training/clip_gradient_norm.ts";
import { SGD, type SGDOptions } from "braid/training/sgd.ts";
import { closeTo, numbersOf } from "../engine/engines.ts";

await useEngine();

const variants: [string, SGDOptions][] = [
  ["plain", {}],
  ["with momentum", { momentum: 0.9 }],
  ["with Nesterov's momentum and weight decay", { momentum: 0.7, nesterov: true, weightDecay: 0.2 }],
];
for (const [name, options] of variants) {
  Deno.test(`SGD ${name} follows its definition over many steps`, () => {
    const { momentum = 0, nesterov = false, weightDecay = 0 } = options, learningRate = 0.05;
    const x = tf.variable(tf.tensor1d([1, -2])), optimizer = new SGD([["x", x]], { learningRate, ...options });
    const want = [1, -2], velocity = [0, 0];
    for (let t = 0; t < 20; t++) {
      const gradient = [Math.cos(t), t / 10];
      optimizer.step({ x: tf.tensor1d(gradient) });
      gradient.forEach((g, i) => {
        g += weightDecay * want[i];
        velocity[i] = momentum * velocity[i] + g;
        want[i] -= learningRate * (nesterov ? g + momentum * velocity[i] : velocity[i]);
      });
    }
    closeTo(numbersOf(x), want);
  });
}

Deno.test("SGD says what is wrong with its options", () => {
  const make = (options: SGDOptions) => () => new SGD([["x", tf.variable(tf.scalar(0))]], options);
  assert.throws(make({ momentum: 1 }), /momentum to be in \[0, 1\), got 1/);
  assert.throws(make({ nesterov: true }), /a momentum above 0 for Nesterov's step, got 0/);
  assert.throws(make({ weightDecay: -1 }), /weightDecay to be at least 0, got -1/);
  assert.throws(make({ learningRate: NaN }), /learning rate to be at least 0, got NaN/);
});

Deno.test("clipGradientNorm() measures all gradients as one vector, and leaves short ones, zeros and none alone", () => {
  const { clipped, norm } = clipGradientNorm({ a: tf.tensor2d([[3, 0]]), b: tf.scalar(-4) }, { maxNorm: 2.5 });
  closeTo([...numbersOf(norm), ...numbersOf(clipped)], [5, 1.5, 0, -2]);
  closeTo(numbersOf(clipGradientNorm({ a: tf.tensor1d([0.1, 0]) }, { maxNorm: 1 }).clipped), [0.1, 0], 1e-6);
  assert.deepEqual(numbersOf(clipGradientNorm({ a: tf.zeros([2]) }, { maxNorm: 1 })), [0, 0, 0]);
  assert.deepEqual(numbersOf(clipGradientNorm({}, { maxNorm: 1 }).norm), [0]);
  assert.throws(() => clipGradientNorm({ a: tf.scalar(1) }, { maxNorm: 0 }), /maxNorm to be above 0, got 0/);
});
