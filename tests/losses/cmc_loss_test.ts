import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { cmcLoss } from "braid/losses/cmc_loss.ts";
import {
  a,
  b,
  checkGradient,
  close,
  exampleA,
  exampleB,
  leavesNothing,
  ntXentByLoop,
  reordered,
  unchecked,
  value,
} from "./reference.ts";

const c = reordered(a, [1, 2, 3, 0]);

Deno.test("cmcLoss() is the mean over all pairs of modalities", async () => {
  const pairs = [[a, b], [a, c], [b, c]].map(([x, y]) => ntXentByLoop(x, y, 0.5));
  close(await value(cmcLoss(tf.tensor3d([a, b, c]), { temperature: 0.5 })), (pairs[0] + pairs[1] + pairs[2]) / 3);
  close(await value(cmcLoss(tf.tensor3d([a, b]), { temperature: 0.5 })), pairs[0]);
});

Deno.test("cmcLoss() has the value of the worked example", async () => {
  close(await value(cmcLoss(tf.tensor3d([exampleA, exampleB, [[0, 1], [1, 0], [0.6, 0.8]]]))), 6.942838, 1e-6);
});

Deno.test("cmcLoss() has the gradient of its definition", async () => {
  await checkGradient(
    (x) => cmcLoss(tf.stack([tf.tensor2d(b), x, tf.tensor2d(c)]) as tf.Tensor3D, { temperature: 0.5 }),
    (x) => (ntXentByLoop(b, x, 0.5) + ntXentByLoop(b, c, 0.5) + ntXentByLoop(x, c, 0.5)) / 3,
    a,
  );
});

Deno.test("cmcLoss() says what is wrong with its input", () => {
  assert.throws(() => cmcLoss(tf.ones([1, 4, 2])), /at least two modalities, .* got \[1,4,2\]/);
  assert.throws(() => cmcLoss(unchecked([4, 2])), /\[modalities, batch, dim\], got \[4,2\]/);
  assert.throws(() => cmcLoss(tf.ones([2, 1, 2])), /at least 2 samples/);
  assert.throws(() => cmcLoss(tf.ones([2, 3, 2]), { temperature: 0 }), /temperature to be positive/);
});

Deno.test("cmcLoss() leaves no tensor behind", () => {
  const embeddings = tf.ones<tf.Rank.R3>([3, 4, 2]);
  leavesNothing(() => cmcLoss(embeddings));
});
