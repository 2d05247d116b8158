import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { multiModalLogits, type MultiModalOptions } from "braid/losses/multi_modal_logits.ts";
import { closeTo, numbersOf } from "../engine/engines.ts";
import { decisionByLoop, examples, unitProxy, variants } from "./decisions.ts";
import { leavesNothing, unchecked } from "./reference.ts";

const outputs = ["logits", "similarity", "attention", "attended", "classSimilarity"] as const;

Deno.test("multiModalLogits() equals its definition in every output and variant", () => {
  for (const { probabilities, proxies, options } of examples) {
    for (const variant of [undefined, ...variants]) {
      const got = multiModalLogits(tf.tensor2d(probabilities), tf.tensor2d(proxies), { ...options, variant });
      const want = probabilities.map((e) => decisionByLoop(e, proxies, { ...options, variant }));
      for (const name of outputs) {
        closeTo(numbersOf(got[name]), want.flatMap((decision) => decision[name]), 1e-5, `${variant} ${name}`);
      }
      const columns = proxies[0].map((_, j) => unitProxy(proxies, j));
      closeTo(numbersOf(got.normalizedProxies), proxies.flatMap((_, i) => columns.map((column) => column[i])));
      assert.deepEqual(got.logits.shape, [probabilities.length, options.classes]);
    }
  }
});

Deno.test("multiModalLogits() stays in its bounds: cosines in [0, 1], shares that sum to 1, at most K votes", () => {
  for (const { probabilities, proxies, options } of examples) {
    const got = multiModalLogits(tf.tensor2d(probabilities), tf.tensor2d(proxies), options);
    const within = (x: tf.Tensor, least: number, most: number) =>
      assert.ok(numbersOf(x).every((value) => value >= least - 1e-6 && value <= most + 1e-6));
    within(got.similarity, 0, 1);
    within(tf.sum(got.attention, 1), 1, 1);
    within(tf.norm(got.attended, 2, 1), 0, 1);
    within(got.classSimilarity, 0, options.proxiesPerClass);
    within(tf.sum(got.classSimilarity, 1), 0, options.proxiesPerClass);
  }
});

Deno.test("a proxy without a positive entry is similar to nothing and attends to nothing", () => {
  const layout = { classes: 2, modalities: 1, proxiesPerClass: 1 };
  const decision = tf.tensor2d([[0.25, 0.75]]), proxies = tf.tensor2d([[-1, 3], [-0.5, 4]]);
  const { similarity, attended, normalizedProxies } = multiModalLogits(decision, proxies, { ...layout, gamma: 1 });
  const cosine = (0.25 * 3 + 0.75 * 4) / (Math.hypot(0.25, 0.75) * 5), share = 1 / (1 + Math.exp(-cosine));
  closeTo(numbersOf(similarity), [0, cosine]);
  closeTo(numbersOf(normalizedProxies), [0, 0.6, 0, 0.8]);
  closeTo(numbersOf(attended), [0.6 * share, 0.8 * share]);
});

Deno.test("gamma divides: a small one gives all attention to the nearest proxy, a large one the same to each", () => {
  const [{ probabilities, proxies, options }] = examples, columns = proxies[0].length;
  const attention = (gamma: number) =>
    multiModalLogits(tf.tensor2d(probabilities), tf.tensor2d(proxies), { ...options, gamma }).attention;
  assert.ok(numbersOf(tf.max(attention(1e-4), 1)).every((most) => most > 0.99));
  closeTo(numbersOf(attention(1e5)), probabilities.flatMap(() => proxies[0].map(() => 1 / columns)), 1e-4);
  const byDefault = multiModalLogits(tf.tensor2d(probabilities), tf.tensor2d(proxies), options);
  assert.deepEqual(numbersOf(attention(0.1)), numbersOf(byDefault.attention));
});

Deno.test("multiModalLogits() takes an empty batch", () => {
  const { logits, attention } = multiModalLogits(tf.zeros([0, 6]), tf.ones([6, 8]), examples[0].options);
  assert.deepEqual([logits.shape, attention.shape], [[0, 2], [0, 8]]);
});

Deno.test("multiModalLogits() says what is wrong with its input", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), proxies = tf.ones<tf.Rank.R2>([6, 8]), [{ options }] = examples;
  const run = (changed: Record<string, unknown>) => () =>
    multiModalLogits(e, proxies, { ...options, ...changed } as MultiModalOptions);
  for (const classes of [1, 0, -2, 2.5, NaN]) {
    assert.throws(run({ classes }), /classes to be an integer of at least 2, got/);
  }
  for (const modalities of [0, 1.5, undefined]) {
    assert.throws(run({ modalities }), /modalities to be an integer of at least 1, got/);
  }
  for (const proxiesPerClass of [0, 0.5, Infinity]) {
    assert.throws(run({ proxiesPerClass }), /proxiesPerClass to be an integer of at least 1, got/);
  }
  assert.throws(run({ modalities: 2 }), /probabilities of shape \[batch,4\], 2 classes of modality .*got \[4,6\]/);
  assert.throws(run({ proxiesPerClass: 3 }), /proxies of shape \[6,6\].*got \[6,8\]/);
  assert.throws(() => multiModalLogits(unchecked([6]), proxies, options), /probabilities of shape.*got \[6\]/);
  assert.throws(() => multiModalLogits(e, tf.ones([8, 6]), options), /proxies of shape \[6,8\].*got \[8,6\]/);
  assert.throws(() => multiModalLogits(e, unchecked([48]), options), /proxies of shape \[6,8\].*got \[48\]/);
  for (const gamma of [0, -0.1, NaN]) assert.throws(run({ gamma }), /gamma to be positive, got/);
  assert.throws(run({ variant: "half" }), /variant to be one of full, noAttention, .*, got half/);
});

Deno.test("multiModalLogits() leaves no tensor but its outputs", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), proxies = tf.ones<tf.Rank.R2>([6, 8]);
  for (const variant of variants) {
    leavesNothing(() => ({ ...multiModalLogits(e, proxies, { ...examples[0].options, variant }) }));
  }
});
