// Each layer against its definition: output and gradients of the input and of every parameter.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { quickGelu } from "braid/nn/activations.ts";
import { MultiHeadAttention } from "braid/nn/attention.ts";
import { BatchNorm, batchNorm } from "braid/nn/batch_norm.ts";
import { Conv2d, conv2d } from "braid/nn/conv2d.ts";
import { ConvEncoder } from "braid/nn/conv_encoder.ts";
import { dropout } from "braid/nn/dropout.ts";
import { LayerNorm } from "braid/nn/layer_norm.ts";
import { Linear, linear } from "braid/nn/linear.ts";
import { sinCosPosition1d, sinCosPosition2d } from "braid/nn/positions.ts";
import { ProjectionHead } from "braid/nn/projection_head.ts";
import { TransformerBlock } from "braid/nn/transformer_block.ts";
import { closeTo, numbersOf, wave } from "../engine/engines.ts";
import {
  attentionByLoop,
  batchNormByLoop,
  blockByLoop,
  convolutionByLoop,
  followsDefinition,
  layerNormByLoop,
  linearByLoop,
  type Matrix,
  quickGeluByLoop,
  setIrregular,
  type State,
  type Vector,
} from "./reference.ts";

await useEngine();
const random = new RandomStream(5, "weights");
type Images = number[][][][];

Deno.test("Linear is its definition, with and without bias, over any leading axes", () => {
  for (const bias of [true, false]) {
    const layer = new Linear(3, 2, { random, bias });
    const rows = (state: State, x: Matrix) => x.map((row) => linearByLoop(row, state.weight, state.bias));
    followsDefinition(layer, (x) => layer.forward(x), rows, wave([4, 3]));
    followsDefinition(
      layer,
      (x) => layer.forward(x),
      (state, x: Matrix[]) => x.map((m) => rows(state, m)),
      wave([2, 1, 3]),
    );
    followsDefinition(layer, (x) => layer.forward(x), (state, x: Vector) => rows(state, [x])[0], wave([3]));
    assert.deepEqual(layer.forward(tf.zeros([0, 3])).shape, [0, 2]);
    assert.deepEqual(layer.parameters().map(([name]) => name), bias ? ["weight", "bias"] : ["weight"]);
  }
  assert.throws(() => linear(tf.ones([2, 4]), tf.ones([2, 3])), /last axis to have 3 entries.*\[2,3\], got \[2,4\]/);
});

Deno.test("LayerNorm is its definition, also where a row hardly varies", () => {
  const layer = new LayerNorm(4);
  setIrregular(layer);
  const rows = (state: State, x: Matrix) => x.map((row) => layerNormByLoop(row, state.weight, state.bias));
  followsDefinition(layer, (x) => layer.forward(x), rows, wave([3, 4]));
  followsDefinition(layer, (x) => layer.forward(x), rows, tf.mul(wave([3, 4]), 1e-3));
  const constant = layer.forward(tf.fill([2, 4], 7));
  closeTo(numbersOf(constant), [...numbersOf(layer.bias), ...numbersOf(layer.bias)]);
});

Deno.test("BatchNorm in training is its definition and moves its running statistics by a tenth", () => {
  const layer = new BatchNorm(3);
  setIrregular(layer);
  const x = tf.add(tf.mul(wave<tf.Rank.R2>([5, 3]), 2), 1);
  const rows = (state: State, x: Matrix) => batchNormByLoop(x, state.weight, state.bias).output;
  followsDefinition(layer, (x) => layer.forward(x, { training: true }), rows, x);
  const fresh = new BatchNorm(3), statistics = batchNormByLoop(x.arraySync() as Matrix, [1, 1, 1], [0, 0, 0]);
  fresh.forward(x, { training: true });
  closeTo(numbersOf(fresh.runningMean), statistics.mean.map((m) => 0.1 * m));
  closeTo(numbersOf(fresh.runningVar), statistics.unbiased.map((v) => 0.9 + 0.1 * v));
  fresh.forward(x, { training: true });
  closeTo(numbersOf(fresh.runningMean), statistics.mean.map((m) => 0.19 * m));
  closeTo(numbersOf(fresh.runningVar), statistics.unbiased.map((v) => 0.81 + 0.19 * v));
});

