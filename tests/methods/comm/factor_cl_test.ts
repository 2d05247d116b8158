// FactorCL: critics and terms by slow definitions, who is moved by which step, what probes read.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { FactorCL } from "braid/methods/comm/factor_cl.ts";
import { type ImagePair, pairLearner } from "braid/methods/comm/learners.ts";
import { pairScores } from "braid/methods/comm/pair_critic.ts";
import { AlexNetTrunk } from "braid/nn/alex_net.ts";
import { ConvEncoder } from "braid/nn/conv_encoder.ts";
import type { Perceptron } from "braid/nn/perceptron.ts";
import { Adam } from "braid/training/adam.ts";
import { SGD } from "braid/training/sgd.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import { mean } from "../../losses/reference.ts";
import { linearByLoop, type Matrix, setIrregular, type Vector } from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(6, "weights"), BATCH = 4, DIM = 3;
const images = (phase: number) => wave<tf.Rank.R4>([BATCH, 6, 6, 3], phase);
const views = () => ({ x: [images(0), images(1)], augmented: [images(2), images(3)] });

function smallModel(): FactorCL {
  const encoders = [1, 2].map(() => new ConvEncoder([3, 4, 5], { random })) as [ConvEncoder, ConvEncoder];
  const model = new FactorCL({ encoders, random, dim: DIM, hidden: 6 });
  setIrregular(model, 0.5);
  return model;
}

/** A perceptron of one row. */
const perceptronByLoop = ({ layers }: Perceptron, row: Vector): Vector =>
  layers.reduce((x, { weight, bias }, i) => {
    const y = linearByLoop(x, weight.arraySync(), bias!.arraySync());
    return i === layers.length - 1 ? y : y.map((value) => Math.max(value, 0));
  }, row);
const rowsOf = (model: Perceptron, rows: Matrix): Matrix => rows.map((row) => perceptronByLoop(model, row));
const joined = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => [...row, ...b[i]]);

/** $f_{ij}$ of every pair, one pair at a time. */
const scoresByLoop = (critic: Perceptron, a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b.map((other) => perceptronByLoop(critic, [...row, ...other])[0]));
const together = (f: Matrix) => mean(f.map((row, i) => row[i]));
const nceByLoop = (f: Matrix) => together(f) - mean(f.map((_, j) => Math.log(mean(f.map((row) => Math.exp(row[j]))))));
const clubByLoop = (f: Matrix) => together(f) - mean(f.flat());

/** What a model makes of two pictures before the heads. */
function encodeByLoop({ encoders, projections }: FactorCL, x: tf.Tensor4D[]): Matrix[] {
  return x.map((batch, m) => {
    const map = encoders[m].forward(batch, { training: true }).arraySync();
    const pooled = map.map((rows) => rows.flat()[0].map((_, c) => mean(rows.flat().map((place) => place[c]))));
    return pooled.map((row) => linearByLoop(row, projections[m].weight.arraySync(), projections[m].bias!.arraySync()));
  });
}

Deno.test("pairScores() is the perceptron of every concatenated pair, whatever the sides' widths and lengths", () => {
  const { critic } = smallModel().shared, [a, b] = [wave<tf.Rank.R2>([3, 2]), wave<tf.Rank.R2>([5, 4], 1)];
  const scores = pairScores(a, b, critic);
  assert.deepEqual(scores.shape, [3, 5]);
  closeTo(numbersOf(scores), scoresByLoop(critic, a.arraySync(), b.arraySync()).flat());
  assert.throws(() => pairScores(a, a, critic), /rows of 6 numbers in all, got 2 and 2/);
});

/** The scores that each bound reads. */
function boundsByLoop(model: FactorCL): Record<string, Matrix> {
  const { x, augmented } = views(), [z1, z2] = encodeByLoop(model, x), [a1, a2] = encodeByLoop(model, augmented);
  const between = ({ heads: [h1, h2], critic }: FactorCL["shared"]) =>
    scoresByLoop(critic, rowsOf(h1, z1), rowsOf(h2, z2));
  const own = ({ heads: [head], critic }: FactorCL["first"], z: Matrix, a: Matrix) =>
    scoresByLoop(critic, rowsOf(head, z), rowsOf(head, a));
  const conditional = ({ heads: [h1, h2], critic }: FactorCL["shared"]) =>
    scoresByLoop(critic, joined(rowsOf(h1, z1), rowsOf(h1, a1)), joined(rowsOf(h2, z2), rowsOf(h2, a2)));
  return {
    shared: between(model.shared),
    first: own(model.first, z1, a1),
    second: own(model.second, z2, a2),
    conditional: conditional(model.conditional),
    club: between(model.club),
    clubConditional: conditional(model.clubConditional),
  };
}

Deno.test("the loss is the sum of four lower bounds to raise and two upper bounds to lower", () => {
  const model = smallModel(), { value, ...terms } = model.loss(views()), scores = boundsByLoop(model);
  const want = {
    ...Object.fromEntries(["shared", "first", "second", "conditional"].map((name) => [name, -nceByLoop(scores[name])])),
    club: clubByLoop(scores.club),
    clubConditional: clubByLoop(scores.clubConditional),
  };
  assert.deepEqual(Object.keys(terms), Object.keys(want));
  closeTo(numbersOf(terms), Object.values(want), 1e-4);
  closeTo(numbersOf(value), [Object.values(want).reduce((sum, term) => sum + term)], 1e-4);
});

Deno.test("the critics' loss is the lower bound under the critics of the upper ones", () => {
  const model = smallModel(), scores = boundsByLoop(model);
  const want = -nceByLoop(scores.club) - nceByLoop(scores.clubConditional);
  closeTo(numbersOf(model.criticLoss(views())), [want], 1e-4);
});

