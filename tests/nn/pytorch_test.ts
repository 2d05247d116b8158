// Weights, outputs and gradients from PyTorch, written by pytorch/make_states.py, and state dicts as PyTorch reads them.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { gelu, silu } from "braid/nn/activations.ts";
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
import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from "braid/nn/pooling.ts";
import { ResNetTrunk } from "braid/nn/res_net.ts";
import { decodeSafetensors, encodeSafetensors } from "braid/nn/safetensors.ts";
import { TransformerEncoderLayer } from "braid/nn/transformer_encoder_layer.ts";
import { closeTo, engines, installed, tensorsHeld } from "../engine/engines.ts";

type Tensors = Record<string, tf.Tensor>;

/** A layer, and how it is called with the inputs of its file. */
interface Layer {
  module: Module;
  call(inputs: Tensors, training: boolean): Tensors;
}

const random = new RandomStream(3, "weights");

/** Counts what is held from here on; the stream's counter has come to this engine by then. */
async function startOn(engine: EngineName): Promise<number[]> {
  await useEngine(engine);
  random.uniform([1]).dispose();
  return tensorsHeld();
}

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

const layers: Record<string, () => Layer> = {
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

const read = (name: string) =>
  decodeSafetensors(Deno.readFileSync(new URL(`pytorch/${name}.safetensors`, import.meta.url))).tensors;

/** The entries below a prefix, without it. */
const below = (tensors: Tensors, prefix: string): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );

function allClose(got: Tensors, want: Tensors, what: string, tolerance = 1e-5): void {
  for (const [name, tensor] of Object.entries(want)) {
    assert.deepEqual(got[name].shape, tensor.shape, `${what} ${name}`);
    closeTo(got[name].dataSync(), tensor.dataSync(), tolerance, `${what} ${name}`);
  }
}

/** Twenty norms by the statistics of 8 to 18 places blow rounding up: PyTorch's own float32 is off by as much as 5e-5 here. */
const toleranceOf = (name: string, training: boolean) => name.startsWith("res-net") && training ? 2e-4 : 1e-5;

const weighted = (y: tf.Tensor) => tf.sum(tf.mul(tf.reshape(y, [-1]), tf.cos(tf.range(0, y.size)))) as tf.Scalar;

/** Outputs, and gradients of inputs and parameters by PyTorch's names, of the inputs in the order of their names. */
function outputsAndGradients({ module, call }: Layer, names: string[], wanted: string[], training: boolean) {
  const parameters = module.parameters();
  return (...given: tf.Tensor[]): { outputs: Tensors; gradients: tf.Tensor[] } => {
    const inputs = Object.fromEntries(names.map((name, i) => [name, given[i]])), kept: Tensors = {};
    const moving = wanted.map((name) => inputs[name]);
    const gradients = tf.grads((...xs) => {
      const outputs = call({ ...inputs, ...Object.fromEntries(wanted.map((name, i) => [name, xs[i]])) }, training);
      for (const [name, tensor] of Object.entries(outputs)) kept[name] = tf.keep(tensor.clone());
      return weighted(outputs.y);
    })([...moving, ...parameters.map(([, parameter]) => parameter)]);
    const outputs = Object.fromEntries(Object.entries(kept).map(([name, tensor]) => [name, tensor.clone()]));
    tf.dispose(kept);
    return { outputs, gradients };
  };
}

/** Gradients of parameters in PyTorch's layout: they take the place of the parameters of a module of the same kind. */
function inPyTorchLayout(build: () => Layer, gradients: tf.Tensor[]): Tensors {
  const { module } = build();
  module.parameters().forEach(([, parameter], i) => parameter.assign(gradients[i]));
  const state = module.stateDict();
  module.dispose();
  return state;
}

type Run = (step: ReturnType<typeof outputsAndGradients>) => ReturnType<typeof outputsAndGradients>;

