import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { combinationsFromUniform, modalityCombinations } from "braid/methods/dmrnet/combinations.ts";
import { leavesNothing, unchecked } from "../../losses/reference.ts";

await useEngine();

Deno.test("modalityCombinations() lists all that leave something: by size, then the earlier modality first", () => {
  assert.deepEqual(modalityCombinations(1).arraySync(), [[1]]);
  const three = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]];
  assert.deepEqual(modalityCombinations(3).arraySync(), three);
  for (const modalities of [4, 5]) {
    const rows = modalityCombinations(modalities).arraySync() as number[][];
    const members = rows.map((row) => row.flatMap((kept, m) => kept ? [m] : []));
    assert.equal(new Set(rows.map(String)).size, 2 ** modalities - 1);
    assert.ok(members.every(({ length }) => length > 0));
    const earlier = (x: number[], y: number[]) =>
      x.length - y.length || x.find((m, i) => m !== y[i])! - y.find((m, i) => m !== x[i])!;
    assert.deepEqual([...members].sort(earlier), members);
  }
  assert.equal(modalityCombinations(2).dtype, "int32");
});

Deno.test("combinationsFromUniform() cuts [0, 1) into equal parts, one a combination", () => {
  const edges = Array.from({ length: 7 }, (_, i) => [i / 7 + 1e-6, (i + 1) / 7 - 1e-6]).flat();
  const { indices, masks } = combinationsFromUniform(tf.tensor1d([0, ...edges, 1 - 2 ** -24]), { modalities: 3 });
  const want = [0, ...Array.from({ length: 7 }, (_, i) => [i, i]).flat(), 6];
  assert.deepEqual([...indices.dataSync()], want);
  const all = modalityCombinations(3).arraySync() as number[][];
  assert.deepEqual(masks.arraySync(), want.map((i) => all[i]));
  assert.deepEqual([indices.dtype, masks.dtype], ["int32", "int32"]);
});

Deno.test("combinationsFromUniform() of 1, which rounding may give, is the last combination", () => {
  for (const modalities of [1, 2, 3]) {
    const { indices } = combinationsFromUniform(tf.tensor1d([1]), { modalities });
    assert.deepEqual([...indices.dataSync()], [2 ** modalities - 2]);
  }
});

Deno.test("of 70,000 draws each of 7 combinations gets its share, and none is empty", () => {
  const random = new RandomStream(3, "combinations"), counts = new Array(7).fill(0);
  const { indices, masks } = combinationsFromUniform(random.uniform([70_000]), { modalities: 3 });
  for (const index of indices.dataSync()) counts[index]++;
  const deviation = Math.sqrt(70_000 * 1 / 7 * 6 / 7);
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 4 * deviation, `${counts}`);
  assert.equal(masks.sum(1).min().dataSync()[0], 1);
  random.dispose();
});

Deno.test("combinations take one sample and none", () => {
  assert.deepEqual(combinationsFromUniform(tf.tensor1d([0.5]), { modalities: 2 }).masks.arraySync(), [[0, 1]]);
  const { indices, masks } = combinationsFromUniform(tf.zeros([0]), { modalities: 2 });
  assert.deepEqual([indices.shape, masks.shape], [[0], [0, 2]]);
});

Deno.test("combinations say what is wrong with their input", () => {
  for (const modalities of [0, -1, 1.5, 17, NaN]) {
    assert.throws(() => modalityCombinations(modalities), /1 to 16 modalities, got/);
    assert.throws(() => combinationsFromUniform(tf.zeros([2]), { modalities }), /1 to 16 modalities, got/);
  }
  assert.throws(() => combinationsFromUniform(unchecked([2, 1]), { modalities: 2 }), /shape \[batch\], got \[2,1\]/);
});

Deno.test("combinations leave no tensor behind", () => {
  const uniform = tf.tensor1d([0.1, 0.9]);
  leavesNothing(() => modalityCombinations(3));
  leavesNothing(() => ({ ...combinationsFromUniform(uniform, { modalities: 3 }) }));
});
