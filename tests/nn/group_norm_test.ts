import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { GroupNorm, groupNorm } from "braid/nn/group_norm.ts";
import { LayerNorm } from "braid/nn/layer_norm.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import { followsDefinition, type Matrix, setIrregular, type State } from "./reference.ts";

await useEngine();

/** One sample, places by channels. */
function groupNormByLoop(x: Matrix, groups: number, { weight, bias }: State): Matrix {
  const size = weight.length / groups;
  const y = x.map((row) => [...row]);
  for (let group = 0; group < groups; group++) {
    const values = x.flatMap((row) => row.slice(group * size, (group + 1) * size));
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    for (let c = group * size; c < (group + 1) * size; c++) {
      y.forEach((row, i) => row[c] = (x[i][c] - mean) / Math.sqrt(variance + 1e-5) * weight[c] + bias[c]);
    }
  }
  return y;
}

Deno.test("GroupNorm is its definition for one group, some, and one a channel", () => {
  for (const groups of [1, 2, 3, 6]) {
    const layer = new GroupNorm(groups, 6);
    setIrregular(layer);
    const definition = (state: State, x: Matrix[][]) => x.map((rows) => groupNormByLoop(rows.flat(), groups, state));
    followsDefinition(layer, (x) => layer.forward(x), definition, wave([2, 2, 3, 6]), 5e-4);
  }
});

Deno.test("GroupNorm of one group over vectors is LayerNorm; one place a channel alone gives the bias", () => {
  const x = wave([3, 4]), group = new GroupNorm(1, 4), layer = new LayerNorm(4);
  closeTo(numbersOf(group.forward(x)), numbersOf(layer.forward(x)), 1e-6);
  const alone = new GroupNorm(4, 4);
  setIrregular(alone);
  closeTo(numbersOf(alone.forward(x)), [0, 1, 2].flatMap(() => numbersOf(alone.bias)));
});

Deno.test("a sample's norm does not look at other samples; a batch of none, and what is left", () => {
  const layer = new GroupNorm(2, 4), x = wave([3, 5, 4]);
  const alone = tf.concat([0, 1, 2].map((i) => layer.forward(x.slice([i, 0, 0], [1, 5, 4]))));
  closeTo(numbersOf(layer.forward(x)), numbersOf(alone), 1e-6);
  assert.deepEqual(layer.forward(tf.zeros([0, 5, 4])).shape, [0, 5, 4]);
  const held = tensorsHeld();
  layer.forward(x).dispose();
  assert.deepEqual(tensorsHeld(), held);
});

Deno.test("groupNorm() takes epsilon, and refuses groups that do not divide and other channels", () => {
  const [one, zero] = [tf.ones<tf.Rank.R1>([2]), tf.zeros<tf.Rank.R1>([2])];
  closeTo(numbersOf(groupNorm(tf.tensor2d([[-1, 3]]), 1, one, zero, { epsilon: 12 })), [-0.5, 0.5]); // (x - 1) / sqrt(4 + 12)
  for (const groups of [0, 4, 1.5, -1]) assert.throws(() => new GroupNorm(groups, 6), /divides 6 channels, got/);
  assert.throws(() => groupNorm(tf.ones([2, 3]), 1, one, zero), /samples with 2 channels \(last axis\), got .*\[2,3\]/);
  assert.throws(() => groupNorm(tf.ones([2]), 1, one, zero), /got a batch of shape \[2\]/);
});
