// What the tests of layers share: slow definitions in float64, and the comparison of a layer with its own.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Module } from "braid/nn/module.ts";
import { closeTo, wave } from "../engine/engines.ts";

export type Vector = number[];
export type Matrix = Vector[];
/** Arrays in arrays of numbers. */
export type Nested = number | Nested[];
/** A state dict as nested arrays; each definition knows the rank of its entries. */
// deno-lint-ignore no-explicit-any -- a definition indexes as deep as its entry goes
export type State = Record<string, any>;

export const dot = (x: Vector, y: Vector) => x.reduce((sum, xi, i) => sum + xi * y[i], 0);
export const plus = (x: Vector, y: Vector) => x.map((xi, i) => xi + y[i]);
const mean = (x: Vector) => x.reduce((sum, xi) => sum + xi, 0) / x.length;
const flat = (x: Nested): number[] => typeof x === "number" ? [x] : x.flatMap(flat);

export const linearByLoop = (x: Vector, weight: Matrix, bias?: Vector): Vector =>
  weight.map((row, o) => dot(row, x) + (bias ? bias[o] : 0));

export function layerNormByLoop(x: Vector, weight: Vector, bias: Vector): Vector {
  const mu = mean(x), variance = mean(x.map((xi) => (xi - mu) ** 2));
  return x.map((xi, i) => (xi - mu) / Math.sqrt(variance + 1e-5) * weight[i] + bias[i]);
}

/** Rows normalised by their own statistics, or by the given ones. */
export function batchNormByLoop(x: Matrix, weight: Vector, bias: Vector, running?: { mean: Vector; variance: Vector }) {
  const columns = weight.map((_, d) => x.map((row) => row[d]));
  const mu = running?.mean ?? columns.map(mean);
  const variance = running?.variance ?? columns.map((column, d) => mean(column.map((xi) => (xi - mu[d]) ** 2)));
  const output = x.map((row) => row.map((xi, d) => (xi - mu[d]) / Math.sqrt(variance[d] + 1e-5) * weight[d] + bias[d]));
  return { output, mean: mu, unbiased: variance.map((v) => v * x.length / (x.length - 1)) };
}

export function softmaxByLoop(scores: Vector): Vector {
  const most = Math.max(...scores), powers = scores.map((s) => Math.exp(s - most));
  return powers.map((p) => p / powers.reduce((sum, q) => sum + q));
}

/** What attention may look at. */
interface Looking {
  /** Where keys and values come from; without it the tokens themselves. */
  source?: Matrix;
  /** Keys that are left out. */
  padded?: (key: number) => boolean;
  /** What is added to the scores. */
  score?: (token: number, key: number) => number;
}

/** Attention of one sample's tokens; padded ones are left out of the keys. */
export function attentionByLoop(
  tokens: Matrix,
  state: State,
  heads: number,
  { source = tokens, padded = () => false, score = () => 0 }: Looking = {},
): Matrix {
  const dim = tokens[0].length, width = dim / heads;
  const [projected, projectedSource] = [tokens, source].map((rows) =>
    rows.map((x) => linearByLoop(x, state.in_proj_weight, state.in_proj_bias))
  );
  const part = (token: number, which: number, head: number) =>
    (which === 0 ? projected : projectedSource)[token].slice(
      which * dim + head * width,
      which * dim + (head + 1) * width,
    );
  const keys = source.map((_, t) => t).filter((t) => !padded(t));
  return tokens.map((_, t) => {
    const joined = Array.from({ length: heads }, (_, head) => {
      const weights = softmaxByLoop(
        keys.map((k) => dot(part(t, 0, head), part(k, 1, head)) / Math.sqrt(width) + score(t, k)),
      );
      return Array.from({ length: width }, (_, d) => dot(weights, keys.map((k) => part(k, 2, head)[d])));
    }).flat();
    return linearByLoop(joined, state["out_proj.weight"], state["out_proj.bias"]);
  });
}

/** Rows of places of channels. */
export type Image = number[][][];

/** Convolution of one image by PyTorch's weights `[out, in, height, width]`. */
export function convolutionByLoop({ weight, bias }: State, image: Image, stride: Vector, padding: Vector): Image {
  const kernel = [weight[0][0].length, weight[0][0][0].length],
    outputs: number[] = weight.map((_: Image, o: number) => o);
  const places = (size: number, axis: number) =>
    Array.from({ length: Math.floor((size + 2 * padding[axis] - kernel[axis]) / stride[axis]) + 1 }, (_, i) => i);
  const sum = (o: number, p: number, q: number) => {
    let total: number = bias ? bias[o] : 0;
    weight[o].forEach((filter: Matrix, c: number) =>
      filter.forEach((row, i) =>
        row.forEach((w, j) =>
          total += w * (image[p * stride[0] + i - padding[0]]?.[q * stride[1] + j - padding[1]]?.[c] ?? 0)
        )
      )
    );
    return total;
  };
  return places(image.length, 0).map((p) => places(image[0].length, 1).map((q) => outputs.map((o) => sum(o, p, q))));
}

