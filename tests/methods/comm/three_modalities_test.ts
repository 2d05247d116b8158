// Three modalities from end to end: CoMM with its four masks, its supervised loss, and CMC.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { cmcLoss } from "braid/losses/cmc_loss.ts";
import { commLoss } from "braid/losses/comm_loss.ts";
import { supConLoss } from "braid/losses/sup_con_loss.ts";
import { CMC } from "braid/methods/comm/cmc.ts";
import { CoMM } from "braid/methods/comm/comm.ts";
import { namedTerms } from "braid/methods/comm/learners.ts";
import { SequenceEncoder } from "braid/methods/comm/sequence_encoder.ts";
import type { Module } from "braid/nn/module.ts";
import { Adam } from "braid/training/adam.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";

await useEngine();
const random = new RandomStream(5, "weights"), BATCH = 6, DIM = 8, WIDTHS = [3, 4, 2];
/** Sequences of four steps, the same samples for each phase but for a small change. */
const view = (phase: number) => WIDTHS.map((width, m) => wave<tf.Rank.R3>([BATCH, 4, width], m + 0.1 * phase));
const encoders = (dropoutRate = 0) =>
  WIDTHS.map((width) => new SequenceEncoder(width, { random, dim: DIM, layers: 1, heads: 2, dropoutRate }));
const comm = () => new CoMM({ encoders: encoders(), dim: DIM, heads: 2, random });
const classes = () => tf.tensor1d([0, 1, 2, 0, 1, 2], "int32");

/** The losses of some compiled steps of Adam. */
function descend(model: Module, loss: () => tf.Scalar, steps = 25): number[] {
  const optimizer = new Adam(model.parameters(), { learningRate: 3e-3 });
  const step = compile(() => optimizer.minimize(loss)), held = new Set<string>();
  const losses = Array.from({ length: steps }, (_, i) => {
    const value = step(), [number] = numbersOf(value);
    value.dispose();
    if (i > 1) held.add(String(tensorsHeld()));
    return number;
  });
  assert.equal(held.size, 1, [...held].join(" "));
  step.dispose();
  optimizer.dispose();
  return losses;
}

Deno.test("CoMM of three modalities contrasts four masks, each modality alone and all", () => {
  const model = comm(), [a, b] = [view(0), view(1)], projected = model.project(a, { training: true });
  assert.deepEqual(projected.shape, [4, BATCH, 256]);
  const { value, terms } = model.loss(a, b);
  closeTo(numbersOf([value, terms]), numbersOf(Object.values(commLoss(projected, model.project(b))).slice(0, 2)), 1e-5);
  assert.deepEqual(terms.shape, [4]);
  closeTo(numbersOf(value), [numbersOf(terms).reduce((sum, term) => sum + term) / 4], 1e-5);
  assert.deepEqual(Object.keys(namedTerms({ value, terms } as ReturnType<typeof commLoss>)), [
    ...["value", "modality1", "modality2", "modality3", "all"],
  ]);
  const [first, , , all] = tf.unstack(model.embedMasks([a[0], b[1], b[2]])) as tf.Tensor2D[];
  const [sameFirst, , , other] = tf.unstack(model.embedMasks(a)) as tf.Tensor2D[];
  closeTo(numbersOf(first), numbersOf(sameFirst), 1e-6); // alone, it knows nothing of the other two
  assert.notDeepEqual(numbersOf(all), numbersOf(other));
});

Deno.test("CoMM of three modalities learns", () => {
  const model = comm(), losses = descend(model, () => model.loss(view(0), view(1)).value, 12);
  assert.ok(losses.at(-1)! < 0.8 * losses[0], String(losses));
});

Deno.test("the supervised loss is SupCon of both views' fused vectors, and asks nothing of the head", () => {
  const model = comm(), [a, b] = [view(0), view(1)], loss = model.supervisedLoss(a, b, classes());
  const vectors = tf.stack([model.embed(a), model.embed(b)], 1) as tf.Tensor3D;
  closeTo(numbersOf(loss), numbersOf(supConLoss(vectors, classes())), 1e-5);
  const warmer = { temperature: 0.5, baseTemperature: 0.5 };
  closeTo(
    numbersOf(model.supervisedLoss(a, b, classes(), warmer)),
    numbersOf(supConLoss(vectors, classes(), warmer)),
    1e-5,
  );
  const { grads } = tf.variableGrads(() => model.supervisedLoss(a, b, classes()));
  const moved = model.parameters().filter(([, { name }]) => numbersOf(grads[name] ?? []).some((slope) => slope !== 0));
  assert.ok(
    moved.length > 20 && moved.every(([name]) => !name.startsWith("head.")),
    String(moved.map(([name]) => name)),
  );
  const few = tf.zeros<tf.Rank.R1>([2], "int32");
  assert.throws(() => model.supervisedLoss(a, b, few), /labels of shape \[6\], one per sample, got \[2\]/);
});

Deno.test("fine-tuning sets the classes' vectors apart", () => {
  const model = comm(),
    margin = () => {
      const z = tf.unstack(model.embed(view(0))) as tf.Tensor1D[];
      const cosine = (i: number, j: number) => numbersOf(tf.dot(z[i], z[j]).div(z[i].norm().mul(z[j].norm())))[0];
      const same = [0, 1, 2].map((i) => cosine(i, i + 3)), other = [0, 1, 2].map((i) => cosine(i, (i + 1) % 3));
      return Math.min(...same) - Math.max(...other);
    };
  const before = margin(), losses = descend(model, () => model.supervisedLoss(view(0), view(1), classes()));
  assert.ok(losses.at(-1)! < 0.8 * losses[0], String(losses));
  assert.ok(margin() > before + 0.05, `${before} to ${margin()}`);
});

Deno.test("CMC contrasts all pairs of the last tokens' projections; probes read the tokens themselves", () => {
  const parts = encoders(), model = new CMC({ encoders: parts, dim: DIM, random }), x = view(0);
  const last = x.map((batch, i) => (tf.unstack(parts[i].forward(batch, { training: false }), 1) as tf.Tensor2D[])[3]);
  assert.deepEqual(model.embed(x).shape, [BATCH, 3 * DIM]);
  closeTo(numbersOf(model.embed(x)), numbersOf(tf.concat(last, 1)), 1e-6);
  const projected = last.map((z, i) => tf.matMul(z, model.heads[i].weight, false, true));
  assert.deepEqual(model.project(x).shape, [3, BATCH, 13]);
  closeTo(numbersOf(model.project(x)), numbersOf(tf.stack(projected)), 1e-5);
  closeTo(numbersOf(model.loss(x)), numbersOf(cmcLoss(tf.stack(projected) as tf.Tensor3D)), 1e-5);
  assert.ok(model.parameters().every(([name]) => !/heads\.\d\.bias/.test(name)));
  const losses = descend(model, () => model.loss(view(0)));
  assert.ok(losses.at(-1)! < 0.9 * losses[0], String(losses));
});

Deno.test("CMC says what is wrong with its input", () => {
  assert.throws(() => new CMC({ encoders: encoders().slice(2), dim: DIM, random }), /at least 2 modalities, got 1/);
  const model = new CMC({ encoders: encoders(), dim: DIM, random });
  assert.throws(() => model.embed(view(0).slice(1)), /one batch for each of 3 modalities, got 2/);
});
