import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { TransformerEncoderLayer } from "braid/nn/transformer_encoder_layer.ts";
import { numbersOf, wave } from "../engine/engines.ts";
import {
  attentionByLoop,
  followsDefinition,
  layerNormByLoop,
  linearByLoop,
  type Matrix,
  plus,
  setIrregular,
  type State,
  within,
} from "./reference.ts";

await useEngine();
const random = new RandomStream(5, "layer");

Deno.test("TransformerEncoderLayer outside of training is its definition, padded or not", () => {
  const layer = new TransformerEncoderLayer(4, { random, heads: 2, hidden: 5 });
  setIrregular(layer);
  const definition = (padded?: (token: number) => boolean) => (state: State, x: Matrix[]) =>
    x.map((tokens) => {
      const normal = tokens.map((row) => layerNormByLoop(row, state["norm1.weight"], state["norm1.bias"]));
      return attentionByLoop(normal, within(state, "self_attn."), 2, { padded }).map((attended, t) => {
        const row = plus(tokens[t], attended);
        const normal = layerNormByLoop(row, state["norm2.weight"], state["norm2.bias"]);
        const hidden = linearByLoop(normal, state["linear1.weight"], state["linear1.bias"]).map((h) => Math.max(0, h));
        return plus(row, linearByLoop(hidden, state["linear2.weight"], state["linear2.bias"]));
      });
    });
  const forward = (padding?: tf.Tensor2D) => (x: tf.Tensor) =>
    layer.forward(x as tf.Tensor3D, { training: false, padding });
  followsDefinition(layer, forward(), definition(), wave([2, 3, 4]));
  followsDefinition(layer, forward(tf.tensor2d([[0, 1, 0]])), definition((t) => t === 1), wave([1, 3, 4]));
});

Deno.test("dropout draws anew at each call in training, and a rate of 0 changes nothing", () => {
  const x = wave([2, 3, 4]) as tf.Tensor3D, training = { training: true };
  const dropping = new TransformerEncoderLayer(4, { random, heads: 2, hidden: 5, dropoutRate: 0.5 });
  assert.notDeepEqual(numbersOf(dropping.forward(x, training)), numbersOf(dropping.forward(x, training)));
  const keeping = new TransformerEncoderLayer(4, { random, heads: 2, hidden: 5, dropoutRate: 0 });
  assert.deepEqual(numbersOf(keeping.forward(x, training)), numbersOf(keeping.forward(x, { training: false })));
});

Deno.test("projections of the attention start in Glorot's bound, its biases at 0", () => {
  const { selfAttn } = new TransformerEncoderLayer(32, { random, heads: 4, hidden: 8 });
  const bound = Math.sqrt(6 / (4 * 32)), weights = numbersOf(selfAttn.inProjWeight);
  const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  assert.ok(largest <= bound && largest > 0.98 * bound, `${largest}`);
  assert.ok(numbersOf([selfAttn.inProjBias, selfAttn.outProj.bias]).every((b) => b === 0));
});
