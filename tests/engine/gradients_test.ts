// Gradients that tfjs lacks, and kernels that its WebAssembly backend lacks, on every engine: definitions and differences.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { allEngines, closeTo, testNative, wave } from "./engines.ts";

interface Example {
  shapes: number[][];
  of: (...inputs: tf.Tensor[]) => tf.Tensor;
}

const whole = (values: number[], shape = [values.length]) => tf.tensor(values, shape, "int32");

/** All are linear in each input, but for topk, which is linear while the order stays: differences have no error but rounding. */
const examples: Record<string, Example> = {
  "einsum ij,jk->ik": { shapes: [[3, 4], [4, 2]], of: (a, b) => tf.einsum("ij,jk->ik", a, b) },
  "einsum bij,bkj->bik": { shapes: [[2, 3, 4], [2, 5, 4]], of: (a, b) => tf.einsum("bij,bkj->bik", a, b) },
  "einsum bhqd,bkhd->bhqk": { shapes: [[2, 2, 3, 4], [2, 5, 2, 4]], of: (a, b) => tf.einsum("bhqd,bkhd->bhqk", a, b) },
  "einsum i,i->": { shapes: [[5], [5]], of: (a, b) => tf.einsum("i,i->", a, b) },
  "einsum i,j->ji": { shapes: [[3], [4]], of: (a, b) => tf.einsum("i,j->ji", a, b) },
  "einsum ij,ij->i": { shapes: [[3, 4], [3, 4]], of: (a, b) => tf.einsum("ij,ij->i", a, b) },
  "einsum ijk,k->j, an axis that one factor sums alone": {
    shapes: [[2, 3, 4], [4]],
    of: (a, b) => tf.einsum("ijk,k->j", a, b),
  },
  "einsum ijk->ki": { shapes: [[2, 3, 4]], of: (a) => tf.einsum("ijk->ki", a) },
  "einsum ij->": { shapes: [[2, 3]], of: (a) => tf.einsum("ij->", a) },
  "topk's values": { shapes: [[4, 7]], of: (x) => tf.topk(x, 3).values },
  "topk's values of one row": { shapes: [[6]], of: (x) => tf.topk(x, 1).values },
  "topk's values along the last of three axes": { shapes: [[2, 3, 5]], of: (x) => tf.topk(x, 5).values },
  "gatherND of entries, one of them twice": {
    shapes: [[3, 4]],
    of: (x) => tf.gatherND(x, whole([2, 1, 0, 3, 2, 1], [3, 2])),
  },
  "gatherND of rows": { shapes: [[3, 4]], of: (x) => tf.gatherND(x, whole([2, 2, 0, 2], [2, 2, 1])) },
  "gather of rows, some of them twice, one never": {
    shapes: [[4, 3]],
    of: (x) => tf.gather(x, whole([2, 0, 2, 3, 2])),
  },
  "gather of columns": { shapes: [[2, 4, 3]], of: (x) => tf.gather(x, whole([1, 3, 1]), 1) },
  "unstack of several entries": { shapes: [[2, 3]], of: (x) => tf.concat(tf.unstack(x, 1)) },
  "unstack of a single entry": { shapes: [[2, 1, 3]], of: (x) => tf.unstack(x, 1)[0] },
  "split into a single part": { shapes: [[2, 3]], of: (x) => tf.split(x, 1, 1)[0] },
  "stridedSlice of every second row and third column": {
    shapes: [[5, 7]],
    of: (x) => tf.stridedSlice(x, [0, 1], [5, 7], [2, 3]),
  },
  "stridedSlice backwards": { shapes: [[7, 3]], of: (x) => tf.stridedSlice(x, [6, 2], [0, 0], [-3, -1]) },
  "stridedSlice with masks": {
    shapes: [[4, 5, 3]],
    of: (x) => tf.stridedSlice(x, [3, 1, 1], [3, 0, 3], [2, 2, 1], 1, 2),
  },
  "stridedSlice of one entry of an axis": {
    shapes: [[4, 5]],
    of: (x) => tf.stridedSlice(x, [1, 2], [3, 3], [1, 1], 0, 0, 0, 0, 2),
  },
  "stridedSlice with a new axis": {
    shapes: [[4, 5]],
    of: (x) => tf.stridedSlice(x, [0, 0, 1], [0, 4, 3], [1, 2, 1], 0, 0, 0, 1),
  },
  "matMul of one matrix by a batch": { shapes: [[1, 2, 3], [4, 3, 2]], of: (a, b) => tf.matMul(a, b) },
  "matMul along a batch axis in the middle": {
    shapes: [[2, 1, 2, 3], [2, 3, 4, 3]],
    of: (a, b) => tf.matMul(a, b, false, true),
  },
  "matMul of a batch by a matrix": { shapes: [[2, 3, 4, 2], [1, 1, 4, 3]], of: (a, b) => tf.matMul(a, b, true, false) },
};

