// CoMM's fusion: tokens of all kept modalities and one CLS token through pre-norm transformer blocks.

import * as tf from "@tensorflow/tfjs";
import { checkHeads } from "../../nn/attention.ts";
import { type Initialization, normalParameter } from "../../nn/initialize.ts";
import { LayerNorm, layerNorm } from "../../nn/layer_norm.ts";
import { linear } from "../../nn/linear.ts";
import { Module } from "../../nn/module.ts";
import {
  residualMlp,
  TransformerBlock,
  transformerBlock,
  type TransformerBlockParameters,
} from "../../nn/transformer_block.ts";

/** Parameters of {@linkcode fusionTransformer}. */
export interface FusionParameters {
  /** The CLS token, `[dim]`; needed unless tokens are averaged. */
  cls?: tf.Tensor1D;
  /** One record a block. */
  blocks: TransformerBlockParameters[];
  /** Final layer norm, `[dim]` each. */
  normWeight: tf.Tensor1D;
  normBias: tf.Tensor1D;
}

/** Options of {@linkcode fusionTransformer}. */
export interface FusionOptions {
  /** Attention heads. */
  heads: number;
  /** What represents the sample: the CLS token (default) or the mean of all tokens. */
  pool?: "cls" | "mean";
  /** Per modality `[batch, tokens]`, 1 = nobody attends to this token. */
  padding?: tf.Tensor2D[];
}

/**
 * Fuses token sequences of several modalities into one vector.
 *
 * Sequences stand one behind the other, after a CLS token; there is no embedding of position or modality, so a modality is
 * told apart by its encoder alone. Leaving one out is how CoMM masks it.
 *
 * Source: CoMM (Dufumier et al. 2025), section 3, "concat" fusion.
 *
 * @param tokens Per modality `[batch, tokens, dim]`.
 * @returns `[batch, dim]`: the final layer norm of the CLS token, or its mean over all tokens, padded ones included.
 * @throws {RangeError} If there is no modality, widths differ, or CLS pooling lacks its token.
 */
export function fusionTransformer(
  tokens: tf.Tensor3D[],
  { cls, blocks, normWeight, normBias }: FusionParameters,
  { heads, pool = "cls", padding }: FusionOptions,
): tf.Tensor2D {
  const { batch, dim } = checkTokens(tokens);
  if (pool === "cls" && !cls) throw new RangeError("Expected a CLS token for CLS pooling, got none");
  return tf.tidy(() => {
    const first = pool === "cls" ? [tf.tile(tf.reshape(cls!, [1, 1, dim]), [batch, 1, 1])] : [];
    const given = padding?.map((mask) => tf.cast(mask, "float32"));
    const mask = given && tf.concat([...first.map(() => tf.zeros([batch, 1])), ...given], 1) as tf.Tensor2D;
    const sequence = tf.concat([...first, ...tokens], 1) as tf.Tensor3D; // [batch, 1 + all tokens, dim]
    const options = { heads, padding: mask };
    const output = blocks.reduce((x, block) => transformerBlock(x, block, options), sequence);
    const read = pool === "cls" ? tf.slice(output, [0, 0, 0], [-1, 1, -1]) : output;
    return tf.mean(layerNorm(read, normWeight, normBias), 1);
  });
}

/**
 * {@linkcode fusionTransformer} for every mask of {@linkcode commMasks} at once, where one block and CLS pooling are used.
 *
 * Then only the CLS row of the block is ever read, and with norms first a token's keys and values depend on no mask. With
 * $q_h$ the CLS query of head $h$, $W_h^K$ and $W_h^V$ that head's rows and $\hat x_t = \mathrm{LN}_1 x_t$:
 *
 * $$ s_{ht} = \hat x_t \cdot (W_h^{K\top} q_h) / \sqrt{d_h},\qquad o_h = W_h^V \sum_t \mathrm{softmax}_t(s_{ht})\, \hat x_t + b_h^V $$
 *
 * so tokens are never projected at all: the softmax over a mask's own tokens weighs them, and one vector a head is projected.
 * (The key bias shifts all scores of a head alike and drops out of the softmax.) The function is the same, its cost is not.
 *
 * @param tokens Per modality `[batch, tokens, dim]`.
 * @param options Number of heads; with `alone` false only the mask of all modalities is computed. Default true.
 * @returns `[masks, batch, dim]`: each modality alone, then all.
 */
