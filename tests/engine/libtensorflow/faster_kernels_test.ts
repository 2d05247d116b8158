// TensorFlow's faster ways against the slow definition in JavaScript, on both sides of each condition under which they stand in.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { closeTo, numbersOf, testNative, wave } from "../engines.ts";

const at = (values: number[], columns: number) => (i: number, j: number) => values[i * columns + j];

testNative(
  "products of two matrices are sums of products, transposed or not, also where the other order is faster",
  () => {
    for (const [inner, rows, columns] of [[3, 4, 2], [256, 512, 3], [300, 1024, 2], [256, 512, 200]]) {
      for (const [transposeA, transposeB] of [[true, false], [false, true], [true, true], [false, false]]) {
        const a = wave(transposeA ? [inner, rows] : [rows, inner]) as tf.Tensor2D;
        const b = wave(transposeB ? [columns, inner] : [inner, columns]) as tf.Tensor2D;
        const left = at(numbersOf(a), a.shape[1]), right = at(numbersOf(b), b.shape[1]);
        const product = tf.matMul(a, b, transposeA, transposeB), got = at(numbersOf(product), columns);
        assert.deepEqual(product.shape, [rows, columns]);
        for (const [i, j] of [[0, 0], [rows - 1, columns - 1], [rows >> 1, 0], [1, columns >> 1]]) {
          let want = 0;
          for (let k = 0; k < inner; k++) {
            want += (transposeA ? left(k, i) : left(i, k)) *
              (transposeB ? right(j, k) : right(k, j));
          }
          closeTo([got(i, j)], [want], 1e-4, `${[inner, rows, columns, transposeA, transposeB, i, j]}`);
        }
      }
    }
  },
);

testNative("a bias is added to the last axis, and what only looks like one is broadcast as ever", () => {
  const x = wave([2, 3, 4]), values = numbersOf(x);
  closeTo(numbersOf(tf.add(x, tf.tensor1d([10, 20, 30, 40]))), values.map((v, i) => v + 10 * (1 + i % 4)));
  closeTo(numbersOf(tf.add(x, tf.tensor1d([10]))), values.map((v) => v + 10));
  assert.deepEqual(numbersOf(tf.add(tf.tensor2d([[1, 2]], [1, 2], "int32"), tf.tensor1d([3, 4], "int32"))), [4, 6]);
  assert.deepEqual(tf.add(tf.zeros([0, 4]), tf.ones([4])).shape, [0, 4]);
  assert.deepEqual(numbersOf(tf.add(tf.ones([3]), tf.ones([3]))), [2, 2, 2]);
});

testNative("sums over all axes but the last, in any order or with axes kept, are sums", () => {
  const x = wave([2, 3, 4]), values = numbersOf(x);
  const columns = [0, 1, 2, 3].map((k) => values.filter((_, i) => i % 4 === k).reduce((sum, v) => sum + v));
  for (const axes of [[0, 1], [1, 0], [-2, 0]]) closeTo(numbersOf(tf.sum(x, axes)), columns);
  const kept = tf.sum(x, [0, 1], true);
  assert.deepEqual(kept.shape, [1, 1, 4]);
  closeTo(numbersOf(kept), columns);
  assert.deepEqual(numbersOf(tf.sum(tf.zeros([0, 2]), 0)), [0, 0]);
  assert.deepEqual(numbersOf(tf.sum(tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32"), 0)), [4, 6]);
  assert.deepEqual(numbersOf(tf.sum(tf.tensor1d([1, 2]), [])), [1, 2]);
});

testNative("ReLU's gradient passes where the input is above 0, and so does the gradient of the gradient", () => {
  const x = tf.tensor1d([-2, 0, 1e-30, 3]), weights = tf.tensor1d([5, 6, 7, 8]);
  const gradient = tf.grad((t) => tf.sum(tf.mul(tf.relu(t), weights)));
  assert.deepEqual(numbersOf(gradient(x)), [0, 0, 7, 8]);
  // d/dx of Σ (relu(x)²)' = Σ 2 relu(x) is 2 where x is above 0.
  const twice = tf.grad((t) => tf.sum(tf.grad((s) => tf.sum(tf.square(tf.relu(s))))(t)));
  assert.deepEqual(numbersOf(twice(x)), [0, 0, 2, 2]);
});
