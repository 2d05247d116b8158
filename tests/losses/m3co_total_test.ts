import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { m3coTotal } from "braid/losses/m3co_total.ts";
import { fixedPartners, fixedShares, int2, m3coRingByLoop, mixedByLoop, partners, shares } from "./mixing_reference.ts";
import { a, b, checkGradient, close, leavesNothing, type Matrix, scaled, unchecked, value } from "./reference.ts";

const c: Matrix = [[0, 1, 1], [1, -2, 0.5], [-1, 0.5, 2], [2, 2, -1]];
const z = [a, b, c], pi = [partners, fixedPartners, [3, 2, 1, 0]], lambda = [shares, fixedShares, [0.5, 1, 0.2, 0.7]];
const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
const mixtures = (z: Matrix[]) => z.map((rows, m) => mixedByLoop(rows, pi[m], lambda[m]));

Deno.test("m3coTotal() sums the terms from each modality to the next, against clean or mixed others", async () => {
  for (const modalities of [2, 3]) {
    const some = z.slice(0, modalities),
      draws = [int2(pi.slice(0, modalities)), tf.tensor2d(lambda.slice(0, modalities))];
    for (const aliasedTargets of [false, true]) {
      const got = m3coTotal(tf.tensor3d(some), draws[0], draws[1], { temperature: 0.3, aliasedTargets });
      const want = m3coRingByLoop(some, pi, lambda, 0.3, aliasedTargets ? { others: mixtures(some) } : {});
      const terms = await got.terms.data();
      assert.equal(terms.length, modalities);
      terms.forEach((term, m) => close(term, want[m]));
      close(await value(got.value), sum(want));
    }
  }
});

Deno.test("m3coTotal() is clean, with added fixed points and temperature 0.1, unless told", async () => {
  const got = await value(m3coTotal(tf.tensor3d(z), int2(pi), tf.tensor2d(lambda)).value);
  close(got, sum(m3coRingByLoop(z, pi, lambda, 0.1)));
  const overwritten = m3coTotal(tf.tensor3d(z), int2(pi), tf.tensor2d(lambda), { fixedPoints: "overwrite" });
  assert.ok(Math.abs(await value(overwritten.value) - got) > 1e-3);
});

Deno.test("m3coTotal() takes mixtures that were encoded as such", async () => {
  const given = [c, a, b], mixed = tf.tensor3d(given);
  for (const aliasedTargets of [false, true]) {
    const got = m3coTotal(tf.tensor3d(z), int2(pi), tf.tensor2d(lambda), { mixed, aliasedTargets });
    const others = aliasedTargets ? given : z;
    close(await value(got.value), sum(m3coRingByLoop(z, pi, lambda, 0.1, { mixed: given, others })));
  }
});

Deno.test("m3coTotal() depends on the order of three modalities up to a turn of the ring", async () => {
  const at = (order: number[]) => {
    const pick = <T>(all: T[]) => order.map((m) => all[m]);
    return value(m3coTotal(tf.tensor3d(pick(z)), int2(pick(pi)), tf.tensor2d(pick(lambda))).value);
  };
  close(await at([1, 2, 0]), await at([0, 1, 2]));
  assert.ok(Math.abs(await at([1, 0, 2]) - await at([0, 1, 2])) > 1e-3);
});

Deno.test("m3coTotal() mixes before it normalises: the length of a row counts", async () => {
  const at = (first: Matrix) =>
    value(m3coTotal(tf.tensor3d([first, b]), int2(pi.slice(0, 2)), tf.tensor2d(lambda.slice(0, 2))).value);
  close(await at(scaled(a, 7)), await at(a));
  assert.ok(Math.abs(await at(a.with(0, a[0].map((x) => 7 * x))) - await at(a)) > 1e-3);
});

Deno.test("m3coTotal() has the gradient of its definition, through mixtures and others", async () => {
  for (const aliasedTargets of [false, true]) {
    const put = (x: Matrix) => z.with(1, x);
    await checkGradient(
      (x) => {
        const embeddings = tf.stack([tf.tensor2d(a), x, tf.tensor2d(c)]) as tf.Tensor3D;
        return m3coTotal(embeddings, int2(pi), tf.tensor2d(lambda), { temperature: 0.5, aliasedTargets }).value;
      },
      (x) => sum(m3coRingByLoop(put(x), pi, lambda, 0.5, aliasedTargets ? { others: mixtures(put(x)) } : {})),
      b,
    );
  }
});

Deno.test("m3coTotal() says what is wrong with its input", () => {
  const x = tf.tensor3d(z), order = int2(pi), share = tf.tensor2d(lambda);
  assert.throws(() => m3coTotal(tf.ones([1, 4, 3]), order, share), /at least two modalities, .* got \[1,4,3\]/);
  assert.throws(() => m3coTotal(unchecked([4, 3]), order, share), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(
    () => m3coTotal(x, int2(pi.slice(1)), share),
    /permutations of shape \[3,4\], one per modality and sample, got \[2,4\]/,
  );
  assert.throws(() => m3coTotal(x, order, tf.ones([3, 5])), /lambdas of shape \[3,4\], .* got \[3,5\]/);
  assert.throws(() => m3coTotal(x, tf.tensor2d(pi), share), /permutation to be int32/);
  assert.throws(
    () => m3coTotal(x, order, share, { mixed: tf.ones([3, 4, 2]) }),
    /mixed .* \[3,4,3\], as all, got \[3,4,2\]/,
  );
  assert.throws(() => m3coTotal(x, order, share, { temperature: 0 }), /temperature to be positive/);
  assert.throws(() => m3coTotal(tf.ones([2, 1, 3]), int2([[0], [0]]), tf.ones([2, 1])), /at least 2 samples, got 1/);
});

Deno.test("m3coTotal() leaves no tensor behind", () => {
  const x = tf.tensor3d(z), order = int2(pi), share = tf.tensor2d(lambda);
  leavesNothing(() => ({ ...m3coTotal(x, order, share) }));
  leavesNothing(() => ({ ...m3coTotal(x, order, share, { mixed: x, aliasedTargets: true }) }));
});
