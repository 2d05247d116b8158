import * as tf from "@tensorflow/tfjs";
import { commLoss, type CommLossOptions } from "../../losses/comm_loss.ts";
import { featureTokenizer, patchAdapter } from "../../methods/comm/adapters.ts";
import {
  fuseMasks,
  type FusionOptions,
  type FusionParameters,
  fusionTransformer,
} from "../../methods/comm/fusion_transformer.ts";
import { linearFusion } from "../../methods/comm/linear_fusion.ts";
import { commMasks } from "../../methods/comm/masks.ts";
import { quickGelu } from "../../nn/activations.ts";
import { sinCosPosition1d, sinCosPosition2d } from "../../nn/positions.ts";
import { projectionHead, type ProjectionHeadParameters } from "../../nn/projection_head.ts";
import type { TransformerBlockParameters } from "../../nn/transformer_block.ts";
import { type Call, call, numbered, type Tensors } from "./call.ts";

/** Calls of the golden folder `comm`. */
export const commCalls: Record<string, Call> = {
  commLoss: call((
    { view1, view2, weights }: { view1: tf.Tensor3D; view2: tf.Tensor3D; weights?: tf.Tensor1D },
    options: CommLossOptions,
  ) => ({ ...commLoss(view1, view2, { ...options, weights }) })),

  commMasks: call((_, { modalities }: { modalities: number }) => ({ masks: commMasks(modalities) })),

  commStep: call((
    inputs: Tensors,
    { modalities, heads, temperature }: { modalities: number; heads: number; temperature: number },
  ) => {
    const fusion = fusionParameters(inputs), head = headParameters(inputs);
    const project = (view: string) => {
      const tokens = numbered(inputs, `${view}.tokens`, 0).slice(0, modalities) as tf.Tensor3D[];
      const masks = tf.unstack(fuseMasks(tokens, fusion, { heads })) as tf.Tensor2D[];
      return tf.stack(masks.map((z) => projectionHead(z, head, { training: true }).output)) as tf.Tensor3D;
    };
    const embeddings1 = project("view1");
    return { ...commLoss(embeddings1, project("view2"), { temperature }), embeddings1 };
  }),

  featureTokenizer: call(({ x, weight, bias }: { x: tf.Tensor2D; weight: tf.Tensor2D; bias: tf.Tensor2D }) => ({
    tokens: featureTokenizer(x, weight, bias),
  })),

  fusionTransformer: call((inputs: Tensors, { heads, pool }: FusionOptions) => {
    const tokens = numbered(inputs, "tokens", 0) as tf.Tensor3D[];
    const padding = "padding0" in inputs ? numbered(inputs, "padding", 0) as tf.Tensor2D[] : undefined;
    return { output: fusionTransformer(tokens, fusionParameters(inputs), { heads, pool, padding }) };
  }),

  linearFusion: call((inputs: Tensors) => ({
    output: linearFusion(numbered(inputs, "x", 1) as tf.Tensor2D[], {
      weights: numbered(inputs, "weight", 1) as tf.Tensor2D[],
      biases: numbered(inputs, "bias", 1) as tf.Tensor1D[],
      jointWeight: inputs.weightJoint as tf.Tensor2D,
      jointBias: inputs.biasJoint as tf.Tensor1D,
    }),
  })),

  patchAdapter: call(({ x, weight, bias }: { x: tf.Tensor4D; weight: tf.Tensor2D; bias: tf.Tensor1D }) => ({
    tokens: patchAdapter(tf.transpose(x, [0, 2, 3, 1]), weight, bias), // golden maps have channels first
  })),

  projectionHead: call((inputs: Tensors & { x: tf.Tensor2D }, options: { training: boolean }) => {
    const { output, running: [first, second] } = projectionHead(inputs.x, headParameters(inputs), options);
    return {
      output,
      ...{ runningMean1: first.runningMean, runningVar1: first.runningVar },
      ...{ runningMean2: second.runningMean, runningVar2: second.runningVar },
    };
  }),

  quickGelu: call(({ x }: { x: tf.Tensor }) => ({ output: quickGelu(x) })),

  sinCosPosition1d: call((_, { length, dim }: { length: number; dim: number }) => ({
    embedding: sinCosPosition1d(length, dim),
  })),

  sinCosPosition2d: call((_, { height, width, dim }: { height: number; width: number; dim: number }) => ({
    embedding: sinCosPosition2d(height, width, dim),
  })),
};

function fusionParameters(inputs: Tensors): FusionParameters {
  const blocks: TransformerBlockParameters[] = [];
  for (let k = 0; `layer${k}.ln1Weight` in inputs; k++) {
    const prefix = `layer${k}.`;
    const own = Object.entries(inputs).filter(([name]) => name.startsWith(prefix));
    const block = Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
    blocks.push(block as unknown as TransformerBlockParameters);
  }
  const { cls, normWeight, normBias } = inputs as Tensors & { normWeight: tf.Tensor1D; normBias: tf.Tensor1D };
  return { cls: cls as tf.Tensor1D | undefined, blocks, normWeight, normBias };
}

/** The head's parameters; running statistics matter only where the file has them. */
function headParameters(inputs: Tensors): ProjectionHeadParameters {
  const linear = (k: number) => ({
    weight: inputs[`weight${k}`] as tf.Tensor2D,
    bias: inputs[`bias${k}`] as tf.Tensor1D,
  });
  const norm = (k: number) => {
    const weight = inputs[`bnWeight${k}`] as tf.Tensor1D;
    return {
      weight,
      bias: inputs[`bnBias${k}`] as tf.Tensor1D,
      runningMean: (inputs[`runningMean${k}`] ?? tf.zerosLike(weight)) as tf.Tensor1D,
      runningVar: (inputs[`runningVar${k}`] ?? tf.onesLike(weight)) as tf.Tensor1D,
    };
  };
  return { linears: [linear(1), linear(2), linear(3)], norms: [norm(1), norm(2)] };
}
