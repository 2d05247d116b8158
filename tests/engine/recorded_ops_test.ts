// The ops that models are made of, with odd shapes: eager, recorded and compiled by XLA they give what plain JavaScript gives.

import * as tf from "@tensorflow/tfjs";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { closeTo, numbersOf, testNative, wave } from "./engines.ts";

interface Op {
  shapes: number[][];
  run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /** Which values the inputs have; irregular ones if absent. */
  values?: (x: tf.Tensor) => tf.Tensor;
}

const whole = (x: tf.Tensor) => tf.round(tf.mul(x, 4));
const positive = (x: tf.Tensor) => tf.add(tf.abs(x), 0.1);
const op = (shapes: number[][], run: Op["run"], values?: Op["values"]): Op => ({ shapes, run, values });
const scores = (...tensors: tf.Tensor[]) => tensors.reduce((sum, x) => tf.add(sum, tf.sum(tf.sin(x))), tf.scalar(0));
/** Values of `f` and its gradients; the loss weighs every entry differently. */
const graded = (f: (...inputs: tf.Tensor[]) => tf.Tensor): Op["run"] => (...inputs) => {
  const weighted = (...args: tf.Tensor[]) => {
    const y = f(...args);
    return tf.sum(tf.mul(y, wave(y.shape, 0.3))) as tf.Scalar;
  };
  return [f(...inputs), ...tf.grads(weighted)(inputs)];
};
const pads = (top: number, bottom: number, left: number, right: number) =>
  [[0, 0], [top, bottom], [left, right], [0, 0]] as [[number, number], [number, number], [number, number], [
    number,
    number,
  ]];
const convolution =
  (stride: number | [number, number], pad: "same" | "valid" | ReturnType<typeof pads>) =>
  (x: tf.Tensor, w: tf.Tensor) =>
    tf.conv2d(
      x as tf.Tensor4D,
      w as tf.Tensor4D,
      stride,
      pad,
      "NHWC",
      1,
      typeof pad === "string" ? undefined : "floor",
    );
const dy = (x: tf.Tensor) => x as tf.Tensor4D;

