import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { minMaxScale } from "braid/methods/m3col/min_max_scale.ts";
import { closeTo, numbersOf, tensorsHeld } from "../../engine/engines.ts";

await useEngine();
const train = tf.tensor2d([[-3, 0.25, 7], [1, 0.75, 7], [5, 0.5, 7]]);

Deno.test("minMaxScale() spans [0, 1] in training and scales test samples by the same numbers, without clipping", () => {
  const scaled = minMaxScale(train, tf.tensor2d([[-11, 1, 7]]));
  closeTo(numbersOf(scaled.train), [0, 0, 0, 0.5, 1, 0, 1, 0.5, 0], 1e-6); // the last feature is constant
  closeTo(numbersOf(scaled.test), [-1, 1.5, 0], 1e-6);
});

Deno.test("minMaxScale() does not look at test samples for its numbers, and takes none or one of each", () => {
  const { train: alone, test } = minMaxScale(train, tf.zeros([0, 3]));
  assert.deepEqual(numbersOf(alone), numbersOf(minMaxScale(train, tf.fill([2, 3], 1e6)).train));
  assert.deepEqual(test.shape, [0, 3]);
  assert.deepEqual(numbersOf(minMaxScale(tf.ones([1, 2]), tf.ones([1, 2]))), [0, 0, 0, 0]);
});

Deno.test("minMaxScale() says what is wrong with its input and leaves no tensor behind", () => {
  assert.throws(() => minMaxScale(tf.zeros([0, 3]), train), /at least one training sample, .* got \[0,3\]/);
  assert.throws(() => minMaxScale(train, tf.ones([2, 4])), /test samples of 3 features, .* got \[2,4\]/);
  const before = tensorsHeld();
  tf.dispose(minMaxScale(train, train));
  assert.deepEqual(tensorsHeld(), before);
});
