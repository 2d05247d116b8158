import * as tf from "@tensorflow/tfjs";
import { filledParameter, type Initialization, normalParameter } from "./initialize.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Parameters of {@linkcode multiHeadAttention}. */
export interface AttentionParameters {
  /** Query, key and value weights, stacked: `[3 dim, dim]`. */
  inProjWeight: tf.Tensor2D;
  /** `[3 dim]`. */
  inProjBias: tf.Tensor1D;
  /** `[dim, dim]`. */
  outProjWeight: tf.Tensor2D;
  /** `[dim]`. */
  outProjBias: tf.Tensor1D;
}

/** Options of {@linkcode multiHeadAttention}. */
export interface AttentionOptions {
  /** Number of heads; divides `dim`. */
  heads: number;
  /** `[batch, tokens]`, 1 = nobody attends to this token. */
  padding?: tf.Tensor2D;
  /** Applied to the attention weights `[batch, heads, tokens, tokens]`, in training. */
  dropout?: (weights: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * Multi-head self-attention, PyTorch's `MultiheadAttention` with equal query, key and value:
 * $\mathrm{softmax}(Q K^\top / \sqrt{\mathrm{dim} / \mathrm{heads}})\,V$ per head, concatenated and projected.
 *
 * @param x `[batch, tokens, dim]`.
 * @returns `[batch, tokens, dim]`.
 * @throws {RangeError} If the heads do not divide `dim`.
 *
 * @example With equal tokens attention is an average: nothing changes under identity projections.
 * ```ts
 * import { multiHeadAttention, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const eye = tf.eye(2), zero = tf.zeros<tf.Rank.R1>([2]);
 * const parameters = {
 *   inProjWeight: tf.concat([eye, eye, eye]) as tf.Tensor2D,
 *   inProjBias: tf.zeros<tf.Rank.R1>([6]),
 *   outProjWeight: eye,
 *   outProjBias: zero,
 * };
 * const y = multiHeadAttention(tf.ones([1, 3, 2]), parameters, { heads: 1 });
 * assert.deepEqual(await y.array(), [[[1, 1], [1, 1], [1, 1]]]);
 * ```
 */
export function multiHeadAttention(
  x: tf.Tensor3D,
  { inProjWeight, inProjBias, outProjWeight, outProjBias }: AttentionParameters,
  { heads, padding, dropout = (weights) => weights }: AttentionOptions,
): tf.Tensor3D {
  const [batch, tokens, dim] = x.shape;
  checkHeads(dim, heads);
  return tf.tidy(() => {
    const byHead = (t: tf.Tensor) =>
      tf.transpose(tf.reshape<tf.Rank.R4>(t, [batch, tokens, heads, dim / heads]), [0, 2, 1, 3]);
    const projected = linear(x, inProjWeight, inProjBias); // [batch, tokens, 3 dim]
    const [query, key, value] = tf.split(projected, 3, 2).map(byHead); // [batch, heads, tokens, dim / heads]
    const scaled = tf.mul(tf.matMul(query, key, false, true), Math.sqrt(heads / dim));
    const scores = padding ? tf.sub(scaled, paddingPenalty(padding)) : scaled; // [batch, heads, tokens, tokens]
    const weights = dropout(tf.softmax(scores) as tf.Tensor4D);
    const attended = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]);
    return linear(tf.reshape(attended, [batch, tokens, dim]), outProjWeight, outProjBias);
  });
}

/** Subtracted from the scores of padded keys, `[batch, 1, 1, tokens]`: large enough for a weight of exactly 0 in float32. */
export function paddingPenalty(padding: tf.Tensor2D): tf.Tensor4D {
  const [batch, tokens] = padding.shape;
  return tf.tidy(() => tf.mul(tf.reshape(tf.cast(padding, "float32"), [batch, 1, 1, tokens]), 1e9));
}

/** @throws {RangeError} If `heads` does not divide `dim`. */
export function checkHeads(dim: number, heads: number): void {
  if (!Number.isInteger(heads) || heads < 1 || dim % heads !== 0) {
    throw new RangeError(`Expected a number of heads that divides ${dim}, got ${heads}`);
  }
}

/** {@linkcode multiHeadAttention} with its parameters. */
export class MultiHeadAttention extends Module {
  readonly inProjWeight: tf.Variable<tf.Rank.R2>;
  readonly inProjBias: tf.Variable<tf.Rank.R1>;
  readonly outProj: Linear;

  /**
   * @param dim Width of tokens.
   * @param heads Number of heads.
   * @param options Random stream; `inDeviation` and `outDeviation` of the normal initial weights (biases start at 0).
   */
  constructor(
    dim: number,
    readonly heads: number,
    { random, inDeviation, outDeviation }: Initialization & { inDeviation: number; outDeviation: number },
  ) {
    super();
    checkHeads(dim, heads);
    this.inProjWeight = normalParameter<tf.Rank.R2>([3 * dim, dim], inDeviation, random);
    this.inProjBias = filledParameter<tf.Rank.R1>([3 * dim], 0);
    this.outProj = new Linear(dim, dim, { random });
    tf.tidy(() => {
      this.outProj.weight.assign(random.normal<tf.Rank.R2>([dim, dim], 0, outDeviation));
      this.outProj.bias!.assign(tf.zeros([dim]));
    });
  }

  /** The parameters by the names of {@linkcode multiHeadAttention}. */
  get tensors(): AttentionParameters {
    const { inProjWeight, inProjBias, outProj } = this;
    return { inProjWeight, inProjBias, outProjWeight: outProj.weight, outProjBias: outProj.bias! };
  }

  /** `[batch, tokens, dim]` to the same; `padding` as in {@linkcode multiHeadAttention}. */
  forward(x: tf.Tensor3D, options: { padding?: tf.Tensor2D } = {}): tf.Tensor3D {
    return multiHeadAttention(x, this.tensors, { heads: this.heads, ...options });
  }
}
