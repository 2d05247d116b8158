// The fusion against its definition, and its short cut for all masks against the fusion mask by mask.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { fuseMasks, FusionTransformer, fusionTransformer } from "braid/methods/comm/fusion_transformer.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";
import {
  blockByLoop,
  followsDefinition,
  layerNormByLoop,
  type Matrix,
  setIrregular,
  type State,
  within,
} from "../../nn/reference.ts";

await useEngine();
const random = new RandomStream(3, "weights");

function irregularFusion(dim: number, heads: number, layers = 1): FusionTransformer {
  const fusion = new FusionTransformer(dim, heads, { random, layers });
  setIrregular(fusion, 0.4);
  return fusion;
}

/** One sample's tokens behind the CLS token, through all blocks: the final norm of every row. */
function rowsByLoop(state: State, tokens: Matrix, heads: number, padded?: (token: number) => boolean): Matrix {
  let rows: Matrix = [state.cls, ...tokens];
  for (let k = 0; `blocks.${k}.ln1.weight` in state; k++) {
    rows = blockByLoop(rows, within(state, `blocks.${k}.`), heads, padded);
  }
  return rows.map((row) => layerNormByLoop(row, state["norm.weight"], state["norm.bias"]));
}

/** Cuts tokens `[batch, all, dim]` into modalities; tfjs has no gradient of a split into one. */
const cut = (x: tf.Tensor, sizes: number[]) => (sizes.length > 1 ? tf.split(x, sizes, 1) : [x]) as tf.Tensor3D[];

Deno.test("FusionTransformer is pre-norm blocks over CLS and all tokens, and the final norm of CLS", () => {
  for (const [layers, sizes] of [[1, [2, 1]], [2, [1, 1, 2]], [1, [3]]] as [number, number[]][]) {
    const fusion = irregularFusion(4, 2, layers), all = sizes.reduce((sum, size) => sum + size);
    const definition = (state: State, x: Matrix[]) => x.map((tokens) => rowsByLoop(state, tokens, 2)[0]);
    followsDefinition(fusion, (x) => fusion.forward(cut(x, sizes)), definition, wave([2, all, 4]), 5e-4);
  }
});

Deno.test("FusionTransformer leaves padded tokens of any modality out", () => {
  const fusion = irregularFusion(4, 2, 2),
    padding = [tf.tensor2d([[0, 1], [0, 0]]), tf.tensor2d([[1], [0]], [2, 1], "int32")];
  const definition = (state: State, x: Matrix[]) =>
    x.map((tokens, b) => rowsByLoop(state, tokens, 2, (t) => b === 0 && t >= 2)[0]); // behind CLS: token 1 and token 2
  followsDefinition(fusion, (x) => fusion.forward(cut(x, [2, 1]), { padding }), definition, wave([2, 3, 4]), 5e-4);
});

Deno.test("fusionTransformer() can take the mean of all tokens, without a CLS token", () => {
  const fusion = irregularFusion(4, 2), { norm, blocks: [block] } = fusion;
  const parameters = { blocks: [block.tensors], normWeight: norm.weight, normBias: norm.bias };
  const tokens = wave<tf.Rank.R3>([1, 3, 4]), state: State = {};
  for (const [name, tensor] of Object.entries(fusion.stateDict())) state[name] = tensor.arraySync();
  const rows = blockByLoop(tokens.arraySync()[0], within(state, "blocks.0."), 2)
    .map((row) => layerNormByLoop(row, state["norm.weight"], state["norm.bias"]));
  const want = rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / 3);
  closeTo(numbersOf(fusionTransformer([tokens], parameters, { heads: 2, pool: "mean" })), want);
  assert.throws(() => fusionTransformer([tokens], parameters, { heads: 2 }), /Expected a CLS token/);
});

/** Tensors of a fusion, as the functions take them. */
const parameters = ({ cls, blocks, norm }: FusionTransformer) => ({
  ...{ cls, blocks: blocks.map(({ tensors }) => tensors), normWeight: norm.weight, normBias: norm.bias },
});

