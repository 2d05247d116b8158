// The networks of GMC on MHD and the losses on them: against PyTorch, whose numbers `pytorch_case.py` has written down.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { gmcLoss } from "braid/losses/gmc_loss.ts";
import { GMC } from "braid/methods/m3ixup/gmc_model.ts";
import { M3ixup, m3ixupDraws, type M3ixupOptions } from "braid/methods/m3ixup/m3ixup.ts";
import { summarize } from "braid/nn/summary.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, numbersOf, tensorsHeld } from "../../engine/engines.ts";
import { close, unchecked, value } from "../../losses/reference.ts";
import pytorch from "./pytorch_case.json" with { type: "json" };

await useEngine();
const random = new RandomStream(3, "weights");

/** Numbers in [-1, 1] that look random, as in `pytorch_case.py`. */
function scatter<R extends tf.Rank>(shape: tf.ShapeMap[R], phase: number): tf.Tensor<R> {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
    const far = Math.sin(12.9898 * (i + 1) + 78.233 * phase) * 43758.5453;
    return 2 * (far - Math.floor(far)) - 1;
  });
  return tf.tensor(values, shape);
}

/** The weights of `pytorch_case.py`. */
const weights = tf.tidy(() => {
  const state = new GMC({ random }).stateDict();
  const names = Object.keys(state).filter((name) => !name.endsWith("num_batches_tracked")).sort();
  names.forEach((name, phase) => {
    const { shape } = state[name], numbers = scatter(shape, phase), fanIn = tf.util.sizeFromShape(shape.slice(1));
    if (shape.length > 1) state[name] = numbers.mul(2.5 / Math.sqrt(fanIn));
    else if (/(running_var|weight)$/.test(name)) state[name] = numbers.mul(0.3).add(1);
    else state[name] = numbers.mul(0.1);
  });
  return state;
});

/** Gives a model these weights, through its state dict. */
function fill<Model extends GMC>(model: Model): Model {
  model.loadStateDict(weights);
  return model;
}

const x = [[3, 28, 28, 1], [3, 32, 128, 1], [3, 200]].map((shape, phase) => scatter(shape, phase));
const label = tf.oneHot(tf.tensor1d([1, 7, 4], "int32"), 10).toFloat();
const draws = {
  permutation: tf.tensor1d([2, 0, 1], "int32"),
  lambda: tf.scalar(0.3),
  initialWeights: tf.tensor2d([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]]),
};
const filled = fill(new M3ixup({ random }));
const flags = [0, 1, 2].map((u) => [0, 1, 2].map((v) => Number(u !== v)));

Deno.test("GMC's networks have the published numbers of parameters, with and without the label", () => {
  const parameters = (label: boolean) => {
    const model = new GMC({ random, label });
    const counts = summarize(model, 1).map(({ parameters }) => parameters);
    assert.equal(model.modalities, label ? 4 : 3);
    model.dispose();
    return counts;
  };
  assert.deepEqual(parameters(true), [533_568, 345_152, 398_400, 704, 1_277_632, 328_768, 2_884_224]);
  assert.deepEqual(parameters(false), [533_568, 345_152, 398_400, 1_276_992, 328_768, 2_882_880]);
});

Deno.test("GMC's state has the names and layouts of the released code's", () => {
  const model = new GMC({ random, label: true }),
    state = tf.tidy(() => {
      const state = Object.entries(model.stateDict()).filter(([name]) => !name.endsWith("num_batches_tracked"));
      return Object.fromEntries(state.map(([name, { shape }]) => [name, shape]));
    });
  model.dispose();
  const linear = (name: string, outputs: number, inputs: number) => [
    [`${name}.weight`, [outputs, inputs]],
    [`${name}.bias`, [outputs]],
  ];
  const norm = (name: string, dim: number) =>
    ["weight", "bias", "running_mean", "running_var"].map((field) => [`${name}.${field}`, [dim]]);
  const image = (name: string) => [[`${name}.0.weight`, [64, 1, 4, 4]], [`${name}.2.weight`, [128, 64, 4, 4]]];
  const sound = (name: string) => [
    [`${name}.0.weight`, [128, 1, 1, 128]],
    ...norm(`${name}.1`, 128),
    [`${name}.3.weight`, [128, 128, 4, 1]],
    ...norm(`${name}.4`, 128),
    [`${name}.6.weight`, [256, 128, 4, 1]],
    ...norm(`${name}.7`, 256),
  ];
  const trajectory = (name: string) => [...linear(`${name}.0`, 512, 200), ...linear(`${name}.2`, 512, 512)];
  assert.deepEqual(
    state,
    Object.fromEntries([
      ...[...image("image_processor.image_features"), ...linear("image_processor.projector", 64, 6272)],
      ...[...sound("sound_processor.sound_features"), ...linear("sound_processor.projector", 64, 2048)],
      ...trajectory("trajectory_processor.trajectory_features"),
      ...linear("trajectory_processor.projector", 64, 512),
      ...linear("label_processor.projector", 64, 10),
      ...[...image("joint_processor.img_features"), ...sound("joint_processor.sound_features")],
      ...trajectory("joint_processor.trajectory_features"),
      ...linear("joint_processor.projector", 64, 8842),
      ...linear("encoder.feature_extractor.0", 512, 64),
      ...linear("encoder.feature_extractor.2", 512, 512),
      ...linear("encoder.feature_extractor.4", 64, 512),
    ]),
  );
});

