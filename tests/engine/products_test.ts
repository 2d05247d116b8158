// Products of matrices on every engine against the definition, one product of numbers at a time.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { allEngines, closeTo, tensorsHeld, wave } from "./engines.ts";

/** Shapes of the factors, before either is transposed. */
type Shapes = [a: number[], b: number[]];

const shapes: Shapes[] = [
  [[3, 4], [4, 2]],
  [[1, 1], [1, 1]],
  [[0, 3], [3, 2]],
  [[2, 0], [0, 3]],
  [[37, 41], [41, 29]], // enough for wasm's fast kernel
  [[150, 8], [8, 9]], // the second one is the smaller
  [[9, 8], [8, 150]],
  [[1, 200], [200, 50]],
  [[5, 3, 4], [5, 4, 2]],
  [[3, 20, 21], [3, 21, 22]],
  [[3, 4, 50], [3, 50, 60]],
  [[6, 17, 23], [1, 23, 24]],
  [[1, 17, 23], [6, 23, 24]],
  [[2, 3, 18, 21], [2, 3, 21, 24]],
  [[2, 1, 3, 4], [2, 5, 4, 2]], // the axis that repeats is not the first
  [[2, 1, 3, 4], [1, 5, 4, 2]],
  [[3, 2, 4], [2, 1, 4, 3]],
  [[2, 1, 18, 21], [2, 3, 21, 24]],
  [[3, 1, 16, 8], [1, 1, 8, 9]], // an axis of one matrix on both sides
  [[1, 1, 9, 8], [3, 1, 8, 8]],
  [[5, 1, 1, 16, 8], [1, 1, 8, 8]],
  [[3, 16, 8], [1, 8, 8]],
  [[4, 1, 16, 8], [1, 3, 8, 16]],
  [[3, 2, 16, 8], [1, 1, 8, 8]],
];

/** The product by its definition, every batch axis broadcast. */
function productByLoop(a: number[], shapeOfA: number[], b: number[], shapeOfB: number[]): number[] {
  const rank = Math.max(shapeOfA.length, shapeOfB.length),
    ones = (shape: number[]) => Array(rank - shape.length).fill(1);
  const left = [...ones(shapeOfA), ...shapeOfA], right = [...ones(shapeOfB), ...shapeOfB];
  const [rows, inner] = left.slice(-2), columns = right.at(-1)!;
  const batch = left.slice(0, -2).map((size, axis) => size === 1 ? right[axis] : size);
  const start = (shape: number[], place: number[]) =>
    place.reduce((at, entry, axis) => at * shape[axis] + (shape[axis] === 1 ? 0 : entry), 0) * shape.at(-2)! *
    shape.at(-1)!;
  const result: number[] = [];
  for (let m = 0; m < batch.reduce((n, size) => n * size, 1); m++) {
    const place = batch.map((size, axis) => Math.floor(m / batch.slice(axis + 1).reduce((n, s) => n * s, 1)) % size);
    const [atA, atB] = [start(left, place), start(right, place)];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a[atA + i * inner + k] * b[atB + k * columns + j];
        result.push(sum);
      }
    }
  }
  return result;
}

const swapped = (shape: number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
const transposed = (x: tf.Tensor) => tf.transpose(x, swapped(x.shape.map((_, axis) => axis)));

for (const engine of allEngines) {
  for (const [shapeOfA, shapeOfB] of shapes) {
    Deno.test(`${engine} multiplies [${shapeOfA}] by [${shapeOfB}], as they are and transposed`, async () => {
      await useEngine(engine);
      const a = wave(shapeOfA as [number, number]), b = wave(shapeOfB as [number, number], 1);
      const want = productByLoop([...await a.data()], shapeOfA, [...await b.data()], shapeOfB);
      for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
        const before = tf.memory().numTensors;
        const product = tf.tidy(() =>
          tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b, transposeA, transposeB)
        );
        assert.equal(tf.memory().numTensors, before + 1);
        const rank = Math.max(shapeOfA.length, shapeOfB.length);
        assert.deepEqual([product.rank, product.shape.slice(-2)], [rank, [shapeOfA.at(-2), shapeOfB.at(-1)]]);
        closeTo(await product.data(), want, 1e-5, `transposed ${transposeA}, ${transposeB}`);
        product.dispose();
      }
      tf.dispose([a, b]);
    });
  }

  Deno.test(`${engine} leaves nothing behind after products and their gradients`, async () => {
    await useEngine(engine);
    const a = wave([2, 3, 18, 21]), b = wave([1, 21, 24]), before = [...tensorsHeld(), tf.memory().numDataBuffers];
    tf.dispose(tf.grads((a, b) => tf.matMul(a, b).square().sum())([a, b]));
    assert.deepEqual([...tensorsHeld(), tf.memory().numDataBuffers], before);
    tf.dispose([a, b]);
  });

  Deno.test(`${engine} refuses factors that do not fit, large ones too`, async () => {
    await useEngine(engine);
    for (const shape of [[5, 4], [300, 400], [2, 30, 40]] as [number, number][]) {
      tf.tidy(() => {
        assert.throws(() => tf.matMul(wave(shape), wave(shape)));
        assert.throws(() => tf.matMul(wave(shape), wave([...shape.slice(0, -1), 77] as [number, number]), false, true));
      });
    }
    tf.tidy(() => assert.throws(() => tf.matMul(wave([2, 30, 40]), wave([3, 40, 30]))));
  });
}

Deno.test("wasm gives zeros where there is nothing to sum, whatever lay in its memory before", async () => {
  await useEngine("wasm");
  tf.ones([16, 16]).dispose();
  assert.deepEqual([...await tf.matMul(tf.zeros([16, 0]), tf.zeros([0, 16])).data()], Array(256).fill(0));
});

Deno.test("wasm keeps infinities and NaN to their rows in fast products", async () => {
  await useEngine("wasm");
  for (const odd of [Infinity, NaN]) {
    const a = tf.tidy(() => tf.concat([tf.fill([1, 40], odd), tf.ones([39, 40])]));
    const product = await tf.matMul(a, tf.ones([40, 40]), false, true).array() as number[][];
    assert.ok(product[0].every((x) => Object.is(x, odd)));
    assert.ok(product.slice(1).flat().every((x) => x === 40));
  }
});
