import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { multiSClipTotal } from "braid/losses/multi_s_clip_total.ts";
import { softClipByLoop } from "./mixing_reference.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, value } from "./reference.ts";

const c: Matrix = [[0, 1, 1], [1, -2, 0.5], [-1, 0.5, 2], [2, 2, -1]];

Deno.test("multiSClipTotal() sums the terms from each modality to the next", async () => {
  for (const z of [[a, b], [a, b, c]]) {
    const got = multiSClipTotal(tf.tensor3d(z), { temperature: 0.3 });
    const want = z.map((_, m) => softClipByLoop(z[m], z[(m + 1) % z.length], 0.3)), terms = await got.terms.data();
    assert.equal(terms.length, z.length);
    terms.forEach((term, m) => close(term, want[m]));
    close(await value(got.value), want.reduce((sum, term) => sum + term));
  }
});

Deno.test("multiSClipTotal() has the gradient of its definition, as prediction and as target", async () => {
  const ring = (z: Matrix[]) => z.reduce((sum, _, m) => sum + softClipByLoop(z[m], z[(m + 1) % 3], 0.5), 0);
  await checkGradient(
    (x) => multiSClipTotal(tf.stack([tf.tensor2d(a), x, tf.tensor2d(c)]) as tf.Tensor3D, { temperature: 0.5 }).value,
    (x) => ring([a, x, c]),
    b,
  );
});

Deno.test("multiSClipTotal() says what is wrong with its input and leaves no tensor behind", () => {
  assert.throws(() => multiSClipTotal(tf.ones([1, 4, 3])), /at least two modalities, .* got \[1,4,3\]/);
  assert.throws(() => multiSClipTotal(tf.ones([2, 1, 3])), /at least 2 samples, got 1/);
  assert.throws(() => multiSClipTotal(tf.ones([2, 3, 3]), { temperature: -1 }), /temperature to be positive, got -1/);
  const z = tf.tensor3d([a, b, c]);
  leavesNothing(() => ({ ...multiSClipTotal(z) }));
});
