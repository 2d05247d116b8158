// The three ways to learn from pairs, behind one interface.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import {
  type ImagePair,
  type PairLearner,
  pairLearner,
  type PairMethod,
  pairMethods,
  pairOptimizer,
} from "braid/methods/comm/learners.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";

await useEngine();
const sizes = { encoder: [3, 4, 6], dim: 16, seed: 1 };
const pictures = (phase: number) => tf.tidy(() => tf.abs(wave<tf.Rank.R4>([5, 8, 8, 3], phase)) as tf.Tensor4D);
const pair = (): ImagePair => [pictures(0), pictures(1)];

Deno.test("pairLearner() knows its methods and refuses others", () => {
  assert.deepEqual([...pairMethods], ["CoMM", "Cross", "Cross+Self", "FactorCL"]);
  const unknown = () => pairLearner("SimCLR" as PairMethod, sizes);
  assert.throws(unknown, /Expected a method of CoMM, Cross, Cross\+Self, FactorCL, got "SimCLR"/);
});

Deno.test("each learner gives a loss, features of its width and cosines of its pairs", () => {
  const widths = { CoMM: 16, Cross: 2 * 512, "Cross+Self": 2 * 6, FactorCL: 2 * 5 * 16 };
  for (const method of pairMethods) {
    const learner = pairLearner(method, sizes), { value } = learner.loss(pair());
    assert.equal(learner.method, method);
    assert.deepEqual(value.shape, []);
    assert.ok(Number.isFinite(numbersOf(value)[0]));
    assert.deepEqual(learner.embed(pair()).shape, [5, widths[method]]);
    if (method === "FactorCL") {
      assert.equal(learner.similarities, undefined); // its critics' scores are no cosines
      continue;
    }
    const cosines = learner.similarities!(pair());
    assert.deepEqual(cosines.shape, [5, 5]);
    assert.ok(numbersOf(cosines).every((cosine) => Math.abs(cosine) <= 1 + 1e-5));
  }
  assert.deepEqual(pairLearner("CoMM", sizes).embedMasks!(pair()).shape, [3, 5, 16]);
  assert.equal(pairLearner("Cross", sizes).embedMasks, undefined);
});

Deno.test("CoMM's loss is the mean of its named terms, each times its weight", () => {
  const { value, ...terms } = pairLearner("CoMM", sizes).loss(pair());
  assert.deepEqual(Object.keys(terms), ["first", "second", "both"]);
  closeTo(numbersOf(value), [numbersOf(terms).reduce((sum, term) => sum + term) / 3], 1e-5);
  const weighted = pairLearner("CoMM", { ...sizes, comm: { termWeights: [0, 0, 3] } }).loss(pair());
  closeTo(numbersOf(weighted.value), numbersOf(weighted.both), 1e-5);
  closeTo(numbersOf(weighted.both), numbersOf(terms.both), 1e-5); // same seed, same views
});

Deno.test("one seed gives one learner: weights, views and losses; another seed another, and each call new views", () => {
  for (const method of ["CoMM", "Cross"] as const) {
    const losses = (seed: number, calls: number) => {
      const learner = pairLearner(method, { ...sizes, seed });
      return tf.tidy(() => Array.from({ length: calls }, () => numbersOf(learner.loss(pair()).value)[0]));
    };
    const [first, second] = losses(1, 2);
    assert.deepEqual(losses(1, 1), [first]);
    assert.notEqual(losses(2, 1)[0], first);
    assert.notEqual(second, first);
  }
});

Deno.test("the methods start from the same encoders, so that only the loss differs", () => {
  const encoders = (learner: PairLearner) =>
    learner.model.parameters().filter(([name]) => name.includes("encoder") && name.includes("layers"))
      .flatMap(([, parameter]) => numbersOf(parameter));
  const [first, ...others] = pairMethods.map((method) => encoders(pairLearner(method, sizes)));
  assert.equal(first.length, 2 * (27 * 4 + 4 + 36 * 6 + 6));
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("pairOptimizer() decays matrices, kernels and the CLS token, and nothing else", () => {
  for (const method of pairMethods) {
    const learner = pairLearner(method, sizes);
    const parameters = learner.alternation?.parameters ?? learner.model.parameters();
    const optimizer = pairOptimizer(learner, { learningRate: 0.1, weightDecay: 0.5 });
    tf.tidy(() => parameters.forEach(([, parameter]) => parameter.assign(tf.onesLike(parameter))));
    tf.tidy(() => optimizer.step(Object.fromEntries(parameters.map(([name, p]) => [name, tf.zerosLike(p)]))));
    for (const [name, parameter] of parameters) {
      const decays = parameter.rank >= 2 || name === "fusion.cls";
      closeTo([numbersOf(parameter)[0]], [decays ? 0.95 : 1], 1e-6, `${method}: ${name}`);
    }
    const kept = parameters.filter(([, parameter]) => numbersOf(parameter)[0] === 1).map(([name]) => name);
    assert.ok(
      kept.every((name) => /(bias|norm.*weight|norms\.\d\.weight|ln\d\.weight|logit_scale)$/.test(name)),
      String(kept),
    );
  }
});
