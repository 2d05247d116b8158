import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { detached } from "braid/losses/detached.ts";
import { leavesNothing } from "./reference.ts";

Deno.test("detached() computes as told, from several inputs", () => {
  const x = tf.tensor1d([1, 2]), y = tf.tensor1d([3, 4]);
  assert.deepEqual([...detached([x, y], (x, y) => x.mul(y)).dataSync()], [3, 8]);
});

Deno.test("detached() has no gradient, also within another gradient and for variables", () => {
  const x = tf.tensor1d([3, -2]), loss = (x: tf.Tensor) => x.mul(detached([x], (x) => x.square())).sum() as tf.Scalar;
  assert.deepEqual([...tf.grad(loss)(x).dataSync()], [9, 4]); // x · 9, not x³
  assert.deepEqual([...tf.grad((x) => detached([x], (x) => x.square()).sum())(x).dataSync()], [0, 0]);
  const second = tf.grad((x) => tf.grad(loss)(x).sum());
  assert.deepEqual([...second(x).dataSync()], [0, 0]);
  const variable = tf.variable(x), { grads } = tf.variableGrads(() => loss(variable));
  assert.deepEqual([...grads[variable.name].dataSync()], [9, 4]);
  variable.dispose();
});

Deno.test("detached() may return its input, which lives on, and leaves no tensor behind", () => {
  const x = tf.tensor1d([3]);
  detached([x], (x) => x).dispose();
  assert.deepEqual([...x.dataSync()], [3]);
  leavesNothing(() => detached([x], (x) => x.square().add(1)));
  leavesNothing(() => tf.grad((x) => x.mul(detached([x], (x) => x.square())).sum())(x));
});
