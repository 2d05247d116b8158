// Pooling's gradients on every engine against the definition.

import * as tf from "@tensorflow/tfjs";
import { useEngine } from "braid/engine/engine.ts";
import { allEngines, closeTo, numbersRead, wave } from "./engines.ts";

type Shape = [batch: number, height: number, width: number, channels: number];
type Sides = [height: number, width: number];

/** Gradients of the windows' largest values and of their means, of which output `o` counts `weight(o)` times. */
function byLoop(
  x: number[],
  [batch, height, width, channels]: Shape,
  kernel: Sides,
  stride: Sides,
  weight: (o: number) => number,
) {
  const [high, wide] = [height, width].map((size, axis) => Math.floor((size - kernel[axis]) / stride[axis]) + 1);
  const largest = x.map(() => 0), mean = x.map(() => 0);
  for (let b = 0; b < batch; b++) {
    for (let p = 0; p < high; p++) {
      for (let q = 0; q < wide; q++) {
        for (let c = 0; c < channels; c++) {
          const places = Array.from({ length: kernel[0] * kernel[1] }, (_, cell) => {
            const row = p * stride[0] + Math.floor(cell / kernel[1]), column = q * stride[1] + cell % kernel[1];
            return ((b * height + row) * width + column) * channels + c;
          });
          const own = weight(((b * high + p) * wide + q) * channels + c);
          const most = Math.max(...places.map((at) => x[at]));
          largest[places.find((at) => x[at] === most)!] += own;
          for (const at of places) mean[at] += own / places.length;
        }
      }
    }
  }
  return { largest, mean };
}

const inputs: Record<string, (shape: Shape) => tf.Tensor4D> = {
  "of both signs": (shape) => wave<tf.Rank.R4>(shape),
  "all negative": (shape) => tf.sub(wave<tf.Rank.R4>(shape), 2),
  "many of them equal": (shape) => tf.round(wave<tf.Rank.R4>(shape)),
  "all zero": (shape) => tf.zeros<tf.Rank.R4>(shape),
};
/** Inputs of which several numbers of a window may be its largest. */
const hasEqual = ["many of them equal", "all zero"];

const windows: [shape: Shape, kernel: Sides, stride: Sides][] = [
  [[2, 4, 6, 3], [2, 2], [2, 2]],
  [[2, 7, 6, 2], [3, 3], [2, 2]], // windows overlap, a column is left over
  [[1, 5, 5, 1], [1, 3], [3, 1]],
  [[3, 3, 2, 2], [3, 2], [1, 1]],
];

for (const engine of allEngines) {
  for (const [kind, make] of Object.entries(inputs)) {
    if (engine === "webgpu" && hasEqual.includes(kind)) continue; // there the last of equal ones gets all
    Deno.test(`${engine}: gradients of pooled numbers, ${kind}, go to the first largest place, or to all alike`, async () => {
      await useEngine(engine);
      for (const [shape, kernel, stride] of windows) {
        const x = make(shape), want = byLoop(await numbersRead(x), shape, kernel, stride, (o) => Math.cos(o));
        const weighted = (y: tf.Tensor) => tf.sum(tf.mul(tf.reshape(y, [-1]), tf.cos(tf.range(0, y.size))));
        const largest = tf.grad((x) => weighted(tf.maxPool(x as tf.Tensor4D, kernel, stride, "valid")))(x);
        const mean = tf.grad((x) => weighted(tf.avgPool(x as tf.Tensor4D, kernel, stride, "valid")))(x);
        closeTo(await numbersRead(largest), want.largest, 1e-6, "largest");
        closeTo(await numbersRead(mean), want.mean, 1e-6, "mean");
        tf.dispose([x, largest, mean]);
      }
    });
  }
}