Deno.test("BatchNorm outside of training normalises by its running statistics and leaves them alone", () => {
  const layer = new BatchNorm(2);
  setIrregular(layer);
  layer.runningMean.assign(tf.tensor1d([1, -2]));
  layer.runningVar.assign(tf.tensor1d([4, 0.25]));
  const rows = (state: State, x: Matrix) =>
    batchNormByLoop(x, state.weight, state.bias, { mean: state.running_mean, variance: state.running_var }).output;
  followsDefinition(layer, (x) => layer.forward(x, { training: false }), rows, wave([3, 2]));
  followsDefinition(layer, (x) => layer.forward(x, { training: false }), rows, wave([1, 2])); // one sample will do
  assert.deepEqual(numbersOf([layer.runningMean, layer.runningVar]), [1, -2, 4, 0.25]);
});

Deno.test("BatchNorm takes every axis but the last as rows", () => {
  const layer = new BatchNorm(2), x = wave([2, 3, 2, 2]), other = new BatchNorm(2);
  const images = layer.forward(x, { training: true }), rows = other.forward(x.reshape([12, 2]), { training: true });
  closeTo(numbersOf([images, layer.runningVar]), numbersOf([rows, other.runningVar]), 1e-6);
});

Deno.test("batchNorm() takes momentum and epsilon, and refuses to train on one row", () => {
  const [one, zero] = [tf.ones<tf.Rank.R1>([1]), tf.zeros<tf.Rank.R1>([1])];
  const start = { weight: one, bias: zero, runningMean: zero, runningVar: one };
  const { output, runningMean } = batchNorm(tf.tensor2d([[-1], [3]]), start, {
    training: true,
    momentum: 1,
    epsilon: 12,
  });
  closeTo(numbersOf([output, runningMean]), [-0.5, 0.5, 1]); // (x - 1) / sqrt(4 + 12)
  for (const shape of [[1, 1], [1, 1, 1, 1], [1]]) {
    assert.throws(() => batchNorm(tf.ones(shape), start, { training: true }), /at least 2 rows.*got 1/);
  }
});

Deno.test("Conv2d is its definition, by PyTorch's layout of weights, for kernels, strides and paddings", () => {
  const examples = [[3, 2, 1, 5, 6], [2, 1, 0, 4, 3], [3, 3, 2, 4, 4], [1, 1, 0, 2, 2], [5, 2, 2, 6, 5]];
  for (const [kernel, stride, padding, height, width] of examples) {
    const layer = new Conv2d(2, 3, kernel, { stride, padding, random });
    const images = (state: State, x: Images) => x.map((image) => convolutionByLoop(state, image, stride, padding));
    followsDefinition(layer, (x) => layer.forward(x as tf.Tensor4D), images, wave([2, height, width, 2]));
  }
  assert.throws(() => conv2d(tf.ones([1, 3, 3, 4]), tf.ones([3, 3, 2, 1])), /Expected 2 channels.*got.*\[1,3,3,4\]/);
});

Deno.test("ConvEncoder is convolutions of stride 2 and ReLU; it knows the size of its map", () => {
  const encoder = new ConvEncoder([2, 3, 2], { random });
  const definition = (state: State, x: Images) =>
    x.map((image) =>
      [0, 1].reduce((map, layer) => {
        const own = { weight: state[`layers.${layer}.weight`], bias: state[`layers.${layer}.bias`] };
        return convolutionByLoop(own, map, 2, 1).map((row) => row.map((place) => place.map((v) => Math.max(0, v))));
      }, image)
    );
  followsDefinition(encoder, (x) => encoder.forward(x as tf.Tensor4D), definition, wave([1, 5, 5, 2]), 1e-3);
  for (const size of [1, 2, 3, 4, 5, 8, 9]) {
    const { shape } = encoder.forward(tf.zeros([1, size, size, 2]));
    assert.deepEqual(shape, [1, encoder.mapSize(size), encoder.mapSize(size), encoder.channels]);
  }
  assert.throws(() => new ConvEncoder([3], { random }), /at least one layer, got \[3\]/);
});

