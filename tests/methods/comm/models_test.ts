// CoMM and its baselines as models: what they are made of, what they compute, how many parameters they have.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { commLoss } from "braid/losses/comm_loss.ts";
import { ImageTokens } from "braid/methods/comm/adapters.ts";
import { CoMM } from "braid/methods/comm/comm.ts";
import { Cross, CrossSelf } from "braid/methods/comm/cross.ts";
import { AlexNetTrunk } from "braid/nn/alex_net.ts";
import { ConvEncoder, type ImageEncoder } from "braid/nn/conv_encoder.ts";
import { projectionHead } from "braid/nn/projection_head.ts";
import { crossEntropy, dot, mean, ntXentByLoop, unit } from "../../losses/reference.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import { linearByLoop, type Matrix, setIrregular } from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(6, "weights");
const images = (phase: number, batch = 4) => wave<tf.Rank.R4>([batch, 6, 6, 3], phase);
const smallEncoders = () => [1, 2].map(() => new ConvEncoder([3, 4, 5], { random })) as [ConvEncoder, ConvEncoder];

function comm(encoders: ImageEncoder[] = smallEncoders(), dim = 8, heads = 8, layers = 1): CoMM {
  return new CoMM({ encoders: encoders.map((e) => new ImageTokens(e, dim, { random })), dim, heads, layers, random });
}

Deno.test("CoMM at the published setting has 9,015,168 parameters, 36 tokens a picture and the published widths", () => {
  const model = comm([1, 2].map(() => new AlexNetTrunk({ random })), 512);
  assert.equal(model.parameterCount, 9_015_168);
  const parts = [...model.encoders, model.fusion, model.head].map(({ parameterCount }) => parameterCount);
  const patches = 256 * 512 + 512, block = 4 * (512 * 512 + 512) + 2 * 512 * 2048 + 2048 + 512 + 2 * 1024;
  assert.deepEqual(parts, [2_469_696 + patches, 2_469_696 + patches, 512 + block + 1024, 658_688]);
  const pictures = tf.zeros<tf.Rank.R4>([2, 224, 224, 3]),
    tokens = model.encoders[0].forward(pictures, { training: true });
  assert.deepEqual(tokens.shape, [2, 36, 512]);
  assert.deepEqual(model.project([pictures, pictures]).shape, [3, 2, 256]);
  assert.deepEqual(model.embed([pictures, pictures]).shape, [2, 512]);
  model.dispose();
});

Deno.test("CoMM with the small encoder and width 256 has 2,226,560 parameters", () => {
  const model = comm([1, 2].map(() => new ConvEncoder([3, 32, 64, 128, 256], { random })), 256);
  assert.equal(model.parameterCount, 2_226_560);
  model.dispose();
});

Deno.test("CoMM's vector of all modalities is the last of its masks", () => {
  for (const layers of [1, 2]) {
    const model = comm(smallEncoders(), 8, 2, layers), x = [images(0), images(1)];
    setIrregular(model, 0.5);
    const masks = model.embedMasks(x);
    assert.deepEqual(masks.shape, [3, 4, 8]);
    closeTo(numbersOf(model.embed(x)), numbersOf(tf.slice(masks, [2, 0, 0], [1, -1, -1])), 1e-5);
    const other = model.embedMasks([x[0], images(2)]);
    const alone = (masks: tf.Tensor3D, m: number) => numbersOf(tf.slice(masks, [m, 0, 0], [1, -1, -1]));
    assert.deepEqual(alone(other, 0), alone(masks, 0)); // the first modality alone knows nothing of the second
    assert.notDeepEqual(alone(other, 1), alone(masks, 1));
    assert.notDeepEqual(alone(other, 2), alone(masks, 2));
  }
});

Deno.test("CoMM projects each mask by the head on its own, and the running statistics follow mask after mask", () => {
  const model = comm(), x = [images(0), images(1)], { linears, norms } = model.head;
  setIrregular(model, 0.5);
  const running = norms.map(({ runningMean, runningVar }) => ({
    runningMean: runningMean.clone(),
    runningVar: runningVar.clone(),
  }));
  const want = (tf.unstack(model.embedMasks(x)) as tf.Tensor2D[]).map((z) => {
    const parameters = {
      linears: linears.map(({ weight, bias }) => ({ weight, bias: bias! })),
      norms: norms.map(({ weight, bias }, i) => ({ weight, bias, ...running[i] })),
    };
    const { output, running: after } = projectionHead(z, parameters, { training: true });
    after.forEach((statistics, i) => Object.assign(running[i], statistics));
    return output;
  });
  closeTo(numbersOf(model.project(x)), numbersOf(want), 1e-5);
  norms.forEach(({ runningMean, runningVar }, i) =>
    closeTo(numbersOf([runningMean, runningVar]), numbersOf([running[i].runningMean, running[i].runningVar]))
  );
});

Deno.test("CoMM's loss is commLoss() of two projected views, with its options", () => {
  const model = comm(), view1 = [images(0), images(1)], view2 = [images(2), images(3)];
  for (const options of [undefined, { temperature: 0.3, weights: [1, 0, 2] }]) {
    const want = commLoss(model.project(view1), model.project(view2), options);
    closeTo(numbersOf({ ...model.loss(view1, view2, options) }), numbersOf({ ...want }), 1e-5);
  }
});

