// Names, layouts and counts of parameters; what may be loaded; what weights are at first.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { AlexNetTrunk } from "braid/nn/alex_net.ts";
import { BatchNorm } from "braid/nn/batch_norm.ts";
import { Conv1d } from "braid/nn/conv1d.ts";
import { Conv2d } from "braid/nn/conv2d.ts";
import { ConvEncoder } from "braid/nn/conv_encoder.ts";
import { ConvTranspose2d } from "braid/nn/conv_transpose2d.ts";
import { Embedding } from "braid/nn/embedding.ts";
import { GroupNorm } from "braid/nn/group_norm.ts";
import { GRU } from "braid/nn/gru.ts";
import { LayerNorm } from "braid/nn/layer_norm.ts";
import { Linear } from "braid/nn/linear.ts";
import { LSTM } from "braid/nn/lstm.ts";
import { Module } from "braid/nn/module.ts";
import { ProjectionHead } from "braid/nn/projection_head.ts";
import { ResNetTrunk } from "braid/nn/res_net.ts";
import { TransformerBlock } from "braid/nn/transformer_block.ts";
import { numbersOf, tensorsHeld } from "../engine/engines.ts";

await useEngine();
const random = new RandomStream(1, "weights");

/** A model with all that a model can have. */
class Model extends Module {
  readonly inputScale = tf.variable(tf.scalar(2));
  readonly stem = new Conv2d(2, 3, 2, { random });
  readonly hiddenLayers = [new Linear(3, 3, { random }), new Linear(3, 1, { random, bias: false })];
  readonly norm = new BatchNorm(3);
  readonly options = { rate: 0.5 };
  readonly notes = ["not", "a", "module"];
}

const shapesOf = (tensors: Record<string, tf.Tensor>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));

Deno.test("a module's names follow PyTorch's; parameters are trainable, state holds buffers too, in PyTorch's layout", () => {
  const model = new Model();
  assert.deepEqual(Object.entries(shapesOf(model.stateDict())), [
    ["input_scale", []],
    ["stem.weight", [3, 2, 2, 2]],
    ["stem.bias", [3]],
    ["hidden_layers.0.weight", [3, 3]],
    ["hidden_layers.0.bias", [3]],
    ["hidden_layers.1.weight", [1, 3]],
    ["norm.weight", [3]],
    ["norm.bias", [3]],
    ["norm.running_mean", [3]],
    ["norm.running_var", [3]],
    ["norm.num_batches_tracked", []],
  ]);
  const names = Object.keys(model.stateDict()).filter((name) => !/running|tracked/.test(name));
  assert.deepEqual(model.parameters().map(([name]) => name), names);
  assert.equal(model.parameterCount, 1 + 24 + 3 + 9 + 3 + 3 + 3 + 3);
});

Deno.test("a convolution's state is [out, in, height, width]: entry by entry", () => {
  const layer = new Conv2d(2, 3, 2, { random });
  const ours = layer.weight.arraySync(), theirs = layer.stateDict().weight.arraySync() as number[][][][];
  theirs.forEach((filters, o) =>
    filters.forEach((filter, c) => filter.forEach((row, i) => row.forEach((w, j) => assert.equal(w, ours[i][j][c][o]))))
  );
});

Deno.test("a state dict goes round, to another module and back, and stays the caller's", () => {
  const first = new Model(), second = new Model(), state = first.stateDict();
  const images = tf.ones<tf.Rank.R4>([1, 3, 3, 2]);
  assert.notDeepEqual(numbersOf(second.stem.forward(images)), numbersOf(first.stem.forward(images)));
  second.loadStateDict(state);
  assert.deepEqual(numbersOf(second.stateDict()), numbersOf(state));
  assert.deepEqual(numbersOf(second.stem.forward(images)), numbersOf(first.stem.forward(images)));
  second.stem.bias!.assign(tf.ones([3]));
  second.norm.forward(tf.tensor2d([[1, 2, 3], [4, 5, 6]]), { training: true });
  assert.deepEqual(numbersOf(first.stateDict()), numbersOf(state)); // nothing is shared but values
  tf.dispose(state);
  assert.equal(numbersOf(first.stateDict()).length, numbersOf(second.stateDict()).length);
});