Deno.test("probes read the five heads of either modality, 2 · 5 · dim numbers", () => {
  const model = smallModel(), x = [images(0), images(1)], [z1, z2] = encodeByLoop(model, x);
  const { first, second, shared, conditional, club, clubConditional } = model;
  const heads = [first, shared, conditional, club, clubConditional].map((bound) => bound.heads[0]);
  const others = [second.heads[0], ...[shared, conditional, club, clubConditional].map((bound) => bound.heads[1])];
  const want = z1.map((_, i) => [
    ...heads.flatMap((head) => perceptronByLoop(head, z1[i])),
    ...others.flatMap((head) => perceptronByLoop(head, z2[i])),
  ]);
  const features = model.embed(x);
  assert.deepEqual(features.shape, [BATCH, 2 * 5 * DIM]);
  closeTo(numbersOf(features), want.flat(), 1e-5);
});

Deno.test("at the published sizes features have 5,120 numbers and the model its layers' parameters", () => {
  const encoders = [1, 2].map(() => new AlexNetTrunk({ random })) as [AlexNetTrunk, AlexNetTrunk];
  const model = new FactorCL({ encoders, random });
  const layer = (inputs: number, outputs: number) => inputs * outputs + outputs;
  const critic = (width: number) => layer(width, 512) + layer(512, 512) + layer(512, 1);
  assert.equal(
    model.parameterCount,
    2 * (2_469_696 + layer(256, 512)) + 10 * 2 * layer(512, 512) + 4 * critic(1024) + 2 * critic(2048),
  );
  assert.deepEqual(model.embed([0, 1].map(() => tf.zeros<tf.Rank.R4>([1, 64, 64, 3]))).shape, [1, 5120]);
  model.dispose();
});

const pair = (): ImagePair => [0, 1].map((phase) => tf.tidy(() => tf.abs(wave([4, 8, 8, 3], phase)))) as ImagePair;

Deno.test("the main step moves everything but the upper bounds' critics, their own step moves nothing else", () => {
  const small = { encoder: [3, 4, 6], dim: 8, seed: 1 };
  const moved = (learningRate: number, optimizerRate: number) => {
    const learner = pairLearner("FactorCL", { ...small, learningRate }), parameters = learner.model.parameters();
    const optimizer = new SGD(learner.alternation!.parameters, { learningRate: optimizerRate });
    const before = parameters.map(([, parameter]) => numbersOf(parameter));
    tf.tidy(() => learner.alternation!.step(pair(), optimizer));
    const names = parameters.filter(([, parameter], i) => String(numbersOf(parameter)) !== String(before[i]));
    return names.map(([name]) => name);
  };
  const all = pairLearner("FactorCL", small).model.parameters().map(([name]) => name);
  const critics = all.filter((name) => /^club(_conditional)?\.critic\./.test(name));
  assert.equal(critics.length, 2 * 3 * 2);
  const lastBias = /critic\.layers\.2\.bias$/; // added to every score alike, it changes no bound
  const main = all.filter((name) => !critics.includes(name));
  assert.deepEqual(moved(0, 1).filter((name) => !lastBias.test(name)), main.filter((name) => !lastBias.test(name)));
  assert.deepEqual(
    moved(0.1, 0).filter((name) => !lastBias.test(name)),
    critics.filter((name) => !lastBias.test(name)),
  );
});

/** Four pictures of a colour each, the same in both modalities, and paler copies. */
function colours() {
  const of = (strength: number) => {
    const colours = tf.mul(tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]), strength);
    return tf.tile(tf.reshape(colours, [BATCH, 1, 1, 3]), [1, 6, 6, 1]) as tf.Tensor4D;
  };
  return { x: [of(1), of(1)], augmented: [of(0.8), of(0.8)] };
}

Deno.test("the critics find what the heads let through; then the main loss falls, the upper bounds in it too", () => {
  const own = { random: new RandomStream(1, "weights") }; // whatever other tests have drawn
  const encoders = [1, 2].map(() => new ConvEncoder([3, 8], own)) as [ConvEncoder, ConvEncoder];
  const model = new FactorCL({ encoders, ...own, dim: 32, hidden: 32 }); // narrow ones can die as rectifiers do
  const main = new Adam(model.mainParameters(), { learningRate: 0.01 });
  const critics = new Adam(model.criticParameters(), { learningRate: 0.01 });
  const ofCritics = compile(() => critics.minimize(() => model.criticLoss(colours())));
  const ofMain = compile(() => main.minimize(() => model.loss(colours())));
  const [unknown, ...known] = Array.from({ length: 60 }, () => numbersOf(ofCritics())[0]);
  const most = 2 * Math.log(BATCH);
  assert.ok(
    known.at(-1)! < unknown - 0.5 && known.at(-1)! >= -most,
    `${unknown} to ${known.at(-1)}, at least ${-most}`,
  );
  const losses = Array.from({ length: 60 }, () => ofMain()), upper = losses.map(({ club }) => numbersOf(club)[0]);
  const values = losses.map(({ value }) => numbersOf(value)[0]);
  assert.ok(values.at(-1)! < values[0] - 1, String(values));
  assert.ok(upper.at(-1)! < upper[0] - 0.1, String(upper));
  for (const step of [ofCritics, ofMain]) step.dispose();
});

Deno.test("FactorCL leaves no tensor behind but its results", () => {
  const model = smallModel(), seen = views();
  const run = () => tf.dispose([{ ...model.loss(seen) }, model.criticLoss(seen), model.embed(seen.x)]);
  run();
  const before = tensorsHeld();
  run();
  assert.deepEqual(tensorsHeld(), before);
});