Deno.test("ConvEncoder starts with He's variance 2 / fan-in and no bias, so that layers keep the scale", async () => {
  const encoder = new ConvEncoder([8, 64, 128], { random });
  for (const { weight, bias } of encoder.layers) {
    const [, , inChannels] = weight.shape, values = await weight.data<"float32">();
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    assert.ok(Math.abs(variance * 9 * inChannels / 2 - 1) < 0.1, `variance ${variance}`);
    assert.ok((await bias.data()).every((x) => x === 0));
  }
});

for (const heads of [1, 2, 4]) {
  Deno.test(`MultiHeadAttention with ${heads} heads is its definition`, () => {
    const layer = new MultiHeadAttention(4, heads, { random, inDeviation: 0.5, outDeviation: 0.5 });
    setIrregular(layer);
    const forward = (x: tf.Tensor) => layer.forward(x as tf.Tensor3D);
    followsDefinition(
      layer,
      forward,
      (state, x: Matrix[]) => x.map((t) => attentionByLoop(t, state, heads)),
      wave([2, 3, 4]),
    );
    followsDefinition(
      layer,
      forward,
      (state, x: Matrix[]) => x.map((t) => attentionByLoop(t, state, heads)),
      wave([1, 1, 4]),
    );
  });
}

Deno.test("attention leaves padded keys out: their weight is exactly 0", () => {
  const layer = new MultiHeadAttention(4, 2, { random, inDeviation: 3, outDeviation: 1 });
  const padding = tf.tensor2d([[0, 1, 0, 1], [0, 0, 0, 0]]);
  const forward = (x: tf.Tensor) => layer.forward(x as tf.Tensor3D, { padding });
  const definition = (state: State, x: Matrix[]) =>
    x.map((tokens, b) => attentionByLoop(tokens, state, 2, (t) => b === 0 && t % 2 === 1));
  setIrregular(layer);
  followsDefinition(layer, forward, definition, wave([2, 4, 4]));

  // Whatever padded tokens hold, the others see nothing of it, to the last bit.
  const tokens = wave([1, 4, 4]), mask = tf.tensor2d([[0, 1, 0, 1]]);
  const other = tf.where(
    tf.cast(tf.reshape(mask, [1, 4, 1]), "bool").broadcastTo([1, 4, 4]),
    tf.fill([1, 4, 4], 1e4),
    tokens,
  );
  const seen = (x: tf.Tensor) => numbersOf(tf.gather(layer.forward(x as tf.Tensor3D, { padding: mask }), [0, 2], 1));
  assert.deepEqual(seen(other), seen(tokens));
  const asBool = layer.forward(tokens as tf.Tensor3D, { padding: tf.cast(mask, "bool") as tf.Tensor2D });
  assert.deepEqual(numbersOf(asBool), numbersOf(layer.forward(tokens as tf.Tensor3D, { padding: mask })));
});

Deno.test("attention refuses heads that do not divide the width", () => {
  for (const heads of [3, 0, -2, 1.5, 8]) {
    const make = () => new MultiHeadAttention(4, heads, { random, inDeviation: 1, outDeviation: 1 });
    assert.throws(make, /number of heads that divides 4, got/);
  }
});

Deno.test("TransformerBlock is its definition, padded or not", () => {
  const block = new TransformerBlock(4, 2, { random, depth: 1 });
  setIrregular(block);
  const plain = (state: State, x: Matrix[]) => x.map((tokens) => blockByLoop(tokens, state, 2));
  followsDefinition(block, (x) => block.forward(x as tf.Tensor3D), plain, wave([1, 3, 4]));
  const padding = tf.tensor2d([[0, 0, 1]]);
  const padded = (state: State, x: Matrix[]) => x.map((tokens) => blockByLoop(tokens, state, 2, (t) => t === 2));
  followsDefinition(block, (x) => block.forward(x as tf.Tensor3D, { padding }), padded, wave([1, 3, 4]));
});