/** Loads PyTorch's state and compares all that the file holds. */
function followsPyTorch(name: string, build: () => Layer, run: Run = (step) => step): void {
  tf.tidy(() => {
    const file = read(name), layer = build(), inputs = below(file, "input");
    for (const training of [false, true]) {
      const mode = training ? "train" : "eval",
        tolerance = toleranceOf(name, training),
        gradients = below(file, `${mode}.gradient`);
      layer.module.loadStateDict(below(file, "state"));
      const wanted = Object.keys(below(gradients, "input"));
      const step = run(outputsAndGradients(layer, Object.keys(inputs), wanted, training));
      const got = step(...Object.values(inputs));
      allClose(got.outputs, below(file, `${mode}.output`), `${mode} output`, tolerance);
      const ofInputs = Object.fromEntries(wanted.map((name, i) => [`input.${name}`, got.gradients[i]]));
      const ofParameters = inPyTorchLayout(build, got.gradients.slice(wanted.length));
      allClose({ ...ofInputs, ...ofParameters }, gradients, `${mode} gradient of`, tolerance);
    }
    allClose(layer.module.stateDict(), below(file, "after"), "after training");
    layer.module.dispose();
  });
}

for (const engine of engines) {
  for (const [name, build] of Object.entries(layers)) {
    Deno.test(`${engine}: ${name} computes what PyTorch does from PyTorch's state, gradients too`, async () => {
      const before = await startOn(engine);
      followsPyTorch(name, build);
      assert.deepEqual(tensorsHeld(), before);
    });
  }
}

for (const [name, build] of Object.entries(layers)) {
  Deno.test({
    name: `compiled, ${name} computes what PyTorch does`,
    ignore: !installed,
    fn: async () => {
      await useEngine("libtensorflow");
      const steps: { dispose(): void }[] = [];
      followsPyTorch(name, build, (step) => {
        const compiled = compile(step);
        steps.push(compiled);
        return compiled;
      });
      for (const step of steps) step.dispose();
    },
  });
}

/** Functions of a map `[batch, height, width, channels]`. */
const functions: Record<string, (x: tf.Tensor4D) => tf.Tensor> = {
  "max": (x) => maxPool2d(x, 3, { stride: 2 }),
  "max-padded": (x) => maxPool2d(x, 3, { stride: 2, padding: 1 }),
  "max-ceil": (x) => maxPool2d(x, 2, { padding: 1, ceilMode: true }),
  "max-oblong": (x) => maxPool2d(x, [2, 3], { stride: [3, 1], padding: [1, 0], ceilMode: true }),
  "avg": (x) => avgPool2d(x, 2),
  "avg-padded": (x) => avgPool2d(x, 3, { stride: 2, padding: 1 }),
  "avg-not-counted": (x) => avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
  "avg-ceil": (x) => avgPool2d(x, 2, { padding: 1, ceilMode: true }),
  "avg-ceil-not-counted": (x) =>
    avgPool2d(x, [3, 2], { stride: [2, 3], padding: 1, ceilMode: true, countIncludePad: false }),
  "adaptive-1": (x) => adaptiveAvgPool2d(x, 1),
  "adaptive-3-4": (x) => adaptiveAvgPool2d(x, [3, 4]),
  "adaptive-7": (x) => adaptiveAvgPool2d(x, 7),
  "gelu": gelu,
  "silu": silu,
};

function functionsFollowPyTorch(run: (f: (x: tf.Tensor) => tf.Tensor[]) => (x: tf.Tensor) => tf.Tensor[]): void {
  tf.tidy(() => {
    const file = read("functions"), { x } = below(file, "input");
    assert.deepEqual(Object.keys(below(file, "output")).sort(), Object.keys(functions).sort());
    for (const [name, apply] of Object.entries(functions)) {
      const of = (x: tf.Tensor) => apply(x as tf.Tensor4D);
      const [y, gradient] = run((x) => [of(x), tf.grad((x) => weighted(of(x)))(x)])(x);
      allClose({ [name]: y }, { [name]: file[`output.${name}`] }, "output of");
      allClose({ [name]: gradient }, { [name]: file[`gradient.${name}`] }, "gradient of");
    }
  });
}

for (const engine of engines) {
  Deno.test(`${engine}: pooling and activations are PyTorch's, gradients too`, async () => {
    const before = await startOn(engine);
    functionsFollowPyTorch((f) => f);
    assert.deepEqual(tensorsHeld(), before);
  });
}

