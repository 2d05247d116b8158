// The perceptron against its definition, and Glorot's initial values.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { LayerNorm } from "braid/nn/layer_norm.ts";
import { setGlorotNormal } from "braid/nn/initialize.ts";
import { Linear } from "braid/nn/linear.ts";
import { Module } from "braid/nn/module.ts";
import { Perceptron } from "braid/nn/perceptron.ts";
import { numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import { followsDefinition, type Matrix, perceptronByLoop, setIrregular } from "./reference.ts";

await useEngine();
const random = new RandomStream(5, "weights");

Deno.test("Perceptron is linear layers with ReLU between them and none at either end", () => {
  for (const widths of [[3, 2], [3, 4, 2], [2, 5, 4, 3]]) {
    const model = new Perceptron(widths, { random });
    setIrregular(model);
    const x = wave<tf.Rank.R2>([4, widths[0]]);
    followsDefinition(
      model,
      (x) => model.forward(x as tf.Tensor2D),
      (state, x: Matrix) => x.map((row) => perceptronByLoop(row, state)),
      x,
    );
    assert.deepEqual(model.forward(tf.zeros([0, widths[0]])).shape, [0, widths.at(-1)]);
  }
  assert.throws(() => new Perceptron([3], { random }), /an input's and an output's width, got \[3\]/);
});

Deno.test("Perceptron leaves no tensor behind", () => {
  const model = new Perceptron([3, 4, 2], { random }), x = wave<tf.Rank.R2>([4, 3]), before = tensorsHeld();
  model.forward(x).dispose();
  assert.deepEqual(tensorsHeld(), before);
});

Deno.test("setGlorotNormal() gives matrices variance 2 / (fanIn + fanOut), untruncated, and vectors zeros", () => {
  const model = new Perceptron([300, 100, 50], { random });
  const before = tensorsHeld();
  setGlorotNormal(model, random);
  assert.deepEqual(tensorsHeld(), before);
  for (const { weight, bias } of model.layers) {
    const [outputs, inputs] = weight.shape, n = weight.size;
    const standard = numbersOf(weight).map((w) => w * Math.sqrt((inputs + outputs) / 2));
    const moment = (k: number) => standard.reduce((sum, w) => sum + w ** k, 0) / n;
    // Deviations of the sample moments: sqrt(1/n), sqrt(2/n), sqrt(96/n)
    assert.ok(Math.abs(moment(1)) < 4 * Math.sqrt(1 / n), `mean ${moment(1)}`);
    assert.ok(Math.abs(moment(2) - 1) < 4 * Math.sqrt(2 / n), `variance ${moment(2)}`);
    assert.ok(Math.abs(moment(4) - 3) < 4 * Math.sqrt(96 / n), `fourth moment ${moment(4)}`);
    assert.ok(numbersOf(bias).every((b) => b === 0));
  }
});

Deno.test("setGlorotNormal() refuses a parameter of which it does not know fan in and fan out", () => {
  class Cube extends Module {
    readonly norm = new LayerNorm(2);
    readonly linear = new Linear(2, 2, { random });
    readonly kernel = tf.variable(tf.ones([2, 2, 2]));
  }
  assert.throws(() => setGlorotNormal(new Cube(), random), /matrices and vectors, got kernel of \[2,2,2\]/);
});