export const quickGeluByLoop = (x: number) => x / (1 + Math.exp(-1.702 * x));

/** One pre-norm transformer block of one sample's tokens. */
export function blockByLoop(tokens: Matrix, state: State, heads: number, padded?: (token: number) => boolean): Matrix {
  const attention = within(state, "attention.");
  const normal = tokens.map((x) => layerNormByLoop(x, state["ln1.weight"], state["ln1.bias"]));
  return attentionByLoop(normal, attention, heads, { padded }).map((attended, t) => {
    const x = plus(tokens[t], attended);
    const hidden = linearByLoop(
      layerNormByLoop(x, state["ln2.weight"], state["ln2.bias"]),
      ...[state["fc.weight"], state["fc.bias"]] as const,
    );
    return plus(x, linearByLoop(hidden.map(quickGeluByLoop), state["proj.weight"], state["proj.bias"]));
  });
}

/** The entries below a prefix, without it. */
export function within(state: State, prefix: string): State {
  const own = Object.entries(state).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Gives every parameter irregular numbers, so that ones, zeros and symmetries hide nothing. */
export function setIrregular(module: Module, scale = 0.7): void {
  tf.tidy(() => {
    module.parameters().forEach(([name, parameter], i) => {
      const centre = name.endsWith("bias") || parameter.rank > 1 ? 0 : 1;
      parameter.assign(tf.add(tf.mul(wave(parameter.shape, i + 1), scale), centre));
    });
  });
}

/**
 * Compares a layer with its definition: the output, and the gradients with respect to its input and all of its parameters,
 * the definition's by central differences.
 *
 * @param forward The layer's function of its input.
 * @param definition The same from a state dict (PyTorch's names and layout) and the input, as nested arrays.
 * @param x Input.
 */
export function followsDefinition(
  module: Module,
  forward: (x: tf.Tensor) => tf.Tensor,
  // deno-lint-ignore no-explicit-any -- as in State
  definition: (state: State, x: any) => Nested,
  x: tf.Tensor,
  tolerance = 2e-4,
): void {
  tf.tidy(() => {
    const dict = { ...module.stateDict(), x: x.clone() } as Record<string, tf.Tensor>;
    const state: State = Object.fromEntries(Object.entries(dict).map(([name, tensor]) => [name, tensor.arraySync()]));
    const weigh = (values: number[]) => values.reduce((sum, value, i) => sum + value * Math.cos(i), 0);
    const want = flat(definition(state, state.x));
    closeTo(forward(x).dataSync(), want, tolerance, "output");

    const input = tf.variable(x), parameters = module.parameters();
    const weights = tf.tensor1d(want.map((_, i) => Math.cos(i)));
    const loss = () => tf.sum(tf.mul(tf.reshape(forward(input), [-1]), weights)) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [input, ...parameters.map(([, parameter]) => parameter)]);
    const differences = (name: string) =>
      entries(state[name]).map(({ read, write }) => {
        const at = read(), step = 1e-4;
        const shifted = [at + step, at - step].map((value) => {
          write(value);
          return weigh(flat(definition(state, state.x)));
        });
        write(at);
        return (shifted[0] - shifted[1]) / (2 * step);
      });
    closeTo(grads[input.name].dataSync(), differences("x"), tolerance, "gradient of the input");
    for (const [name, parameter] of parameters) {
      const gradient = grads[parameter.name];
      // A kernel's channels stand last here, and first in the state.
      const axes: Record<number, number[]> = { 3: [2, 1, 0], 4: [3, 2, 0, 1] };
      const own = gradient.rank > 2 ? tf.transpose(gradient, axes[gradient.rank]) : gradient;
      assert.deepEqual(own.shape, dict[name].shape);
      closeTo(own.dataSync(), differences(name), tolerance, `gradient of ${name}`);
    }
    input.dispose();
  });
}

/** Each number in nested arrays, in order, with a way to change it. */
function entries(array: Nested[]): { read(): number; write(value: number): void }[] {
  return array.flatMap((entry, i) =>
    typeof entry === "number"
      ? [{ read: () => array[i] as number, write: (value: number) => void (array[i] = value) }]
      : entries(entry)
  );
}

/** A batch of inputs, each through the definition on its own. */
export const each = <T extends Nested>(batch: T[], definition: (x: T) => Nested): Nested => batch.map(definition);

/** Linear layers `layers.0`, `layers.1`, … of one row, ReLU between them. */
export function perceptronByLoop(x: Vector, state: State): Vector {
  let h = x;
  for (let i = 0; `layers.${i}.weight` in state; i++) {
    const input = i === 0 ? h : h.map((hi) => Math.max(hi, 0));
    h = linearByLoop(input, state[`layers.${i}.weight`], state[`layers.${i}.bias`]);
  }
  return h;
}
