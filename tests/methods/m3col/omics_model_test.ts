// M3CoL's omics model: what it is made of, what it computes, and that a step lowers its loss. Inputs are made up.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { drawMixing } from "braid/methods/m3col/mixing.ts";
import { M3CoL, m3colForward, type M3colTrainingOptions } from "braid/methods/m3col/omics_model.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, engines, installed, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import { m3coRingByLoop, mixedByLoop, softClipByLoop } from "../../losses/mixing_reference.ts";
import { crossEntropy, type Matrix, mean } from "../../losses/reference.ts";
import { perceptronByLoop, setIrregular, type State, within } from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(6, "weights"), features = [5, 3, 4], classes = 3, labels = [0, 2, 2, 0, 2, 0];
const y = () => tf.tensor1d(labels, "int32"); // class 1 is absent
const batches = () => features.map((width, m) => wave<tf.Rank.R2>([6, width], m));
const pi = [[2, 0, 3, 1, 5, 4], [0, 3, 1, 2, 4, 5], [5, 4, 3, 2, 1, 0]];
const lambda = [[0.3, 1, 0, 0.85, 1, 0.5], [0.3, 0.6, 1, 0.1, 1, 1], [1, 1, 0.2, 0.7, 0.9, 1]];
const draws = () => ({ permutations: tf.tensor2d(pi, undefined, "int32"), lambdas: tf.tensor2d(lambda) });

function irregular(): M3CoL {
  const model = new M3CoL({ features, classes, width: 6, random });
  setIrregular(model, 0.5);
  return model;
}

/** The definition: embeddings, logits, and from them the loss of a phase. */
function byLoop(model: M3CoL, x: Matrix[]) {
  const dict = model.stateDict();
  const state: State = Object.fromEntries(Object.entries(dict).map(([name, tensor]) => [name, tensor.arraySync()]));
  const apply = (part: string, rows: Matrix) => rows.map((row) => perceptronByLoop(row, within(state, `${part}.`)));
  const encode = (x: Matrix[]) => x.map((rows, m) => apply(`encoders.${m}`, rows));
  const z = encode(x), joined = labels.map((_, i) => z.flatMap((rows) => rows[i]));
  const logits = [apply("fused", joined), ...z.map((rows, m) => apply(`heads.${m}`, rows))];
  const supervised = logits.map((rows) => mean(rows.map((row, i) => crossEntropy(row, labels[i]))));
  return { z, joined, logits, encode, supervised: supervised.reduce((sum, term) => sum + term) };
}

const sum = (terms: number[]) => terms.reduce((total, term) => total + term, 0);
const mix = (x: Matrix[]) => x.map((rows, m) => mixedByLoop(rows, pi[m], lambda[m]));

Deno.test("M3CoL has 9,618,008 parameters at ROSMAP's published width, 748,040 at width 256, 7,253,780 for BRCA", () => {
  const count = (features: number[], classes: number, width?: number) => {
    const model = new M3CoL({ features, classes, width, random }), { parameterCount } = model;
    model.dispose();
    return parameterCount;
  };
  assert.equal(count([200, 200, 200], 2), 9_618_008);
  assert.equal(count([200, 200, 200], 2, 256), 748_040);
  assert.equal(count([1000, 1000, 503], 5, 768), 7_253_780);
});

Deno.test("M3CoL starts with Glorot's normal matrices and zero biases, every one drawn anew", () => {
  const model = new M3CoL({ features: [200, 200], classes: 2, width: 100, random });
  for (const [name, parameter] of model.parameters()) {
    const numbers = numbersOf(parameter);
    if (parameter.rank === 1) assert.ok(numbers.every((b) => b === 0), name);
    else {
      const variance = mean(numbers.map((w) => w * w)) * sum(parameter.shape) / 2;
      assert.ok(Math.abs(variance - 1) < 5 * Math.sqrt(2 / numbers.length), `${name}: ${variance}`);
    }
  }
  const [first, second] = model.encoders.map(({ layers: [{ weight }] }) => numbersOf(weight));
  assert.notDeepEqual(first, second);
});

Deno.test("m3colForward() encodes each modality, judges it by its head, and all of them side by side by the fused one", () => {
  const model = irregular(), x = batches(), want = byLoop(model, x.map((rows) => rows.arraySync()));
  const { embeddings, unimodalLogits, fusedLogits } = m3colForward(x, model);
  assert.deepEqual([embeddings.shape, unimodalLogits.shape, fusedLogits.shape], [[3, 6, 6], [3, 6, 3], [6, 3]]);
  closeTo(numbersOf(embeddings), want.z.flat(2));
  closeTo(numbersOf(unimodalLogits), want.logits.slice(1).flat(2));
  closeTo(numbersOf(fusedLogits), want.logits[0].flat());
  closeTo(numbersOf(model.embed(x)), want.joined.flat());
  closeTo(numbersOf(model.predict(x)), want.logits[0].flat());
  assert.deepEqual(model.predict(x.map((rows) => tf.slice(rows, [0, 0], [1, -1]))).shape, [1, 3]); // one sample
});