const shapes: [batch: number, sizes: number[], dim: number, heads: number][] = [
  [2, [3, 2], 8, 2],
  [1, [1, 1], 4, 1],
  [3, [4, 1], 8, 8],
  [2, [2, 3, 1], 12, 4],
  [2, [5], 4, 4],
];
for (const [batch, sizes, dim, heads] of shapes) {
  Deno.test(`fuseMasks() is the fusion mask by mask, gradients too: ${batch} x [${sizes}] tokens of ${dim}, ${heads} heads`, () => {
    const fusion = irregularFusion(dim, heads),
      tokens = sizes.map((size, i) => tf.variable(wave([batch, size, dim], i)));
    const modalities = tokens as unknown as tf.Tensor3D[];
    const fused = (present: tf.Tensor3D[]) => fusionTransformer(present, parameters(fusion), { heads });
    const byMask = () => tf.stack([...modalities.map((alone) => fused([alone])), fused(modalities)]);
    const atOnce = () => fusion.forwardMasks(modalities);
    assert.deepEqual(atOnce().shape, [sizes.length + 1, batch, dim]);
    closeTo(numbersOf(atOnce()), numbersOf(byMask()), 1e-5);
    closeTo(numbersOf(fusion.forward(modalities)), numbersOf(fused(modalities)), 1e-5);

    const weights = wave([sizes.length + 1, batch, dim], 0.5), variables = fusion.parameters().map(([, v]) => v);
    const gradients = (output: () => tf.Tensor) =>
      tf.variableGrads(() => tf.sum(tf.mul(output(), weights)) as tf.Scalar, [...tokens, ...variables]).grads;
    const [got, want] = [gradients(atOnce), gradients(byMask)];
    for (
      const [name, { name: key }] of [...tokens.map((t, i) => [`tokens ${i}`, t] as const), ...fusion.parameters()]
    ) {
      closeTo(numbersOf(got[key]), numbersOf(want[key]), 5e-5, name);
    }
    tf.dispose([...tokens, ...variables]);
  });
}

Deno.test("FusionTransformer with several blocks fuses each mask as the fusion does", () => {
  const fusion = irregularFusion(4, 2, 2), tokens = [wave<tf.Rank.R3>([2, 2, 4]), wave<tf.Rank.R3>([2, 1, 4], 1)];
  const want = tf.stack([...tokens.map((alone) => fusion.forward([alone])), fusion.forward(tokens)]);
  closeTo(numbersOf(fusion.forwardMasks(tokens)), numbersOf(want), 1e-6);
});

Deno.test("a modality that is left out changes nothing: the mask alone is the fusion of the rest", () => {
  const fusion = irregularFusion(8, 2), first = wave<tf.Rank.R3>([2, 3, 8]);
  const [withOne, withOther] = [1, 2].map((phase) => fusion.forwardMasks([first, wave([2, 2, 8], phase)]));
  const alone = (masks: tf.Tensor3D) => numbersOf(tf.slice(masks, [0, 0, 0], [1, -1, -1]));
  assert.deepEqual(alone(withOne), alone(withOther));
  assert.notDeepEqual(numbersOf(withOne), numbersOf(withOther));
});

Deno.test("fusion says what is wrong with its input", () => {
  const fusion = irregularFusion(4, 2), two = irregularFusion(4, 2, 2);
  const token = (...shape: [number, number, number]) => tf.ones<tf.Rank.R3>(shape);
  for (const fuse of [(t: tf.Tensor3D[]) => fusion.forward(t), (t: tf.Tensor3D[]) => fusion.forwardMasks(t)]) {
    assert.throws(() => fuse([]), /at least one modality, got none/);
    assert.throws(() => fuse([token(2, 1, 4), token(3, 1, 4)]), /one batch and width, got \[2,1,4\], \[3,1,4\]/);
    assert.throws(() => fuse([token(2, 1, 4), token(2, 1, 6)]), /one batch and width/);
  }
  assert.throws(
    () => fuseMasks([token(2, 1, 4)], parameters(two), { heads: 2 }),
    /one block and a CLS token, got 2 blocks/,
  );
  assert.throws(() => fuseMasks([token(2, 1, 4)], parameters(fusion), { heads: 3 }), /divides 4, got 3/);
  assert.throws(() => new FusionTransformer(4, 3, { random }), /divides 4, got 3/);
});

Deno.test("fusion leaves no tensor behind", () => {
  const fusion = irregularFusion(4, 2), tokens = [wave<tf.Rank.R3>([2, 2, 4]), wave<tf.Rank.R3>([2, 1, 4])];
  const before = tensorsHeld();
  tf.dispose([fusion.forward(tokens), fusion.forwardMasks(tokens)]);
  assert.deepEqual(tensorsHeld(), before);
});
