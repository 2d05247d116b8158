// The model of the MultiModal loss and its baselines: what they are made of, what they compute, that they train.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import type { ClassificationLoss } from "braid/losses/classification_loss.ts";
import { LinearFusion, SumFusion } from "braid/methods/multimodal_loss/baselines.ts";
import { DeepLinearBranch, EncoderBranch } from "braid/methods/multimodal_loss/branches.ts";
import type { DecisionFusion } from "braid/methods/multimodal_loss/decision_fusion.ts";
import { MultiModal } from "braid/methods/multimodal_loss/multi_modal.ts";
import { ConvPoolEncoder } from "braid/nn/conv_pool_encoder.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, engines, installed, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import { decisionByLoop, multiModalLossByLoop } from "../../losses/decisions.ts";
import { close, crossEntropy, mean } from "../../losses/reference.ts";
import { linearByLoop, type Matrix, setIrregular, softmaxByLoop, type State, within } from "../../nn/reference.ts";

await useEngine();
const widths = [[5, 4, 3], [2, 3]], classes = 3, batch = 4, labelList = [0, 2, 1, 2];
const branches = (random = new RandomStream(4, "weights")) =>
  widths.map((layers) => new DeepLinearBranch(layers, { random }));
const random = new RandomStream(6, "weights");
const inputs = () => [wave<tf.Rank.R2>([batch, 5]), wave<tf.Rank.R2>([batch, 2], 1)];
const labels = () => tf.tensor1d(labelList, "int32");
const multiModal = (proxiesPerClass = 2, options = {}) =>
  new MultiModal({ branches: branches(), proxiesPerClass, random, ...options });

/** State of a model as nested arrays. */
const stateOf = (model: DecisionFusion): State =>
  Object.fromEntries(Object.entries(model.stateDict()).map(([name, tensor]) => [name, tensor.arraySync()]));

/** e of each sample, layer by layer. */
function decisionsByLoop(state: State, x: Matrix[]): Matrix {
  return Array.from({ length: batch }, (_, i) =>
    widths.flatMap((layers, m) => {
      const own = within(state, `branches.${m}.`);
      const logits = layers.slice(1).reduce(
        (h, _, layer) => linearByLoop(h, own[`layers.${layer}.weight`], own[`layers.${layer}.bias`]),
        x[m][i],
      );
      return softmaxByLoop(logits);
    }));
}

const plain = (x: tf.Tensor2D[]): Matrix[] => x.map((matrix) => matrix.arraySync());

Deno.test("at the sizes of the digits the model has 778,036 parameters, the proxies' 4,000 among them", () => {
  const image = new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features: 128, random });
  const audio = new ConvPoolEncoder([1, 16, 32, 64], { size: [64, 44], features: 128, random });
  const model = new MultiModal({ branches: [image, audio].map((e) => new EncoderBranch(e, 10, { random })), random });
  assert.deepEqual([model.parameterCount, model.proxies.size], [778_036, 4_000]);
  model.dispose();
});

Deno.test("at the synthetic experiment's sizes a branch has 1,052,662 parameters; at a tenth, all three have 75,246", () => {
  const branch = new DeepLinearBranch([2000, 500, 100, 20, 2], { random });
  assert.equal(branch.parameterCount, 1_052_662);
  const small = [0, 1, 2].map(() => new DeepLinearBranch([200, 100, 40, 20, 2], { random }));
  const model = new MultiModal({ branches: small, random });
  assert.deepEqual([model.parameterCount, model.proxies.shape], [75_246, [6, 40]]);
  for (const module of [branch, model]) module.dispose();
});

Deno.test("proxies start uniform in ±1/sqrt(C K), of either sign alike", () => {
  const model = multiModal(200), bound = 1 / Math.sqrt(classes * 200), values = numbersOf(model.proxies);
  assert.ok(values.every((x) => Math.abs(x) <= bound));
  const spread = Math.sqrt(mean(values.map((x) => x * x)));
  assert.ok(Math.abs(spread / bound - 1 / Math.sqrt(3)) < 0.02, `${spread}`);
  assert.ok(Math.abs(mean(values)) < 0.05 * bound);
});