const weighted = (y: tf.Tensor) => tf.sum(tf.mul(y, wave(y.shape as [number], 2)));

for (const engine of allEngines) {
  for (const [name, { shapes, of }] of Object.entries(examples)) {
    Deno.test(`${engine} has the gradient of ${name}`, async () => {
      await useEngine(engine);
      const before = tf.memory().numTensors;
      const inputs = shapes.map((shape, i) => wave(shape as [number], i));
      const gradients = tf.grads((...xs) => weighted(of(...xs)))(inputs);
      for (const [i, input] of inputs.entries()) {
        assert.deepEqual(gradients[i].shape, input.shape);
        closeTo(await gradients[i].data(), await differences(of, inputs, i), 1e-3, `input ${i}`);
      }
      tf.dispose([inputs, gradients]);
      assert.equal(tf.memory().numTensors, before);
    });
  }

  Deno.test(`${engine}: a sum of nothing is 0`, async () => {
    await useEngine(engine);
    for (let i = 0; i < 20; i++) tf.fill([6], 5).dispose(); // memory that is not zero
    assert.deepEqual(await tf.sum(tf.zeros([0, 6]), 0).array(), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(await tf.sum(tf.zeros([2, 0, 3]), 1, true).array(), [[[0, 0, 0]], [[0, 0, 0]]]);
    assert.deepEqual(await tf.sum(tf.zeros([0], "int32")).array(), 0);
    assert.deepEqual(tf.mean(tf.zeros([0, 2, 3, 4]), [1, 3], true).shape, [0, 1, 3, 1]);
    assert.deepEqual(tf.mean(tf.zeros([0, 2, 3, 4]), [1, 3]).shape, [0, 3]);
  });

  Deno.test(`${engine} sums what lies in each segment`, async () => {
    await useEngine(engine);
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]);
    assert.deepEqual(await tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 0], "int32"), 4).array(), [
      [10, 12],
      [0, 0],
      [6, 8],
      [0, 0],
    ]);
  });
}

/** Central differences in each number of input `i`. */
async function differences(of: Example["of"], inputs: tf.Tensor[], i: number): Promise<number[]> {
  const values = await inputs[i].data(), result: number[] = [], step = 1 / 512;
  const at = async (k: number, by: number) => {
    const sum = tf.tidy(() => {
      const shifted = tf.tensor(values.map((x, j) => j === k ? x + by : x), inputs[i].shape);
      return weighted(of(...inputs.toSpliced(i, 1, shifted)));
    });
    const [value] = await sum.data();
    sum.dispose();
    return value;
  };
  for (let k = 0; k < values.length; k++) result.push((await at(k, step) - await at(k, -step)) / (2 * step));
  return result;
}

