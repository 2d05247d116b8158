// The coupling of a batch, against the distribution q[a][b][y] that it stands for.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { Coupling } from "braid/interactions/coupling.ts";
import { brojaPid } from "braid/interactions/partial_information.ts";
import { Adam } from "braid/training/adam.ts";

await useEngine();

const value = async (scalar: tf.Tensor) => (await scalar.data())[0];
const options = { rounds: 50 };
const newCoupling = () => new Coupling({ dims: [2, 2], classes: 2, random: new RandomStream(1, "coupling") });

/** The four states of two bits, and what the classifiers of AND say of them. */
const states = [[0, 0], [0, 1], [1, 0], [1, 1]];
const oneHot = (bits: number[]) => tf.tensor2d(bits.map((bit) => [1 - bit, bit]));
const x1 = oneHot(states.map(([a]) => a)), x2 = oneHot(states.map(([, b]) => b));
const answers = (bits: number[]) =>
  tf.tensor2d(bits.map((bit) => bit ? [0.5, 0.5] : [1 - 1e-6, 1e-6])).log() as tf.Tensor2D;
const logP1 = answers(states.map(([a]) => a)), logP2 = answers(states.map(([, b]) => b));

Deno.test("information() keeps the classifiers' answers about both sources, and says where it has not", async () => {
  const random = new RandomStream(2, "answers"), draw = () => random.normal<tf.Rank.R2>([6, 2], 0, 3);
  const [a, b, p1, p2] = [draw(), draw(), draw().logSoftmax(), draw().logSoftmax()];
  const error = (rounds: number) => value(newCoupling().information(a, b, p1, p2, { rounds }).marginalError);
  assert.ok(await error(200) < 1e-3);
  assert.ok(await error(1) > 1e-3);
});

Deno.test("information() is 0 where the second source tells nothing and the class is independent of it", async () => {
  const same = tf.fill([4, 2], Math.log(0.5)) as tf.Tensor2D;
  const constant = tf.ones<tf.Rank.R2>([4, 2]); // one embedding for all, so q(b | a, y) is uniform
  const { value: nats } = newCoupling().information(x1, constant, logP1, same, options);
  assert.ok(Math.abs(await value(nats)) < 1e-5);
});

Deno.test("information() is that of one source given by the other where there is nothing to choose", async () => {
  // x1 says nothing and x2 all: I(X2; Y | X1) = H(Y) = ln 2, whatever the embeddings of a constant x1.
  const nothing = tf.fill([4, 2], Math.log(0.5)) as tf.Tensor2D;
  const sure = tf.tensor2d([[1 - 1e-7, 1e-7], [1e-7, 1 - 1e-7], [1 - 1e-7, 1e-7], [1e-7, 1 - 1e-7]])
    .log() as tf.Tensor2D;
  const { value: nats } = newCoupling().information(tf.ones([4, 2]), x2, nothing, sure, options);
  assert.ok(Math.abs(await value(nats) - Math.LN2) < 1e-4);
});

Deno.test("trained, it finds the least information of AND by BROJA, and never less", async () => {
  const coupling = newCoupling(), optimizer = new Adam(coupling.parameters(), { learningRate: 0.01 });
  const step = compile((...inputs: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]) =>
    optimizer.minimize(() => coupling.information(...inputs, { rounds: 10 }))
  );
  const losses: number[] = [];
  for (let k = 0; k < 100; k++) {
    const { value: nats, marginalError } = step(x1, x2, logP1, logP2);
    losses.push(await value(nats));
    tf.dispose([nats, marginalError]);
  }
  const and = brojaPid([[[0.25, 0], [0.25, 0]], [[0.25, 0], [0, 0.25]]]);
  assert.ok(Math.abs(and.unique2) < 1e-6); // which I_q(X2; Y | X1) is at its minimum
  assert.ok(losses[0] > 0.02, `${losses[0]}`);
  assert.ok(losses.at(-1)! < 0.005 && Math.min(...losses) > -1e-4, `${losses.at(-1)}`);
  step.dispose();
  optimizer.dispose();
  coupling.dispose();
});

Deno.test("information() leaves no tensor but its results", () => {
  const coupling = newCoupling(), before = tf.memory().numTensors;
  tf.dispose(coupling.information(x1, x2, logP1, logP2, options));
  assert.equal(tf.memory().numTensors, before);
});
