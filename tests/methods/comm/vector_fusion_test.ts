// The fusions of the ablation against their definition.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { VectorFusion, vectorFusion } from "braid/methods/comm/vector_fusion.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import {
  followsDefinition,
  linearByLoop,
  type Matrix,
  setIrregular,
  type State,
  type Vector,
} from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(3, "weights"), WIDTHS = [2, 3, 1], TOKENS = 2;

function irregularFusion(hidden: boolean): VectorFusion {
  const fusion = new VectorFusion(WIDTHS, 4, { random, hidden });
  setIrregular(fusion, 0.4);
  return fusion;
}

/** Cuts `[batch, tokens, 6]` into modalities of widths 2, 3 and 1. */
const cut = (x: tf.Tensor) => tf.split(x, WIDTHS, 2) as tf.Tensor3D[];

function perceptronByLoop(state: State, name: string, row: Vector): Vector {
  let x = row;
  for (let k = 0; `${name}.layers.${k}.weight` in state; k++) {
    const h = k === 0 ? x : x.map((value) => Math.max(value, 0));
    x = linearByLoop(h, state[`${name}.layers.${k}.weight`], state[`${name}.layers.${k}.bias`]);
  }
  return x;
}
const meanToken = (tokens: Matrix): Vector =>
  tokens[0].map((_, d) => tokens.reduce((sum, t) => sum + t[d], 0) / TOKENS);

for (const hidden of [false, true]) {
  Deno.test(`a fusion ${hidden ? "with" : "without"} a hidden layer is its maps of mean tokens, mask by mask`, () => {
    const definition = (state: State, x: Matrix[]) => {
      const vectors = x.map(meanToken);
      const alone = [[0, 2], [2, 5], [5, 6]].map(([from, to], i) =>
        vectors.map((row) => perceptronByLoop(state, `alone.${i}`, row.slice(from, to)))
      );
      return [...alone, vectors.map((row) => perceptronByLoop(state, "joint", row))];
    };
    const fusion = irregularFusion(hidden), x = wave<tf.Rank.R3>([3, TOKENS, 6]);
    followsDefinition(fusion, (x) => fusion.forwardMasks(cut(x)), definition, x, 5e-4);
    closeTo(numbersOf(fusion.forward(cut(x))), numbersOf(tf.unstack(fusion.forwardMasks(cut(x))).at(-1)), 1e-6);
  });
}

Deno.test("without a hidden layer nothing of a pair is in the fused vector: it is a sum of what each side tells", () => {
  const mixedDifference = (hidden: boolean) => {
    const fusion = irregularFusion(hidden), [a, b] = [wave<tf.Rank.R3>([3, 1, 6]), wave<tf.Rank.R3>([3, 1, 6], 2)];
    const [[a1, ...a2], [b1, ...b2]] = [cut(a), cut(b)];
    const z = (x1: tf.Tensor3D, x2: tf.Tensor3D[]) => fusion.forward([x1, ...x2]);
    return numbersOf(z(a1, a2).add(z(b1, b2)).sub(z(a1, b2)).sub(z(b1, a2))).map(Math.abs);
  };
  assert.ok(Math.max(...mixedDifference(false)) < 1e-5);
  assert.ok(Math.max(...mixedDifference(true)) > 1e-2);
});

Deno.test("vectorFusion() says what is wrong with its input, and leaves no tensor behind", () => {
  const fusion = irregularFusion(false), x = WIDTHS.map((width) => tf.ones<tf.Rank.R2>([2, width]));
  assert.throws(() => vectorFusion(x.slice(1), fusion), /one vector for each of 3 modalities, got 2/);
  assert.throws(() => vectorFusion([], fusion), /one vector for each of 3 modalities, got 0/);
  const before = tensorsHeld();
  vectorFusion(x, fusion).dispose();
  assert.deepEqual(tensorsHeld(), before);
});