Deno.test("a state that does not fit is refused by name, and nothing is set", () => {
  const model = new Model(), before = numbersOf(model.stateDict());
  const changed = (change: (state: Record<string, tf.Tensor>) => void) => {
    const state = Object.fromEntries(
      Object.entries(model.stateDict()).map(([name, tensor]) => [name, tf.add(tensor, tf.scalar(1, tensor.dtype))]),
    ) as Record<string, tf.Tensor>;
    change(state);
    return () => model.loadStateDict(state);
  };
  const refusals: [(state: Record<string, tf.Tensor>) => void, RegExp][] = [
    [(state) => delete state["norm.running_var"], /1 missing \(norm\.running_var\) and 0 unknown/],
    [(state) => state["stem.scale"] = tf.scalar(1), /0 missing \(\) and 1 unknown \(stem\.scale\)/],
    [(state) => state["norm.running_var"] = tf.ones([2]), /norm\.running_var to be float32 \[3\], got float32 \[2\]/],
    [
      (state) => state["stem.weight"] = tf.ones([2, 2, 2, 3]),
      /stem\.weight to be float32 \[3,2,2,2\], got.*\[2,2,2,3\]/,
    ],
    [(state) => state["stem.weight"] = tf.ones([24]), /stem\.weight to be float32 \[3,2,2,2\], got float32 \[24\]/],
    [(state) => state["norm.running_var"] = tf.ones([3], "int32"), /to be float32 \[3\], got int32 \[3\]/],
    [(state) => state["norm.num_batches_tracked"] = tf.scalar(1), /to be int32 \[\], got float32 \[\]/],
    [(state) => Object.keys(state).forEach((name) => delete state[name]), /11 missing/],
  ];
  for (const [change, message] of refusals) {
    assert.throws(changed(change), (error) => error instanceof RangeError && message.test(error.message));
    assert.deepEqual(numbersOf(model.stateDict()), before);
  }
});

Deno.test("a layer used twice has its parameters once, in the count too; its state has both names, as PyTorch's", () => {
  class Twins extends Module {
    readonly left: Linear;
    readonly right: Linear;
    constructor(shared: Linear) {
      super();
      [this.left, this.right] = [shared, shared];
    }
  }
  const twins = new Twins(new Linear(2, 3, { random }));
  assert.deepEqual(twins.parameters().map(([name]) => name), ["left.weight", "left.bias"]);
  assert.equal(twins.parameterCount, 9);
  assert.deepEqual(Object.keys(twins.stateDict()), ["left.weight", "left.bias", "right.weight", "right.bias"]);
});

Deno.test("a module leaves no tensor behind but its variables, and none when it is disposed of", () => {
  const before = tensorsHeld();
  const modules = [
    new Linear(2, 2, { random }),
    new Conv2d(1, 2, 3, { random }),
    new LayerNorm(3),
    new BatchNorm(3),
    new ProjectionHead(2, { random, hidden: 3, out: 2 }),
    new TransformerBlock(4, 2, { random, depth: 1 }),
    new Conv1d(1, 2, 3, { random }),
    new ConvTranspose2d(1, 2, 3, { random }),
    new Embedding(4, 2, { random, paddingIndex: 0 }),
    new GroupNorm(1, 2),
    new LSTM(2, 3, { random, layers: 2 }),
    new GRU(2, 3, { random, bidirectional: true }),
    new ResNetTrunk({ random, width: 1 }),
  ];
  tf.tidy(() => modules.forEach((module) => module.loadStateDict(module.stateDict())));
  const variables = tf.tidy(() => modules.flatMap((module) => Object.keys(module.stateDict())).length);
  assert.equal(tf.memory().numTensors - before[0], variables);
  for (const module of modules) module.dispose();
  assert.deepEqual(tensorsHeld(), before);
});

/** Numbers within ±bound that fill it evenly: mean 0, deviation bound / √3. */
function isUniform(parameter: tf.Tensor, bound: number): void {
  const values = numbersOf(parameter), n = values.length;
  assert.ok(values.every((value) => Math.abs(value) <= bound), `beyond ${bound}`);
  const largest = Math.max(...values.map(Math.abs));
  assert.ok(largest > bound * (1 - 10 / n), `largest ${largest} of ${bound}`);
  hasMoments(values, bound / Math.sqrt(3), 1.8);
}

/** Mean 0 and the given deviation, within 4 deviations of these; `kurtosis` is 3 for normal numbers. */
function hasMoments(values: number[], deviation: number, kurtosis = 3): void {
  const n = values.length, mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + x * x, 0) / n / deviation ** 2;
  assert.ok(Math.abs(mean) < 4 * deviation / Math.sqrt(n), `mean ${mean}`);
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt((kurtosis - 1) / n), `variance ${variance} times what it should be`);
}

