// LSTM and GRU against their definition, one number at a time; padding, initial states, and what is refused.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { GRU, gru } from "braid/nn/gru.ts";
import { LSTM, lstm } from "braid/nn/lstm.ts";
import { paddingAfter } from "braid/nn/padding.ts";
import type { RecurrentOptions, RecurrentParameters } from "braid/nn/recurrent.ts";
import { closeTo, engines, numbersOf, tensorsHeld, testNative, wave } from "../engine/engines.ts";
import {
  followsDefinition,
  linearByLoop,
  type Matrix,
  plus,
  setIrregular,
  type State,
  type Vector,
} from "./reference.ts";

await useEngine();
const random = new RandomStream(7, "weights");
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The gates' shares of the input and of the state. */
type Cell = (fromInput: Vector, fromState: Vector, state: Vector[]) => Vector[];

const lstmCell: Cell = (fromInput, fromState, [hidden, cell]) => {
  const size = hidden.length, sums = plus(fromInput, fromState);
  const gate = (k: number, i: number) => sums[k * size + i];
  const next = cell.map((c, i) => sigmoid(gate(1, i)) * c + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
  return [next.map((c, i) => sigmoid(gate(3, i)) * Math.tanh(c)), next];
};

const gruCell: Cell = (fromInput, fromState, [hidden]) => {
  const size = hidden.length, both = plus(fromInput, fromState);
  return [hidden.map((h, i) => {
    const reset = sigmoid(both[i]), update = sigmoid(both[size + i]);
    return (1 - update) * Math.tanh(fromInput[2 * size + i] + reset * fromState[2 * size + i]) + update * h;
  })];
};

interface Sizes {
  layers: number;
  directions: number;
  hidden: number;
  states: number;
}

/** All outputs and final states of one sequence; steps that are padding do not exist. */
function readByLoop(
  state: State,
  x: Matrix,
  cell: Cell,
  { layers, directions, hidden, states }: Sizes,
  { read = x.map((_, t) => t), initial }: { read?: number[]; initial?: Matrix[] } = {},
): { output: Matrix; ends: Matrix[] } {
  const ends: Matrix[] = [];
  let sequence = x;
  for (let layer = 0; layer < layers; layer++) {
    const outputs: Matrix = x.map(() => []);
    for (let direction = 0; direction < directions; direction++) {
      const name = (kind: string) => `${kind}_l${layer}${direction ? "_reverse" : ""}`;
      let current = Array.from(
        { length: states },
        (_, part) => initial ? initial[part][layer * directions + direction] : Array(hidden).fill(0),
      );
      const order = direction ? read.toReversed() : read;
      const ownOutputs = x.map(() => Array(hidden).fill(0) as Vector);
      for (const t of order) {
        const fromInput = linearByLoop(sequence[t], state[name("weight_ih")], state[name("bias_ih")]);
        current = cell(fromInput, linearByLoop(current[0], state[name("weight_hh")], state[name("bias_hh")]), current);
        ownOutputs[t] = current[0];
      }
      ownOutputs.forEach((own, t) => outputs[t] = [...outputs[t], ...own]);
      ends.push(current);
    }
    sequence = outputs;
  }
  return { output: sequence, ends };
}

/** Both networks behind one interface: what they return in one list. */
const networks = {
  LSTM: {
    cell: lstmCell,
    states: 2,
    make: (options: Partial<RecurrentOptions> = {}) => new LSTM(3, 2, { random, ...options }),
    read: (network: LSTM | GRU, x: tf.Tensor, initial?: tf.Tensor3D[], padding?: tf.Tensor2D) => {
      const state = initial && { hidden: initial[0], cell: initial[1] };
      const { output, hidden, cell } = (network as LSTM).forward(x as tf.Tensor3D, { initial: state, padding });
      return [output, hidden, cell];
    },
  },
  GRU: {
    cell: gruCell,
    states: 1,
    make: (options: Partial<RecurrentOptions> = {}) => new GRU(3, 2, { random, ...options }),
    read: (network: LSTM | GRU, x: tf.Tensor, initial?: tf.Tensor3D[], padding?: tf.Tensor2D) => {
      const { output, hidden } = (network as GRU).forward(x as tf.Tensor3D, { initial: initial?.[0], padding });
      return [output, hidden];
    },
  },
};

/** Outputs and final states of a batch as one vector, in the order of the tensors. */
const inOrder = (results: ReturnType<typeof readByLoop>[], states: number): Vector => [
  ...results.flatMap(({ output }) => output.flat()),
  ...Array.from(
    { length: states },
    (_, part) => results[0].ends.flatMap((_, i) => results.flatMap(({ ends }) => ends[i][part])),
  ).flat(),
];

const flatten = (tensors: tf.Tensor[]) => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [-1])));

