import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { dmrnetLoss, type DmrnetLossOptions } from "braid/losses/dmrnet_loss.ts";
import {
  a,
  b,
  checkGradient,
  close,
  crossEntropy,
  leavesNothing,
  type Matrix,
  mean,
  unchecked,
  value,
} from "./reference.ts";

const int = (values: number[]) => tf.tensor1d(values, "int32");
const targets = [2, 0, 1, 1], marks = [0, 1, 1, 0], labels = int(targets), hard = int(marks);
const logits: Matrix = [[0, 1, 2], [2, -1, 1], [0.5, 0.5, -1], [1, 0, 3]];

function termsByLoop(logits: Matrix, mu: Matrix, logVariance: Matrix, form = "paper") {
  const losses = logits.map((row, i) => crossEntropy(row, targets[i])), classification = mean(losses);
  const kl = mean(
    mu.map((row, i) =>
      row.reduce((sum, m, d) => sum + (Math.exp(logVariance[i][d]) + m * m - logVariance[i][d] - 1) / 2, 0)
    ),
  );
  const hcr = form === "paper" ? mean(losses.map((loss, i) => marks[i] * loss)) : 2 * classification; // 2 are hard
  return { classification, kl, hcr };
}

const loss = (options?: DmrnetLossOptions, [s, m, v] = [logits, a, b]) =>
  dmrnetLoss(tf.tensor2d(s), labels, tf.tensor2d(m), tf.tensor2d(v), hard, options);

Deno.test("dmrnetLoss() is the weighted sum of its terms, which it reports without weights", async () => {
  for (const form of ["paper", "released"] as const) {
    const want = termsByLoop(logits, a, b, form);
    for (const [alpha, beta] of [[0.01, 0.5], [0, 0], [2, 3]]) {
      const got = loss({ alpha, beta, form });
      close(await value(got.classification), want.classification);
      close(await value(got.kl), want.kl);
      close(await value(got.hcr), want.hcr);
      close(await value(got.value), want.classification + alpha * want.kl + beta * want.hcr);
    }
  }
});

Deno.test("dmrnetLoss() takes α = 1e-3, β = 1 and the form of the paper unless told, after the warm-up", async () => {
  const { classification, kl, hcr } = termsByLoop(logits, a, b);
  close(await value(loss().value), classification + 1e-3 * kl + hcr);
});

Deno.test("dmrnetLoss() counts hard combinations from the epoch after the warm-up on", async () => {
  const { classification, kl, hcr } = termsByLoop(logits, a, b), plain = classification + 1e-3 * kl;
  for (const [epoch, warmupEpochs, counts] of [[5, undefined, 0], [6, undefined, 1], [0, 0, 0], [1, 0, 1], [3, 7, 0]]) {
    const got = loss({ epoch, warmupEpochs });
    close(await value(got.hcr), counts! * hcr);
    close(await value(got.value), plain + counts! * hcr);
  }
});

Deno.test("dmrnetLoss() has the gradient of its definition, for logits, mean and log-variance", async () => {
  const options = { alpha: 0.3, beta: 0.7 }, inputs = [logits, a, b];
  for (const [at, input] of inputs.entries()) {
    for (const form of ["paper", "released"] as const) {
      const put = <T>(x: T, others: T[]) => others.map((other, i) => i === at ? x : other) as [T, T, T];
      await checkGradient(
        (x) => {
          const [s, m, v] = put(x, inputs.map((rows) => tf.tensor2d(rows)));
          return dmrnetLoss(s, labels, m, v, hard, { ...options, form }).value;
        },
        (x) => {
          const { classification, kl, hcr } = termsByLoop(...put(x, inputs), form);
          return classification + 0.3 * kl + 0.7 * hcr;
        },
        input,
      );
    }
  }
});

Deno.test("dmrnetLoss() takes maps and one sample, and stays finite for log-variances far from 0", async () => {
  const one = (logVariance: number) =>
    dmrnetLoss(tf.zeros([1, 4]), int([3]), tf.zeros([1, 2, 2, 5]), tf.fill([1, 2, 2, 5], logVariance), int([1]));
  close(await value(one(0).value), 2 * Math.log(4));
  for (const logVariance of [-1e5, 80]) {
    const kl = 20 * (Math.exp(logVariance) - logVariance - 1) / 2;
    close(await value(one(logVariance).value), 2 * Math.log(4) + 1e-3 * kl);
  }
});

Deno.test("dmrnetLoss() says what is wrong with its input", () => {
  const ones = tf.ones<tf.Rank.R2>([4, 3]);
  assert.throws(
    () => dmrnetLoss(ones, labels, tf.ones([2, 3]), tf.ones([2, 3]), hard),
    /mu of 4 samples.*got.*\[2,3\]/,
  );
  assert.throws(() => dmrnetLoss(ones, labels, ones, tf.ones([4, 2]), hard), /same shape.*\[4,3\] and \[4,2\]/);
  assert.throws(() => dmrnetLoss(ones, labels, ones, ones, tf.ones([4])), {
    name: "TypeError",
    message: /hard to be int32/,
  });
  assert.throws(() => dmrnetLoss(unchecked([4]), labels, ones, ones, hard), /\[batch, classes\], got \[4\]/);
  assert.throws(() => loss({ form: "code" as "paper" }), /"released", got code/);
  for (const name of ["alpha", "beta", "epoch", "warmupEpochs"]) {
    for (const wrong of [-1, NaN]) {
      assert.throws(() => loss({ [name]: wrong }), new RegExp(`${name} to be at least 0, got ${wrong}`));
    }
  }
});

Deno.test("dmrnetLoss() leaves no tensor behind, while warming up and after", () => {
  const tensors = [tf.tensor2d(logits), labels, tf.tensor2d(a), tf.tensor2d(b), hard] as const;
  for (const epoch of [0, 9]) leavesNothing(() => ({ ...dmrnetLoss(...tensors, { epoch }) }));
});