Deno.test("MultiModal's decisions, logits and loss are their definitions", () => {
  for (const options of [{}, { gamma: 0.4 }, { variant: "noAttention" as const }]) {
    const model = multiModal(2, options), x = inputs();
    setIrregular(model);
    const state = stateOf(model), want = decisionsByLoop(state, plain(x));
    const layout = { classes, modalities: 2, proxiesPerClass: 2, ...options };
    const byLoop = want.map((e) => decisionByLoop(e, state.proxies, layout)), e = model.decide(x);
    closeTo(numbersOf(e), want.flat());
    closeTo(numbersOf(model.fuse(e)), byLoop.flatMap(({ logits }) => logits));
    closeTo(numbersOf(model.compare(e).attention), byLoop.flatMap(({ attention }) => attention));
    const nearest = byLoop.map(({ similarity }) => similarity.indexOf(Math.max(...similarity)));
    assert.deepEqual(numbersOf(model.assign(e).proxy), nearest);
    const { value, logits } = model.loss(x, labels());
    close(numbersOf(value)[0], multiModalLossByLoop(want, state.proxies, labelList, layout));
    closeTo(numbersOf(logits), byLoop.flatMap(({ logits }) => logits));
  }
});

Deno.test("a branch is its encoder and a linear head", () => {
  const encoder = new ConvPoolEncoder([1, 2], { size: [4, 4], features: 3, random });
  const branch = new EncoderBranch(encoder, 5, { random }), images = wave<tf.Rank.R4>([2, 4, 4, 1]);
  setIrregular(branch);
  const { weight, bias } = branch.head, vectors = encoder.forward(images).arraySync();
  const want = vectors.flatMap((v) => linearByLoop(v, weight.arraySync(), bias!.arraySync()));
  closeTo(numbersOf(branch.forward(images)), want);
  assert.deepEqual(branch.parameters().map(([name]) => name), [
    ...["encoder.layers.0.weight", "encoder.layers.0.bias", "encoder.linear.weight", "encoder.linear.bias"],
    ...["head.weight", "head.bias"],
  ]);
});

Deno.test("SumFusion adds the decisions, LinearFusion weighs them", () => {
  const x = inputs(), sum = new SumFusion(branches()), weighed = new LinearFusion(branches(), { random });
  const e = decisionsByLoop(stateOf(sum), plain(x)), state = stateOf(weighed);
  const sums = e.map((row) => Array.from({ length: classes }, (_, c) => row[c] + row[classes + c]));
  const combined = e.map((row) => linearByLoop(row, state["fusion.weight"], state["fusion.bias"]));
  for (const [model, logits] of [[sum, sums], [weighed, combined]] as [DecisionFusion, Matrix][]) {
    closeTo(numbersOf(model.fuse(model.decide(x))), logits.flat());
    const { value, logits: told } = model.loss(x, labels());
    close(numbersOf(value)[0], mean(logits.map((row, i) => crossEntropy(row, labelList[i]))));
    closeTo(numbersOf(told), logits.flat());
  }
});

Deno.test("a saved model predicts alike: the proxies belong to its state", () => {
  const model = multiModal(), other = multiModal(), x = inputs();
  assert.notDeepEqual(numbersOf(other.proxies), numbersOf(model.proxies));
  other.loadStateDict(model.stateDict());
  assert.deepEqual(numbersOf(other.loss(x, labels()).logits), numbersOf(model.loss(x, labels()).logits));
});

Deno.test("one modality will do", () => {
  const model = new MultiModal({ branches: branches().slice(1), proxiesPerClass: 1, random });
  const { value, logits } = model.loss(inputs().slice(1), labels());
  assert.deepEqual(logits.shape, [batch, classes]);
  assert.ok(Number.isFinite(numbersOf(value)[0]));
});

type Mode = "eager" | "graph";

