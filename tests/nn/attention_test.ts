// Attention across sequences and with masks; plain self-attention is in layers_test.ts, PyTorch's numbers in pytorch_test.ts.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { type AttentionMasks, causalMask, MultiHeadAttention } from "braid/nn/attention.ts";
import { TransformerBlock } from "braid/nn/transformer_block.ts";
import { TransformerEncoderLayer } from "braid/nn/transformer_encoder_layer.ts";
import { engines, numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import { attentionByLoop, followsDefinition, type Matrix, setIrregular, type State } from "./reference.ts";

await useEngine();
const random = new RandomStream(5, "weights");

function layerOf(heads = 2): MultiHeadAttention {
  const layer = new MultiHeadAttention(4, heads, { random });
  setIrregular(layer);
  return layer;
}

Deno.test("attention to another sequence is its definition, in the gradient of both sequences too", () => {
  const layer = layerOf(), source = wave<tf.Rank.R3>([2, 5, 4], 1), sources = source.arraySync();
  const definition = (state: State, x: Matrix[]) =>
    x.map((tokens, b) => attentionByLoop(tokens, state, 2, { source: sources[b] }));
  followsDefinition(layer, (x) => layer.forward(x as tf.Tensor3D, { source }), definition, wave([2, 3, 4]));

  const x = wave<tf.Rank.R3>([2, 3, 4]), tokens = x.arraySync();
  const fromSource = (state: State, source: Matrix[]) =>
    tokens.map((own, b) => attentionByLoop(own, state, 2, { source: source[b] }));
  followsDefinition(layer, (source) => layer.forward(x, { source: source as tf.Tensor3D }), fromSource, source);
});

Deno.test("a sequence that attends to itself by name is plain self-attention", () => {
  const layer = layerOf(), x = wave<tf.Rank.R3>([2, 3, 4]);
  const [own, named] = [layer.forward(x), layer.forward(x, { source: x })].map(numbersOf);
  own.forEach((value, i) => assert.ok(Math.abs(value - named[i]) < 1e-6));
});

Deno.test("a causal mask hides the future: outputs up to a token do not change with what follows, to the last bit", () => {
  const layer = layerOf(), x = wave<tf.Rank.R3>([2, 4, 4]), mask = causalMask(4);
  const definition = (state: State, x: Matrix[]) =>
    x.map((tokens) => attentionByLoop(tokens, state, 2, { score: (q, k) => k > q ? -Infinity : 0 }));
  followsDefinition(layer, (x) => layer.forward(x as tf.Tensor3D, { mask }), definition, x);
  const changed = tf.concat([x.slice([0, 0, 0], [2, 3, 4]), tf.fill([2, 1, 4], 50)], 1) as tf.Tensor3D;
  const start = (x: tf.Tensor3D) => numbersOf(layer.forward(x, { mask }).slice([0, 0, 0], [2, 3, 4]));
  assert.deepEqual(start(changed), start(x));
});

Deno.test("a float mask adds to the scores and learns; padding and mask work together", () => {
  const layer = layerOf(), source = wave<tf.Rank.R3>([2, 3, 4], 1), sources = source.arraySync();
  const padding = tf.tensor2d([[0, 0, 1], [0, 0, 0]]), mask = wave<tf.Rank.R2>([2, 3], 2), bias = mask.arraySync();
  const by = (mask: Matrix) => (state: State, x: Matrix[]) =>
    x.map((tokens, b) =>
      attentionByLoop(tokens, state, 2, {
        source: sources[b],
        padded: (key) => b === 0 && key === 2,
        score: (q, k) => mask[q][k],
      })
    );
  followsDefinition(
    layer,
    (x) => layer.forward(x as tf.Tensor3D, { source, padding, mask }),
    by(bias),
    wave([2, 2, 4]),
  );

  const x = wave<tf.Rank.R3>([2, 2, 4]), tokens = x.arraySync();
  followsDefinition(
    layer,
    (mask) => layer.forward(x, { source, padding, mask: mask as tf.Tensor2D }),
    (state, mask: Matrix) => by(mask)(state, tokens),
    mask,
  );
});

for (const engine of engines) {
  Deno.test(`${engine}: minus infinity hides a key as true does; who may attend to nothing gets finite numbers`, async () => {
    await useEngine(engine);
    const layer = layerOf(), x = wave<tf.Rank.R3>([1, 3, 4]), hidden = causalMask(3);
    const endless = tf.where(hidden, tf.fill([3, 3], -Infinity), tf.zeros([3, 3])) as tf.Tensor2D;
    assert.deepEqual(numbersOf(layer.forward(x, { mask: endless })), numbersOf(layer.forward(x, { mask: hidden })));
    const nothing: AttentionMasks[] = [
      { padding: tf.ones([1, 3]) },
      { mask: tf.fill([3, 3], -Infinity) as tf.Tensor2D },
      { mask: hidden, padding: tf.tensor2d([[1, 0, 0]]) },
      { mask: tf.fill([3, 3], -Infinity) as tf.Tensor2D, padding: tf.ones([1, 3]) },
    ];
    for (const masks of nothing) {
      const gradient = tf.grad((x) => tf.sum(layer.forward(x as tf.Tensor3D, masks)))(x);
      assert.ok(numbersOf([layer.forward(x, masks), gradient]).every(Number.isFinite));
    }
  });
}

Deno.test("transformer layers hand a mask on to their attention", () => {
  const block = new TransformerBlock(4, 2, { random, depth: 1 });
  const layer = new TransformerEncoderLayer(4, { random, heads: 2, hidden: 5 });
  const mask = causalMask(3), x = wave<tf.Rank.R3>([1, 3, 4]);
  const changed = tf.concat([x.slice([0, 0, 0], [1, 2, 4]), tf.fill([1, 1, 4], 9)], 1) as tf.Tensor3D;
  for (
    const forward of [
      (x: tf.Tensor3D) => block.forward(x, { mask }),
      (x: tf.Tensor3D) => layer.forward(x, { training: false, mask }),
    ]
  ) {
    const start = (x: tf.Tensor3D) => numbersOf(forward(x).slice([0, 0, 0], [1, 2, 4]));
    assert.deepEqual(start(changed), start(x));
  }
});

Deno.test("causalMask() hides keys beyond a token's own place, or as far ahead as it may see", () => {
  assert.deepEqual(causalMask(3).arraySync(), [[0, 1, 1], [0, 0, 1], [0, 0, 0]]);
  assert.deepEqual(causalMask(2, 4, 2).arraySync(), [[0, 0, 0, 1], [0, 0, 0, 0]]);
  assert.deepEqual(causalMask(2, 1).arraySync(), [[0], [0]]);
  assert.equal(causalMask(2).dtype, "bool");
});

Deno.test("attention leaves no tensor behind", () => {
  const layer = layerOf(), x = wave<tf.Rank.R3>([2, 3, 4]), source = wave<tf.Rank.R3>([2, 5, 4]);
  const padding = tf.zeros<tf.Rank.R2>([2, 5]), mask = causalMask(3, 5), held = tensorsHeld();
  tf.dispose(layer.forward(x));
  tf.dispose(layer.forward(x, { source, padding, mask }));
  assert.deepEqual(tensorsHeld(), held);
});

Deno.test("attention refuses sources and masks that do not fit, and says what would", () => {
  const layer = layerOf(), x = wave<tf.Rank.R3>([2, 3, 4]);
  const forward = (masks: AttentionMasks) => () => layer.forward(x, masks);
  assert.throws(forward({ source: tf.ones([2, 5, 3]) }), /a source of shape \[2, sources, 4\], got \[2,5,3\]/);
  assert.throws(forward({ source: tf.ones([1, 5, 4]) }), /a source of shape \[2, sources, 4\], got \[1,5,4\]/);
  assert.throws(forward({ padding: tf.ones([2, 4]) }), /padding of shape \[2, 3\].*got \[2,4\]/);
  assert.throws(forward({ source: tf.ones([2, 5, 4]), padding: tf.ones([2, 3]) }), /padding of shape \[2, 5\]/);
  assert.throws(forward({ mask: tf.ones([3, 4]) }), /a mask of shape \[3, 3\], got \[3,4\]/);
  assert.throws(
    forward({ mask: tf.ones([3, 3], "int32") }),
    (error) => error instanceof TypeError && /mask to be bool .* or float32 .*got int32/.test(error.message),
  );
});

Deno.test("MultiHeadAttention starts as PyTorch's: projections in Glorot's bound, the output's in ±1/√dim, biases at 0", () => {
  const { inProjWeight, inProjBias, outProj } = new MultiHeadAttention(32, 4, { random });
  const largest = (x: tf.Tensor) => numbersOf(x).reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  for (const [weight, bound] of [[inProjWeight, Math.sqrt(6 / 128)], [outProj.weight, 1 / Math.sqrt(32)]] as const) {
    assert.ok(largest(weight) <= bound && largest(weight) > 0.98 * bound);
  }
  assert.deepEqual([largest(inProjBias), largest(outProj.bias!)], [0, 0]);
});
