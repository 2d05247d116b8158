import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { infoNCE } from "braid/losses/info_nce.ts";
import { m3coLoss, type M3coLossOptions } from "braid/losses/m3co_loss.ts";
import { fixedPartners, fixedShares, int, m3coByLoop, partners, shares } from "./mixing_reference.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, reordered, scaled, value } from "./reference.ts";

const loss = (x: Matrix, y: Matrix, pi: number[], lambda: number[], options?: M3coLossOptions) =>
  m3coLoss(tf.tensor2d(x), tf.tensor2d(y), int(pi), tf.tensor1d(lambda), options);
const draws = [[partners, shares], [fixedPartners, fixedShares], [[1, 2, 1, 1], [0.2, 0.9, 0.4, 0]]]; // the last shares one

Deno.test("m3coLoss() equals its definition in both directions, also with fixed points and shared partners", async () => {
  for (const [pi, lambda] of draws) {
    for (const fixedPoints of ["add", "overwrite"] as const) {
      for (const temperature of [0.1, 1]) {
        const got = loss(a, b, pi, lambda, { temperature, fixedPoints });
        const want = m3coByLoop(a, b, pi, lambda, temperature, fixedPoints);
        close(await value(got.row), want.row);
        close(await value(got.column), want.column);
        close(await value(got.value), (want.row + want.column) / 2);
      }
    }
  }
});

Deno.test("m3coLoss() in one direction has the row term as its value and still reports the column", async () => {
  const got = loss(a, b, partners, shares, { bidirectional: false }), want = m3coByLoop(a, b, partners, shares, 0.1);
  close(await value(got.value), want.row);
  close(await value(got.column), want.column);
});

Deno.test("m3coLoss() has targets of own shares and partners': a fixed point keeps all, or its partner's share", async () => {
  const added = [[1, 0, 0, 0], [0, 0.6, 0, 0.4], [0, 0, 1, 0], [0, 0, 0.9, 0.1]];
  for (const [fixedPoints, first] of [["add", 1], ["overwrite", 0.7]] as const) {
    const targets = await loss(a, b, fixedPartners, fixedShares, { fixedPoints }).targets.data();
    added.with(0, [first, 0, 0, 0]).flat().forEach((want, i) => close(targets[i], want, 1e-6));
  }
});

Deno.test("m3coLoss() of unmixed samples is InfoNCE; overwriting then forgets a sample that is its own partner", async () => {
  const unmixed = [1, 1, 1, 1], want = await value(infoNCE(tf.tensor2d(a), tf.tensor2d(b)));
  close(await value(loss(a, b, partners, unmixed).value), want);
  close(await value(loss(a, b, fixedPartners, unmixed).value), want);
  const { targets } = loss(a, b, fixedPartners, unmixed, { fixedPoints: "overwrite" });
  assert.deepEqual((await targets.array())[0], [0, 0, 0, 0]);
});

Deno.test("m3coLoss() does not depend on the order of samples if partners move with them", async () => {
  const order = [2, 0, 3, 1], moved = order.map((i) => order.indexOf(partners[i]));
  const got = loss(reordered(a, order), reordered(b, order), moved, reordered(shares, order));
  close(await value(got.value), await value(loss(a, b, partners, shares).value));
});

Deno.test("m3coLoss() has the gradient of its definition on both sides and in the shares", async () => {
  for (const [pi, lambda] of draws) {
    for (const fixedPoints of ["add", "overwrite"] as const) {
      const order = int(pi), share = tf.tensor1d(lambda), options = { temperature: 0.5, fixedPoints };
      const want = (x: Matrix, y: Matrix, l = lambda) => {
        const { row, column } = m3coByLoop(x, y, pi, l, 0.5, fixedPoints);
        return (row + column) / 2;
      };
      const mixed = tf.tensor2d(a), clean = tf.tensor2d(b);
      await checkGradient((x) => m3coLoss(x, clean, order, share, options).value, (x) => want(x, b), a);
      await checkGradient((x) => m3coLoss(mixed, x, order, share, options).value, (x) => want(a, x), b);
      await checkGradient(
        (l) => m3coLoss(mixed, clean, order, l.reshape([4]), options).value,
        ([l]) => want(a, b, l),
        [lambda],
      );
    }
  }
});

Deno.test("m3coLoss() stays finite at extreme temperatures, lengths and rows of zeros", async () => {
  const zero = a.with(1, [0, 0, 0]);
  for (
    const [x, temperature] of [[a, 1e-4], [a, 1e4], [scaled(a, 1e15), 0.1], [scaled(a, 1e-15), 0.1], [
      zero,
      0.1,
    ]] as const
  ) {
    const { value: loss, grad } = tf.valueAndGrad((x) =>
      m3coLoss(x as tf.Tensor2D, tf.tensor2d(b), int(partners), tf.tensor1d(shares), { temperature }).value
    )(tf.tensor2d(x));
    assert.ok([await value(loss), ...await grad.data()].every(Number.isFinite), `${x} at ${temperature}`);
  }
  const zeros = await loss(a, b, partners, shares, { temperature: 1e4 }).value.data();
  close(zeros[0], Math.log(4), 1e-3);
});

Deno.test("m3coLoss() says what is wrong with its input", () => {
  const x = tf.tensor2d(a), pi = int(partners), lambda = tf.tensor1d(shares);
  assert.throws(() => m3coLoss(x, tf.ones([3, 3]), pi, lambda), /same shape, got \[4,3\] and \[3,3\]/);
  assert.throws(() => m3coLoss(tf.ones([1, 2]), tf.ones([1, 2]), int([0]), tf.ones([1])), /at least 2 samples, got 1/);
  assert.throws(() => m3coLoss(tf.ones([0, 2]), tf.ones([0, 2]), int([]), tf.ones([0])), /at least 2 samples, got 0/);
  assert.throws(() => m3coLoss(x, x, int([0, 1]), lambda), /permutation of shape \[4\], one per sample, got \[2\]/);
  assert.throws(() => m3coLoss(x, x, tf.tensor1d(partners), lambda), TypeError);
  assert.throws(() => m3coLoss(x, x, pi, tf.ones([3])), /lambda of shape \[4\], one per sample, got \[3\]/);
  for (const temperature of [0, -1, NaN]) {
    assert.throws(() => m3coLoss(x, x, pi, lambda, { temperature }), /temperature/);
  }
  const fixedPoints = "drop" as "add";
  assert.throws(() => m3coLoss(x, x, pi, lambda, { fixedPoints }), /fixedPoints to be "add" or "overwrite", got drop/);
});

Deno.test("m3coLoss() leaves no tensor behind", () => {
  const x = tf.tensor2d(a), pi = int(partners), lambda = tf.tensor1d(shares);
  for (const bidirectional of [true, false]) {
    leavesNothing(() => ({ ...m3coLoss(x, x, pi, lambda, { bidirectional }) }));
  }
});
