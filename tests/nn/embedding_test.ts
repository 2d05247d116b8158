import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { Embedding, embedding } from "braid/nn/embedding.ts";
import { SGD } from "braid/training/sgd.ts";
import { engines, numbersOf, tensorsHeld, testNative } from "../engine/engines.ts";

const indices = (values: number[], shape = [values.length]) => tf.tensor(values, shape, "int32");

for (const engine of engines) {
  Deno.test(`${engine} looks rows up, and a row's gradient is the sum over its places; the padding's is zero`, async () => {
    await useEngine(engine);
    tf.tidy(() => {
      const table = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]]), at = indices([3, 1, 3, 0, 1, 3], [2, 3]);
      const rows = embedding(at, table);
      assert.deepEqual(rows.arraySync(), [[[7, 8], [3, 4], [7, 8]], [[1, 2], [3, 4], [7, 8]]]);
      const weights = tf.tensor([1, 10, 100, 1000, 1e4, 1e5], [2, 3, 1]);
      const gradient = (paddingIndex?: number) =>
        tf.grad((table) => tf.sum(tf.mul(embedding(at, table as tf.Tensor2D, { paddingIndex }), weights)))(table);
      const whole = [[1000, 1000], [10_010, 10_010], [0, 0], [100_101, 100_101]];
      assert.deepEqual(gradient().arraySync(), whole);
      assert.deepEqual(gradient(3).arraySync(), whole.with(3, [0, 0]));
      assert.deepEqual(gradient(0).arraySync(), whole.with(0, [0, 0]));
      // Looked up it is as any other row, as in PyTorch.
      assert.deepEqual(numbersOf(embedding(at, table, { paddingIndex: 3 })), numbersOf(rows));
    });
  });

  Deno.test(`${engine} refuses indices beyond the table`, async () => {
    await useEngine(engine);
    for (const index of [3, -1]) {
      assert.throws(() => embedding(indices([0, index]), tf.ones([3, 2])).dataSync(), /not in \[0, (3\)|2\])/);
    }
  });
}

Deno.test("Embedding starts standard normal, its padding at 0, where training leaves it", async () => {
  await useEngine();
  const random = new RandomStream(3, "weights"), layer = new Embedding(200, 50, { random, paddingIndex: 7 });
  const values = numbersOf(layer.weight), rest = values.toSpliced(7 * 50, 50), n = rest.length;
  assert.ok(values.slice(7 * 50, 8 * 50).every((value) => value === 0));
  assert.ok(Math.abs(rest.reduce((sum, x) => sum + x, 0) / n) < 4 / Math.sqrt(n));
  assert.ok(Math.abs(rest.reduce((sum, x) => sum + x * x, 0) / n - 1) < 4 * Math.sqrt(2 / n));
  const step = () => tf.sum(tf.square(tf.sub(layer.forward(indices([7, 3])), 1))) as tf.Scalar;
  new SGD(layer.parameters(), { learningRate: 0.1 }).minimize(step);
  const after = numbersOf(layer.weight);
  assert.deepEqual(after.slice(7 * 50, 8 * 50), values.slice(7 * 50, 8 * 50));
  assert.ok(after.slice(3 * 50, 4 * 50).every((value, i) => value !== values[3 * 50 + i]));
});

Deno.test("Embedding takes indices of any shape, none of them too, and leaves no tensor behind", async () => {
  await useEngine();
  const layer = new Embedding(4, 3, { random: new RandomStream(3, "weights"), paddingIndex: 0 });
  const shapes = [[], [2], [2, 1, 3], [0, 2]], held = tensorsHeld();
  for (const shape of shapes) {
    const rows = tf.tidy(() => layer.forward(tf.zeros(shape, "int32")));
    assert.deepEqual(rows.shape, [...shape, 3]);
    rows.dispose();
  }
  assert.deepEqual(tensorsHeld(), held);
});

Deno.test("embeddings refuse what are no indices, and a padding that is no row", async () => {
  await useEngine();
  assert.throws(
    () => embedding(tf.tensor1d([1]), tf.ones([3, 2])),
    (error) => error instanceof TypeError && /Expected indices to be int32, got float32/.test(error.message),
  );
  for (const paddingIndex of [3, -1, 0.5]) {
    const options = { random: new RandomStream(0, "weights"), paddingIndex };
    assert.throws(() => new Embedding(3, 2, options), /the padding's index to be in \[0, 3\), got/);
    assert.throws(() => embedding(indices([0]), tf.ones([3, 2]), { paddingIndex }), /to be in \[0, 3\), got/);
  }
});

testNative("a compiled step looks up and learns", () => {
  const layer = new Embedding(5, 2, { random: new RandomStream(1, "weights"), paddingIndex: 1 });
  const before = numbersOf(layer.weight), optimizer = new SGD(layer.parameters(), { learningRate: 0.5 });
  const step = compile((at: tf.Tensor1D) => optimizer.minimize(() => tf.sum(layer.forward(at)) as tf.Scalar));
  for (const at of [[1, 4], [1, 2], [4, 4]]) step(indices(at) as tf.Tensor1D).dispose();
  const learned = before.map((value, i) => value - [0, 0, 0.5, 0, 1.5][Math.floor(i / 2)]);
  assert.deepEqual(numbersOf(layer.weight).map(Math.fround), learned.map(Math.fround));
  step.dispose();
});
