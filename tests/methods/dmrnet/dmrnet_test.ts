// DMRNet as a model: what it is made of, what it computes, what masks do, and that it learns.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { DMRNet } from "braid/methods/dmrnet/dmrnet.ts";
import { HardCombinationMiner } from "braid/methods/dmrnet/mining.ts";
import { ConvPoolEncoder } from "braid/nn/conv_pool_encoder.ts";
import { linear } from "braid/nn/linear.ts";
import { VectorEncoder } from "braid/nn/vector_encoder.ts";
import { SGD } from "braid/training/sgd.ts";
import { closeTo, installed, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import { crossEntropy, mean } from "../../losses/reference.ts";
import {
  batchNormByLoop,
  followsDefinition,
  linearByLoop,
  type Matrix,
  setIrregular,
  type State,
  within,
} from "../../nn/reference.ts";
import { kept, smallBatch, smallModel } from "./models.ts";

await useEngine();
const random = new RandomStream(6, "weights");

/** Linear layers, ReLU after each. */
const encoderByLoop = (state: State, x: number[]): number[] => {
  const depth = Object.keys(state).filter((name) => name.endsWith("weight")).length;
  return Array.from({ length: depth }).reduce<number[]>(
    (h, _, i) => linearByLoop(h, state[`layers.${i}.weight`], state[`layers.${i}.bias`]).map((v) => Math.max(0, v)),
    x,
  );
};

Deno.test("VectorEncoder is linear layers with ReLU, after the last one too", () => {
  for (const widths of [[3, 2], [4, 5, 3]]) {
    const encoder = new VectorEncoder(widths, { random });
    setIrregular(encoder);
    const definition = (state: State, x: Matrix) => x.map((row) => encoderByLoop(state, row));
    followsDefinition(encoder, (x) => encoder.forward(x as tf.Tensor2D), definition, wave([4, widths[0]]), 1e-3);
    assert.equal(encoder.features, widths.at(-1));
  }
});

Deno.test("DMRNet for image, audio and pen has 1,091,210 parameters", () => {
  const model = new DMRNet({
    encoders: [
      new ConvPoolEncoder([1, 32, 64], { size: [28, 28], features: 128, random }),
      new ConvPoolEncoder([1, 16, 32, 64], { size: [64, 44], features: 128, random }),
      new VectorEncoder([16, 128, 128], { random }),
    ],
    classes: 10,
    random,
  });
  assert.equal(model.parameterCount, 1_091_210);
  assert.equal(model.dim, 384);
  model.dispose();
});

Deno.test("DMRNet for two vectors at the published width of 1024 has 2,638,858 parameters", () => {
  const encoders = [1, 2].map(() => new VectorEncoder([512, 512], { random }));
  const model = new DMRNet({ encoders, classes: 10, random });
  assert.equal(model.parameterCount, 2_638_858);
  model.dispose();
});

/** Logits, mean and log-variance of each sample, side by side. */
function modelByLoop(state: State, x: [Matrix, Matrix], epsilon: Matrix, training: boolean): Matrix {
  const fused = kept.map((row, i) =>
    row.flatMap((delta, m) => encoderByLoop(within(state, `encoders.${m}.`), x[m][i]).map((f) => delta * f))
  );
  const part = (name: string): Matrix => {
    const own = within(state, `embedding.${name}.`);
    const running = { mean: own["norm.running_mean"], variance: own["norm.running_var"] };
    const mapped = fused.map((row) => linearByLoop(row, own["linear.weight"], own["linear.bias"]));
    return batchNormByLoop(mapped, own["norm.weight"], own["norm.bias"], training ? undefined : running).output;
  };
  const mu = part("mean"),
    logVariance = part("log_variance").map((row) => row.map((v) => Math.max(-1, Math.min(1, v))));
  return mu.map((row, i) => {
    const z = row.map((m, d) => training ? m + Math.exp(logVariance[i][d] / 2) * epsilon[i][d] : m);
    const { "predictor.weight": weight, "predictor.bias": bias } = within(state, "embedding.");
    return [...linearByLoop(z, weight, bias), ...row, ...logVariance[i]];
  });
}

Deno.test("DMRNet is encoders, masks, concatenation, Gaussian heads and classifier, with the gradients of that", () => {
  const { x: [first, second], masks, epsilon } = smallBatch();
  const [other, noise] = [second.arraySync() as Matrix, epsilon.arraySync() as Matrix];
  for (const training of [true, false]) {
    const model = smallModel({ limit: 1 });
    setIrregular(model);
    followsDefinition(
      model,
      (x) => {
        const { logits, mu, logVariance } = model.forward([x, second], masks, epsilon, { training });
        return tf.concat([logits, mu, logVariance], 1);
      },
      (state, x: Matrix) => modelByLoop(state, [x, other], noise, training),
      first,
      2e-3,
    );
  }
});

Deno.test("DMRNet's loss is cross-entropy, divergence and hard samples of its own output, with its options", () => {
  const batch = smallBatch(), [labels, hard] = [batch.labels, batch.hard].map(numbersOf);
  for (const training of [true, false]) {
    const model = smallModel(), { x, masks, epsilon } = batch;
    const options = { alpha: 0.1, beta: 3, epoch: 6, training };
    const { logits, mu, logVariance } = model.forward(x, masks, epsilon, { training });
    const losses = (logits.arraySync() as Matrix).map((row, i) => crossEntropy(row, labels[i]));
    const [m, v] = [mu, logVariance].map(numbersOf);
    const kl = m.reduce((sum, value, i) => sum + (Math.exp(v[i]) + value ** 2 - v[i] - 1) / 2, 0) / 6;
    const hcr = mean(losses.map((loss, i) => hard[i] * loss));
    const got = model.loss(batch, options);
    closeTo(numbersOf(got.value), [mean(losses) + 0.1 * kl + 3 * hcr], 1e-4);
    closeTo(numbersOf(got.hcr), [hcr], 1e-4);
    closeTo(numbersOf(got.logits), numbersOf(logits), 1e-5);
    assert.equal(numbersOf(model.loss(batch, { ...options, epoch: 5 }).hcr)[0], 0);
  }
});

Deno.test("a masked modality has no influence on its sample, a kept one has", () => {
  const model = smallModel(), { x: [first, second], masks, epsilon } = smallBatch();
  setIrregular(model);
  const logits = (x: tf.Tensor[]) => model.forward(x, masks, epsilon, { training: false }).logits.arraySync() as Matrix;
  const before = logits([first, second]);
  for (const [m, x] of [[wave([6, 4], 5), second], [first, wave([6, 3], 5)]].entries()) {
    logits(x).forEach((row, i) => (kept[i][m] ? assert.notDeepEqual : assert.deepEqual)(row, before[i]));
  }
});

Deno.test("a modality that the whole batch lacks has no influence in training either, and its encoder gets no gradient", () => {
  const model = smallModel(), batch = smallBatch(), masks = tf.tensor2d(kept.map(() => [0, 1]), undefined, "int32");
  setIrregular(model);
  const run = (first: tf.Tensor) =>
    tf.variableGrads(() => model.loss({ ...batch, masks, x: [first, batch.x[1]] }).value);
  const [one, other] = [1, 5].map((phase) => run(wave([6, 4], phase)));
  assert.deepEqual(numbersOf(one.value), numbersOf(other.value));
  for (const [m, encoder] of model.encoders.entries()) {
    const moved = encoder.parameters().some(([, variable]) => numbersOf(one.grads[variable.name]).some((g) => g !== 0));
    assert.equal(moved, m === 1);
  }
});

Deno.test("DMRNet predicts the same with a modality missing as with it masked, by the mean", () => {
  const model = smallModel(), { x: [first, second], epsilon } = smallBatch();
  setIrregular(model);
  for (const [x, row] of [[[first, null], [1, 0]], [[null, second], [0, 1]], [[first, second], [1, 1]]] as const) {
    const masks = tf.tensor2d(kept.map(() => [...row]), undefined, "int32"), got = model.predict([...x]);
    const want = model.forward([first, second], masks, epsilon, { training: false });
    closeTo(numbersOf({ ...got }), numbersOf({ ...want }), 1e-6);
    const { weight, bias } = model.embedding.predictor;
    closeTo(numbersOf(got.logits), numbersOf(linear(got.mu, weight, bias!)), 1e-6);
  }
  assert.deepEqual(model.predict([tf.slice(first, 0, 1), null]).logits.shape, [1, 3]); // one sample will do
});

Deno.test("at test DMRNet repeats itself and leaves its state alone; in training noise moves the logits", () => {
  const model = smallModel(), batch = smallBatch(), noise = wave<tf.Rank.R2>([6, 5], 9);
  const state = () => tf.tidy(() => numbersOf(model.stateDict()));
  const logits = (epsilon: tf.Tensor2D, training: boolean) =>
    numbersOf(model.forward(batch.x, batch.masks, epsilon, { training }).logits);
  const before = state();
  assert.deepEqual(logits(batch.epsilon, false), logits(noise, false));
  assert.deepEqual(numbersOf({ ...model.predict(batch.x) }), numbersOf({ ...model.predict(batch.x) }));
  assert.deepEqual(state(), before);
  assert.notDeepEqual(logits(batch.epsilon, true), logits(noise, true));
  assert.notDeepEqual(state(), before); // running statistics
});

Deno.test("DMRNet's loss stays finite where a log-variance runs away, unless its limit is taken off", () => {
  const loss = (limit?: number) => {
    const model = smallModel({ limit });
    model.embedding.logVariance.norm.weight.assign(tf.fill([5], 1e6));
    const { value, grads } = tf.variableGrads(() => model.loss(smallBatch()).value);
    return numbersOf([value, grads]);
  };
  assert.ok(loss().every(Number.isFinite));
  assert.ok(!loss(Infinity).every(Number.isFinite));
});

Deno.test("DMRNet draws a combination and noise for each sample, anew in each call, alike for a seed", () => {
  const model = smallModel(), stream = () => new RandomStream(1, "draws"), random = stream();
  const [first, second] = [model.draw(50, random), model.draw(50, random)];
  assert.deepEqual([first.masks.shape, first.indices.shape, first.epsilon.shape], [[50, 2], [50], [50, 5]]);
  assert.notDeepEqual(numbersOf(first.indices), numbersOf(second.indices));
  assert.notDeepEqual(numbersOf(first.epsilon), numbersOf(second.epsilon));
  assert.deepEqual(numbersOf({ ...model.draw(50, stream()) }), numbersOf({ ...first }));
  assert.equal(new Set(numbersOf(first.indices)).size, 3);
  assert.ok((first.masks.arraySync() as Matrix).every((row) => row.some((delta) => delta === 1)));
});

Deno.test(`steps that draw, mine and learn lower the loss of what they see${installed ? ", compiled" : ""}`, () => {
  const model = smallModel(), miner = new HardCombinationMiner(2), random = new RandomStream(2, "draws");
  const optimizer = new SGD(model.parameters(), { learningRate: 0.05, momentum: 0.9, weightDecay: 1e-4 });
  const { x, labels } = smallBatch(),
    loss = () => {
      const logits = kept.slice(0, 3).map((row) => model.predict(x.map((input, m) => row[m] ? input : null)).logits);
      return mean(
        logits.flatMap((s) => (s.arraySync() as Matrix).map((row, i) => crossEntropy(row, numbersOf(labels)[i]))),
      );
    };
  const step = (a: tf.Tensor, b: tf.Tensor, labels: tf.Tensor) => {
    const { indices, ...drawn } = model.draw(6, random), hard = miner.hardSamples(indices);
    return optimizer.minimize(() => model.loss({ x: [a, b], labels: labels as tf.Tensor1D, hard, ...drawn }).value);
  };
  const run = installed ? compile(step) : step, before = tf.tidy(loss);
  const take = (steps: number) => {
    for (let i = 0; i < steps; i++) tf.dispose(tf.tidy(() => run(x[0], x[1], labels)));
  };
  take(2);
  const held = tensorsHeld();
  take(20);
  miner.choose([0, 1]);
  take(80);
  assert.deepEqual(tensorsHeld(), held);
  assert.ok(tf.tidy(loss) < 0.7 * before, `${tf.tidy(loss)} after ${before}`);
});

Deno.test("DMRNet says what is wrong with its input", () => {
  const model = smallModel(), batch = smallBatch(), { x, masks, epsilon } = batch;
  assert.throws(() => new DMRNet({ encoders: [], classes: 2, random }), /at least 1 modality, got 0/);
  assert.throws(() => model.predict([null, null]), /at least one modality, got none: all are missing/);
  for (const wrong of [[x[0]], [...x, x[0]]]) {
    for (
      const run of [
        () => model.predict(wrong),
        () => model.forward(wrong, masks, epsilon, { training: true }),
        () => model.loss({ ...batch, x: wrong }),
      ]
    ) assert.throws(run, /one batch for each of 2 modalities, got \d: leave modalities out by/);
  }
  assert.throws(() => model.predict([x[0], tf.ones([2, 3])]), /one batch and rank, got \[6,3\], \[2,2\]/);
  assert.throws(() => model.loss({ ...batch, masks: tf.ones([6, 3], "int32") }), /mask of shape \[6,2\], got \[6,3\]/);
  assert.throws(() => model.loss({ ...batch, epsilon: tf.ones([6, 4]) }), /of one shape.*\[6,4\]/);
  const one = { x: x.map((input) => tf.slice(input, 0, 1)), labels: tf.slice(batch.labels, 0, 1) };
  const rest = { masks: tf.slice(masks, 0, 1), epsilon: tf.slice(epsilon, 0, 1), hard: tf.slice(batch.hard, 0, 1) };
  assert.throws(() => model.loss({ ...one, ...rest }), /at least 2 rows to normalise a training batch, got 1/);
  assert.ok(Number.isFinite(numbersOf(model.loss({ ...one, ...rest }, { training: false }).value)[0]));
});

Deno.test("DMRNet leaves no tensor behind but its results", () => {
  const model = smallModel(), batch = smallBatch(), random = new RandomStream(2, "draws");
  const run = () =>
    tf.dispose([
      { ...model.draw(6, random) },
      { ...model.forward(batch.x, batch.masks, batch.epsilon, { training: true }) },
      { ...model.loss(batch) },
      { ...model.predict([null, batch.x[1]]) },
    ]);
  run();
  const before = tensorsHeld();
  run();
  assert.deepEqual(tensorsHeld(), before);
});
