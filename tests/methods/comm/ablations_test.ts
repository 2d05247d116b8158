// What an ablation leaves of CoMM.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { ablated, type Ablation, lossTerms } from "braid/methods/comm/ablations.ts";
import { type ImagePair, pairLearner } from "braid/methods/comm/learners.ts";
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
