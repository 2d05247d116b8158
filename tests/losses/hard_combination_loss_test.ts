import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { hardCombinationLoss } from "braid/losses/hard_combination_loss.ts";
import { a, checkGradient, close, crossEntropy, leavesNothing, type Matrix, unchecked, value } from "./reference.ts";

const int = (values: number[]) => tf.tensor1d(values, "int32");
const targets = [2, 0, 1, 1], marks = [1, 0, 0, 1], labels = int(targets), hard = int(marks);

/** The loss as meant, and as an outer product of marks and losses gives it. */
const byLoop = {
  paper: (logits: Matrix, marks: number[]) =>
    logits.reduce((sum, row, i) => marks[i] ? sum + crossEntropy(row, targets[i]) : sum, 0) / logits.length,
  released: (logits: Matrix, marks: number[]) => {
    let sum = 0;
    for (const mark of marks) logits.forEach((row, i) => sum += mark * crossEntropy(row, targets[i]));
    return sum / logits.length;
  },
};
const forms = ["paper", "released"] as const;

Deno.test("hardCombinationLoss() is its definition in both forms, for no, some and all hard samples", async () => {
  for (const form of forms) {
    for (const some of [marks, [0, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 1]]) {
      const loss = hardCombinationLoss(tf.tensor2d(a), labels, int(some), { form });
      close(await value(loss), byLoop[form](a, some), 1e-6);
    }
  }
  close(await value(hardCombinationLoss(tf.tensor2d(a), labels, hard)), byLoop.paper(a, marks), 1e-6);
});

Deno.test("hardCombinationLoss() of no hard sample is exactly 0, and so is its gradient", async () => {
  for (const form of forms) {
    const loss = (x: tf.Tensor2D) => hardCombinationLoss(x, labels, int([0, 0, 0, 0]), { form });
    assert.equal(await value(loss(tf.tensor2d(a))), 0);
    assert.ok((await tf.grad((x) => loss(x as tf.Tensor2D))(tf.tensor2d(a)).data()).every((g) => g === 0));
  }
});

Deno.test("the released form is the batch size times the meant one where all losses are equal", async () => {
  const logits = tf.zeros<tf.Rank.R2>([4, 3]);
  const [paper, released] = await Promise.all(
    forms.map((form) => value(hardCombinationLoss(logits, labels, hard, { form }))),
  );
  close(released / paper, 4);
  close(released, 2 * Math.log(3));
});

Deno.test("hardCombinationLoss() has the gradient of its definition: none for samples that are not hard", async () => {
  for (const form of forms) {
    const loss = (x: tf.Tensor2D) => hardCombinationLoss(x, labels, hard, { form });
    await checkGradient(loss, (x) => byLoop[form](x, marks), a);
  }
  const gradient = tf.grad((x) => hardCombinationLoss(x as tf.Tensor2D, labels, hard))(tf.tensor2d(a));
  const rows = await gradient.array() as Matrix;
  assert.deepEqual(rows.map((row) => row.some((g) => g !== 0)), [true, false, false, true]);
});

Deno.test("hardCombinationLoss() of one sample is its cross-entropy or nothing", async () => {
  for (const form of forms) {
    for (const mark of [0, 1]) {
      const loss = hardCombinationLoss(tf.tensor2d([a[0]]), int([2]), int([mark]), { form });
      close(await value(loss), mark * crossEntropy(a[0], 2));
    }
  }
});

Deno.test("hardCombinationLoss() says what is wrong with its input", () => {
  const logits = tf.tensor2d(a),
    run = (hard: tf.Tensor) => () => hardCombinationLoss(logits, labels, hard as tf.Tensor1D);
  assert.throws(run(tf.ones([4])), { name: "TypeError", message: /hard to be int32, got float32/ });
  assert.throws(run(int([1])), /hard of shape \[4\], one per sample, got \[1\]/);
  assert.throws(run(tf.ones([4, 1, 1, 1], "int32")), /hard of shape \[4\].*got \[4,1,1,1\]/); // what the released code has
  assert.throws(() => hardCombinationLoss(logits, int([1]), hard), /labels of shape \[4\].*got \[1\]/);
  assert.throws(() => hardCombinationLoss(unchecked([4]), labels, hard), /\[batch, classes\], got \[4\]/);
  assert.throws(() => hardCombinationLoss(tf.zeros([0, 3]), int([]), int([])), /at least 1 sample, got 0/);
  const form = "published" as "paper";
  assert.throws(() => hardCombinationLoss(logits, labels, hard, { form }), /"paper" or "released", got published/);
});

Deno.test("hardCombinationLoss() leaves no tensor behind", () => {
  const logits = tf.tensor2d(a);
  for (const form of forms) leavesNothing(() => hardCombinationLoss(logits, labels, hard, { form }));
});