for (const [name, { cell, states, make, read }] of Object.entries(networks)) {
  for (const [layers, bidirectional] of [[1, false], [2, false], [1, true], [2, true]] as const) {
    Deno.test(`${name} of ${layers} layers, ${bidirectional ? "two directions" : "one"}, is its definition`, () => {
      const network = make({ layers, bidirectional });
      setIrregular(network);
      const sizes = { layers, directions: bidirectional ? 2 : 1, hidden: 2, states };
      const definition = (state: State, x: Matrix[]) =>
        inOrder(x.map((own) => readByLoop(state, own, cell, sizes)), states);
      followsDefinition(network, (x) => flatten(read(network, x)), definition, wave([2, 3, 3]));
      followsDefinition(network, (x) => flatten(read(network, x)), definition, wave([1, 1, 3]));
    });
  }

  Deno.test(`${name} starts from a given state and skips padding wherever it stands; all of it: the state stays`, () => {
    const network = make({ layers: 2, bidirectional: true });
    setIrregular(network);
    const sizes = { layers: 2, directions: 2, hidden: 2, states };
    const marks = [[0, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 0]];
    const initial = Array.from({ length: states }, (_, part) => wave<tf.Rank.R3>([4, 5, 2], part));
    const starts = initial.map((state) => state.arraySync()); // [layers · directions, batch, hidden]
    const definition = (state: State, x: Matrix[]) =>
      inOrder(
        x.map((own, b) => {
          const kept = own.flatMap((_, t) => marks[b][t] ? [] : [t]);
          return readByLoop(state, own, cell, sizes, {
            read: kept,
            initial: starts.map((start) => start.map((batch) => batch[b])),
          });
        }),
        states,
      );
    const forward = (x: tf.Tensor) => flatten(read(network, x, initial, tf.tensor2d(marks)));
    followsDefinition(network, forward, definition, wave([5, 3, 3]));
    const [output, ...ends] = read(network, wave([5, 3, 3]), initial, tf.tensor2d(marks, [5, 3], "bool"));
    assert.ok(numbersOf(output.slice([3, 0, 0], [1, 3, 4])).every((y) => y === 0));
    ends.forEach((end, part) =>
      assert.deepEqual(numbersOf(end.gather([3], 1)), numbersOf(initial[part].gather([3], 1)))
    );
  });

  Deno.test(`${name}: what stands at padding, even NaN, reaches no other number and no gradient`, () => {
    const network = make({ bidirectional: true }), padding = paddingAfter(tf.tensor1d([2, 3], "int32"), 3);
    const results = (at: number) => {
      const x = tf.where(tf.cast(padding, "bool").expandDims(2), tf.fill([2, 3, 3], at), wave([2, 3, 3]));
      const parameters = network.parameters().map(([, parameter]) => parameter);
      const loss = () => tf.sum(flatten(read(network, x, undefined, padding))) as tf.Scalar;
      return numbersOf([...read(network, x, undefined, padding), tf.variableGrads(loss, parameters).grads]);
    };
    assert.deepEqual(results(NaN), results(0));
  });

  Deno.test(`${name} saturates at huge inputs: finite values, bounded outputs, finite gradients`, () => {
    const network = make({ layers: 2 });
    for (const scale of [1e4, 1e30]) {
      const x = tf.mul(wave([2, 4, 3]), scale), [output] = read(network, x);
      assert.ok(numbersOf(output).every((y) => Math.abs(y) <= 1), `${scale}`);
      const gradient = tf.grad((x) => tf.sum(read(network, x)[0]))(x);
      assert.ok(numbersOf(gradient).every(Number.isFinite), `${scale}`);
    }
  });

  Deno.test(`${name} leaves no tensor behind, padded or not`, () => {
    const network = make({ layers: 2, bidirectional: true }),
      x = wave([2, 3, 3]),
      padding = tf.tensor2d([[0, 0, 1], [0, 1, 1]]);
    const before = tensorsHeld();
    tf.dispose(read(network, x));
    tf.dispose(read(network, x, undefined, padding));
    assert.deepEqual(tensorsHeld(), before);
    network.dispose();
    assert.equal(tf.memory().numTensors, before[0] - 16);
  });

  Deno.test(`${name} refuses what does not fit, and says what would`, () => {
    const network = make(),
      forward = (x: tf.Tensor, initial?: tf.Tensor3D[], padding?: tf.Tensor2D) => () =>
        read(network, x, initial, padding);
    assert.throws(forward(tf.ones([2, 4, 5])), /Expected sequences of shape \[batch, steps, 3\], got \[2,4,5\]/);
    assert.throws(forward(tf.ones([4, 3])), /Expected sequences of shape \[batch, steps, 3\], got \[4,3\]/);
    assert.throws(forward(tf.ones([2, 0, 3])), /Expected sequences of at least one step, got \[2,0,3\]/);
    assert.throws(
      forward(tf.ones([2, 4, 3]), undefined, tf.ones([2, 3])),
      /Expected padding of shape \[2, 4\].*got \[2,3\]/,
    );
    const state = Array.from({ length: states }, () => tf.ones<tf.Rank.R3>([1, 3, 2]));
    assert.throws(forward(tf.ones([2, 4, 3]), state), /initial state .* of \[1,2,2\], got \[1,3,2\]/);
    for (const layers of [0, 1.5]) assert.throws(() => make({ layers }), /at least one layer, got/);
  });

  Deno.test(`${name}'s names and sizes are PyTorch's, its weights uniform in ±1/√hidden`, () => {
    const network = make({ layers: 2, bidirectional: true }), gates = states === 2 ? 4 : 3, rows = gates * 2;
    const names = ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap((end) =>
      ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((kind) => `${kind}_${end}`)
    );
    assert.deepEqual(network.parameters().map(([name]) => name), names);
    const state = network.stateDict();
    const shapes = ["weight_ih_l0", "weight_hh_l0", "bias_hh_l0", "weight_ih_l1_reverse"].map((name) =>
      state[name].shape
    );
    assert.deepEqual(shapes, [[rows, 3], [rows, 2], [rows], [rows, 4]]);
    const wide = name === "LSTM" ? new LSTM(5, 100, { random }) : new GRU(5, 100, { random });
    for (const [, parameter] of wide.parameters()) {
      const values = numbersOf(parameter), most = values.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      assert.ok(most <= 0.1 && most > 0.095, `${most}`);
      assert.ok(Math.abs(values.reduce((sum, w) => sum + w * w, 0) / values.length / (0.01 / 3) - 1) < 0.2);
    }
  });
}