Deno.test("linear and convolution layers start as PyTorch's: uniform in ±1/√(inputs of one output)", () => {
  const linear = new Linear(50, 200, { random }), conv = new Conv2d(8, 100, 5, { random });
  isUniform(linear.weight, 1 / Math.sqrt(50));
  isUniform(linear.bias!, 1 / Math.sqrt(50));
  isUniform(conv.weight, 1 / Math.sqrt(200));
  isUniform(conv.bias!, 1 / Math.sqrt(200));
  const oblong = new Conv2d(8, 100, [5, 2], { random }), series = new Conv1d(10, 200, 4, { random });
  for (const parameter of [oblong.weight, oblong.bias!]) isUniform(parameter, 1 / Math.sqrt(80));
  for (const parameter of [series.weight, series.bias!]) isUniform(parameter, 1 / Math.sqrt(40));
  // PyTorch takes the outputs of a transposed convolution for its inputs.
  const transposed = new ConvTranspose2d(8, 100, 3, { random });
  for (const parameter of [transposed.weight, transposed.bias!]) isUniform(parameter, 1 / Math.sqrt(900));
});

Deno.test("norms start as the identity with running mean 0 and variance 1", () => {
  const { weight, bias, runningMean, runningVar, numBatchesTracked } = new BatchNorm(2), layer = new LayerNorm(2);
  assert.deepEqual(numbersOf([weight, bias, runningMean, runningVar]), [1, 1, 0, 0, 0, 0, 1, 1]);
  assert.deepEqual(numbersOf([layer.weight, layer.bias]), [1, 1, 0, 0]);
  assert.deepEqual([numBatchesTracked.dtype, ...numbersOf(numBatchesTracked)], ["int32", 0]);
  const trainable = [runningMean, runningVar, numBatchesTracked, weight].map((variable) => variable.trainable);
  assert.deepEqual(trainable, [false, false, false, true]);
});

Deno.test("transformer blocks start as CLIP's: normal weights scaled by width and depth, attention without bias", () => {
  const dim = 64, depth = 3, { attention, fc, proj } = new TransformerBlock(dim, 4, { random, depth });
  const out = dim ** -0.5 * (2 * depth) ** -0.5;
  hasMoments(numbersOf(attention.inProjWeight), dim ** -0.5);
  hasMoments(numbersOf(attention.outProj.weight), out);
  hasMoments(numbersOf(fc.weight), (2 * dim) ** -0.5);
  hasMoments(numbersOf(proj.weight), out);
  assert.ok(numbersOf([attention.inProjBias, attention.outProj.bias]).every((x) => x === 0));
  isUniform(fc.bias!, dim ** -0.5);
  isUniform(proj.bias!, (4 * dim) ** -0.5);
});

Deno.test("one seed gives the same weights again, another seed and another layer do not", () => {
  const weights = (seed: number) => {
    const random = new RandomStream(seed, "weights");
    return [1, 2].map(() => String(numbersOf(new Linear(3, 3, { random }).stateDict())));
  };
  const first = weights(1);
  assert.deepEqual(weights(1), first);
  assert.equal(new Set([...first, ...weights(2)]).size, 4);
});

Deno.test("AlexNet's trunk has torchvision's sizes: 2,469,696 parameters, a 6 x 6 map of 256 at 224 pixels", () => {
  const trunk = new AlexNetTrunk({ random });
  assert.equal(trunk.parameterCount, 2_469_696);
  assert.deepEqual([trunk.mapSize(224), trunk.channels], [6, 256]);
  const places = trunk.parameters().map(([name]) => name).filter((name) => name.endsWith("bias"));
  assert.deepEqual(places, [0, 3, 6, 8, 10].map((place) => `features.${place}.bias`));
  assert.deepEqual(Object.values(shapesOf(trunk.stateDict())).filter((shape) => shape.length === 4), [
    [64, 3, 11, 11],
    [192, 64, 5, 5],
    [384, 192, 3, 3],
    [256, 384, 3, 3],
    [256, 256, 3, 3],
  ]);
  for (const size of [63, 64, 96]) {
    const map = tf.tidy(() => trunk.forward(tf.zeros([1, size, size, 3])).shape);
    assert.deepEqual(map, [1, trunk.mapSize(size), trunk.mapSize(size), 256], `${size} pixels`);
  }
  trunk.dispose();
});

Deno.test("the small encoder's and the projection head's parameters count as published", () => {
  const encoder = new ConvEncoder([3, 32, 64, 128, 256], { random });
  assert.equal(encoder.parameterCount, 896 + 18_496 + 73_856 + 295_168);
  assert.deepEqual([encoder.mapSize(64), encoder.mapSize(32)], [4, 2]);
  const head = new ProjectionHead(512, { random });
  assert.equal(head.parameterCount, 658_688);
  assert.deepEqual(head.linears.map(({ weight }) => weight.shape), [[512, 512], [512, 512], [256, 512]]);
});
