import * as tf from "@tensorflow/tfjs";
import { filledParameter, type Initialization, normalParameter, uniformParameter } from "./initialize.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";
import { checkPadding } from "./padding.ts";

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

/** Who attends to whom. */
export interface AttentionMasks {
  /** What keys and values come from, `[batch, sources, dim]`: cross-attention. Default: the tokens themselves. */
  source?: tf.Tensor3D;
  /** `[batch, sources]`, 1 = nobody attends to this key. */
  padding?: tf.Tensor2D;
  /**
   * `[tokens, sources]`: of bool, true = this token does not attend to this key ({@linkcode causalMask}); of float32, added to
   * the scores, in every head.
   */
  mask?: tf.Tensor2D;
}

/** Options of {@linkcode multiHeadAttention}. */
export interface AttentionOptions extends AttentionMasks {
  /** Number of heads; divides `dim`. */
  heads: number;
  /** Applied to the attention weights `[batch, heads, tokens, sources]`, in training. */
  dropout?: (weights: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * Multi-head attention, PyTorch's `MultiheadAttention` with the batch first and keys equal to values:
 * $\mathrm{softmax}(Q K^\top / \sqrt{\mathrm{dim} / \mathrm{heads}} + M)\,V$ per head, concatenated and projected. Without a
 * source it is self-attention.
 *
 * A key that is left out has a weight of exactly 0. A token that may attend to nothing gets a mean of keys that is not worth
 * reading but finite, where PyTorch gives NaN.
 *
 * @param x `[batch, tokens, dim]`.
 * @returns `[batch, tokens, dim]`.
 * @throws {RangeError} If the heads do not divide `dim`, or shapes do not fit.
 * @throws {TypeError} If the mask is neither bool nor float32.
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
  { heads, source, padding, mask, dropout = (weights) => weights }: AttentionOptions,
): tf.Tensor3D {
  const [batch, tokens, dim] = x.shape, sources = source ? source.shape[1] : tokens;
  checkHeads(dim, heads);
  if (source && (source.rank !== 3 || source.shape[0] !== batch || source.shape[2] !== dim)) {
    throw new RangeError(`Expected a source of shape [${batch}, sources, ${dim}], got [${source.shape}]`);
  }
  if (padding) checkPadding(padding, batch, sources);
  if (mask) checkMask(mask, tokens, sources);
  return tf.tidy(() => {
    const byHead = (t: tf.Tensor) =>
      tf.transpose(tf.reshape<tf.Rank.R4>(t, [batch, -1, heads, dim / heads]), [0, 2, 1, 3]);
    // [batch, heads, tokens or sources, dim / heads]
    const [query, key, value] = projections(x, source, inProjWeight, inProjBias).map(byHead);
    const scaled = tf.mul(tf.matMul(query, key, false, true), Math.sqrt(heads / dim));
    const unpadded = padding ? tf.sub(scaled, paddingPenalty(padding)) : scaled;
    const scores = mask ? tf.add(unpadded, scoresOf(mask)) : unpadded; // [batch, heads, tokens, sources]
    const weights = dropout(tf.softmax(scores) as tf.Tensor4D);
    const attended = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]);
    return linear(tf.reshape(attended, [batch, tokens, dim]), outProjWeight, outProjBias);
  });
}

/**
 * A mask for {@linkcode multiHeadAttention} that hides the future: token $t$ attends to keys up to $t + \mathrm{ahead}$.
 *
 * @param tokens How many attend.
 * @param sources How many keys. Default: as many as tokens.
 * @param ahead How far a token sees ahead. Default 0; MulT sees as far ahead as the two sequences differ in length.
 * @returns `[tokens, sources]`, bool, true = hidden.
 *
 * @example
 * ```ts
 * import { causalMask, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * assert.deepEqual(await causalMask(2, 3).array(), [[0, 1, 1], [0, 0, 1]]);
 * ```
 */
