import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { featureTokenizer, ImageTokens, PatchAdapter } from "braid/methods/comm/adapters.ts";
import { linearFusion } from "braid/methods/comm/linear_fusion.ts";
import { commMasks } from "braid/methods/comm/masks.ts";
import { ConvEncoder } from "braid/nn/conv_encoder.ts";
import { ResNetTrunk } from "braid/nn/res_net.ts";
import { closeTo, numbersOf, wave } from "../../engine/engines.ts";
import { followsDefinition, linearByLoop, plus, type State } from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(0, "weights");

/** Position of row r, column c for a width of 4: one frequency, 1. */
const position4 = (r: number, c: number) => [Math.sin(r), Math.cos(r), Math.sin(c), Math.cos(c)];

Deno.test("PatchAdapter projects each place, row by row, and adds its position", () => {
  const adapter = new PatchAdapter(3, 4, { random });
  const definition = (state: State, x: number[][][][]) =>
    x.map((map) =>
      map.flatMap((row, r) =>
        row.map((place, c) => plus(linearByLoop(place, state.weight, state.bias), position4(r, c)))
      )
    );
  followsDefinition(adapter, (x) => adapter.forward(x as tf.Tensor4D), definition, wave([2, 2, 3, 3]));
});

Deno.test("ImageTokens are the encoder's map through the adapter", () => {
  const tokens = new ImageTokens(new ConvEncoder([1, 2, 3], { random }), 8, { random }),
    images = wave<tf.Rank.R4>([2, 9, 9, 1]);
  const mode = { training: false }, got = tokens.forward(images, mode);
  assert.deepEqual(got.shape, [2, 9, 8]);
  closeTo(numbersOf(got), numbersOf(tokens.adapter.forward(tokens.encoder.forward(images, mode))), 1e-6);
});

Deno.test("ImageTokens of an encoder with norms normalise by the batch in training, by the running statistics outside", () => {
  const encoder = new ResNetTrunk({ random, width: 2 }), tokens = new ImageTokens(encoder, 8, { random });
  const images = wave<tf.Rank.R4>([2, 40, 40, 3]);
  for (const mode of [{ training: true }, { training: false }]) {
    closeTo(
      numbersOf(tokens.forward(images, mode)),
      numbersOf(tokens.adapter.forward(encoder.forward(images, mode))),
      1e-6,
    );
  }
  const [training, outside] = [true, false].map((training) => numbersOf(tokens.forward(images, { training })));
  assert.ok(training.some((value, i) => Math.abs(value - outside[i]) > 0.01));
});

Deno.test("featureTokenizer() makes token k of feature k: x_k times its weight plus its bias", () => {
  const [x, weight, bias] = [wave<tf.Rank.R2>([2, 3]), wave<tf.Rank.R2>([3, 4], 1), wave<tf.Rank.R2>([3, 4], 2)];
  const [values, w, b] = [x, weight, bias].map((t) => t.arraySync());
  const want = values.map((row) => row.map((xk, k) => w[k].map((wk, d) => xk * wk + b[k][d])));
  const got = featureTokenizer(x, weight, bias);
  assert.deepEqual(got.shape, [2, 3, 4]);
  closeTo(numbersOf(got), want.flat(2), 1e-6);
  assert.throws(() => featureTokenizer(tf.ones([2, 4]), weight, bias), /Expected 3 features, got.*\[2,4\]/);
});

Deno.test("linearFusion() maps each modality alone, then all of them side by side", () => {
  const x = [wave<tf.Rank.R2>([2, 3]), wave<tf.Rank.R2>([2, 1], 1)];
  const weights = [wave<tf.Rank.R2>([2, 3], 2), wave<tf.Rank.R2>([2, 1], 3)],
    biases = [1, 2].map((p) => wave<tf.Rank.R1>([2], p));
  const jointWeight = wave<tf.Rank.R2>([2, 4], 4), jointBias = wave<tf.Rank.R1>([2], 5);
  const rows = (i: number) => x[i].arraySync();
  const want = [
    ...[0, 1].map((i) => rows(i).map((row) => linearByLoop(row, weights[i].arraySync(), biases[i].arraySync()))),
    rows(0).map((row, b) => linearByLoop([...row, ...rows(1)[b]], jointWeight.arraySync(), jointBias.arraySync())),
  ];
  closeTo(numbersOf(linearFusion(x, { weights, biases, jointWeight, jointBias })), want.flat(2), 1e-6);
  for (const inputs of [[], [x[0]]]) {
    assert.throws(
      () => linearFusion(inputs, { weights, biases, jointWeight, jointBias }),
      /one weight and bias a modality/,
    );
  }
});

Deno.test("commMasks() are each modality alone, then all", () => {
  for (const n of [1, 2, 5]) {
    const masks = commMasks(n), rows = masks.arraySync();
    assert.deepEqual([masks.shape, masks.dtype], [[n + 1, n], "int32"]);
    rows.forEach((row, m) => row.forEach((kept, i) => assert.equal(kept, Number(m === i || m === n))));
  }
  for (const n of [0, -1, 1.5]) assert.throws(() => commMasks(n), /at least 1 modality, got/);
});
