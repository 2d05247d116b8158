import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { mutualInformationBounds } from "braid/losses/mutual_information_bounds.ts";
import { checkGradient, close, crossEntropy, leavesNothing, type Matrix, mean, unchecked, value } from "./reference.ts";

const scores = [[1, 0.5, -2], [0.25, -1, 3], [2, 0, 0.75]];
const column = (matrix: Matrix, j: number) => matrix.map((row) => row[j]);

/** Both definitions, one score at a time. */
const infoNCE = (s: Matrix) => Math.log(s.length) - mean(s.map((_, j) => crossEntropy(column(s, j), j)));
const club = (s: Matrix) => mean(s.map((row, i) => row[i])) - mean(s.map(mean));

Deno.test("mutualInformationBounds() equals its definitions, also for huge scores", async () => {
  for (const factor of [1, 0, -3, 1000]) {
    const scaled = scores.map((row) => row.map((s) => factor * s));
    const bounds = mutualInformationBounds(tf.tensor2d(scaled));
    close(await value(bounds.value), infoNCE(scaled));
    close(await value(bounds.club), club(scaled));
  }
});

Deno.test("mutualInformationBounds() of a perfect critic is ln B, and ln B at most", async () => {
  const { value: found, club: upper } = mutualInformationBounds(tf.eye(5).mul(1e4));
  close(await value(found), Math.log(5));
  close(await value(upper), 8000);
});

Deno.test("mutualInformationBounds() brackets the information of correlated Gaussians when the critic is exact", async () => {
  const rho = 0.8, batch = 400, information = -Math.log(1 - rho ** 2) / 2;
  const draw = (seed: number) => tf.randomNormal([batch], 0, 1, "float32", seed);
  const a = draw(1), b = a.mul(rho).add(draw(2).mul(Math.sqrt(1 - rho ** 2)));
  const residual = b.expandDims(0).sub(a.mul(rho).expandDims(1)); // [a, b]
  const exact = residual.square().div(-2 * (1 - rho ** 2)) as tf.Tensor2D; // ln p(b | a) up to a constant
  const { value: lower, club: upper } = mutualInformationBounds(exact);
  close(await value(lower), information, 0.15); // its standard error is about 0.04
  assert.ok(await value(lower) < await value(upper));
});

Deno.test("mutualInformationBounds() has the gradients of its definitions", async () => {
  await checkGradient((s) => mutualInformationBounds(s).value, infoNCE, scores);
  await checkGradient((s) => mutualInformationBounds(s).club, club, scores);
});

Deno.test("mutualInformationBounds() says what is wrong with its input", () => {
  assert.throws(() => mutualInformationBounds(tf.ones([3, 2])), /\[batch, batch\], got \[3,2\]/);
  assert.throws(() => mutualInformationBounds(unchecked([4])), /\[batch, batch\], got \[4\]/);
  assert.throws(() => mutualInformationBounds(tf.ones([1, 1])), /at least 2 samples, got 1/);
});

Deno.test("mutualInformationBounds() leaves no tensor behind", () => {
  const s = tf.ones<tf.Rank.R2>([3, 3]);
  leavesNothing(() => mutualInformationBounds(s));
});
