// Convolutions and their gradients on every engine against the definition: one product at a time.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { allEngines, closeTo, numbersRead, wave } from "./engines.ts";

interface Case {
  input: [batch: number, height: number, width: number, channels: number];
  filter: [height: number, width: number, channels: number, out: number];
  stride: [number, number];
  padding: [top: number, bottom: number, left: number, right: number];
}

const cases: Case[] = [
  { input: [2, 5, 6, 2], filter: [3, 3, 2, 3], stride: [1, 1], padding: [1, 1, 1, 1] },
  { input: [2, 8, 8, 3], filter: [3, 3, 3, 2], stride: [2, 2], padding: [1, 1, 1, 1] }, // a row is left over
  { input: [1, 7, 5, 1], filter: [2, 3, 1, 2], stride: [3, 2], padding: [2, 0, 0, 1] },
  { input: [3, 1, 1, 2], filter: [3, 3, 2, 2], stride: [2, 2], padding: [1, 1, 1, 1] },
  { input: [1, 15, 15, 1], filter: [11, 11, 1, 2], stride: [4, 4], padding: [2, 2, 2, 2] },
  { input: [2, 4, 4, 3], filter: [1, 1, 3, 2], stride: [1, 1], padding: [0, 0, 0, 0] },
];

type Padding = Exclude<Parameters<typeof tf.conv2d>[3], number | "valid" | "same">;

/** Output, and the gradients of its sum weighted by `weight(position)`. */
function byLoop(
  { input, filter, stride, padding }: Case,
  x: number[],
  w: number[],
  weight: (position: number) => number,
) {
  const [batch, height, width, channels] = input, [rows, columns, , out] = filter, [top, bottom, left, right] = padding;
  const high = Math.floor((height + top + bottom - rows) / stride[0]) + 1;
  const wide = Math.floor((width + left + right - columns) / stride[1]) + 1;
  const y = new Array(batch * high * wide * out).fill(0), dx = x.map(() => 0), dw = w.map(() => 0);
  for (let b = 0; b < batch; b++) {
    for (let p = 0; p < high; p++) {
      for (let q = 0; q < wide; q++) {
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            const r = p * stride[0] + i - top, s = q * stride[1] + j - left;
            if (r < 0 || r >= height || s < 0 || s >= width) continue;
            for (let c = 0; c < channels; c++) {
              for (let o = 0; o < out; o++) {
                const at = ((b * high + p) * wide + q) * out + o;
                const xAt = ((b * height + r) * width + s) * channels + c;
                const wAt = ((i * columns + j) * channels + c) * out + o;
                y[at] += x[xAt] * w[wAt];
                dx[xAt] += weight(at) * w[wAt];
                dw[wAt] += weight(at) * x[xAt];
              }
            }
          }
        }
      }
    }
  }
  return { y, dx, dw };
}

for (const engine of allEngines) {
  for (const example of cases) {
    const { input, filter, stride, padding: [top, bottom, left, right] } = example;
    Deno.test(`${engine} convolves [${input}] with [${filter}], stride ${stride}, as the definition does`, async () => {
      await useEngine(engine);
      const x = wave<tf.Rank.R4>(input), w = wave<tf.Rank.R4>(filter, 1);
      const weight = (position: number) => Math.cos(position);
      const want = byLoop(example, await numbersRead(x), await numbersRead(w), weight);
      const sides: [number, number][] = [[0, 0], [top, bottom], [left, right], [0, 0]];
      const convolve = (x: tf.Tensor, w: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, sides as Padding, "NHWC", 1, "floor");
      const [y, dx, dw] = tf.tidy(() => {
        const y = convolve(x, w), weights = tf.tensor(want.y.map((_, position) => weight(position)), y.shape);
        return [y, ...tf.grads((x, w) => convolve(x, w).mul(weights).sum())([x, w])];
      });
      closeTo(await numbersRead(y), want.y, 1e-5, "output");
      closeTo(await numbersRead(dx), want.dx, 1e-5, "gradient of the input");
      closeTo(await numbersRead(dw), want.dw, 1e-5, "gradient of the filter");
      tf.dispose([x, w, y, dx, dw]);
    });
  }

  Deno.test(`${engine} convolves no images to no maps, with gradients`, async () => {
    await useEngine(engine);
    for (const padding of ["same", "valid"] as const) {
      const x = tf.zeros<tf.Rank.R4>([0, 6, 4, 2]), w = wave<tf.Rank.R4>([3, 3, 2, 5]);
      const convolve = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, padding);
      const y = convolve(x, w), [dx, dw] = tf.grads((x, w) => convolve(x, w).sum())([x, w]);
      assert.deepEqual(y.shape, padding === "same" ? [0, 6, 4, 5] : [0, 4, 2, 5]);
      assert.deepEqual(dx.shape, x.shape);
      assert.deepEqual(dw.shape, w.shape);
      assert.ok((await numbersRead(dw)).every((slope) => slope === 0));
      tf.dispose([x, w, y, dx, dw]);
    }
  });
}