export function fuseMasks(
  tokens: tf.Tensor3D[],
  { cls, blocks, normWeight, normBias }: FusionParameters,
  { heads, alone = true }: { heads: number; alone?: boolean },
): tf.Tensor3D {
  const { batch, dim } = checkTokens(tokens);
  if (blocks.length !== 1 || !cls) {
    throw new RangeError(`Expected one block and a CLS token, got ${blocks.length} blocks: use fusionTransformer()`);
  }
  checkHeads(dim, heads);
  const [block] = blocks, perHead = dim / heads;
  return tf.tidy(() => {
    const normalised = (x: tf.Tensor3D) => layerNorm(x, block.ln1Weight, block.ln1Bias);
    const [queryWeight, keyWeight, valueWeight] = tf.split(block.inProjWeight, 3) as tf.Tensor2D[]; // [dim, dim] each
    const [queryBias, , valueBias] = tf.split(block.inProjBias, 3) as tf.Tensor1D[];

    const clsToken = normalised(tf.reshape(cls, [1, 1, dim])); // the same for every sample
    const query = tf.reshape(linear(clsToken, queryWeight, queryBias), [heads, 1, perHead]);
    const folded = tf.matMul(query, tf.reshape(keyWeight, [heads, perHead, dim])); // [heads, 1, dim]
    const scoreWeight = tf.mul(tf.reshape(folded, [heads, dim]), 1 / Math.sqrt(perHead)) as tf.Tensor2D;

    const values = tokens.map(normalised);
    const clsValues = tf.tile(clsToken, [batch, 1, 1]);
    const all = tf.concat([clsValues, ...values], 1);
    const kept = [...alone ? values.map((value) => tf.concat([clsValues, value], 1)) : [], all];
    const pooled = kept.map((sequence) => { // [batch, 1 + tokens, dim]
      const weights = tf.softmax(tf.transpose(linear(sequence, scoreWeight), [0, 2, 1])); // [batch, heads, 1 + tokens]
      return tf.matMul(weights, sequence); // [batch, heads, dim]
    });
    const byHead = tf.reshape(tf.transpose(tf.stack(pooled), [2, 0, 1, 3]), [heads, kept.length * batch, dim]);
    const projected = tf.matMul(byHead, tf.reshape(valueWeight, [heads, perHead, dim]), false, true);
    const attended = tf.add(tf.reshape(tf.transpose(projected, [1, 0, 2]), [kept.length, batch, dim]), valueBias);

    const residual = tf.add(linear(attended, block.outProjWeight, block.outProjBias), cls) as tf.Tensor3D;
    return layerNorm(residualMlp(residual, block), normWeight, normBias); // [masks, batch, dim]
  });
}

function checkTokens(tokens: tf.Tensor3D[]): { batch: number; dim: number } {
  if (tokens.length === 0) throw new RangeError("Expected the tokens of at least one modality, got none");
  const [batch, , dim] = tokens[0].shape;
  for (const { shape } of tokens) {
    if (shape[0] !== batch || shape[2] !== dim) {
      throw new RangeError(
        `Expected tokens [batch, tokens, dim] of one batch and width, got ${
          tokens.map((t) => `[${t.shape}]`).join(", ")
        }`,
      );
    }
  }
  return { batch, dim };
}

/** {@linkcode fusionTransformer} with its parameters; CLS pooling. */
export class FusionTransformer extends Module {
  readonly cls: tf.Variable<tf.Rank.R1>;
  readonly blocks: TransformerBlock[];
  readonly norm: LayerNorm;

  /** Width `dim` and number of `heads`; `layers` blocks (the paper uses one). */
  constructor(
    readonly dim: number,
    readonly heads: number,
    { random, layers = 1 }: Initialization & { layers?: number },
  ) {
    super();
    this.cls = normalParameter<tf.Rank.R1>([dim], 1, random);
    this.blocks = Array.from({ length: layers }, () => new TransformerBlock(dim, heads, { random, depth: layers }));
    this.norm = new LayerNorm(dim);
  }

  /** Tokens `[batch, tokens, dim]` of the modalities that are there, to `[batch, dim]`. */
  forward(tokens: tf.Tensor3D[], { padding }: { padding?: tf.Tensor2D[] } = {}): tf.Tensor2D {
    const { heads } = this, parameters = this.#parameters;
    if (this.blocks.length > 1 || padding) return fusionTransformer(tokens, parameters, { heads, padding });
    return tf.tidy(() => tf.squeeze(fuseMasks(tokens, parameters, { heads, alone: false }), [0]) as tf.Tensor2D);
  }

  /** One vector for each mask of {@linkcode commMasks}: `[masks, batch, dim]`. */
  forwardMasks(tokens: tf.Tensor3D[]): tf.Tensor3D {
    if (this.blocks.length === 1) return fuseMasks(tokens, this.#parameters, { heads: this.heads });
    return tf.tidy(() =>
      tf.stack([...tokens.map((alone) => this.forward([alone])), this.forward(tokens)]) as tf.Tensor3D
    );
  }

  get #parameters(): FusionParameters {
    const { cls, blocks, norm } = this;
    return { cls, blocks: blocks.map(({ tensors }) => tensors), normWeight: norm.weight, normBias: norm.bias };
  }
}