Deno.test("CoMM says what is wrong with its input", () => {
  const model = comm();
  assert.throws(() => comm(smallEncoders().slice(1)), /at least 2 modalities, got 1/);
  for (const x of [[images(0)], [images(0), images(1), images(2)]]) {
    for (const run of [() => model.embed(x), () => model.embedMasks(x), () => model.project(x)]) {
      assert.throws(run, /one batch for each of 2 modalities, got \d/);
    }
  }
  assert.throws(() => comm(smallEncoders(), 12), /number of heads that divides 12, got 8/);
});

/** The mean of an encoder's map for each image. */
const pooledByLoop = (encoder: ConvEncoder, x: tf.Tensor4D): Matrix =>
  encoder.forward(x).arraySync().map((map) => {
    const places = map.flat();
    return places[0].map((_, c) => places.reduce((sum, place) => sum + place[c], 0) / places.length);
  });

Deno.test("Cross is CLIP on pooled, projected features: its embedding and its loss, up to a scale of 100", () => {
  const encoders = smallEncoders(), model = new Cross({ encoders, random, out: 6 }), x = [images(0), images(1)];
  const vectors = x.map((batch, i) =>
    pooledByLoop(encoders[i], batch).map((row) => linearByLoop(row, model.projections[i].weight.arraySync()))
  );
  closeTo(numbersOf(model.embed(x)), vectors[0].flatMap((row, b) => [...row, ...vectors[1][b]]), 1e-4);
  const [a, b] = vectors.map((rows) => rows.map(unit));
  const clip = (scale: number) =>
    mean(a.map((row, i) => crossEntropy(b.map((other) => scale * dot(row, other)), i))) / 2 +
    mean(b.map((row, i) => crossEntropy(a.map((other) => scale * dot(row, other)), i))) / 2;
  closeTo(numbersOf(model.logitScale), [Math.log(1 / 0.07)], 1e-6);
  closeTo(numbersOf(model.loss(x)), [clip(1 / 0.07)], 1e-4);
  for (const [logarithm, scale] of [[1, Math.E], [9, 100], [-3, 1]]) {
    model.logitScale.assign(tf.scalar(logarithm));
    closeTo(numbersOf(model.loss(x)), [clip(scale)], 1e-4, `λ = ${logarithm}`);
  }
  model.logitScale.assign(tf.scalar(1));
  const { grads } = tf.variableGrads(() => model.loss(x), [model.logitScale]);
  const slope = (clip(Math.exp(1 + 1e-4)) - clip(Math.exp(1 - 1e-4))) / 2e-4;
  closeTo(numbersOf(grads[model.logitScale.name]), [slope], 1e-3);
});

Deno.test("Cross starts as CLIP: projections without bias, normal with deviation 1 / √channels", () => {
  const encoders = [1, 2].map(() => new ConvEncoder([3, 64], { random })) as [ConvEncoder, ConvEncoder];
  const model = new Cross({ encoders, random }), weights = numbersOf(model.projections[0].weight);
  assert.equal(model.parameterCount, 2 * (27 * 64 + 64) + 2 * 64 * 512 + 1);
  assert.ok(model.parameters().every(([name]) => !/projections\.\d\.bias/.test(name)));
  const variance = weights.reduce((sum, w) => sum + w * w, 0) / weights.length * 64;
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / weights.length), `variance ${variance}`);
});

Deno.test("Cross+Self is NT-Xent across modalities and within each, all through one head a modality", () => {
  const encoders = smallEncoders(), model = new CrossSelf({ encoders, random });
  const x = [images(0), images(1)], view1 = [images(2), images(3)], view2 = [images(4), images(5)];
  const project = (batches: tf.Tensor4D[]): Matrix[] =>
    batches.map((batch, i) =>
      model.heads[i].forward(tf.tensor2d(pooledByLoop(encoders[i], batch)), { training: true }).arraySync()
    );
  const [cross, a, b] = [x, view1, view2].map(project);
  const want = ntXentByLoop(cross[0], cross[1], 0.1) +
    (ntXentByLoop(a[0], b[0], 0.1) + ntXentByLoop(a[1], b[1], 0.1)) / 2;
  closeTo(numbersOf(model.loss(x, [view1, view2])), [want], 1e-4);
  const features = x.map((batch, i) => pooledByLoop(encoders[i], batch));
  closeTo(numbersOf(model.embed(x)), features[0].flatMap((row, i) => [...row, ...features[1][i]]), 1e-5);
  assert.deepEqual(
    model.heads.map(({ linears }) => linears.map(({ weight }) => weight.shape)),
    [1, 2].map(() => [
      [1024, 5],
      [1024, 1024],
      [256, 1024],
    ]),
  );
});

Deno.test("models leave no tensor behind but their results", () => {
  const [one, cross, crossSelf] = [
    comm(),
    new Cross({ encoders: smallEncoders(), random, out: 4 }),
    new CrossSelf({ encoders: smallEncoders(), random }),
  ];
  const x = [images(0), images(1)], y = [images(2), images(3)];
  const run = () =>
    tf.dispose([
      ...[one.embed(x), one.embedMasks(x), one.project(x), { ...one.loss(x, y) }],
      ...[cross.embed(x), cross.loss(x), crossSelf.embed(x), crossSelf.loss(x, [y, x])],
    ]);
  run();
  const before = tensorsHeld();
  run();
  assert.deepEqual(tensorsHeld(), before);
});
