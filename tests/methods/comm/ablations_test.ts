// What an ablation leaves of CoMM.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { mildCrop, simClrLight } from "braid/augment/image.ts";
import { ablated, type Ablation, lossTerms, namedAugmentations } from "braid/methods/comm/ablations.ts";
import { CoMM } from "braid/methods/comm/comm.ts";
import { fusionNames, type ImagePair, pairLearner } from "braid/methods/comm/learners.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";

await useEngine();
const pictures = (phase: number) => tf.tidy(() => tf.abs(wave<tf.Rank.R4>([5, 8, 8, 3], phase)) as tf.Tensor4D);
const pair = (): ImagePair => [pictures(0), pictures(1)];
const learner = (ablation: Ablation) =>
  pairLearner("CoMM", { encoder: [3, 4, 6], dim: 16, seed: 1, comm: ablated(ablation) });

Deno.test("the loss is a third of the sum of the terms that are chosen; the others are shown all the same", () => {
  assert.deepEqual(lossTerms, ["all", "joint", "single"]);
  const [first, second, both] = numbersOf(Object.values(learner({}).loss(pair())).slice(1));
  for (const [terms, sum] of [["all", first + second + both], ["joint", both], ["single", first + second]] as const) {
    closeTo(numbersOf(Object.values(learner({ terms }).loss(pair()))), [sum / 3, first, second, both], 1e-5, terms);
  }
});

Deno.test("what is not among the terms moves no weight: the loss of both alone has the gradient of both", () => {
  const gradients = (ablation: Ablation, pick: "value" | "both") => {
    const { model, loss } = learner(ablation);
    const parameters = model.parameters().map(([, parameter]) => parameter);
    const { grads } = tf.variableGrads(() => loss(pair())[pick] as tf.Scalar, parameters);
    return parameters.flatMap(({ name }) => numbersOf(grads[name]));
  };
  closeTo(gradients({ terms: "joint" }, "value").map((slope) => 3 * slope), gradients({}, "both"), 1e-5);
});

Deno.test("augmentations have the released code's names, for both pictures or one each", () => {
  const whole = { ...simClrLight, cropScale: [1, 1], cropRatio: [1, 1] };
  for (
    const [names, expected] of [
      ["all", [simClrLight]],
      ["none", [mildCrop]],
      ["all,all_wo_crop", [simClrLight, whole]],
      ["crop-0.5", [{ ...simClrLight, cropScale: [0.5, 1] }]],
      ["crop-to-.3,none", [{ ...simClrLight, cropScale: [0.01, 0.3] }, mildCrop]],
    ] as const
  ) {
    assert.deepEqual(namedAugmentations(names), expected);
  }
  for (const wrong of ["", "crop", "crop-0", "crop-1.5", "crop-to-0.01", "crop-0.5x", "toString"]) {
    assert.throws(() => namedAugmentations(wrong), /Expected an augmentation of all, none, all_wo_crop, crop-S/);
  }
  assert.throws(() => namedAugmentations("all,all,all"), /for each of two pictures, got "all,all,all"/);
});

Deno.test("one augmentation is that of both pictures; another for the second changes what the loss sees", () => {
  const terms = (augmentation: string) => numbersOf(Object.values(learner({ augmentation }).loss(pair())).slice(1));
  const [first, second, both] = terms("all"), changed = terms("all,none");
  assert.deepEqual(terms("all,all"), [first, second, both]);
  for (const [i, term] of [first, second, both].entries()) assert.notEqual(changed[i], term); // each has both in its prototype
});

Deno.test("a fusion for each mask reads one vector a picture and has its layers' parameters", () => {
  assert.deepEqual([...fusionNames], ["transformer", "linear", "mlp"]);
  const encoder = 3 * 3 * 3 * 4 + 4 + 3 * 3 * 4 * 6 + 6, dim = 16, layer = (inputs: number) => inputs * dim + dim;
  const head = dim * 512 + 512 + 512 * 512 + 512 + 512 * 256 + 256 + 2 * 2 * 512;
  const sizes = { linear: 2 * layer(6) + layer(12), mlp: 2 * layer(6) + layer(12) + 3 * layer(dim) };
  for (const [fusion, size] of Object.entries(sizes) as ["linear" | "mlp", number][]) {
    const { model, loss, embed, embedMasks } = learner({ fusion });
    assert.ok(model instanceof CoMM);
    assert.equal(model.parameterCount, 2 * encoder + size + head);
    assert.ok(Number.isFinite(numbersOf(loss(pair()).value)[0]));
    assert.deepEqual([embed(pair()).shape, embedMasks!(pair()).shape], [[5, dim], [3, 5, dim]]);
  }
});
