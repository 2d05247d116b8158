import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { slipLoss } from "braid/losses/slip_loss.ts";
import { a, b, checkGradient, close, exampleA, exampleB, leavesNothing, ntXentByLoop, value } from "./reference.ts";

const [ta, tb, image, text] = [a, b, exampleA, exampleB].map((rows) => tf.tensor2d(rows));

Deno.test("slipLoss() is the CLIP loss plus the weighted NT-Xent of two views", async () => {
  const clipOfExample = 0.601257; // scale 1, from the worked example
  for (const selfWeight of [0, 1, 0.5]) {
    const got = slipLoss(image, text, ta, tb, tf.scalar(1), { temperature: 0.5, selfWeight });
    close(await value(got), clipOfExample + selfWeight * ntXentByLoop(a, b, 0.5), 1e-6);
  }
});

Deno.test("slipLoss() has the gradient of its self-supervised term in a view", async () => {
  await checkGradient(
    (x) => slipLoss(image, text, x, tb, tf.scalar(1), { temperature: 0.5, selfWeight: 3 }),
    (x) => 3 * ntXentByLoop(x, b, 0.5),
    a,
  );
});

Deno.test("slipLoss() says what is wrong with its input", () => {
  const scale = tf.scalar(1);
  assert.throws(() => slipLoss(image, ta, ta, tb, scale), /same shape/);
  assert.throws(() => slipLoss(image, text, ta, text, scale), /same shape/);
  assert.throws(() => slipLoss(image, text, ta, tb, tf.ones([1])), /logitScale to be a scalar/);
  assert.throws(
    () => slipLoss(image, text, ta, tb, scale, { selfWeight: NaN }),
    /selfWeight to be at least 0, got NaN/,
  );
  assert.throws(() => slipLoss(image, text, ta, tb, scale, { temperature: -1 }), /temperature to be positive/);
});

Deno.test("slipLoss() leaves no tensor behind", () => {
  const scale = tf.scalar(1);
  leavesNothing(() => slipLoss(image, text, ta, tb, scale));
});