Deno.test("GMC's embeddings are PyTorch's, in evaluation and in training, and so are its running statistics", () => {
  const model = fill(new GMC({ random }));
  closeTo(numbersOf({ ...model.embedAll(x) }), pytorch.evaluation.flat(), 1e-4);
  closeTo(numbersOf({ ...model.embedAll(x, { training: true }) }), pytorch.training.flat(), 1e-4);
  const state = model.stateDict();
  for (const [name, want] of Object.entries(pytorch.running)) closeTo(numbersOf(state[name]), want, 1e-5, name);
  tf.dispose(state);
  model.dispose();
});

/** Compares a loss and, by length and by product with scattered numbers, all of its gradients with PyTorch's. */
async function isPyTorchs(
  loss: (model: M3ixup) => tf.Scalar,
  want: { value: number; gradients: Record<string, number[]> },
): Promise<void> {
  const model = fill(new M3ixup({ random })), parameters = model.parameters();
  const { value: got, grads } = tf.variableGrads(() => loss(model), parameters.map(([, variable]) => variable));
  close(await value(got), want.value, 1e-4);
  assert.deepEqual(parameters.map(([name]) => name).sort(), Object.keys(want.gradients).sort());
  for (const [name, variable] of parameters) {
    const [length, product] = tf.tidy(() => {
      const gradient = grads[variable.name], { rank } = gradient;
      const own = rank === 4 ? tf.transpose(gradient, [3, 2, 0, 1]) : gradient;
      return numbersOf([own.norm(), own.mul(scatter(own.shape, 0)).sum()]);
    });
    const [wantLength, wantProduct] = want.gradients[name];
    assert.ok(Math.abs(length - wantLength) <= 1e-3 * wantLength, `${name}: length ${length}, want ${wantLength}`);
    assert.ok(Math.abs(product - wantProduct) <= 1e-3 * wantLength, `${name}: ${product}, want ${wantProduct}`);
  }
  tf.dispose([got, grads]);
  model.dispose();
}

Deno.test("GMC's loss and its gradients are PyTorch's", () => isPyTorchs((model) => model.loss(x).value, pytorch.gmc));

Deno.test("M3ixup's loss and its gradients are PyTorch's, with mixed inputs and with mixed features", async () => {
  await isPyTorchs((model) => model.mixupLoss(x, draws).value, pytorch.inputs);
  await isPyTorchs((model) => model.mixupLoss(x, draws, { mixes: "features" }).value, pytorch.features);
});

Deno.test("the losses hand their options on, and without training they use the running statistics", async () => {
  const { unimodal, joint } = filled.embedAll(x), options = { temperature: 0.4, negatives: "joints" } as const;
  close(
    await value(filled.loss(x, { training: false, ...options }).value),
    await value(gmcLoss(unimodal, joint, options).value),
  );
  const { value: total, gmc, unimodalLoss } = filled.mixupLoss(x, draws, {
    ...{ training: false, temperature: 0.4, weightUnimodal: 2, weightAdapt: 0, weightExplore: 0 },
  });
  close(await value(gmc), await value(gmcLoss(unimodal, joint, { temperature: 0.4 }).value));
  close(await value(total), await value(gmc) + 2 * await value(unimodalLoss));
});

Deno.test("mixed inputs do not move the running statistics: they follow the unmixed batch, once a step", () => {
  const state = (step: (model: M3ixup) => void) => {
    const model = fill(new M3ixup({ random }));
    step(model);
    const state = model.stateDict(), numbers = numbersOf(Object.keys(pytorch.running).map((name) => state[name]));
    tf.dispose(state);
    model.dispose();
    return numbers;
  };
  assert.deepEqual(state((model) => model.mixupLoss(x, draws)), state((model) => model.loss(x)));
});

Deno.test("GMC embeds what is there: alone, the mean of several, complete by the joint encoder", () => {
  const { unimodal, joint } = filled.embedAll(x), alone = numbersOf(unimodal), size = 3 * 64;
  const ofModality = (u: number) => alone.slice(u * size, (u + 1) * size);
  closeTo(numbersOf(filled.embed(x)), numbersOf(joint), 1e-5);
  for (const [missing, there] of flags.entries()) {
    const only = x.map((batch, u) => u === missing ? batch : null), without = x.map((b, u) => there[u] ? b : null);
    closeTo(numbersOf(filled.embed(only)), ofModality(missing), 1e-5);
    const [first, second] = [0, 1, 2].filter((u) => there[u]).map(ofModality);
    closeTo(numbersOf(filled.embed(without)), first.map((z, i) => (z + second[i]) / 2), 1e-5);
  }
});

Deno.test("GMC embeds a sample alike alone and in a batch", () => {
  const second = x.map((batch) => tf.slice(batch, 1, 1));
  closeTo(numbersOf(filled.embed(second)), numbersOf(filled.embed(x)).slice(64, 128), 1e-5);
});

