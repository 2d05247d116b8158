// Convolutions against their definition: output and gradients, by PyTorch's layout of weights.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { Conv1d, conv1d } from "braid/nn/conv1d.ts";
import { Conv2d, conv2d } from "braid/nn/conv2d.ts";
import { ConvTranspose2d, convTranspose2d } from "braid/nn/conv_transpose2d.ts";
import { type Pair, pairOf } from "braid/nn/windows.ts";
import { closeTo, engines, numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import { convolutionByLoop, followsDefinition, type Image, type Matrix, type State } from "./reference.ts";

await useEngine();
const random = new RandomStream(5, "weights");

Deno.test("Conv2d is its definition for kernels, strides and paddings, square and oblong, with bias and without", () => {
  const examples: [kernel: Pair, stride: Pair, padding: Pair, height: number, width: number, bias?: boolean][] = [
    [3, 2, 1, 5, 6],
    [2, 1, 0, 4, 3],
    [3, 3, 2, 4, 4],
    [1, 1, 0, 2, 2],
    [5, 2, 2, 6, 5],
    [[1, 4], 1, 0, 3, 4], // a whole row of four, as GMC takes mel columns
    [[4, 1], [2, 1], [1, 0], 6, 2, false],
    [[2, 3], [1, 2], [0, 2], 3, 4, false],
  ];
  for (const [kernel, stride, padding, height, width, bias] of examples) {
    const layer = new Conv2d(2, 3, kernel, { stride, padding, random, bias });
    const images = (state: State, x: Image[]) =>
      x.map((image) => convolutionByLoop(state, image, pairOf(stride), pairOf(padding)));
    followsDefinition(layer, (x) => layer.forward(x as tf.Tensor4D), images, wave([2, height, width, 2]));
    assert.deepEqual(layer.parameters().map(([name]) => name), bias === false ? ["weight"] : ["weight", "bias"]);
  }
});

Deno.test("Conv1d is its definition, its state [out, in, kernel]", () => {
  for (
    const [kernel, stride, padding, steps] of [[3, 1, 1, 5], [2, 2, 1, 4], [1, 1, 0, 3], [5, 3, 2, 1], [4, 2, 0, 7]]
  ) {
    const layer = new Conv1d(2, 3, kernel, { stride, padding, random });
    const sequences = ({ weight, bias }: State, x: Matrix[]) => {
      const state = { weight: weight.map((own: Matrix) => own.map((row) => [row])), bias };
      return x.map((steps) => convolutionByLoop(state, [steps], [1, stride], [0, padding])[0]);
    };
    followsDefinition(layer, (x) => layer.forward(x as tf.Tensor3D), sequences, wave([2, steps, 2]));
    assert.deepEqual(layer.stateDict().weight.shape, [3, 2, kernel]);
  }
});

/** Each place of the input adds its kernel to the output, by PyTorch's weights `[in, out, height, width]`. */
function transposedByLoop(
  { weight, bias }: State,
  image: Image,
  stride: number[],
  padding: number[],
  added: number[],
): Image {
  const kernel = [weight[0][0].length, weight[0][0][0].length], channels: number = weight[0].length;
  const size = [image.length, image[0].length].map((side, axis) =>
    (side - 1) * stride[axis] - 2 * padding[axis] + kernel[axis] + added[axis]
  );
  const output: Image = Array.from(
    { length: size[0] },
    () => Array.from({ length: size[1] }, () => Array.from({ length: channels }, (_, o) => bias ? bias[o] : 0)),
  );
  image.forEach((row, p) =>
    row.forEach((place, q) =>
      place.forEach((value, c) =>
        weight[c].forEach((filter: Matrix, o: number) =>
          filter.forEach((weights, i) =>
            weights.forEach((w, j) => {
              const target = output[p * stride[0] + i - padding[0]]?.[q * stride[1] + j - padding[1]];
              if (target) target[o] += w * value;
            })
          )
        )
      )
    )
  );
  return output;
}

Deno.test("ConvTranspose2d is its definition: each place adds its kernel; what the output padding adds is the bias", () => {
  const examples: [kernel: Pair, stride: Pair, padding: Pair, outputPadding: Pair, bias?: boolean][] = [
    [3, 1, 0, 0],
    [3, 2, 1, 1],
    [2, 2, 0, 0],
    [4, 2, 1, 0, false],
    [2, 3, 0, 2], // strides leave gaps
    [[1, 3], [2, 1], [0, 1], [1, 0], false],
    [1, 1, 0, 0],
  ];
  for (const [kernel, stride, padding, outputPadding, bias] of examples) {
    const layer = new ConvTranspose2d(2, 3, kernel, { stride, padding, outputPadding, random, bias });
    const images = (state: State, x: Image[]) =>
      x.map((image) => transposedByLoop(state, image, pairOf(stride), pairOf(padding), pairOf(outputPadding)));
    followsDefinition(layer, (x) => layer.forward(x as tf.Tensor4D), images, wave([2, 3, 2, 2]));
    followsDefinition(layer, (x) => layer.forward(x as tf.Tensor4D), images, wave([1, 2, 3, 2]));
  }
});

for (const engine of engines) {
  Deno.test(`${engine}: a transposed convolution is the convolution's gradient with respect to its input`, async () => {
    await useEngine(engine);
    const x = wave<tf.Rank.R4>([2, 5, 7, 2]),
      weight = wave<tf.Rank.R4>([3, 3, 2, 3], 1),
      options = { stride: 2, padding: 1 };
    const dy = wave<tf.Rank.R4>([2, 3, 4, 3], 2);
    const gradient = tf.grad((x) => tf.sum(tf.mul(conv2d(x as tf.Tensor4D, weight, undefined, options), dy)))(x);
    closeTo(numbersOf(convTranspose2d(dy, weight, undefined, options)), numbersOf(gradient));
  });
}

Deno.test("convolutions take batches of none, and leave no tensor behind", () => {
  const before = tensorsHeld();
  tf.dispose(conv2d(tf.zeros([0, 4, 4, 1]), tf.ones([3, 3, 1, 2]), tf.ones([2])));
  assert.equal(tensorsHeld()[0], before[0] + 3); // what the test itself made
  const kept = {
    x: tf.ones<tf.Rank.R4>([1, 3, 3, 1]),
    weight: tf.ones<tf.Rank.R4>([2, 2, 1, 1]),
    bias: tf.ones<tf.Rank.R1>([1]),
  };
  const sequence = tf.ones<tf.Rank.R3>([1, 3, 1]), kernel = tf.ones<tf.Rank.R3>([2, 1, 1]), held = tensorsHeld();
  tf.dispose(conv2d(kept.x, kept.weight, kept.bias, { padding: 1 }));
  tf.dispose(conv1d(sequence, kernel, kept.bias, { padding: 1 }));
  tf.dispose(convTranspose2d(kept.x, kept.weight, kept.bias, { stride: 2, padding: 1, outputPadding: 1 }));
  assert.deepEqual(tensorsHeld(), held);
});

Deno.test("convolutions refuse what does not fit, and say what would", () => {
  const image = tf.ones<tf.Rank.R4>([1, 3, 3, 4]), weight = tf.ones<tf.Rank.R4>([3, 3, 4, 4]);
  assert.throws(() => conv2d(image, tf.ones([3, 3, 2, 1])), /Expected 2 channels.*got.*\[1,3,3,4\]/);
  assert.throws(
    () => conv2d(tf.ones<tf.Rank>([3, 3, 4]) as tf.Tensor4D, weight),
    /Expected 4 channels.*got.*\[3,3,4\]/,
  );
  assert.throws(() => conv2d(image, tf.ones([5, 5, 4, 1]), undefined, { padding: 0 }), /at least 5 places.*got 3/);
  assert.throws(
    () => conv2d(image, weight, undefined, { stride: 0 }),
    /the stride to be an integer of at least 1.*got 0/,
  );
  assert.throws(() => conv2d(image, weight, undefined, { padding: [1, -1] }), /the padding to be .*got \[1,-1\]/);
  assert.throws(() => new Conv2d(1, 1, 1.5, { random }), /the kernel to be .*got 1.5/);
  assert.throws(() => new Conv1d(1, 1, 0, { random }), /the kernel to be .*got 0/);
  assert.throws(() => conv1d(tf.ones([1, 3, 4]), tf.ones([3, 2, 1])), /shape \[batch, steps, 2\], got \[1,3,4\]/);
  assert.throws(() => convTranspose2d(image, tf.ones([3, 3, 4, 2])), /Expected 2 channels.*got.*\[1,3,3,4\]/);
  assert.throws(
    () => convTranspose2d(image, weight, undefined, { outputPadding: 1 }),
    /below the stride \[1,1\], got \[1,1\]/,
  );
  assert.throws(
    () => convTranspose2d(image, weight, undefined, { padding: 3 }),
    /leaves some output, got \[3,3\] and -1 x -1/,
  );
});
