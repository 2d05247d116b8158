import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { perturbMixture } from "braid/losses/perturb_mixture.ts";
import { close, leavesNothing, unchecked, unit } from "./reference.ts";
import { differences, findByLoop, joint, mixByLoop, w, weights, z, zM } from "./mixtures.ts";

Deno.test("perturbMixture() climbs from the mixture by a unit slope of the slow objective", async () => {
  for (const [temperature, eta] of [[0.2, 0.5], [0.5, 2], [5, 0.1]]) {
    const got = await perturbMixture(z, zM, w, { temperature, eta }).array();
    mixByLoop(weights).forEach((row, i) => {
      const slope = unit(differences((x) => findByLoop(x, i, joint, temperature), row));
      unit(row.map((x, d) => x + eta * slope[d])).forEach((x, d) => close(got[i][d], x, 1e-4));
    });
  }
});

Deno.test("perturbMixture() by 0 is the mixture, and 0.1 and 0.5 are its temperature and length unless told", async () => {
  const still = await perturbMixture(z, zM, w, { eta: 0 }).array();
  mixByLoop(weights).forEach((row, i) => row.forEach((x, d) => close(still[i][d], x, 1e-6)));
  const told = perturbMixture(z, zM, w, { temperature: 0.1, eta: 0.5 });
  assert.deepEqual(await perturbMixture(z, zM, w).array(), await told.array());
});

Deno.test("perturbMixture()'s step is constant: it gives the joint embeddings no gradient, the mixture a plain one", () => {
  const [inUnimodal, inJoint] = tf.grads((u, m) => {
    const moved = perturbMixture(u as tf.Tensor3D, m as tf.Tensor2D, w);
    return moved.mul(tf.range(0, 12).reshape([4, 3])).sum();
  })([z, zM]);
  assert.ok(inJoint.dataSync().every((slope) => slope === 0));
  const length = (x: tf.Tensor) => x.square().sum(-1, true).sqrt();
  const mixtureOf = (u: tf.Tensor) => {
    const sum = u.mul(w.transpose().expandDims(2)).sum(0);
    return sum.div(length(sum));
  };
  const way = perturbMixture(z, zM, w, { eta: 1e6 }).mul(0.5); // so far away that only the direction is left
  const want = tf.grad((u) => {
    const moved = mixtureOf(u).add(way);
    return moved.div(length(moved)).mul(tf.range(0, 12).reshape([4, 3])).sum();
  })(z).dataSync();
  inUnimodal.dataSync().forEach((slope, i) => close(slope, want[i], 1e-4));
});

Deno.test("perturbMixture() is finite where there is no slope, and at any temperature", async () => {
  const equal = tf.ones<tf.Rank.R2>([2, 2]).mul<tf.Tensor2D>(Math.SQRT1_2), both = tf.stack([equal, equal]);
  for (const temperature of [1e-4, 1, 1e4]) {
    const still = await perturbMixture(both as tf.Tensor3D, equal, tf.fill([2, 2], 0.5), { temperature }).data();
    still.forEach((x) => close(x, Math.SQRT1_2));
    const { value, grad } = tf.valueAndGrad((x) => perturbMixture(x as tf.Tensor3D, zM, w, { temperature }).sum())(z);
    assert.ok([...await value.data(), ...await grad.data()].every(Number.isFinite));
  }
});

Deno.test("perturbMixture() says what is wrong with its input", () => {
  assert.throws(() => perturbMixture(unchecked([4, 3]), zM, w), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(() => perturbMixture(z, zM, tf.ones([3, 4])), /weights of shape \[4,3\].*got \[3,4\]/);
  assert.throws(() => perturbMixture(z, zM, w, { eta: -1 }), /eta to be at least 0, got -1/);
  assert.throws(() => perturbMixture(z, zM, w, { epsilon: -1 }), /epsilon to be at least 0, got -1/);
  assert.throws(() => perturbMixture(z, zM, w, { temperature: 0 }), /temperature to be positive, got 0/);
  const one = () => perturbMixture(tf.ones([3, 1, 2]), tf.ones([1, 2]), tf.ones([1, 3]));
  assert.throws(one, /at least 2 samples, got 1/);
});

Deno.test("perturbMixture() leaves no tensor behind", () => leavesNothing(() => perturbMixture(z, zM, w)));
