// Weights, outputs and gradients from PyTorch, written by pytorch/make_states.py, and state dicts as PyTorch reads them.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { gelu, silu } from "braid/nn/activations.ts";
import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from "braid/nn/pooling.ts";
import { decodeSafetensors, encodeSafetensors } from "braid/nn/safetensors.ts";
import { closeTo, engines, installed, tensorsHeld } from "../engine/engines.ts";
import { type Layer, layers, random, type Tensors, trunks } from "./pytorch/layers.ts";

/** Counts what is held from here on; the stream's counter has come to this engine by then. */
async function startOn(engine: EngineName): Promise<number[]> {
  await useEngine(engine);
  random.uniform([1]).dispose();
  return tensorsHeld();
}

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

/** Twenty norms by the statistics of 8 to 18 places blow rounding up: rounding differs with the CPU, by up to 6e-5 here. */
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

for (const [name, { build, shape }] of Object.entries(trunks)) {
  Deno.test(`${name} in full width has torchvision's names and shapes, and computes the same`, async () => {
    await useEngine(engines[0]);
    tf.tidy(() => {
      const file = read(name), trunk = build(), state = trunk.stateDict();
      const shapes = Object.entries(below(file, "shape")).map(([name, shape]) => [name, [...shape.dataSync()]]);
      assert.deepEqual(
        Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape])),
        Object.fromEntries(shapes),
      );
      const x = tf.tensor4d(hashed(tf.util.sizeFromShape(shape)), shape);
      trunk.loadStateDict(filled(state));
      for (const training of [false, true]) {
        const y = trunk.forward(x, { training });
        const mode = training ? "train" : "eval";
        allClose({ y }, below(file, `${mode}.output`), `${mode} output`, toleranceOf(name, training));
      }
      trunk.dispose();
    });
  });
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
