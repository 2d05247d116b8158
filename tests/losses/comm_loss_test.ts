import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { commLoss } from "braid/losses/comm_loss.ts";
import {
  a,
  b,
  checkGradient,
  close,
  exampleA,
  exampleB,
  leavesNothing,
  type Matrix,
  mean,
  ntXentByLoop,
  unchecked,
  value,
} from "./reference.ts";

/** L_m for every mask m, the prototype being mask p. */
function termsByLoop(view1: Matrix[], view2: Matrix[], temperature: number, p = view1.length - 1): number[] {
  const loss = (x: Matrix, y: Matrix) => ntXentByLoop(x, y, temperature);
  return view1.map((_, m) => (loss(view1[m], view2[p]) + loss(view2[m], view1[p])) / 2);
}

const c: Matrix = [[0, 1, 1], [1, -2, 0.5], [-1, 0.5, 2], [2, 2, -1]];
const view1 = [a, b, c], view2 = [c, a, b];
const tensors = () => [tf.tensor3d(view1), tf.tensor3d(view2)] as const;

Deno.test("commLoss() equals its definition, in each term and their mean", async () => {
  for (const temperature of [0.1, 1]) {
    const { value: loss, terms } = commLoss(...tensors(), { temperature }),
      want = termsByLoop(view1, view2, temperature);
    (await terms.data()).forEach((term, m) => close(term, want[m]));
    close(await value(loss), mean(want));
  }
});

Deno.test("commLoss() has the values of the worked example", async () => {
  const half = (x: Matrix, y: Matrix) => x.map((row, i) => row.map((xi, d) => (xi + y[i][d]) / 2));
  const first = tf.tensor3d([exampleA, exampleB, half(exampleA, exampleB)]);
  const second = tf.tensor3d([exampleB, exampleA, half(exampleA, [[0, 1], [1, 0], [0, -1]])]);
  const { value: loss, terms } = commLoss(first, second);
  (await terms.data()).forEach((term, m) => close(term, [0.629557, 1.298472, 1.454086][m], 1e-6));
  close(await value(loss), 1.127372, 1e-6);
});

Deno.test("commLoss() takes any mask as prototype, counted from either end", async () => {
  for (const [prototype, p] of [[0, 0], [1, 1], [-1, 2], [-3, 0]]) {
    const { terms } = commLoss(...tensors(), { prototype }), want = termsByLoop(view1, view2, 0.1, p);
    (await terms.data()).forEach((term, m) => close(term, want[m]));
  }
});

Deno.test("commLoss() multiplies terms by their weights before the mean, and reports them without", async () => {
  const weights = [0.5, 2, 0], want = termsByLoop(view1, view2, 0.1);
  for (const given of [weights, tf.tensor1d(weights)]) {
    const { value: loss, terms } = commLoss(...tensors(), { weights: given });
    close(await value(loss), mean(want.map((term, m) => weights[m] * term)));
    (await terms.data()).forEach((term, m) => close(term, want[m]));
  }
});

Deno.test("commLoss() does not care which view comes first", async () => {
  const [first, second] = tensors();
  close(await value(commLoss(first, second).value), await value(commLoss(second, first).value));
});

Deno.test("commLoss() counts per mask how often a row finds its prototype, in both directions", async () => {
  const right: Matrix = [[1, 0], [0, 1]], wrong: Matrix = [[0, 1], [1, 0]];
  const { accuracy, termAccuracies } = commLoss(tf.tensor3d([right, wrong, right]), tf.tensor3d([wrong, wrong, right]));
  assert.deepEqual(await termAccuracies.array(), [0.5, 0, 1]);
  assert.equal(await value(accuracy), 0.5);
});

Deno.test("commLoss() has the gradient of its definition, for a masked row and for a prototype", async () => {
  const [first, second] = tensors();
  for (const [mask, at] of view1.entries()) {
    const put = (x: Matrix) => view1.map((rows, m) => m === mask ? x : rows);
    const inserted = (x: tf.Tensor2D) =>
      tf.stack(tf.unstack(first).map((rows, m) => m === mask ? x : rows)) as tf.Tensor3D;
    await checkGradient(
      (x) => commLoss(inserted(x), second, { temperature: 0.5 }).value,
      (x) => mean(termsByLoop(put(x), view2, 0.5)),
      at,
    );
  }
});

Deno.test("commLoss() says what is wrong with its input", () => {
  const view = tf.ones<tf.Rank.R3>([3, 4, 2]);
  assert.throws(() => commLoss(view, tf.ones([3, 4, 3])), /same shape, got \[3,4,2\] and \[3,4,3\]/);
  assert.throws(() => commLoss(unchecked([3, 4]), unchecked([3, 4])), /\[masks, batch, dim\], got \[3,4\]/);
  assert.throws(() => commLoss(tf.ones([3, 1, 2]), tf.ones([3, 1, 2])), /at least 2 samples, got 1/);
  for (const prototype of [3, -4, 0.5]) {
    assert.throws(() => commLoss(view, view, { prototype }), /prototype to be the index of one of 3 masks, got/);
  }
  assert.throws(() => commLoss(view, view, { weights: [1, 1] }), /one weight for each of 3 masks, got shape \[2\]/);
  assert.throws(
    () => commLoss(view, view, { weights: tf.ones([4]) }),
    /one weight for each of 3 masks, got shape \[4\]/,
  );
  assert.throws(() => commLoss(view, view, { temperature: 0 }), /temperature to be positive, got 0/);
});

Deno.test("commLoss() leaves no tensor behind", () => {
  const view = tf.ones<tf.Rank.R3>([3, 4, 2]);
  leavesNothing(() => ({ ...commLoss(view, view, { weights: [1, 2, 3] }) }));
});
