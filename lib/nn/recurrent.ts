// What LSTM and GRU share: parameters in PyTorch's names, and the way through layers, directions and steps.

import * as tf from "@tensorflow/tfjs";
import { type Initialization, uniformParameter } from "./initialize.ts";
import { linear } from "./linear.ts";
import { Module } from "./module.ts";
import { checkPadding } from "./padding.ts";

/** Weights of one direction of one layer; the gates are stacked in PyTorch's order. */
export interface RecurrentParameters {
  /** From the input: `[gates · hidden, inputs]`. */
  weightIh: tf.Tensor2D;
  /** From the state: `[gates · hidden, hidden]`. */
  weightHh: tf.Tensor2D;
  /** `[gates · hidden]`. */
  biasIh: tf.Tensor1D;
  /** `[gates · hidden]`. */
  biasHh: tf.Tensor1D;
}

/** Sizes of a recurrent network. */
export interface RecurrentOptions extends Initialization {
  /** Layers, each of which reads the outputs of the one before. Default 1. */
  layers?: number;
  /** Whether each layer also reads backwards, with weights of its own. Default false. */
  bidirectional?: boolean;
}

/**
 * One step of one direction.
 *
 * @param fromInput What the gates get of the input, bias included: `[batch, gates · hidden]`.
 * @param state Tensors `[batch, hidden]`; the first one is the output.
 * @returns The state after the step.
 */
export type RecurrentStep = (
  fromInput: tf.Tensor2D,
  state: tf.Tensor2D[],
  parameters: RecurrentParameters,
) => tf.Tensor2D[];

/** How a sequence is read. */
export interface Reading {
  /** Gates of the network. */
  gates: number;
  /** What happens at each step. */
  step: RecurrentStep;
  /** The initial state, `[layers · directions, batch, hidden]` each; nothing stands for zeros. */
  initial: (tf.Tensor3D | undefined)[];
  /** `[batch, steps]`, 1 = padding. */
  padding?: tf.Tensor2D;
}

/** Reads a batch of sequences `[batch, steps, inputs]`; `layers` holds the parameters of each direction of each layer. */
export function readSequences(
  x: tf.Tensor3D,
  layers: RecurrentParameters[][],
  { gates, step, initial, padding }: Reading,
): { output: tf.Tensor3D; state: tf.Tensor3D[] } {
  checkSequences(x, layers);
  const [batch, steps] = x.shape, directions = layers[0].length, hidden = layers[0][0].weightHh.shape[1];
  checkGates(layers, gates, hidden);
  if (padding) checkPadding(padding, batch, steps);
  const stateShape: [number, number, number] = [layers.length * directions, batch, hidden];
  for (const state of initial) if (state) checkState(state, stateShape);
  return tf.tidy(() => {
    const starts = initial.map((state) => tf.unstack(state ?? tf.zeros(stateShape)) as tf.Tensor2D[]);
    const ends: tf.Tensor2D[][] = [], marks = padding && marksOf(padding);
    let sequences = padding ? withoutPadding(x, padding) : x;
    layers.forEach((parameters, layer) => {
      const outputs = parameters.map((own, direction) => {
        const start = starts.map((states) => states[layer * directions + direction]);
        const { outputs, end } = readOneWay(sequences, own, { step, start, marks, backwards: direction === 1 });
        ends.push(end);
        return tf.stack(outputs, 1) as tf.Tensor3D;
      });
      sequences = outputs.length === 1 ? outputs[0] : tf.concat(outputs, 2);
    });
    return { output: sequences, state: starts.map((_, part) => tf.stack(ends.map((end) => end[part])) as tf.Tensor3D) };
  });
}

/** One layer in one direction: the output of each step, and the state at the end. */
function readOneWay(
  x: tf.Tensor3D,
  parameters: RecurrentParameters,
  { step, start, marks, backwards }: { step: RecurrentStep; start: tf.Tensor2D[]; marks?: Marks; backwards: boolean },
): { outputs: tf.Tensor2D[]; end: tf.Tensor2D[] } {
  const projected = tf.unstack(linear(x, parameters.weightIh, parameters.biasIh), 1) as tf.Tensor2D[];
  const outputs = [...projected], order = projected.map((_, t) => backwards ? projected.length - 1 - t : t);
  let state = start;
  for (const t of order) {
    const next = step(projected[t], state, parameters);
    // At padding the state waits, and the output is zero.
    state = marks
      ? next.map((after, part) => tf.add(tf.mul(after, marks.read[t]), tf.mul(state[part], marks.skipped[t])))
      : next;
    outputs[t] = marks ? tf.mul(next[0], marks.read[t]) : next[0];
  }
  return { outputs, end: state };
}

