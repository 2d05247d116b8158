import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { crossInstanceMixture } from "braid/losses/cross_instance_mixture.ts";
import { close, leavesNothing, type Matrix, unchecked, unit } from "./reference.ts";
import { identity, int, mixByLoop, mixRow, unimodal, w, weights, z } from "./mixtures.ts";

const permutation = [2, 1, 3, 0];
const swap: Matrix = [[0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]];
const flags = (rows: Matrix) => tf.tensor2d(rows, undefined, "int32");
const closeRows = (got: Matrix, want: Matrix, tolerance = 1e-6) =>
  got.forEach((row, i) => row.forEach((x, d) => close(x, want[i][d], tolerance)));

/** Which sample modality u of mixture i comes from. */
const origin = (i: number, u: number) => swap[i][u] ? permutation[i] : i;

Deno.test("crossInstanceMixture() takes each modality from the sample or its partner, and the targets say how much", () => {
  const { mixed, targets } = crossInstanceMixture(z, w, int(permutation), flags(swap));
  const rows = weights.map((shares, i) => mixRow(shares, unimodal.map((set, u) => set[origin(i, u)])));
  closeRows(mixed.arraySync(), rows);
  const want = weights.map((shares, i) =>
    weights.map((_, j) => shares.reduce((sum, share, u) => sum + (origin(i, u) === j ? share : 0), 0))
  );
  closeRows(targets.arraySync(), want);
});

Deno.test("crossInstanceMixture() without a swap is the plain mixture, with all swapped the partner's by own weights", () => {
  const none = crossInstanceMixture(z, w, int(permutation), tf.zeros([4, 3], "int32"));
  closeRows(none.mixed.arraySync(), mixByLoop(weights));
  closeRows(none.targets.arraySync(), identity(4));
  const all = crossInstanceMixture(z, w, int(permutation), tf.ones([4, 3], "int32"));
  closeRows(all.targets.arraySync(), permutation.map((j) => identity(4)[j]));
  closeRows(all.mixed.arraySync(), mixByLoop(weights, unimodal.map((set) => permutation.map((j) => set[j]))));
});

Deno.test("crossInstanceMixture() has the gradient of its definition", () => {
  const ramp = (row: number[], i: number) => row.reduce((sum, x, d) => sum + x * Math.cos(i + 2 * d), 0);
  const cosines = tf.tensor2d(weights.map((_, i) => [0, 1, 2].map((d) => Math.cos(i + 2 * d))));
  const definition = (sets: Matrix[]) =>
    weights.reduce((sum, shares, i) => sum + ramp(mixRow(shares, sets.map((set, u) => set[origin(i, u)])), i), 0);
  const gradient = tf.grad((x) =>
    crossInstanceMixture(x as tf.Tensor3D, w, int(permutation), flags(swap)).mixed.mul(cosines).sum()
  )(z).arraySync() as Matrix[];
  gradient.forEach((set, u) =>
    set.forEach((row, i) =>
      row.forEach((slope, d) => {
        const at = (by: number) => {
          const moved = structuredClone(unimodal);
          moved[u][i][d] += by;
          return definition(moved);
        };
        close(slope, (at(1e-5) - at(-1e-5)) / 2e-5, 1e-4);
      })
    )
  );
});

Deno.test("crossInstanceMixture() takes one sample, which is its own partner", () => {
  const { mixed, targets } = crossInstanceMixture(
    ...[tf.tensor3d([[[3, 0]], [[0, 4]]]), tf.tensor2d([[0.5, 0.5]]), int([0]), flags([[1, 0]])] as const,
  );
  closeRows(mixed.arraySync(), [unit([3, 4])]);
  closeRows(targets.arraySync(), [[1]]);
});

Deno.test("crossInstanceMixture() says what is wrong with its input", () => {
  const order = int(permutation), flag = flags(swap);
  assert.throws(
    () => crossInstanceMixture(unchecked([4, 3]), w, order, flag),
    /\[modalities, batch, dim\], got \[4,3\]/,
  );
  assert.throws(() => crossInstanceMixture(z, tf.ones([3, 4]), order, flag), /weights of shape \[4,3\].*got \[3,4\]/);
  assert.throws(() => crossInstanceMixture(z, w, order, tf.ones([4, 2])), /swap of shape \[4,3\].*got \[4,2\]/);
  assert.throws(() => crossInstanceMixture(z, w, int([0, 1]), flag), /permutation of shape \[4\].*got \[2\]/);
  assert.throws(() => crossInstanceMixture(z, w, tf.tensor1d(permutation), flag), TypeError);
});

Deno.test("crossInstanceMixture() leaves no tensor behind", () => {
  const order = int(permutation), flag = flags(swap);
  leavesNothing(() => ({ ...crossInstanceMixture(z, w, order, flag) }));
});
