import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { m3colLoss, type M3colLossOptions } from "braid/losses/m3col_loss.ts";
import {
  fixedPartners,
  fixedShares,
  int,
  int2,
  m3coRingByLoop,
  mixedByLoop,
  partners,
  shares,
  softClipByLoop,
} from "./mixing_reference.ts";
import { a, b, checkGradient, close, crossEntropy, leavesNothing, type Matrix, mean, value } from "./reference.ts";

const z = [a, b], pi = [partners, fixedPartners], lambda = [shares, fixedShares];
const fused: Matrix = [[2, -1, 0], [0, 1, 3], [-2, 0.5, 0.5], [1, 1, -4]];
const own: Matrix[] = [fused.map(([x, y, w]) => [w, 2 * x, y]), fused.map(([x, y, w]) => [y, w, -x])];
const labels = [0, 2, 2, 0]; // class 1 is absent
const draws = { permutations: int2(pi), lambdas: tf.tensor2d(lambda) };

const at = (options: M3colLossOptions, classes = labels) =>
  m3colLoss(tf.tensor2d(fused), tf.tensor3d(own), int(classes), tf.tensor3d(z), options);
const ce = (logits: Matrix) => mean(logits.map((row, i) => crossEntropy(row, labels[i])));
const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
const softClip = (temperature = 0.125) => softClipByLoop(a, b, temperature) + softClipByLoop(b, a, temperature);

Deno.test("m3colLoss() adds the cross-entropies of all heads and a tenth of its phase's contrastive term", async () => {
  const mixed = z.map((rows, m) => mixedByLoop(rows, pi[m], lambda[m]));
  const phases: [M3colLossOptions, number][] = [
    [{ phase: "sclip" }, softClip()],
    [{ phase: "sclip", temperature: 0.4 }, softClip(0.4)],
    [{ phase: "m3co", ...draws }, sum(m3coRingByLoop(z, pi, lambda, 0.1))],
    [{ phase: "m3co", ...draws, temperature: 0.4 }, sum(m3coRingByLoop(z, pi, lambda, 0.4))],
    [{ phase: "m3co", ...draws, aliasedTargets: true }, sum(m3coRingByLoop(z, pi, lambda, 0.1, { others: mixed }))],
    [
      { phase: "m3co", ...draws, mixed: tf.tensor3d([b, a]) },
      sum(m3coRingByLoop(z, pi, lambda, 0.1, { mixed: [b, a] })),
    ],
  ];
  for (const [options, contrastive] of phases) {
    for (const beta of [undefined, 0, 0.7]) {
      const got = at({ ...options, beta });
      close(await value(got.fused), ce(fused));
      (await got.unimodal.data()).forEach((term, m) => close(term, ce(own[m])));
      close(await value(got.contrastive), contrastive);
      close(await value(got.value), ce(fused) + ce(own[0]) + ce(own[1]) + (beta ?? 0.1) * contrastive);
    }
  }
});

Deno.test("m3colLoss() has the gradient of its definition in logits and embeddings", async () => {
  const options = { phase: "sclip", beta: 0.5, temperature: 0.5 } as const, y = int(labels);
  const [tensors, heads, embeddings] = [tf.tensor2d(fused), tf.tensor3d(own), tf.tensor3d(z)];
  await checkGradient((x) => m3colLoss(x, heads, y, embeddings, options).value, ce, fused);
  const second = (x: tf.Tensor2D) => tf.stack([tf.tensor2d(own[0]), x]) as tf.Tensor3D;
  await checkGradient((x) => m3colLoss(tensors, second(x), y, embeddings, options).value, ce, own[1]);
  await checkGradient(
    (x) => m3colLoss(tensors, heads, y, tf.stack([x, tf.tensor2d(b)]) as tf.Tensor3D, options).value,
    (x) => 0.5 * (softClipByLoop(x, b, 0.5) + softClipByLoop(b, x, 0.5)),
    a,
  );
});

Deno.test("m3colLoss() is exact for huge logits", async () => {
  const huge = tf.tensor2d(fused.map((row) => row.map((x) => 1e6 * x)));
  const got = m3colLoss(huge, tf.tensor3d(own), int(labels), tf.tensor3d(z), { phase: "sclip" });
  close(await value(got.fused), ce(fused.map((row) => row.map((x) => 1e6 * x))));
});

Deno.test("m3colLoss() says what is wrong with its input", () => {
  const y = int(labels), options = { phase: "sclip" } as const, embeddings = tf.tensor3d(z);
  const [logits, heads] = [tf.tensor2d(fused), tf.tensor3d(own)];
  assert.throws(
    () => m3colLoss(logits, tf.ones([3, 4, 3]), y, embeddings, options),
    /unimodal .* \[2,4,3\], .* got \[3,4,3\]/,
  );
  assert.throws(() => m3colLoss(logits, heads, int([0]), embeddings, options), /labels of shape \[4\], .* got \[1\]/);
  assert.throws(() => m3colLoss(logits, heads, tf.tensor1d(labels), embeddings, options), TypeError);
  assert.throws(() => at({ ...options, beta: -1 }), /beta to be at least 0, got -1/);
  assert.throws(() => at({ ...options, temperature: 0 }), /temperature to be positive/);
  assert.throws(() => at({ phase: "both" as "sclip" }), /phase to be "m3co" or "sclip", got both/);
  assert.throws(() => at({ phase: "m3co", ...draws, lambdas: tf.ones([2, 3]) }), /lambdas of shape \[2,4\]/);
  const one = [tf.ones([1, 3]), tf.ones([2, 1, 3]), int([0]), tf.ones([2, 1, 3])] as const;
  assert.throws(
    () => m3colLoss(one[0] as tf.Tensor2D, one[1] as tf.Tensor3D, one[2], one[3] as tf.Tensor3D, options),
    /at least 2 samples/,
  );
});

Deno.test("m3colLoss() leaves no tensor behind", () => {
  const args = [tf.tensor2d(fused), tf.tensor3d(own), int(labels), tf.tensor3d(z)] as const;
  leavesNothing(() => ({ ...m3colLoss(...args, { phase: "sclip" }) }));
  leavesNothing(() => ({ ...m3colLoss(...args, { phase: "m3co", ...draws }) }));
});
