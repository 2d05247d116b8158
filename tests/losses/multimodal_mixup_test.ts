import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Mixture } from "braid/losses/mix_objective.ts";
import { adaptMixture, exploreMixture } from "braid/losses/multimodal_mixup.ts";
import { close, leavesNothing, type Matrix, reordered, unchecked } from "./reference.ts";
import {
  exampleJoint,
  exampleUnimodal,
  joint,
  logits,
  mixByLoop,
  objectiveByLoop,
  softmax,
  stepByLoop,
  unimodal,
  z,
  zM,
} from "./mixtures.ts";

const start: Matrix = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.25, 0.25, 0.5]];
const w0 = tf.tensor2d(start), a = tf.tensor2d(logits);

function isMixture(got: Mixture, want: Matrix, temperature: number): void {
  const weights = want.map(softmax), mixed = mixByLoop(weights);
  const [a, w, z, objective] = [got.logits, got.weights, got.mixed, got.objective].map((x) => x.arraySync());
  want.forEach((row, i) => {
    row.forEach((x, u) => close((a as Matrix)[i][u], x, 1e-4));
    weights[i].forEach((x, u) => close((w as Matrix)[i][u], x, 1e-4));
    mixed[i].forEach((x, d) => close((z as Matrix)[i][d], x, 1e-4));
    close((objective as number[])[i], objectiveByLoop(row, i, temperature), 1e-4);
  });
}

Deno.test("adaptMixture() descends by unit slopes of the slow objective, sample by sample", () => {
  for (const [steps, rho] of [[0, 1], [1, 0.5], [3, 0.3]]) {
    const descended = start.map((row, i) => {
      let logits = row.map(Math.log);
      for (let step = 0; step < steps; step++) logits = stepByLoop(logits, i, 0.3, -rho);
      return logits;
    });
    isMixture(adaptMixture(z, zM, w0, { temperature: 0.3, steps, rho }), descended, 0.3);
  }
});

Deno.test("adaptMixture() takes two steps of length 1 at temperature 0.1 unless told", () => {
  const own = adaptMixture(z, zM, w0), told = adaptMixture(z, zM, w0, { temperature: 0.1, steps: 2, rho: 1 });
  assert.deepEqual(own.logits.arraySync(), told.logits.arraySync());
});

Deno.test("exploreMixture() climbs by one unit slope", () => {
  for (const eta of [0.5, 4]) {
    const climbed = logits.map((row, i) => stepByLoop(row, i, 0.3, eta));
    isMixture(exploreMixture(z, zM, a, { temperature: 0.3, eta }), climbed, 0.3);
  }
  const own = exploreMixture(z, zM, a), told = exploreMixture(z, zM, a, { temperature: 0.1, eta: 4 });
  assert.deepEqual(own.logits.arraySync(), told.logits.arraySync());
});

Deno.test("both steps have the values of the worked example", () => {
  const [u, m] = [tf.tensor3d(exampleUnimodal), tf.tensor2d(exampleJoint)], temperature = 0.5;
  const adapted = adaptMixture(u, m, tf.fill([2, 3], 1 / 3), { temperature });
  const explored = exploreMixture(u, m, adapted.logits, { temperature, eta: 2 });
  const want = [
    [adapted, [[0.098345, 0.835837, 0.065818], [0.832417, 0.105377, 0.062206]], [0.057507, 0.066172]],
    [explored, [[0.506126, 0.296545, 0.197329], [0.290516, 0.510524, 0.19896]], [0.313943, 0.353104]],
  ] as const;
  for (const [mixture, weights, objective] of want) {
    mixture.weights.arraySync().forEach((row, i) => row.forEach((x, u) => close(x, weights[i][u])));
    mixture.objective.arraySync().forEach((x, i) => close(x, objective[i]));
  }
});

Deno.test("a small step down finds the samples better, a small step up worse", () => {
  const objective = (mixture: Mixture) => mixture.objective.arraySync();
  const before = objective(exploreMixture(z, zM, a, { eta: 0 }));
  const down = objective(adaptMixture(z, zM, a.softmax(), { steps: 1, rho: 0.01 }));
  const up = objective(exploreMixture(z, zM, a, { eta: 0.01 }));
  before.forEach((x, i) => assert.ok(down[i] < x && x < up[i], `sample ${i}: ${down[i]}, ${x}, ${up[i]}`));
});