Deno.test("ProjectionHead is Linear, batch norm, ReLU, twice, then Linear", () => {
  const head = new ProjectionHead(3, { random, hidden: 4, out: 2 });
  setIrregular(head);
  const definition = (training: boolean) => (state: State, x: Matrix) => {
    const affine = (rows: Matrix, k: number) =>
      rows.map((row) => linearByLoop(row, state[`linears.${k}.weight`], state[`linears.${k}.bias`]));
    const normal = (rows: Matrix, k: number) => {
      const [mean, variance] = [state[`norms.${k}.running_mean`], state[`norms.${k}.running_var`]];
      const running = training ? undefined : { mean, variance };
      const { output } = batchNormByLoop(rows, state[`norms.${k}.weight`], state[`norms.${k}.bias`], running);
      return output.map((row) => row.map((v) => Math.max(0, v)));
    };
    return affine(normal(affine(normal(affine(x, 0), 0), 1), 1), 2);
  };
  const forward = (training: boolean) => (x: tf.Tensor) => head.forward(x as tf.Tensor2D, { training });
  followsDefinition(head, forward(true), definition(true), wave([5, 3]), 1e-3);
  followsDefinition(head, forward(false), definition(false), wave([2, 3]), 1e-3);
});

Deno.test("quickGelu() is x σ(1.702 x), without overflow", () => {
  const x = [-1e4, -30, -3, -1, -1e-3, 0, 1e-3, 0.5, 2, 40, 1e4];
  closeTo(numbersOf(quickGelu(tf.tensor1d(x.slice(1, -1)))), x.slice(1, -1).map(quickGeluByLoop), 1e-6);
  closeTo(numbersOf(quickGelu(tf.tensor1d([-1e4, 1e4]))), [0, 1e4]);
});

Deno.test("dropout() keeps a part of the entries, scaled, and nothing changes outside of training or at rate 0", () => {
  const x = tf.fill([20_000], 3), kept = numbersOf(dropout(x, { rate: 0.25, random, training: true }));
  assert.deepEqual([...new Set(kept)].sort(), [0, 4]);
  const part = kept.filter((value) => value > 0).length / kept.length;
  assert.ok(Math.abs(part - 0.75) < 4 * Math.sqrt(0.75 * 0.25 / kept.length), `kept ${part}`);
  for (const options of [{ rate: 0.25, training: false }, { rate: 0, training: true }]) {
    const same = dropout(x, { ...options, random });
    assert.deepEqual(numbersOf(same), numbersOf(x));
    same.dispose();
    assert.equal(x.isDisposed, false);
  }
  for (const rate of [1, -0.1, NaN]) {
    assert.throws(() => dropout(x, { rate, random, training: true }), /rate in \[0, 1\), got/);
  }
});

Deno.test("positions are sines and cosines of the stated frequencies", () => {
  const omega = (j: number, half: number) => 10000 ** (-j / half);
  const oneD = sinCosPosition1d(4, 6).arraySync(), twoD = sinCosPosition2d(2, 3, 8).arraySync();
  oneD.forEach((row, p) =>
    closeTo(row, [0, 1, 2].flatMap((j) => [Math.sin(p * omega(j, 3)), Math.cos(p * omega(j, 3))]), 1e-6)
  );
  twoD.forEach((row, i) => {
    const [r, c] = [Math.floor(i / 3), i % 3], w = [1, omega(1, 2)];
    const want = [r, c].flatMap((p) => [...w.map((v) => Math.sin(p * v)), ...w.map((v) => Math.cos(p * v))]);
    closeTo(row, want, 1e-6);
  });
  assert.deepEqual(sinCosPosition1d(0, 4).shape, [0, 4]);
  assert.throws(() => sinCosPosition1d(2, 3), /divisible by 2, got 3/);
  assert.throws(() => sinCosPosition2d(2, 2, 6), /divisible by 4, got 6/);
});
