// The encoder against PyTorch's numbers, and against its definition by loops.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { ConvPoolEncoder } from "braid/nn/conv_pool_encoder.ts";
import { closeTo, engines, numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import { convolutionByLoop, followsDefinition, linearByLoop, type State, within } from "./reference.ts";

const random = new RandomStream(5, "weights");
type Map = number[][][];

/** Numbers in the order of the axes. */
const along = (shape: number[], number: (i: number) => number) =>
  tf.tensor(Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => number(i)), shape);

/** The state of PyTorch's network below: in each parameter, entry i is sin(2.3 (i + 1)) in PyTorch's order. */
const checkpoint = () =>
  Object.fromEntries(
    Object.entries({
      "layers.0.weight": [2, 1, 3, 3],
      "layers.0.bias": [2],
      "layers.1.weight": [3, 2, 3, 3],
      "layers.1.bias": [3],
      "linear.weight": [4, 18],
      "linear.bias": [4],
    }).map(([name, shape]) => [name, along(shape, (i) => Math.sin(2.3 * (i + 1)))]),
  );

/**
 * What PyTorch computes in float64 by Sequential(Conv2d(1, 2, 3, 1, 1), ReLU(), MaxPool2d(2), Conv2d(2, 3, 3, 1, 1), ReLU(),
 * MaxPool2d(2), Flatten(), Linear(18, 4), ReLU()): vectors, and the gradients of their sum, weighted by cos(i) over each
 * parameter in turn. Pixels that are all alike tie in each window: one of them has the gradient.
 */
const byPyTorch = [
  {
    pixel: (i: number) => Math.cos(0.7 * i),
    vectors: [0, 0.4832747749380032, 0, 0.7503004381106957, 0, 0.7696484947622405, 0, 0.7710786089058979],
    gradients: [
      ...[-37.41195946060211, 2.8610526145902515, 3.1740179862840647, -0.7887176319608586],
      ...[0.996782217806353, -0.8993803814646113],
    ],
  },
  {
    pixel: () => 0.5,
    vectors: [0, 0.1691916372911887, 0, 0.4811691590561762, 0, 0.1691916372911887, 0, 0.4811691590561762],
    gradients: [
      ...[5.9634580100670656, -1.4536516301755782, 1.6395649844054536, -0.788717631960859],
      ...[1.2538408283219376, -0.8993803814646113],
    ],
  },
];

for (const engine of engines) {
  Deno.test(`a PyTorch checkpoint loads and gives PyTorch's vectors and gradients, on ${engine}`, async () => {
    await useEngine(engine);
    const encoder = new ConvPoolEncoder([1, 2, 3], { size: [9, 13], features: 4, random });
    encoder.loadStateDict(checkpoint());
    for (const { pixel, vectors, gradients } of byPyTorch) {
      const images = tf.reshape(along([2, 9, 13], pixel), [2, 9, 13, 1]) as tf.Tensor4D;
      closeTo(numbersOf(encoder.forward(images)), vectors, 1e-5);

      const { grads } = tf.variableGrads(() => tf.sum(encoder.forward(images)) as tf.Scalar);
      encoder.parameters().forEach(([name, parameter], i) => {
        const gradient = grads[parameter.name];
        const own = gradient.rank === 4 ? tf.transpose(gradient, [3, 2, 0, 1]) : gradient;
        closeTo(numbersOf(tf.sum(tf.mul(own, along(own.shape, Math.cos)))), [gradients[i]], 1e-4, name);
      });
    }
    encoder.dispose();
  });
}

Deno.test("ConvPoolEncoder is convolution, ReLU and pooling, flattened channels first, then linear and ReLU", async () => {
  await useEngine();
  const pooled = (map: Map) =>
    Array.from(
      { length: Math.floor(map.length / 2) },
      (_, r) =>
        Array.from({ length: Math.floor(map[0].length / 2) }, (_, c) =>
          map[0][0].map((_, channel) =>
            Math.max(...[0, 1].flatMap((i) =>
              [0, 1].map((j) => map[2 * r + i][2 * c + j][channel])
            ))
          )),
    );
  const definition = (depth: number) => (state: State, images: Map[]) =>
    images.map((image) => {
      let map = image;
      for (let layer = 0; layer < depth; layer++) {
        const convolved = convolutionByLoop(within(state, `layers.${layer}.`), map, 1, 1);
        map = pooled(convolved.map((row) => row.map((place) => place.map((v) => Math.max(0, v)))));
      }
      const flat = map[0][0].flatMap((_, channel) => map.flatMap((row) => row.map((place) => place[channel])));
      return linearByLoop(flat, state["linear.weight"], state["linear.bias"]).map((v) => Math.max(0, v));
    });
  const examples: { widths: number[]; size: [number, number]; batch: number }[] = [
    { widths: [1, 3], size: [5, 4], batch: 2 },
    { widths: [2, 2, 3], size: [4, 9], batch: 1 },
    { widths: [1, 2, 2, 2], size: [8, 9], batch: 2 },
  ];
  for (const { widths, size, batch } of examples) {
    const encoder = new ConvPoolEncoder(widths, { size, features: 3, random });
    const images = wave<tf.Rank.R4>([batch, ...size, widths[0]]);
    const forward = (x: tf.Tensor) => encoder.forward(x as tf.Tensor4D);
    followsDefinition(encoder, forward, definition(widths.length - 1), images, 1e-3);
  }
});

Deno.test("the encoders of the digits have the papers' sizes", async () => {
  await useEngine();
  const image = new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features: 128, random });
  const audio = new ConvPoolEncoder([1, 16, 32, 64], { size: [64, 44], features: 128, random });
  assert.deepEqual(image.linear.weight.shape, [128, 3136]);
  assert.deepEqual(audio.linear.weight.shape, [128, 2560]);
  assert.equal(image.parameterCount, (9 + 1) * 32 + (9 * 32 + 1) * 64 + (3136 + 1) * 128);
  const spectrograms = tf.zeros<tf.Rank.R4>([3, 64, 44, 1]), before = tensorsHeld();
  const vectors = audio.forward(spectrograms);
  assert.deepEqual(vectors.shape, [3, audio.features]);
  assert.ok(numbersOf(vectors).every((x) => x >= 0));
  vectors.dispose();
  assert.deepEqual(tensorsHeld(), before);
  assert.deepEqual(audio.forward(tf.zeros([0, 64, 44, 1])).shape, [0, 128]);
});

Deno.test("ConvPoolEncoder refuses images that it is not made for", () => {
  const make = (widths: number[], size: [number, number]) => new ConvPoolEncoder(widths, { size, features: 2, random });
  assert.throws(() => make([1], [8, 8]), /widths of at least one layer, got \[1\]/);
  assert.throws(() => make([1, 2, 2], [8, 3]), /at least 4 x 4 for 2 layers, got \[8,3\]/);
  const encoder = make([1, 2], [4, 6]);
  for (const shape of [[1, 6, 4, 1], [1, 4, 6, 3], [1, 5, 6, 1]] as [number, number, number, number][]) {
    assert.throws(() => encoder.forward(tf.zeros(shape)), /of shape \[batch,4,6,1\], got/);
  }
});