for (const [name, { shapes, of }] of Object.entries(examples)) {
  testNative(`compiled, the gradient of ${name} is the same`, async () => {
    const gradients = (...inputs: tf.Tensor[]) => tf.grads((...xs) => weighted(of(...xs)))(inputs);
    const compiled = compile(gradients), inputs = shapes.map((shape, i) => wave(shape as [number], i));
    const eager = gradients(...inputs), graph = compiled(...inputs);
    for (const [i, gradient] of graph.entries()) closeTo(await gradient.data(), await eager[i].data(), 1e-6);
    tf.dispose([inputs, eager, graph]);
    compiled.dispose();
  });
}

/** A sum of products, one at a time. */
function einsumByLoop(equation: string, ...tensors: { shape: number[]; values: ArrayLike<number> }[]): number[] {
  const [input, output] = equation.split("->"), terms = input.split(",");
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => [...term].forEach((label, axis) => sizes.set(label, tensors[i].shape[axis])));
  const labels = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))];
  const size = (of: string[]) => of.reduce((product, label) => product * sizes.get(label)!, 1);
  const result: number[] = Array(size([...output])).fill(0), place = new Map<string, number>();
  const at = (term: string) => [...term].reduce((sum, label) => sum * sizes.get(label)! + place.get(label)!, 0);
  for (let n = 0; n < size(labels); n++) {
    labels.reduceRight((rest, label) => {
      place.set(label, rest % sizes.get(label)!);
      return Math.floor(rest / sizes.get(label)!);
    }, n);
    result[at(output)] += terms.reduce((product, term, i) => product * tensors[i].values[at(term)], 1);
  }
  return result;
}

for (
  const equation of [
    "ij,jk->ik",
    "bhqd,bkhd->bhqk",
    "ijk,kl->lj",
    "abc,cbd->bad",
    "i,j->ij",
    "i,i->",
    "ijk->ki",
    "ij->ji",
    "ij,->j",
  ]
) {
  for (const engine of allEngines) {
    Deno.test(`${engine} computes einsum ${equation} by its definition`, async () => {
      await useEngine(engine);
      const size = (label: string) => 2 + (label.charCodeAt(0) - 97) % 5;
      const tensors = equation.split("->")[0].split(",").map((term, i) => wave([...term].map(size) as [number], i));
      const known = await Promise.all(tensors.map(async (x) => ({ shape: x.shape, values: await x.data() })));
      const result = tf.einsum(equation, ...tensors);
      assert.deepEqual(result.shape, [...equation.split("->")[1]].map(size));
      closeTo(await result.data(), einsumByLoop(equation, ...known));
    });
  }
}

for (const engine of ["wasm", "cpu"]) {
  Deno.test(`${engine}'s einsum refuses sizes and equations that do not fit`, async () => {
    await useEngine(engine);
    assert.throws(() => tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([4, 2])), /Expected dimension 3/);
    assert.throws(() => tf.einsum("ij,jk", tf.ones([2, 3]), tf.ones([3, 2])), /without an arrow/);
  });
}

testNative("the gradient of an einsum with dots is refused: write out the axes", () => {
  const product = (x: tf.Tensor) => tf.einsum("...i->...", x).sum();
  assert.throws(
    () => tf.grad(product)(tf.ones([2, 3])),
    /Expected an equation with an arrow, without dots .*write out/,
  );
});

Deno.test("topk's gradient is 1 for the entries it takes and 0 for others", async () => {
  await useEngine("cpu");
  const gradient = tf.grad((x) => tf.topk(x, 2).values.sum())(tf.tensor2d([[3, 1, 2], [-1, -5, -2]]));
  assert.deepEqual(await gradient.array(), [[1, 0, 1], [1, 0, 1]]);
});

for (const engine of allEngines) {
  Deno.test(`${engine}: an empty slice has a gradient of zeros`, async () => {
    await useEngine(engine);
    const gradient = tf.grad((x) => tf.stridedSlice(x, [2], [2], [1]).sum())(tf.ones([4]));
    assert.deepEqual(await gradient.array(), [0, 0, 0, 0]);
  });
}
