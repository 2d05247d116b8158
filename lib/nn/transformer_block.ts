import * as tf from "@tensorflow/tfjs";
import { quickGelu } from "./activations.ts";
import {
  type AttentionMasks,
  type AttentionOptions,
  type AttentionParameters,
  MultiHeadAttention,
  multiHeadAttention,
} from "./attention.ts";
import type { Initialization } from "./initialize.ts";
import { LayerNorm, layerNorm } from "./layer_norm.ts";
import { Linear, linear } from "./linear.ts";
import { Module } from "./module.ts";

/** Parameters of {@linkcode transformerBlock}: norms `[dim]`, attention, and an MLP `dim -> hidden -> dim`. */
export interface TransformerBlockParameters extends AttentionParameters {
  ln1Weight: tf.Tensor1D;
  ln1Bias: tf.Tensor1D;
  ln2Weight: tf.Tensor1D;
  ln2Bias: tf.Tensor1D;
  /** `[hidden, dim]`. */
  fcWeight: tf.Tensor2D;
  fcBias: tf.Tensor1D;
  /** `[dim, hidden]`. */
  projWeight: tf.Tensor2D;
  projBias: tf.Tensor1D;
}

/**
 * Transformer block with norms first: $x \leftarrow x + \mathrm{MHA}(\mathrm{LN}_1 x)$, then
 * $x \leftarrow x + \mathrm{MLP}(\mathrm{LN}_2 x)$ with QuickGELU in between.
 *
 * Source: CLIP's residual attention block, as CoMM uses it.
 *
 * @param x `[batch, tokens, dim]`.
 * @returns `[batch, tokens, dim]`.
 */
export function transformerBlock(
  x: tf.Tensor3D,
  parameters: TransformerBlockParameters,
  options: Omit<AttentionOptions, "source">,
): tf.Tensor3D {
  return tf.tidy(() => {
    const { ln1Weight, ln1Bias } = parameters;
    const attended = multiHeadAttention(layerNorm(x, ln1Weight, ln1Bias), parameters, options);
    return residualMlp(tf.add(x, attended), parameters);
  });
}

/** The block's second half, $x + \mathrm{MLP}(\mathrm{LN}_2 x)$: row by row, `[..., dim]` to `[..., dim]`. */
export function residualMlp<T extends tf.Tensor>(
  x: T,
  { ln2Weight, ln2Bias, fcWeight, fcBias, projWeight, projBias }: Omit<
    TransformerBlockParameters,
    keyof AttentionParameters
  >,
): T {
  return tf.tidy(() => {
    const hidden = quickGelu(linear(layerNorm(x, ln2Weight, ln2Bias), fcWeight, fcBias));
    return tf.add(x, linear(hidden, projWeight, projBias)) as T;
  });
}

/** {@linkcode transformerBlock} with its parameters, named and initialised as in CLIP. */
export class TransformerBlock extends Module {
  readonly ln1: LayerNorm;
  readonly attention: MultiHeadAttention;
  readonly ln2: LayerNorm;
  readonly fc: Linear;
  readonly proj: Linear;

  /**
   * @param dim Width of tokens; the MLP is four times as wide.
   * @param heads Attention heads.
   * @param options Random stream, and `depth`: blocks in the whole transformer, by which outputs are scaled down at first.
   */
  constructor(dim: number, heads: number, { random, depth }: Initialization & { depth: number }) {
    super();
    const outDeviation = dim ** -0.5 * (2 * depth) ** -0.5;
    this.ln1 = new LayerNorm(dim);
    this.attention = new MultiHeadAttention(dim, heads, { random, inDeviation: dim ** -0.5, outDeviation });
    this.ln2 = new LayerNorm(dim);
    this.fc = new Linear(dim, 4 * dim, { random });
    this.proj = new Linear(4 * dim, dim, { random });
    tf.tidy(() => {
      this.fc.weight.assign(random.normal<tf.Rank.R2>([4 * dim, dim], 0, (2 * dim) ** -0.5));
      this.proj.weight.assign(random.normal<tf.Rank.R2>([dim, 4 * dim], 0, outDeviation));
    });
  }

  /** The parameters by the names of {@linkcode transformerBlock}. */
  get tensors(): TransformerBlockParameters {
    const { ln1, attention, ln2, fc, proj } = this;
    return {
      ...attention.tensors,
      ...{ ln1Weight: ln1.weight, ln1Bias: ln1.bias, ln2Weight: ln2.weight, ln2Bias: ln2.bias },
      ...{ fcWeight: fc.weight, fcBias: fc.bias!, projWeight: proj.weight, projBias: proj.bias! },
    };
  }

  /** `[batch, tokens, dim]` to the same; `padding` and `mask` as in {@linkcode multiHeadAttention}. */
  forward(x: tf.Tensor3D, options: Omit<AttentionMasks, "source"> = {}): tf.Tensor3D {
    return transformerBlock(x, this.tensors, { heads: this.attention.heads, ...options });
  }
}