Deno.test({
  name: "compiled, pooling and activations are PyTorch's",
  ignore: !installed,
  fn: async () => {
    await useEngine("libtensorflow");
    const steps: { dispose(): void }[] = [];
    functionsFollowPyTorch((f) => {
      const compiled = compile(f);
      steps.push(compiled);
      return compiled;
    });
    for (const step of steps) step.dispose();
  },
});

/** Numbers in [-1, 1): a multiplicative hash of the index, as in make_states.py. */
const hashed = (n: number) =>
  Float32Array.from({ length: n }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 0) / 2 ** 31 - 1);

/** The state that make_states.py calls `filled`. */
function filled(state: Tensors): Tensors {
  const fill = (name: string, { shape, size, dtype }: tf.Tensor) => {
    if (dtype !== "float32") return tf.zeros(shape, dtype);
    const values = tf.tensor(hashed(size), shape);
    if (shape.length > 1) return tf.mul(values, Math.sqrt(6 / (size / shape[0])));
    return tf.add(tf.mul(values, 0.25), /(weight|running_var)$/.test(name) ? 1 : 0);
  };
  return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, fill(name, tensor)]));
}

const trunks: Record<
  string,
  { build: () => Module & ResNetTrunk | AlexNetTrunk; shape: [number, number, number, number] }
> = {
  "alex-net": { build: () => new AlexNetTrunk({ random }), shape: [1, 67, 67, 3] },
  "res-net-18": { build: () => new ResNetTrunk({ random }), shape: [2, 33, 40, 3] },
};

const largeEngines: EngineName[] = engines.filter((engine) => engine !== "cpu"); // plain JavaScript takes half a minute

for (const engine of largeEngines) {
  for (const [name, { build, shape }] of Object.entries(trunks)) {
    Deno.test(`${engine}: ${name} in full width computes what torchvision's does`, async () => {
      await useEngine(engine);
      tf.tidy(() => {
        const file = read(name), trunk = build(), x = tf.tensor4d(hashed(tf.util.sizeFromShape(shape)), shape);
        trunk.loadStateDict(filled(trunk.stateDict()));
        for (const training of [false, true]) {
          const y = trunk.forward(x, { training });
          const mode = training ? "train" : "eval";
          allClose({ y }, below(file, `${mode}.output`), `${mode} output`, toleranceOf(name, training));
        }
        trunk.dispose();
      });
    });
  }
}

/** Name, type, shape and bytes of each tensor in a safetensors file. */
function entriesOf(bytes: Uint8Array): Map<string, { dtype: string; shape: number[]; bytes: Uint8Array }> {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true)), data = bytes.subarray(8 + length);
  const { __metadata__: _, ...header } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return new Map(
    Object.entries(header as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>).map(
      ([name, { dtype, shape, data_offsets }]) => [name, { dtype, shape, bytes: data.subarray(...data_offsets) }],
    ),
  );
}

for (const [name, build] of Object.entries(layers)) {
  Deno.test(`${name}: a state from PyTorch is written again as it was, in names, types, shapes and bytes`, async () => {
    await useEngine("cpu");
    const bytes = Deno.readFileSync(new URL(`pytorch/${name}.safetensors`, import.meta.url));
    const theirs = new Map(
      [...entriesOf(bytes)].filter(([name]) => name.startsWith("state.")).map((
        [name, entry],
      ) => [name.slice(6), entry]),
    );
    const { module } = build();
    tf.tidy(() => module.loadStateDict(below(decodeSafetensors(bytes).tensors, "state")));
    const state = module.stateDict(), ours = entriesOf(await encodeSafetensors(state));
    assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort());
    for (const [name, entry] of theirs) {
      // Counters have 64 bits in PyTorch, which takes 32 as well.
      const counter = { dtype: "I32", shape: [], bytes: entry.bytes.subarray(0, 4) };
      assert.deepEqual(ours.get(name), entry.dtype === "I64" ? counter : entry, name);
    }
    tf.dispose(state);
    module.dispose();
  });
}