export function causalMask(tokens: number, sources: number = tokens, ahead = 0): tf.Tensor2D {
  return tf.tidy(() => {
    const token = tf.reshape(tf.range(0, tokens, 1, "int32"), [tokens, 1]), key = tf.range(0, sources, 1, "int32");
    return tf.greater(key, tf.add(token, tf.scalar(ahead, "int32"))) as tf.Tensor2D;
  });
}

/** Query, key and value, `[batch, tokens or sources, dim]` each. */
function projections(
  x: tf.Tensor3D,
  source: tf.Tensor3D | undefined,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
): tf.Tensor[] {
  if (!source) return tf.split(linear(x, weight, bias), 3, 2);
  const dim = x.shape[2];
  const [queryWeight, otherWeight] = tf.split(weight, [dim, 2 * dim]) as tf.Tensor2D[];
  const [queryBias, otherBias] = tf.split(bias, [dim, 2 * dim]) as tf.Tensor1D[];
  return [linear(x, queryWeight, queryBias), ...tf.split(linear(source, otherWeight, otherBias), 2, 2)];
}

/** Taken off the score of a key that is left out: large enough for a weight of exactly 0 in float32, and finite. */
const PENALTY = 1e9;

/** Subtracted from the scores of padded keys, `[batch, 1, 1, tokens]`. */
export function paddingPenalty(padding: tf.Tensor2D): tf.Tensor4D {
  const [batch, tokens] = padding.shape;
  return tf.tidy(() => tf.mul(tf.reshape(tf.cast(padding, "float32"), [batch, 1, 1, tokens]), PENALTY));
}

/** What a mask adds to the scores; minus infinity, as PyTorch's masks have it, becomes the penalty. */
function scoresOf(mask: tf.Tensor2D): tf.Tensor2D {
  return mask.dtype === "bool" ? tf.mul(tf.cast(mask, "float32"), -PENALTY) : tf.maximum(mask, -PENALTY);
}

function checkMask(mask: tf.Tensor2D, tokens: number, sources: number): void {
  if (mask.dtype !== "bool" && mask.dtype !== "float32") {
    throw new TypeError(
      `Expected the mask to be bool (true = left out) or float32 (added to scores), got ${mask.dtype}`,
    );
  }
  if (mask.rank !== 2 || mask.shape[0] !== tokens || mask.shape[1] !== sources) {
    throw new RangeError(`Expected a mask of shape [${tokens}, ${sources}], got [${mask.shape}]`);
  }
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
   * @param options Random stream. Weights start as in PyTorch: uniform, those of query, key and value in Glorot's bound, those
   * of the output in ±1/sqrt(dim); biases at 0. With `inDeviation` and `outDeviation` they start normal.
   */
  constructor(
    dim: number,
    readonly heads: number,
    { random, inDeviation, outDeviation }: Initialization & { inDeviation?: number; outDeviation?: number },
  ) {
    super();
    checkHeads(dim, heads);
    this.inProjWeight = inDeviation === undefined
      ? uniformParameter<tf.Rank.R2>([3 * dim, dim], 4 * dim / 6, random)
      : normalParameter<tf.Rank.R2>([3 * dim, dim], inDeviation, random);
    this.inProjBias = filledParameter<tf.Rank.R1>([3 * dim], 0);
    this.outProj = new Linear(dim, dim, { random });
    tf.tidy(() => {
      if (outDeviation !== undefined) this.outProj.weight.assign(random.normal([dim, dim], 0, outDeviation));
      this.outProj.bias!.assign(tf.zeros([dim]));
    });
  }

  /** The parameters by the names of {@linkcode multiHeadAttention}. */
  get tensors(): AttentionParameters {
    const { inProjWeight, inProjBias, outProj } = this;
    return { inProjWeight, inProjBias, outProjWeight: outProj.weight, outProjBias: outProj.bias! };
  }

  /** `[batch, tokens, dim]` to the same; source, padding and mask as in {@linkcode multiHeadAttention}. */
  forward(x: tf.Tensor3D, options: AttentionMasks = {}): tf.Tensor3D {
    return multiHeadAttention(x, this.tensors, { heads: this.heads, ...options });
  }
}