Deno.test("logits and weights are constants: a gradient sees the embeddings as if the weights were given", () => {
  const run = (x: tf.Tensor) => adaptMixture(x as tf.Tensor3D, zM, w0);
  const explore = (x: tf.Tensor) => exploreMixture(x as tf.Tensor3D, zM, a);
  for (const step of [run, explore]) {
    assert.ok(tf.grad((x) => step(x).weights.square().sum())(z).dataSync().every((slope) => slope === 0));
    const weights = step(z).weights;
    const mixed = (x: tf.Tensor) => {
      const sum = x.mul(weights.transpose().expandDims(2)).sum(0);
      return sum.div(sum.square().sum(1, true).sqrt());
    };
    const ramp = tf.range(0, 12).reshape([4, 3]); // something whose gradient says which entry is which
    const got = tf.grad((x) => step(x).mixed.mul(ramp).sum())(z).dataSync();
    const want = tf.grad((x) => mixed(x).mul(ramp).sum())(z).dataSync();
    got.forEach((slope, i) => close(slope, want[i], 1e-4));
  }
});

Deno.test("a sample's mixture depends on the other samples' joint embeddings alone, in any order", () => {
  const order = [2, 0, 3, 1], want = adaptMixture(z, zM, w0).weights.arraySync();
  const got = adaptMixture(
    tf.tensor3d(unimodal.map((set) => reordered(set, order))),
    tf.tensor2d(reordered(joint, order)),
    tf.tensor2d(reordered(start, order)),
  ).weights.arraySync();
  got.forEach((row, i) => row.forEach((x, u) => close(x, want[order[i]][u])));
});

Deno.test("one modality keeps all of the weight, and a weight of 0 remains 0", () => {
  const alone = tf.tensor3d(unimodal.slice(0, 1));
  assert.deepEqual(adaptMixture(alone, zM, tf.ones([4, 1])).weights.arraySync(), [[1], [1], [1], [1]]);
  assert.deepEqual(exploreMixture(alone, zM, tf.zeros([4, 1])).weights.arraySync(), [[1], [1], [1], [1]]);
  const { weights } = adaptMixture(z, zM, tf.tensor2d(start.map(([p, q]) => [p / (p + q), q / (p + q), 0])));
  for (const [p, q, r] of weights.arraySync()) assert.ok(r === 0 && Math.abs(p + q - 1) < 1e-6);
});

Deno.test("both steps are finite where nothing is left to climb, and at any temperature", () => {
  const equal = tf.stack([zM, zM, zM]) as tf.Tensor3D;
  for (const temperature of [1e-4, 0.1, 1e4]) {
    for (const embeddings of [z, equal]) {
      const adapted = adaptMixture(embeddings, zM, w0, { temperature });
      const explored = exploreMixture(embeddings, zM, adapted.logits, { temperature });
      for (const tensor of Object.values({ ...adapted, ...explored })) {
        assert.ok(tensor.dataSync().every(Number.isFinite));
      }
    }
  }
});

Deno.test("both steps say what is wrong with their input", () => {
  assert.throws(() => adaptMixture(unchecked([4, 3]), zM, w0), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(() => adaptMixture(z, zM, tf.ones([4, 2])), /initialWeights of shape \[4,3\].*got \[4,2\]/);
  assert.throws(() => exploreMixture(z, zM, tf.ones([4, 2])), /mixLogits of shape \[4,3\].*got \[4,2\]/);
  for (const steps of [-1, 1.5, NaN]) assert.throws(() => adaptMixture(z, zM, w0, { steps }), /steps to be a whole/);
  assert.throws(() => adaptMixture(z, zM, w0, { rho: -1 }), /rho to be at least 0, got -1/);
  assert.throws(() => adaptMixture(z, zM, w0, { epsilon: NaN }), /epsilon to be at least 0, got NaN/);
  assert.throws(() => exploreMixture(z, zM, a, { eta: -1 }), /eta to be at least 0, got -1/);
  assert.throws(() => exploreMixture(z, zM, a, { epsilon: -1 }), /epsilon to be at least 0, got -1/);
  assert.throws(() => exploreMixture(z, zM, a, { temperature: 0 }), /temperature to be positive, got 0/);
  assert.throws(() => adaptMixture(tf.ones([3, 1, 2]), tf.ones([1, 2]), tf.ones([1, 3])), /at least 2 samples, got 1/);
});

Deno.test("both steps leave no tensor behind", () => {
  leavesNothing(() => ({ ...adaptMixture(z, zM, w0) }));
  leavesNothing(() => ({ ...adaptMixture(z, zM, w0, { steps: 0 }) }));
  leavesNothing(() => ({ ...exploreMixture(z, zM, a) }));
});
