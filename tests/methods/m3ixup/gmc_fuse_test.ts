import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { gmcFuse } from "braid/methods/m3ixup/gmc_fuse.ts";
import { leavesNothing, type Matrix, unchecked } from "../../losses/reference.ts";
import { int, joint, unimodal, z, zM } from "../../losses/mixtures.ts";

const fuse = (available: number[]) => gmcFuse(z, zM, int(available)).arraySync();
const subsets = Array.from({ length: 8 }, (_, bits) => [0, 1, 2].map((u) => bits >> u & 1));

function closeRows(got: Matrix, want: Matrix): void {
  got.forEach((row, i) => row.forEach((x, d) => assert.ok(Math.abs(x - want[i][d]) < 1e-6, `sample ${i}`)));
}

Deno.test("gmcFuse() is the mean of what is there, for every incomplete subset, and not normalised again", () => {
  for (const available of subsets.slice(1, -1)) {
    const there = unimodal.filter((_, u) => available[u]);
    const want = joint.map((row, i) =>
      row.map((_, d) => there.reduce((sum, set) => sum + set[i][d], 0) / there.length)
    );
    closeRows(fuse(available), want);
  }
  assert.ok(Math.hypot(...fuse([1, 1, 0])[0]) < 0.99);
});

Deno.test("gmcFuse() is the joint embedding of a complete observation, and 0 where nothing is there", () => {
  closeRows(fuse([1, 1, 1]), joint);
  closeRows(fuse([0, 0, 0]), joint.map((row) => row.map(() => 0)));
});

Deno.test("gmcFuse() does not look at what is missing: NaN there reaches neither the embedding nor a gradient", () => {
  const [first, , third] = tf.unstack(z), missing = tf.fill([4, 3], NaN), broken = tf.stack([first, missing, third]);
  const run = (x: tf.Tensor, y: tf.Tensor) => gmcFuse(x as tf.Tensor3D, y as tf.Tensor2D, int([1, 0, 1]));
  assert.deepEqual(run(broken, missing).arraySync(), fuse([1, 0, 1]));
  const [inUnimodal, inJoint] = tf.grads((x, y) => run(x, y).sum())([broken, missing]);
  assert.deepEqual(inUnimodal.arraySync(), [0.5, 0, 0.5].map((share) => joint.map((row) => row.map(() => share))));
  assert.ok(inJoint.dataSync().every((slope) => slope === 0));
});

Deno.test("gmcFuse() sends a complete observation's gradient to the joint embedding alone", () => {
  const loss = (x: tf.Tensor, y: tf.Tensor) => gmcFuse(x as tf.Tensor3D, y as tf.Tensor2D, int([1, 1, 1])).sum();
  const [inUnimodal, inJoint] = tf.grads(loss)([z, zM]);
  assert.ok(inUnimodal.dataSync().every((slope) => slope === 0));
  assert.ok(inJoint.dataSync().every((slope) => slope === 1));
});

Deno.test("gmcFuse() takes one sample, one modality and no sample", () => {
  assert.deepEqual(gmcFuse(tf.tensor3d([[[1, 0]], [[0, 1]]]), tf.ones([1, 2]), int([1, 0])).arraySync(), [[1, 0]]);
  assert.deepEqual(gmcFuse(tf.tensor3d([[[1, 0]]]), tf.tensor2d([[0, 3]]), int([1])).arraySync(), [[0, 3]]);
  assert.deepEqual(gmcFuse(tf.zeros([2, 0, 3]), tf.zeros([0, 3]), int([1, 0])).shape, [0, 3]);
});

Deno.test("gmcFuse() says what is wrong with its input", () => {
  assert.throws(() => gmcFuse(unchecked([4, 3]), zM, int([1])), /\[modalities, batch, dim\], got \[4,3\]/);
  assert.throws(() => gmcFuse(z, tf.ones([4, 2]), int([1, 1, 1])), /joint embeddings of shape \[4,3\].*got \[4,2\]/);
  assert.throws(() => gmcFuse(z, zM, int([1, 1])), /available of shape \[3\], one per modality, got \[2\]/);
});

Deno.test("gmcFuse() leaves no tensor behind", () => {
  const available = int([1, 0, 1]);
  leavesNothing(() => gmcFuse(z, zM, available));
});