const ops: Record<string, Op> = {
  concat: op([[2, 3], [1, 3], [0, 3]], (a, b, c) => tf.concat([a, b, c], 0)),
  "concat of one": op([[2, 1]], (a) => tf.concat([a], 1)),
  "concat, last axis": op([[1, 2, 1], [1, 2, 4]], (a, b) => tf.concat([a, b], -1)),
  stack: op([[3, 1], [3, 1]], (a, b) => [tf.stack([a, b], 0), tf.stack([a, b], 2), tf.stack([a])]),
  unstack: op([[3, 1, 2]], (a) => [...tf.unstack(a), ...tf.unstack(a, 2)]),
  split: op([[5, 4]], (a) => [...tf.split(a, [1, 0, 4], 0), ...tf.split(a, 2, 1)]),
  "split, gradient": op([[3, 4]], graded((a) => tf.mul(...tf.split(a, 2, 1) as [tf.Tensor, tf.Tensor]))),
  gather: op([[4, 3]], (a) => [tf.gather(a, tf.tensor1d([3, 0, 3], "int32")), tf.gather(a, [2], 1)]),
  "gather of computed rows": op([[4, 3]], (a) => tf.gather(a, tf.argMax(a, 0))),
  "gather, gradient": op([[4, 3]], graded((a) => tf.gather(a, tf.tensor1d([3, 0, 3], "int32")))),
  "gather, batches": op([[2, 3, 2]], (a) => tf.gather(a, tf.tensor2d([[2, 0], [1, 1]], [2, 2], "int32"), 1, 1)),
  slice: op([[4, 1, 3]], (a) => [tf.slice(a, [1, 0, 1], [2, 1, -1]), tf.slice(a, [0, 0, 0], [0, 1, 3])]),
  "slice, gradient": op([[4, 3]], graded((a) => tf.slice(a, [1, 1], [2, -1]))),
  stridedSlice: op([[5, 6]], (a) => tf.stridedSlice(a, [4, 0], [0, 6], [-2, 3])),
  pad: op([[1, 3]], (a) => [tf.pad(a, [[1, 0], [0, 2]], 7), tf.pad(a, [[0, 0], [0, 0]])]),
  "pad, gradient": op([[2, 3]], graded((a) => tf.pad(a, [[1, 0], [0, 2]]))),
  mirrorPad: op([[3, 4]], (a) => tf.mirrorPad(a, [[1, 1], [2, 0]], "reflect")),
  tile: op([[1, 3]], (a) => tf.tile(a, [2, 1])),
  "tile, gradient": op([[2, 1]], graded((a) => tf.tile(a, [2, 3]))),
  broadcastTo: op([[1, 3]], graded((a) => tf.broadcastTo(a, [2, 3]))),
  reshape: op([[2, 6]], (a) => [tf.reshape(a, [-1, 4]), tf.expandDims(a, 1), tf.squeeze(tf.expandDims(a, 0))]),
  transpose: op([[2, 1, 3, 4]], graded((a) => tf.transpose(a, [3, 0, 2, 1]))),
  reverse: op([[2, 3]], (a) => tf.reverse(a, 1)),
  softmax: op([[2, 1], [3, 5]], (a, b) => [tf.softmax(a), tf.softmax(tf.mul(b, 80))]),
  "softmax, gradient": op([[3, 5]], graded((a) => tf.softmax(a))),
  "softmax of two images": op([[2, 2, 3]], graded((a) => tf.softmax(a))),
  logSoftmax: op([[3, 5]], graded((a) => tf.logSoftmax(a))),
  logSumExp: op([[3, 5]], graded((a) => tf.logSumExp(tf.mul(a, 50), 1))),
  cumsum: op([[2, 4]], (a) => [tf.cumsum(a, 1), tf.cumsum(a, 0, true), tf.cumsum(a, 1, false, true)]),
  "cumsum, gradient": op([[2, 4]], graded((a) => tf.cumsum(a, 1))),
  where: op([[2, 3], [2, 3]], graded((a, b) => tf.where(tf.greater(wave([2, 3]), 0), a, tf.mul(b, 2)))),
  matMul: op([[2, 3], [3, 1]], graded((a, b) => tf.matMul(a, b))),
  "matMul, transposed": op([[3, 2], [4, 3]], graded((a, b) => tf.matMul(a, b, true, true))),
  "matMul of batches": op([[2, 1, 3, 2], [2, 1, 2, 5]], graded((a, b) => tf.matMul(a, b))),
  "matMul of batches, transposed": op([[3, 4, 2], [3, 5, 2]], graded((a, b) => tf.matMul(a, b, false, true))),
  "matMul, one batch for all": op([[1, 3, 2], [4, 2, 3]], (a, b) => tf.matMul(a, b)),
  "matMul of no rows": op([[0, 3], [3, 2]], (a, b) => tf.matMul(a, b)),
  dot: op([[3], [3]], (a, b) => [tf.dot(a, b), tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D)]),
  einsum: op([[2, 3], [3, 4]], (a, b) => tf.einsum("ij,jk->ki", a, b)),
  oneHot: op([[2, 3]], (a) => [tf.oneHot(tf.cast(tf.abs(a), "int32"), 5), tf.oneHot(tf.argMax(a, 1), 3, 2, -1)], whole),
  "clipByValue, gradient": op([[3, 4]], graded((a) => tf.clipByValue(a, -0.5, 0.25))),
  moments: op([[3, 1, 4]], (a) => {
    const all = tf.moments(a), last = tf.moments(a, [0, 1], true);
    return [all.mean, all.variance, last.mean, last.variance];
  }),
  reductions: op([[3, 1, 4]], (a) =>
    [tf.sum, tf.mean, tf.max, tf.min, tf.prod].flatMap((reduce) => [
      reduce(a),
      reduce(a, 0),
      reduce(a, [-1, 0], true),
      reduce(a, 1),
    ])),
  "sums of nothing": op([[0, 3]], (a) => [tf.sum(a, 0), tf.sum(a, 1), tf.sum(a)]),
  "means, gradients": op([[3, 4]], graded((a) => tf.add(tf.mean(a, 1, true), tf.sum(a, 0)))),
  "maxima, gradient": op([[3, 4]], graded((a) => tf.add(tf.max(a, 1, true), tf.min(a, 0)))),
  norm: op([[3, 4]], graded((a) => tf.norm(a, 2, 1, true))),
  "all and any": op([[2, 3]], (a) => [tf.all(tf.greater(a, 0), 1), tf.any(tf.greater(a, 0), 0)]),
  argMax: op([[2, 3]], (a) => [tf.argMax(a, 0), tf.argMin(a, 1), tf.argMax(a, -1)]),
  topk: op([[2, 5]], (a) => {
    const { values, indices } = tf.topk(a, 3);
    return [values, indices];
  }),
  comparisons: op(
    [[2, 3], [1, 3]],
    (a, b) =>
      [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual].map((compare) => compare(a, b)),
    whole,
  ),
  logic: op([[2, 3], [2, 3]], (a, b) => {
    const x = tf.greater(a, 0), y = tf.greater(b, 0);
    return [tf.logicalAnd(x, y), tf.logicalOr(x, y), tf.logicalXor(x, y), tf.logicalNot(x)];
  }),
  cast: op([[2, 3]], (a) => [
    tf.cast(tf.mul(a, 3), "int32"),
    tf.cast(a, "bool"),
    tf.cast(tf.cast(tf.mul(a, -3), "int32"), "float32"),
    tf.cast(tf.greater(a, 0), "float32"),
    tf.cast(tf.greater(a, 0), "int32"),
  ]),
  arithmetic: op([[2, 3], [3]], (a, b) => [tf.add(a, b), tf.sub(a, b), tf.mul(a, b), tf.div(a, b), tf.pow(a, 2)]),
  "arithmetic, gradients": op(
    [[2, 3], [3]],
    graded((a, b) => tf.div(tf.sub(tf.mul(a, b), tf.square(b)), b)),
    (x) => tf.add(x, 2),
  ),
  "maximum and minimum": op([[2, 3], [2, 3]], graded((a, b) => tf.add(tf.maximum(a, b), tf.minimum(a, 0.1)))),
  "whole numbers": op([[2, 3], [3]], (a, b) => {
    const i = tf.cast(a, "int32"), j = tf.cast(tf.add(tf.abs(b), 1), "int32");
    return [tf.floorDiv(i, j), tf.mod(i, j), tf.mul(i, j), tf.sub(i, j), tf.mod(a, tf.add(tf.abs(b), 1))];
  }, whole),
  "functions of one number": op(
    [[2, 5]],
    (a) =>
      [tf.exp, tf.sin, tf.cos, tf.tanh, tf.sigmoid, tf.relu, tf.square, tf.abs, tf.neg, tf.floor, tf.ceil, tf.sign]
        .map((f) => f(a)).concat([tf.erf(a), tf.softplus(a), tf.expm1(a), tf.elu(a), tf.leakyRelu(a), tf.selu(a)]),
  ),
  "functions of a positive number": op(
    [[2, 5]],
    (a) => [tf.log, tf.sqrt, tf.rsqrt, tf.reciprocal, tf.log1p].map((f) => f(a)),
    positive,
  ),
  "functions, gradients": op(
    [[2, 5]],
    graded((a) =>
      [tf.log, tf.sqrt, tf.rsqrt, tf.reciprocal, tf.exp, tf.tanh, tf.sigmoid, tf.relu, tf.erf, tf.softplus]
        .map((f) => f(a)).reduce((x, y) => tf.add(x, tf.sin(y)))
    ),
    positive,
  ),
  "addN": op([[2, 3], [2, 3], [2, 3]], graded((a, b, c) => tf.addN([a, b, c]))),
  "ranges and fills": op([[2, 3]], (a) => [
    tf.add(tf.fill([2, 3], 4), a),
    tf.add(tf.range(0, 3), a),
    tf.add(tf.linspace(0, 1, 3), a),
    tf.add(tf.eye(3), tf.slice(a, [0, 0], [1, 3])),
    tf.zerosLike(a),
    tf.onesLike(a),
  ]),
  "conv2d, explicit padding": op([[2, 5, 6, 2], [3, 3, 2, 3]], graded(convolution(2, pads(1, 1, 1, 1)))),
  "conv2d, uneven padding and stride": op([[1, 5, 7, 1], [2, 3, 1, 2]], graded(convolution([2, 3], pads(0, 2, 1, 0)))),
  "conv2d, rows left over": op([[1, 8, 8, 1], [3, 3, 1, 1]], graded(convolution(2, pads(0, 0, 0, 0)))),
  "conv2d, like AlexNet's first": op([[1, 18, 18, 3], [11, 11, 3, 2]], graded(convolution(4, pads(2, 2, 2, 2)))),
  "conv2d, same": op([[1, 5, 4, 2], [3, 3, 2, 2]], graded(convolution(2, "same"))),
  "conv2d, valid": op([[2, 5, 4, 2], [2, 2, 2, 1]], graded(convolution(1, "valid"))),
  "conv2d of one pixel": op([[3, 1, 1, 2], [3, 3, 2, 2]], graded(convolution(2, pads(1, 1, 1, 1)))),
  depthwiseConv2d: op([[1, 5, 5, 2], [3, 3, 2, 1]], (x, w) => tf.depthwiseConv2d(dy(x), dy(w), 1, "same")),
  maxPool: op([[2, 5, 7, 2]], graded((x) => tf.maxPool(dy(x), 3, 2, "valid"))),
  "maxPool, same": op([[1, 4, 5, 1]], graded((x) => tf.maxPool(dy(x), 2, 2, "same"))),
  avgPool: op([[2, 5, 6, 2]], graded((x) => tf.avgPool(dy(x), 2, 2, "valid"))),
  batchNorm: op([[2, 3, 3, 2]], (x) => tf.batchNorm(x, tf.tensor1d([0.1, 0.2]), tf.tensor1d([1, 2]))),
  resizeBilinear: op([[1, 3, 4, 2]], (x) => tf.image.resizeBilinear(dy(x), [5, 5])),
  "unsortedSegmentSum": op([[4, 2]], (a) => tf.unsortedSegmentSum(a, tf.tensor1d([0, 2, 0, 1], "int32"), 3)),
  scatterND: op([[2, 3]], (a) => tf.scatterND(tf.tensor2d([[2], [0]], [2, 1], "int32"), a, [4, 3])),
  softmaxCrossEntropy: op([[3, 4]], graded((a) => tf.losses.softmaxCrossEntropy(tf.oneHot([0, 3, 1], 4), a))),
  "a loss of everything": op([[2, 3], [2, 3]], (a, b) => scores(a, tf.mul(a, b), tf.matMul(a, b, false, true))),
};

