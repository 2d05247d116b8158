import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { crossSelfLoss } from "braid/losses/cross_self_loss.ts";
import { a, b, checkGradient, close, leavesNothing, ntXentByLoop, reordered, value } from "./reference.ts";

const c = reordered(a, [1, 2, 3, 0]), d = reordered(b, [3, 0, 2, 1]);
const [ta, tb, tc, td] = [a, b, c, d].map((rows) => tf.tensor2d(rows));

Deno.test("crossSelfLoss() is the cross term plus half of each self term times the weight", async () => {
  for (const selfWeight of [0, 1, 3]) {
    const got = crossSelfLoss([ta, tb], [[ta, td], [tb, tc]], { temperature: 0.5, selfWeight });
    const cross = ntXentByLoop(a, b, 0.5), self = ntXentByLoop(a, d, 0.5) + ntXentByLoop(b, c, 0.5);
    close(await value(got), cross + selfWeight / 2 * self);
  }
});

Deno.test("crossSelfLoss() lets the modalities differ in dim", async () => {
  const wide = tf.tensor2d(a.map((row) => [...row, 0, 0])); // zeros change no cosine
  close(
    await value(crossSelfLoss([ta, tb], [[wide, wide], [tb, tb]])),
    await value(crossSelfLoss([ta, tb], [[ta, ta], [tb, tb]])),
  );
});

Deno.test("crossSelfLoss() has the gradient of its definition in a row that stands in both kinds of term", async () => {
  await checkGradient(
    (x) => crossSelfLoss([x, tb], [[x, td], [tb, tc]], { temperature: 0.5, selfWeight: 2 }),
    (x) => ntXentByLoop(x, b, 0.5) + ntXentByLoop(x, d, 0.5) + ntXentByLoop(b, c, 0.5),
    a,
  );
});

Deno.test("crossSelfLoss() says what is wrong with its input", () => {
  const short = tf.ones<tf.Rank.R2>([2, 3]), one = tf.ones<tf.Rank.R2>([1, 3]);
  assert.throws(() => crossSelfLoss([ta, short], [[ta, ta], [tb, tb]]), /same shape/);
  assert.throws(() => crossSelfLoss([ta, tb], [[ta, ta], [tb, short]]), /same shape/);
  assert.throws(() => crossSelfLoss([one, one], [[one, one], [one, one]]), /at least 2 samples/);
  assert.throws(
    () => crossSelfLoss([ta, tb], [[ta, ta], [tb, tb]], { selfWeight: -1 }),
    /selfWeight to be at least 0, got -1/,
  );
  assert.throws(() => crossSelfLoss([ta, tb], [[ta, ta], [tb, tb]], { temperature: 0 }), /temperature to be positive/);
});

Deno.test("crossSelfLoss() leaves no tensor behind", () => {
  leavesNothing(() => crossSelfLoss([ta, tb], [[ta, ta], [tb, tb]]));
});