/** Losses of some steps with coupled weight decay on everything, and the parameters after them. */
async function trainSomeSteps(build: () => DecisionFusion, engine: EngineName, mode: Mode, steps: number) {
  await useEngine(engine);
  const model = build(), x = inputs(), y = labels();
  // Where a gradient is 0 but for rounding, Adam would divide rounding by rounding: this epsilon is above it.
  const optimizer = new Adam(model.parameters(), { learningRate: 0.05, weightDecay: 1e-2, epsilon: 1e-2 });
  const step = (a: tf.Tensor, b: tf.Tensor, y: tf.Tensor) =>
    tf.tidy(() => optimizer.minimize(() => model.loss([a, b], y as tf.Tensor1D).value));
  const compiled = mode === "eager" ? undefined : compile(step), run = compiled ?? step;
  const losses: number[] = [], held: number[][] = [];
  for (let i = 0; i < steps; i++) {
    const loss = run(x[0], x[1], y);
    losses.push(numbersOf(loss)[0]);
    loss.dispose();
    held.push(tensorsHeld());
  }
  const state = tf.tidy(() => numbersOf(model.stateDict()));
  compiled?.dispose();
  for (const part of [optimizer, model]) part.dispose();
  tf.dispose([x, y]);
  return { losses, state, held };
}

const models: Record<string, () => DecisionFusion> = {
  MultiModal: () =>
    new MultiModal({ branches: branches(), proxiesPerClass: 3, random: new RandomStream(1, "proxies") }),
  SumFusion: () => new SumFusion(branches()),
  LinearFusion: () => new LinearFusion(branches(), { random: new RandomStream(1, "fusion") }),
};

for (const [name, build] of Object.entries(models)) {
  Deno.test(`steps of ${name} lower the loss, alike on every engine, and leave no tensor`, async () => {
    const steps = 12, want = await trainSomeSteps(build, "cpu", "eager", steps);
    assert.ok(want.losses.every((loss, i) => i === 0 || loss < want.losses[i - 1]), `${want.losses}`);
    const elsewhere: [EngineName, Mode][] = engines.map((engine) => [engine, "eager"]);
    if (installed) elsewhere.push(["libtensorflow", "graph"]);
    for (const [engine, mode] of elsewhere) {
      const got = await trainSomeSteps(build, engine, mode, steps);
      closeTo(got.losses, want.losses, 1e-4, `${engine}, ${mode}: losses`);
      closeTo(got.state, want.state, 1e-4, `${engine}, ${mode}: parameters`);
      const [first] = got.held;
      for (const held of got.held.slice(2)) assert.deepEqual(held, got.held[1], `${engine}, ${mode}: from ${first}`);
    }
  });
}

Deno.test("nothing but weight decay moves the clamped entries of proxies", async () => {
  await useEngine();
  const model = multiModal(3), before = numbersOf(model.proxies), optimizer = new Adam(model.parameters());
  optimizer.minimize(() => model.loss(inputs(), labels()).value);
  const after = numbersOf(model.proxies);
  before.forEach((w, i) => assert.equal(after[i] === w, w < 0));
});

Deno.test("the models say what is wrong with their input", () => {
  const model = multiModal(), x = inputs();
  for (const some of [[], x.slice(1), [...x, x[0]]]) {
    assert.throws(() => model.decide(some), /one batch for each of 2 modalities, got \d/);
  }
  assert.throws(() => new SumFusion([]), /at least 1 modality, got none/);
  const other = new DeepLinearBranch([5, 2], { random });
  assert.throws(
    () => new MultiModal({ branches: [...branches(), other], random }),
    /as many classes each, got \[3,3,2\]/,
  );
  for (const count of [0, 1.5]) {
    assert.throws(() => multiModal(count), /proxiesPerClass to be an integer of at least 1/);
  }
  assert.throws(() => new DeepLinearBranch([3], { random }), /at least one layer, got \[3\]/);
  assert.throws(() => multiModal(2, { gamma: -1 }).loss(x, labels()), /gamma to be positive, got -1/);
  assert.throws(() => model.loss(x, tf.tensor1d([0], "int32")), /labels of shape \[4\]/);
});

Deno.test("models leave no tensor but their results", () => {
  const x = inputs(),
    y = labels(),
    all = [multiModal(), new SumFusion(branches()), new LinearFusion(branches(), { random })];
  for (const model of all) {
    const before = tensorsHeld(), decisions = model.decide(x);
    const results: (tf.Tensor | ClassificationLoss)[] = [decisions, model.fuse(decisions), model.loss(x, y)];
    if (model instanceof MultiModal) tf.dispose([{ ...model.compare(decisions) }, { ...model.assign(decisions) }]);
    tf.dispose(results.map((result) => result instanceof tf.Tensor ? result : { ...result }));
    assert.deepEqual(tensorsHeld(), before);
  }
});