const inputsOf = ({ shapes, values = (x) => x }: Op, phase: number) =>
  shapes.map((shape, i) => tf.tidy(() => values(wave(shape, phase + i))));

/** Results for two sets of inputs: a value that a recording froze would show in the second. */
const phases = [0, 2.5];

/** What plain JavaScript gives for each phase. */
async function wanted(op: Op): Promise<number[][]> {
  await useEngine("cpu");
  const want = phases.map((phase) => tf.tidy(() => numbersOf(op.run(...inputsOf(op, phase)))));
  await useEngine("libtensorflow");
  return want;
}

for (const [name, op] of Object.entries(ops)) {
  testNative(`libtensorflow agrees with plain JavaScript, eager and recorded: ${name}`, async () => {
    const want = await wanted(op);
    const recorded = compile((...inputs: tf.Tensor[]) => op.run(...inputs));
    phases.forEach((phase, i) => {
      const inputs = inputsOf(op, phase);
      tf.tidy(() => {
        closeTo(numbersOf(op.run(...inputs)), want[i], 2e-6, "eager");
        for (let call = 0; call < 2; call++) closeTo(numbersOf(recorded(...inputs)), want[i], 2e-6, "recorded");
      });
      tf.dispose(inputs);
    });
    recorded.dispose();
  });
}

// A part of them: each op costs XLA a tenth of a second.
const compiledByXla = [
  ...[
    "concat",
    "unstack",
    "split",
    "gather of computed rows",
    "slice",
    "pad",
    "softmax, gradient",
    "logSumExp",
    "cumsum",
  ],
  ...["where", "matMul of batches, transposed", "oneHot", "moments", "cast", "sums of nothing", "topk"],
  ...["conv2d, explicit padding", "conv2d, rows left over", "maxPool"],
];

testNative("XLA agrees with plain JavaScript, all ops in one step", async () => {
  const want: Record<string, number[][]> = {};
  for (const name of compiledByXla) want[name] = await wanted(ops[name]);
  const all = compile((...inputs: tf.Tensor[]) => {
    let used = 0;
    return Object.fromEntries(compiledByXla.map((name) => [
      name,
      ops[name].run(...inputs.slice(used, used += ops[name].shapes.length)),
    ]));
  }, { mode: "xla" });
  for (const call of [0, 0, 1]) {
    const results = all(...compiledByXla.flatMap((name) => inputsOf(ops[name], phases[call])));
    for (const name of compiledByXla) closeTo(numbersOf(results[name]), want[name][call], 1e-5, name);
  }
  all.dispose();
});