Deno.test("lstm() and gru() refuse weights of another number of gates, and layers of three directions", () => {
  const of = (rows: number): RecurrentParameters => ({
    weightIh: tf.ones([rows, 3]),
    weightHh: tf.ones([rows, 2]),
    biasIh: tf.ones([rows]),
    biasHh: tf.ones([rows]),
  });
  assert.throws(() => lstm(tf.ones([1, 1, 3]), [[of(6)]]), /weightHh of 4 gates, \[8, 2\], got \[6,2\]/);
  assert.throws(() => gru(tf.ones([1, 1, 3]), [[of(8)]]), /weightHh of 3 gates, \[6, 2\], got \[8,2\]/);
  for (const layers of [[], [[of(6), of(6), of(6)]], [[of(6)], [of(6), of(6)]], [[]]]) {
    assert.throws(() => gru(tf.ones([1, 1, 3]), layers), /layers of one direction each, or of two, got/);
  }
});

for (const engine of engines) {
  Deno.test(`${engine}: a sequence is read alike alone, in a batch, and with padding behind it`, async () => {
    await useEngine(engine);
    const network = new LSTM(3, 2, { random, layers: 2, bidirectional: true });
    const long = wave<tf.Rank.R3>([2, 5, 3]), lengths = tf.tensor1d([3, 5], "int32");
    const together = network.forward(long, { padding: paddingAfter(lengths, 5) });
    const alone = network.forward(tf.slice(long, [0, 0, 0], [1, 3, 3]));
    closeTo(numbersOf(together.output.slice([0, 0, 0], [1, 3, 4])), numbersOf(alone.output), 1e-6);
    closeTo(numbersOf(together.hidden.gather([0], 1)), numbersOf(alone.hidden), 1e-6);
    closeTo(numbersOf(together.cell.gather([0], 1)), numbersOf(alone.cell), 1e-6);
  });
}

for (const engine of engines) {
  Deno.test(`${engine}: a batch of no sequences gives none, and gradients of 0`, async () => {
    await useEngine(engine);
    const network = new GRU(3, 2, { random, bidirectional: true }), nothing = tf.zeros<tf.Rank.R3>([0, 4, 3]);
    const { output, hidden } = network.forward(nothing);
    assert.deepEqual([output.shape, hidden.shape], [[0, 4, 4], [2, 0, 2]]);
    const { grads } = tf.variableGrads(() => tf.sum(network.forward(nothing).output) as tf.Scalar);
    assert.ok(network.parameters().every(([, { name }]) => numbersOf(grads[name]).every((value) => value === 0)));
  });
}

testNative("a compiled step reads sequences of another length, and another padding, as the eager one does", () => {
  const network = new GRU(3, 2, { random, bidirectional: true });
  const step = (x: tf.Tensor3D, lengths: tf.Tensor1D) =>
    network.forward(x, { padding: paddingAfter(lengths, x.shape[1]) }).output;
  const compiled = compile(step);
  for (const [steps, ends] of [[4, [4, 1]], [4, [0, 3]], [2, [2, 2]]] as const) {
    const x = wave<tf.Rank.R3>([2, steps, 3]), lengths = tf.tensor1d([...ends], "int32");
    closeTo(numbersOf(compiled(x, lengths)), numbersOf(step(x, lengths)), 1e-6);
  }
  compiled.dispose();
});

Deno.test("paddingAfter() marks places from each length on", () => {
  const padding = paddingAfter(tf.tensor1d([0, 2, 3, 9], "int32"), 3);
  assert.deepEqual(padding.arraySync(), [[1, 1, 1], [0, 0, 1], [0, 0, 0], [0, 0, 0]]);
  assert.deepEqual(paddingAfter(tf.tensor1d([], "int32"), 3).shape, [0, 3]);
  assert.throws(() => paddingAfter(tf.tensor1d([1]), 3), /Expected lengths to be int32 \[batch\], got float32 \[1\]/);
});
