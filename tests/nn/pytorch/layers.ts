// The layers of make_states.py, and how each is called with the inputs of its file.

import type * as tf from "@tensorflow/tfjs";
import { RandomStream } from "braid/engine/random.ts";
import { AlexNetTrunk } from "braid/nn/alex_net.ts";
import { MultiHeadAttention } from "braid/nn/attention.ts";
import { BatchNorm } from "braid/nn/batch_norm.ts";
import { Conv1d } from "braid/nn/conv1d.ts";
import { Conv2d } from "braid/nn/conv2d.ts";
import { ConvTranspose2d } from "braid/nn/conv_transpose2d.ts";
import { Embedding } from "braid/nn/embedding.ts";
import { GroupNorm } from "braid/nn/group_norm.ts";
import { GRU } from "braid/nn/gru.ts";
import { LayerNorm } from "braid/nn/layer_norm.ts";
import { Linear } from "braid/nn/linear.ts";
import { LSTM } from "braid/nn/lstm.ts";
import type { Module } from "braid/nn/module.ts";
import { paddingAfter } from "braid/nn/padding.ts";
import { ResNetTrunk } from "braid/nn/res_net.ts";
import { TransformerEncoderLayer } from "braid/nn/transformer_encoder_layer.ts";

/** Tensors by name. */
export type Tensors = Record<string, tf.Tensor>;

/** A layer, and how it is called with the inputs of its file. */
export interface Layer {
  module: Module;
  call(inputs: Tensors, training: boolean): Tensors;
}

/** Where the layers draw their weights. */
export const random = new RandomStream(3, "weights");

/** A layer of one output `y` from one input `x`. */
const plain =
  <M extends Module>(build: () => M, call: (module: M, x: tf.Tensor, training: boolean) => tf.Tensor) => (): Layer => {
    const module = build();
    return { module, call: ({ x }, training) => ({ y: call(module, x, training) }) };
  };

const images = <M extends Module & { forward(x: tf.Tensor4D, mode: { training: boolean }): tf.Tensor }>(
  build: () => M,
) => plain(build, (module, x, training) => module.forward(x as tf.Tensor4D, { training }));

const rows = <M extends Module & { forward(x: tf.Tensor): tf.Tensor }>(build: () => M) =>
  plain(build, (module, x) => module.forward(x));

const attention = (heads: number) => (): Layer => {
  const module = new MultiHeadAttention(8, heads, { random });
  return { module, call: ({ x, ...masks }) => ({ y: module.forward(x as tf.Tensor3D, masks) }) };
};

/** What packed sequences of these lengths have as padding. */
const paddingOf = ({ x, lengths }: Tensors) =>
  lengths && { padding: paddingAfter(lengths as tf.Tensor1D, x.shape[1]!) };

const longShortTerm = (options: { layers?: number; bidirectional?: boolean }) => (): Layer => {
  const module = new LSTM(4, 3, { random, ...options });
  return {
    module,
    call: (inputs) => {
      const { x, hidden, cell } = inputs as Record<string, tf.Tensor3D>;
      const { output: y, ...state } = module.forward(x, { initial: hidden && { hidden, cell }, ...paddingOf(inputs) });
      return { y, ...state };
    },
  };
};

const gated = (options: { layers?: number; bidirectional?: boolean }) => (): Layer => {
  const module = new GRU(4, 3, { random, ...options });
  return {
    module,
    call: (inputs) => {
      const { x, hidden } = inputs as Record<string, tf.Tensor3D>;
      const { output: y, ...state } = module.forward(x, { initial: hidden, ...paddingOf(inputs) });
      return { y, ...state };
    },
  };
};

/** By the names of the files. */
export const layers: Record<string, () => Layer> = {
  "linear": rows(() => new Linear(4, 3, { random })),
  "embedding": () => {
    const module = new Embedding(6, 3, { random, paddingIndex: 2 });
    return { module, call: ({ indices }) => ({ y: module.forward(indices) }) };
  },
  "conv1d": plain(
    () => new Conv1d(4, 3, 3, { random, stride: 2, padding: 1 }),
    (module, x) => module.forward(x as tf.Tensor3D),
  ),
  "conv2d": images(() => new Conv2d(3, 4, [2, 3], { random, stride: [1, 2], padding: [0, 1] })),
  "conv2d-no-bias": images(() => new Conv2d(3, 4, 3, { random, bias: false })),
  "conv-transpose2d": images(() => new ConvTranspose2d(3, 4, 3, { random, stride: 2, padding: 1, outputPadding: 1 })),
  "batch-norm": images(() => new BatchNorm(3)),
  "layer-norm": rows(() => new LayerNorm(4)),
  "group-norm": rows(() => new GroupNorm(2, 6)),
  "lstm": longShortTerm({}),
  "lstm-deep": longShortTerm({ layers: 2, bidirectional: true }),
  "gru": gated({}),
  "gru-deep": gated({ layers: 2, bidirectional: true }),
  "attention": attention(2),
  "attention-across": attention(2),
  "attention-additive": attention(4),
  "encoder-layer": () => {
    const module = new TransformerEncoderLayer(8, { random, heads: 2, hidden: 12, dropoutRate: 0 });
    return {
      module,
      call: ({ x, ...masks }, training) => ({ y: module.forward(x as tf.Tensor3D, { training, ...masks }) }),
    };
  },
  "res-net-narrow": images(() => new ResNetTrunk({ random, width: 2, inChannels: 1 })),
};

/** Trunks in full width, with the shape of their input. */
export const trunks: Record<
  string,
  { build: () => Module & ResNetTrunk | AlexNetTrunk; shape: [number, number, number, number] }
> = {
  "alex-net": { build: () => new AlexNetTrunk({ random }), shape: [1, 67, 67, 3] },
  "res-net-18": { build: () => new ResNetTrunk({ random }), shape: [2, 33, 40, 3] },
};