Deno.test("the label is a modality of its own, and reaches the joint encoder as it is", () => {
  const model = new GMC({ random, label: true }), { projector } = model.labelProcessor!;
  const { unimodal, joint } = model.embedAll([...x, label]);
  assert.deepEqual([unimodal.shape, joint.shape], [[4, 3, 64], [3, 64]]);
  const z = numbersOf(model.embed([null, null, null, label]));
  closeTo(numbersOf(unimodal).slice(3 * 3 * 64), z, 1e-5);
  const h = tf.add(tf.matMul(label, projector.weight, false, true), projector.bias!) as tf.Tensor2D;
  closeTo(numbersOf(model.encoder.forward(h)), z, 1e-5);
  const other = numbersOf(model.embed([...x, tf.reverse(label, 0)])), own = numbersOf(joint);
  assert.ok(other.some((value, i) => Math.abs(value - own[i]) > 1e-4));
  model.dispose();
});

Deno.test("GMC says what is wrong with its input", () => {
  for (const batches of [x.slice(0, 2), [...x, label]]) {
    for (const run of [() => filled.embed(batches), () => filled.embedAll(batches), () => filled.loss(batches)]) {
      assert.throws(run, /one batch for each of 3 modalities, got \d/);
    }
    assert.throws(() => filled.mixupLoss(batches, draws), /one batch for each of 3 modalities, got \d/);
  }
  assert.throws(() => filled.embed([null, null, null]), /at least one modality to be there, got none/);
  const one = x.map((batch) => tf.slice(batch, 0, 1));
  for (const run of [() => filled.embed([...one.slice(0, 2), x[2]]), () => filled.loss([...one.slice(0, 2), x[2]])]) {
    assert.throws(run, /as many samples of each modality, got 1, 1, 3/);
  }
  const mixup = (changed: Partial<typeof draws>, options?: M3ixupOptions) => () =>
    filled.mixupLoss(x, { ...draws, ...changed }, { training: false, ...options });
  assert.throws(mixup({ permutation: tf.tensor1d([1, 0], "int32") }), /permutation of shape \[3\].*got \[2\]/);
  assert.throws(mixup({ permutation: tf.tensor1d([2, 0, 1]) }), /permutation to be int32, got float32/);
  assert.throws(mixup({ lambda: unchecked([3]) }), /lambda to be a scalar, got shape \[3\]/);
  assert.throws(mixup({ initialWeights: tf.ones([3, 2]) }), /initialWeights of shape \[3,3\]/);
  assert.throws(mixup({}, { mixes: "labels" as "inputs" }), /mixes to be "inputs" or "features", got labels/);
  assert.throws(() => filled.loss(one, { training: false }), /at least 2 samples, got 1/);
});

Deno.test("m3ixupDraws() draws partners, a share and weights on the simplex, new ones in each call", () => {
  const draw = new RandomStream(1, "draws"), batch = 400, size = { batch, modalities: 3 };
  const [first, second] = [m3ixupDraws(draw, size), m3ixupDraws(draw, size)];
  for (const { permutation, lambda, initialWeights } of [first, second]) {
    assert.equal(permutation.dtype, "int32");
    assert.deepEqual(numbersOf(permutation).sort((a, b) => a - b), [...Array(batch).keys()]);
    const [share] = numbersOf(lambda);
    assert.ok(share >= 0 && share < 1);
    const rows = initialWeights.arraySync();
    for (const row of rows) assert.ok(row.every((w) => w > 0) && Math.abs(row[0] + row[1] + row[2] - 1) < 1e-6);
    // Dirichlet(1, 1, 1): each weight has mean 1/3 and variance 1/18.
    for (const u of [0, 1, 2]) {
      const mean = rows.reduce((sum, row) => sum + row[u], 0) / batch;
      const variance = rows.reduce((sum, row) => sum + (row[u] - mean) ** 2, 0) / batch;
      assert.ok(Math.abs(mean - 1 / 3) < 0.05 && Math.abs(variance - 1 / 18) < 0.015, `${mean}, ${variance}`);
    }
  }
  assert.notDeepEqual(numbersOf({ ...first }), numbersOf({ ...second }));
  // A random order leaves about one sample its own partner, not many.
  assert.ok(numbersOf(first.permutation).filter((partner, i) => partner === i).length < 10);
});

Deno.test("steps of GMC and of M3ixup lower the loss and leave no tensor behind", () => {
  for (const method of ["loss", "mixupLoss"] as const) {
    const model = fill(new M3ixup({ random })), optimizer = new Adam(model.parameters(), { learningRate: 1e-3 });
    const loss = () => method === "loss" ? model.loss(x) : model.mixupLoss(x, draws);
    const step = () => tf.tidy(() => optimizer.minimize(loss).value.dataSync()[0]);
    const first = step(), held = tensorsHeld(), last = [1, 2, 3].map(step).at(-1)!;
    assert.ok(last < first, `${method}: ${first} to ${last}`);
    assert.deepEqual(tensorsHeld(), held);
    optimizer.dispose();
    model.dispose();
  }
});
