// What all objectives have in common: they learn, they need both modalities to learn and one to represent it, they leave nothing behind.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { contrastiveObjectives, objectiveNames, type VectorPair } from "braid/cli/record/contrast_objectives.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { Adam } from "braid/training/adam.ts";
import { numbersOf, tensorsHeld } from "../../engine/engines.ts";

await useEngine();
const WIDTHS: [number, number] = [6, 4], BATCH = 16;

/** Two noisy maps of the same hidden numbers. */
const pair = (seed = 1): VectorPair =>
  tf.tidy(() => {
    const random = new RandomStream(seed, "pair"), maps = new RandomStream(9, "maps");
    const hidden = random.normal<tf.Rank.R2>([BATCH, 3]);
    return WIDTHS.map((width) => {
      const clean = tf.matMul(hidden, maps.normal<tf.Rank.R2>([3, width]));
      return tf.add(clean, random.normal([BATCH, width], 0, 0.1));
    }) as VectorPair;
  });

const objective = (name: typeof objectiveNames[number]) =>
  contrastiveObjectives[name]({
    ...{ widths: WIDTHS, hidden: 16, dim: 8 },
    ...{ random: new RandomStream(1, "weights"), draws: new RandomStream(1, "draws") },
  });

for (const name of objectiveNames) {
  Deno.test(`${name} learns to tell the pairs of a batch`, async () => {
    const { model, loss } = objective(name), x = pair();
    const optimizer = new Adam(model.parameters(), { learningRate: 1e-2 });
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) losses.push((await optimizer.minimize(() => loss(x)).value.data())[0]);
    const mean = (from: number) => losses.slice(from, from + 10).reduce((sum, value) => sum + value, 0) / 10;
    assert.ok(mean(20) < 0.9 * mean(0), `from ${mean(0)} to ${mean(20)}`);
  });

  Deno.test(`${name} represents each modality without a look at the other, sample by sample`, () => {
    const { represent } = objective(name), [x1, x2] = pair(), [y1, y2] = pair(2);
    const [z1, z2] = represent([x1, x2]);
    assert.deepEqual([z1.shape, z2.shape], [[BATCH, 8], [BATCH, 8]]);
    assert.deepEqual(numbersOf(represent([x1, y2])[0]), numbersOf(z1));
    assert.deepEqual(numbersOf(represent([y1, x2])[1]), numbersOf(z2));
    assert.notDeepEqual(numbersOf(represent([y1, x2])[0]), numbersOf(z1));
    const alone = represent([x1, x2].map((x) => x.slice([3], [1])) as VectorPair).map((z) => numbersOf(z));
    for (const [m, z] of [z1, z2].entries()) {
      numbersOf(z.slice([3], [1])).forEach((value, i) => assert.ok(Math.abs(value - alone[m][i]) < 1e-5));
    }
  });

  Deno.test(`${name} leaves no tensor behind`, () => {
    const x = pair(), before = tensorsHeld();
    const random = new RandomStream(1, "weights"), draws = new RandomStream(1, "draws");
    const { model, loss, represent } = contrastiveObjectives[name]({
      widths: WIDTHS,
      hidden: 16,
      dim: 8,
      random,
      draws,
    });
    tf.dispose([tf.tidy(() => loss(x)), represent(x)]);
    for (const part of [model, random, draws]) part.dispose();
    assert.deepEqual(tensorsHeld(), before);
  });
}
