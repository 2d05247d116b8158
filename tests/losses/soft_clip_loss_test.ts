import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { softClipLoss } from "braid/losses/soft_clip_loss.ts";
import { softClipByLoop, softTargetsByLoop } from "./mixing_reference.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, mean, scaled, value } from "./reference.ts";

const ta = tf.tensor2d(a), tb = tf.tensor2d(b);

Deno.test("softClipLoss() equals its definition, with temperature 0.125 unless told", async () => {
  close(await value(softClipLoss(ta, tb)), softClipByLoop(a, b, 0.125));
  close(await value(softClipLoss(tb, ta)), softClipByLoop(b, a, 0.125)); // directed
  for (const temperature of [0.05, 1]) {
    close(await value(softClipLoss(ta, tb, { temperature })), softClipByLoop(a, b, temperature));
    close(await value(softClipLoss(ta, tb, { temperature, stopGradient: true })), softClipByLoop(a, b, temperature));
  }
});

Deno.test("softClipLoss() of a modality with itself is the entropy of its soft targets, the least there is", async () => {
  const entropy = mean(softTargetsByLoop(b, 0.3).map((q) => -q.reduce((sum, qk) => sum + qk * Math.log(qk), 0)));
  close(await value(softClipLoss(tb, tb, { temperature: 0.3 })), entropy);
  assert.ok(await value(softClipLoss(ta, tb, { temperature: 0.3 })) > entropy);
});

Deno.test("softClipLoss() has the gradient of its definition, through the targets unless they are constants", async () => {
  const temperature = 0.5, constant = softTargetsByLoop(b, temperature);
  for (const stopGradient of [false, true]) {
    const options = { temperature, stopGradient };
    await checkGradient((x) => softClipLoss(x, tb, options), (x) => softClipByLoop(x, b, temperature), a);
    const definition = (x: Matrix) => softClipByLoop(a, x, temperature, stopGradient ? constant : undefined);
    await checkGradient((x) => softClipLoss(ta, x, options), definition, b);
  }
});

Deno.test("softClipLoss() stays finite at extreme temperatures, lengths and rows of zeros", async () => {
  const zero = b.with(1, [0, 0, 0]);
  for (
    const [y, temperature] of [[b, 1e-4], [b, 1e4], [scaled(b, 1e15), 0.1], [scaled(b, 1e-15), 0.1], [
      zero,
      0.1,
    ]] as const
  ) {
    const { value: loss, grad } = tf.valueAndGrad((y) => softClipLoss(ta, y as tf.Tensor2D, { temperature }))(
      tf.tensor2d(y),
    );
    assert.ok([await value(loss), ...await grad.data()].every(Number.isFinite), `${y} at ${temperature}`);
  }
  close(await value(softClipLoss(ta, tb, { temperature: 1e4 })), Math.log(4), 1e-3);
});

Deno.test("softClipLoss() says what is wrong with its input", () => {
  assert.throws(() => softClipLoss(ta, tf.ones([4, 2])), /same shape, got \[4,3\] and \[4,2\]/);
  assert.throws(() => softClipLoss(tf.ones([1, 2]), tf.ones([1, 2])), /at least 2 samples, got 1/);
  assert.throws(() => softClipLoss(tf.ones([0, 2]), tf.ones([0, 2])), /at least 2 samples, got 0/);
  assert.throws(() => softClipLoss(ta, tb, { temperature: 0 }), /temperature to be positive, got 0/);
});

Deno.test("softClipLoss() leaves no tensor behind", () => {
  for (const stopGradient of [false, true]) leavesNothing(() => softClipLoss(ta, tb, { stopGradient }));
});