/** For each step, `[batch, 1]`: 1 where it is read, and 1 where it is padding. */
interface Marks {
  read: tf.Tensor[];
  skipped: tf.Tensor[];
}

function marksOf(padding: tf.Tensor2D): Marks {
  const skipped = tf.expandDims(tf.cast(padding, "float32"), 2);
  return { read: tf.unstack(tf.sub(1, skipped), 1), skipped: tf.unstack(skipped, 1) };
}

/** Zeros at padding, whatever stands there: nothing of it may reach a gradient. */
function withoutPadding(x: tf.Tensor3D, padding: tf.Tensor2D): tf.Tensor3D {
  return tf.where(tf.expandDims(tf.cast(padding, "bool"), 2), tf.zerosLike(x), x);
}

/** The parameters of a recurrent network, under PyTorch's names: `weight_ih_l0`, …, `bias_hh_l1_reverse`. */
export abstract class Recurrent extends Module {
  readonly #layers: RecurrentParameters[][];

  /**
   * @param gates Gates of the network.
   * @param inputs Width of the input.
   * @param hidden Width of the state.
   */
  protected constructor(
    gates: number,
    inputs: number,
    hidden: number,
    { random, layers = 1, bidirectional = false }: RecurrentOptions,
  ) {
    super();
    if (!(Number.isInteger(layers) && layers >= 1)) {
      throw new RangeError(`Expected at least one layer, got ${layers}`);
    }
    const directions = bidirectional ? ["", "Reverse"] : [""];
    this.#layers = Array.from({ length: layers }, (_, layer) =>
      directions.map((direction) => {
        const width = layer === 0 ? inputs : directions.length * hidden, rows = gates * hidden;
        const own = {
          weightIh: uniformParameter<tf.Rank.R2>([rows, width], hidden, random),
          weightHh: uniformParameter<tf.Rank.R2>([rows, hidden], hidden, random),
          biasIh: uniformParameter<tf.Rank.R1>([rows], hidden, random),
          biasHh: uniformParameter<tf.Rank.R1>([rows], hidden, random),
        };
        // Fields of the module, by which their names follow.
        for (const [name, variable] of Object.entries(own)) {
          Object.assign(this, { [`${name}L${layer}${direction}`]: variable });
        }
        return own;
      }));
  }

  /** Parameters of each direction of each layer, by the names of {@linkcode RecurrentParameters}. */
  get tensors(): RecurrentParameters[][] {
    return this.#layers;
  }
}

function checkSequences(x: tf.Tensor3D, layers: RecurrentParameters[][]): void {
  if (
    layers.length === 0 ||
    layers.some((directions) => directions.length !== layers[0].length || ![1, 2].includes(directions.length))
  ) {
    throw new RangeError(
      `Expected layers of one direction each, or of two, got ${
        JSON.stringify(layers.map((directions) => directions.length))
      }`,
    );
  }
  const inputs = layers[0][0].weightIh.shape[1];
  if (x.rank !== 3 || x.shape[2] !== inputs) {
    throw new RangeError(`Expected sequences of shape [batch, steps, ${inputs}], got [${x.shape}]`);
  }
  if (x.shape[1] < 1) throw new RangeError(`Expected sequences of at least one step, got [${x.shape}]`);
}

function checkGates(layers: RecurrentParameters[][], gates: number, hidden: number): void {
  for (const { weightHh } of layers.flat()) {
    if (weightHh.shape[0] !== gates * hidden || weightHh.shape[1] !== hidden) {
      throw new RangeError(
        `Expected weightHh of ${gates} gates, [${gates * hidden}, ${hidden}], got [${weightHh.shape}]`,
      );
    }
  }
}

function checkState(state: tf.Tensor3D, shape: number[]): void {
  if (String(state.shape) !== String(shape)) {
    throw new RangeError(
      `Expected an initial state [layers · directions, batch, hidden] of [${shape}], got [${state.shape}]`,
    );
  }
}