Deno.test("M3CoL's loss is its definition in both phases, mixed before or after the encoder", () => {
  const model = irregular(), x = batches(), raw = x.map((rows) => rows.arraySync());
  const { z, encode, supervised } = byLoop(model, raw);
  const fromInputs = encode(mix(raw)), fromEmbeddings = mix(z), phase = "m3co" as const;
  const ring = (mixed: Matrix[], others: Matrix[]) => sum(m3coRingByLoop(z, pi, lambda, 0.1, { mixed, others }));
  const cases: [M3colTrainingOptions, number][] = [
    [{ phase: "sclip" }, sum(z.map((rows, m) => softClipByLoop(rows, z[(m + 1) % 3], 0.125)))],
    [{ phase, ...draws() }, ring(fromInputs, z)],
    [{ phase, ...draws(), mixLevel: "input", aliasedTargets: true }, ring(fromInputs, fromInputs)],
    [{ phase, ...draws(), mixLevel: "embedding" }, ring(fromEmbeddings, z)],
    [{ phase, ...draws(), mixLevel: "embedding", aliasedTargets: true }, ring(fromEmbeddings, fromEmbeddings)],
  ];
  for (const [options, contrastive] of cases) {
    const got = model.loss(x, y(), { ...options, beta: 0.3 });
    closeTo(numbersOf(got.contrastive), [contrastive], 1e-4, JSON.stringify(Object.keys(options)));
    closeTo(numbersOf(got.value), [supervised + 0.3 * contrastive], 1e-4);
    closeTo(numbersOf(model.loss(x, y(), options).value), [supervised + 0.1 * contrastive], 1e-4);
  }
});

Deno.test("M3CoL says what is wrong with its input", () => {
  const model = irregular(), x = batches();
  assert.throws(() => new M3CoL({ features: [3], classes: 2, random }), /at least 2 modalities, got 1/);
  for (const wrong of [x.slice(1), [...x, x[0]]]) {
    assert.throws(() => model.predict(wrong), /one batch for each of 3 modalities, got \d/);
    assert.throws(() => model.loss(wrong, y(), { phase: "sclip" }), /one batch for each of 3 modalities, got \d/);
    assert.throws(() => m3colForward(wrong, model), /one batch for each of 3 modalities, got \d/);
  }
  assert.throws(() => m3colForward(x, { ...model, heads: model.heads.slice(1) }), /one head for each of 3/);
  assert.throws(() => model.predict([x[1], x[0], x[2]]), /last axis to have 5 entries/);
  const mixLevel = "output" as "input";
  assert.throws(
    () => model.loss(x, y(), { phase: "m3co", ...draws(), mixLevel }),
    /mixLevel to be "input" or "embedding", got output/,
  );
});

Deno.test("steps of M3CoL lower its loss in both phases, alike on every engine, and leave no tensor behind", async () => {
  const run = async (engine: EngineName, mode?: "graph") => {
    await useEngine(engine);
    const stream = new RandomStream(2, "steps"), model = new M3CoL({ features, classes, width: 8, random: stream });
    const optimizer = new Adam(model.parameters(), { learningRate: 2e-3, weightDecay: 1e-4 }), x = batches();
    const losses: number[] = [];
    for (const phase of ["m3co", "sclip"] as const) {
      const step = (...[a, b, c, labels]: tf.Tensor[]) => {
        const mixing = drawMixing({ modalities: 3, batch: 6, random: stream });
        const options = phase === "m3co" ? { phase, ...mixing } : { phase };
        return optimizer.minimize(() => model.loss([a, b, c] as tf.Tensor2D[], labels as tf.Tensor1D, options).value);
      };
      const taken = mode ? compile(step, { mode }) : step, inputs = [...x, y()], held: string[] = [];
      for (let i = 0; i < 15; i++) {
        losses.push(tf.tidy(() => taken(...inputs).dataSync()[0]));
        held.push(String(tensorsHeld()));
      }
      assert.equal(new Set(held.slice(2)).size, 1, `${engine}: ${held}`);
    }
    return losses;
  };
  const want = await run("cpu");
  assert.ok(want[14] < want[0] - 0.1 && want[29] < want[15] - 0.1, String(want));
  const others: [EngineName, "graph" | undefined][] = engines.map((engine) => [engine, undefined]);
  if (installed) others.push(["libtensorflow", "graph"]);
  for (const [engine, mode] of others) closeTo(await run(engine, mode), want, 1e-3, `${engine} ${mode}`);
});

Deno.test("M3CoL leaves no tensor behind but its results", async () => {
  await useEngine();
  const model = irregular(), x = batches(), mixing = draws(), classes = y();
  const run = () =>
    tf.dispose([
      ...[model.embed(x), model.predict(x), { ...m3colForward(x, model) }],
      ...[{ phase: "sclip" } as const, { phase: "m3co", ...mixing } as const].map((o) => ({
        ...model.loss(x, classes, o),
      })),
    ]);
  run();
  const before = tensorsHeld();
  run();
  assert.deepEqual(tensorsHeld(), before);
});
