import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { MultiModalOptions } from "braid/losses/multi_modal_logits.ts";
import { multiModalLoss } from "braid/losses/multi_modal_loss.ts";
import { decisionByLoop, examples, multiModalLossByLoop, variants } from "./decisions.ts";
import { checkGradient, close, leavesNothing, type Matrix, reordered, value } from "./reference.ts";

const int = (labels: number[]) => tf.tensor1d(labels, "int32");
const lossOf = (e: Matrix, proxies: Matrix, labels: number[], options: MultiModalOptions) =>
  value(multiModalLoss(tf.tensor2d(e), tf.tensor2d(proxies), int(labels), options).value);

Deno.test("multiModalLoss() equals its definition in every variant, and tells its logits", async () => {
  for (const { probabilities, proxies, labels, options } of examples) {
    for (const variant of variants) {
      const chosen = { ...options, variant };
      const { value: loss, logits } = multiModalLoss(
        tf.tensor2d(probabilities),
        tf.tensor2d(proxies),
        int(labels),
        chosen,
      );
      close(await value(loss), multiModalLossByLoop(probabilities, proxies, labels, chosen));
      (await logits.array()).forEach((row, i) =>
        row.forEach((z, c) => close(z, decisionByLoop(probabilities[i], proxies, chosen).logits[c]))
      );
    }
  }
});

Deno.test("multiModalLoss() has the gradients of its definition, for decisions and for proxies", async () => {
  for (const { probabilities, proxies, labels, options } of examples) {
    for (const variant of variants) {
      const chosen = { ...options, variant }, y = int(labels);
      await checkGradient(
        (x) => multiModalLoss(x, tf.tensor2d(proxies), y, chosen).value,
        (x) => multiModalLossByLoop(x, proxies, labels, chosen),
        probabilities,
      );
      await checkGradient(
        (x) => multiModalLoss(tf.tensor2d(probabilities), x, y, chosen).value,
        (x) => multiModalLossByLoop(probabilities, x, labels, chosen),
        proxies,
      );
    }
  }
});

/** Columns in a new order. */
const reorderedColumns = (rows: Matrix, order: number[]) => rows.map((row) => reordered(row, order));
/** Where the entry for each class of each block goes when classes are renamed. */
const blocks = (count: number, size: number, place: (block: number, inside: number) => number) =>
  Array.from({ length: count * size }, (_, i) => place(Math.floor(i / size), i % size));

Deno.test("multiModalLoss() does not care for the names of classes, modalities and slots, nor for repeated samples", async () => {
  const [{ probabilities: e, proxies, labels, options }] = examples, { classes, modalities, proxiesPerClass } = options;
  const want = await lossOf(e, proxies, labels, options);

  const other = blocks(modalities, classes, (m, c) => m * classes + (classes - 1 - c));
  const otherColumns = blocks(classes, proxiesPerClass, (c, k) => (classes - 1 - c) * proxiesPerClass + k);
  const renamed = reorderedColumns(reordered(proxies, other), otherColumns);
  close(await lossOf(reorderedColumns(e, other), renamed, labels.map((y) => classes - 1 - y), options), want);

  const swapped = blocks(modalities, classes, (m, c) => (modalities - 1 - m) * classes + c);
  close(await lossOf(reorderedColumns(e, swapped), reordered(proxies, swapped), labels, options), want);

  const slots = [2, 0, 3, 1], everywhere = blocks(classes, proxiesPerClass, (c, k) => c * proxiesPerClass + slots[k]);
  close(await lossOf(e, reorderedColumns(proxies, everywhere), labels, options), want);
  close(await lossOf([...e, ...e], proxies, [...labels, ...labels], options), want);

  // Classes compete slot by slot: proxies of one class alone may not change places, but for SoftTriple's axis.
  const once = blocks(classes, proxiesPerClass, (c, k) => c * proxiesPerClass + (c === 0 ? slots[k] : k));
  const shuffled = (variant: MultiModalOptions["variant"]) =>
    lossOf(e, reorderedColumns(proxies, once), labels, { ...options, variant });
  assert.ok(Math.abs(await shuffled("full") - want) > 1e-3);
  close(await shuffled("softTripleAxis"), await lossOf(e, proxies, labels, { ...options, variant: "softTripleAxis" }));
});

Deno.test("multiModalLoss() and its gradients are finite for decisions of exactly 0 and 1, and for absent ones", async () => {
  const layout = { classes: 2, modalities: 2, proxiesPerClass: 2 }, labels = int([0, 1, 1]);
  const proxies: Matrix = [[-1, 0, 3, -2], [-1, 0, -4, 1e-20], [-2, 0, 1e6, -1], [-3, 0, 1, -1e6]]; // two are nothing
  for (
    const probabilities of [[[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]], [[0, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]]]
  ) {
    for (const gamma of [1e-4, 0.1, 1e4]) {
      for (const variant of variants) {
        const run = tf.valueAndGrads((e, w) =>
          multiModalLoss(e as tf.Tensor2D, w as tf.Tensor2D, labels, { ...layout, gamma, variant }).value
        );
        const { value: loss, grads } = run([tf.tensor2d(probabilities), tf.tensor2d(proxies)]);
        for (const tensor of [loss, ...grads]) assert.ok((await tensor.data()).every(Number.isFinite));
        const [column] = await grads[1].slice([0, 0], [4, 1]).transpose().array() as Matrix;
        assert.deepEqual(column.map(Math.abs), [0, 0, 0, 0]); // nothing moves what is clamped
      }
    }
  }
});

Deno.test("multiModalLoss() says what is wrong with its input", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), proxies = tf.ones<tf.Rank.R2>([6, 8]), [{ options }] = examples;
  const run = (labels: tf.Tensor1D, decisions = e) => () => multiModalLoss(decisions, proxies, labels, options);
  assert.throws(run(int([0, 1])), /labels of shape \[4\], one per sample, got \[2\]/);
  assert.throws(run(tf.tensor1d([0, 1, 0, 1])), TypeError);
  assert.throws(run(int([]), tf.ones([0, 6])), /at least 1 sample, got none/);
  assert.throws(run(int([0, 1, 0, 1]), tf.ones([4, 5])), /probabilities of shape \[batch,6\].*got \[4,5\]/);
  assert.throws(() => multiModalLoss(e, proxies, int([0, 1, 0, 1]), { ...options, gamma: 0 }), /gamma to be positive/);
});

Deno.test("multiModalLoss() leaves no tensor behind", () => {
  const e = tf.ones<tf.Rank.R2>([4, 6]), proxies = tf.ones<tf.Rank.R2>([6, 8]), labels = int([0, 1, 1, 0]);
  leavesNothing(() => ({ ...multiModalLoss(e, proxies, labels, examples[0].options) }));
});
