// Resizing and blurring as matrices, against loops over pixels and the filters of image libraries.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { blurWeights, resample, resizeWeights } from "braid/augment/resample.ts";
import { useEngine } from "braid/engine/engine.ts";
import { closeTo, numbersOf, wave } from "../engine/engines.ts";

await useEngine();

interface Stretch {
  start: number;
  length: number;
  flip?: number;
}

const weightsOf = (stretches: Stretch[], from: number, size: number) =>
  tf.tidy(() => {
    const column = (key: "start" | "length" | "flip") => tf.tensor1d(stretches.map((stretch) => stretch[key] ?? 0));
    return resizeWeights(column("start"), column("length"), column("flip"), from, size).arraySync();
  });

/** A triangle around the middle of each new pixel, as wide as the new pixels are apart, but at least one old pixel. */
function weightsByLoop({ start, length, flip = 0 }: Stretch, from: number, size: number): number[][] {
  const scale = length / size, reach = Math.max(1, scale);
  return Array.from({ length: size }, (_, i) => {
    const middle = start + ((flip ? size - 1 - i : i) + 0.5) * scale;
    const weights = Array.from({ length: from }, (_, j) => Math.max(0, 1 - Math.abs(j + 0.5 - middle) / reach));
    const sum = weights.reduce((total, w) => total + w);
    return weights.map((w) => w / sum);
  });
}

Deno.test("resizeWeights() is the bilinear filter of image libraries: enlarged, shrunk, whole, flipped", () => {
  const [enlarged] = weightsOf([{ start: 0, length: 2 }], 2, 4);
  closeTo(enlarged.flat(), [1, 0, 0.75, 0.25, 0.25, 0.75, 0, 1]);
  const [shrunk] = weightsOf([{ start: 0, length: 4 }], 4, 2);
  closeTo(shrunk.flat(), [3, 3, 1, 0, 0, 1, 3, 3].map((w) => w / 7));
  const [same, turned] = weightsOf([{ start: 0, length: 3 }, { start: 0, length: 3, flip: 1 }], 3, 3);
  assert.deepEqual(same, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  assert.deepEqual(turned, [[0, 0, 1], [0, 1, 0], [1, 0, 0]]);
  const [average] = weightsOf([{ start: 0, length: 5 }], 5, 1);
  closeTo(average.flat(), [0.6, 0.8, 1, 0.8, 0.6].map((w) => w * 5 / 19));
});

Deno.test("resizeWeights() equals a loop over pixels, sample by sample, and its rows sum to 1", () => {
  const stretches = [
    { start: 0, length: 7 },
    { start: 1.3, length: 2.2 },
    { start: 0, length: 0.7, flip: 1 },
    { start: 6.5, length: 0.5 },
    { start: 2, length: 5, flip: 1 },
  ];
  for (const size of [1, 3, 7, 12]) {
    const got = weightsOf(stretches, 7, size);
    stretches.forEach((stretch, b) => {
      closeTo(got[b].flat(), weightsByLoop(stretch, 7, size).flat(), 1e-5, `${JSON.stringify(stretch)} to ${size}`);
      for (const row of got[b]) assert.ok(Math.abs(row.reduce((sum, w) => sum + w) - 1) < 1e-6);
    });
  }
});

Deno.test("resample() multiplies rows and columns of each plane of each sample", () => {
  const planes = wave<tf.Rank.R4>([3, 2, 4, 5]),
    rows = wave<tf.Rank.R3>([2, 6, 4], 1),
    columns = wave<tf.Rank.R3>([2, 3, 5], 2);
  const [x, r, c] = [planes.arraySync(), rows.arraySync(), columns.arraySync()];
  const want = x.flatMap((plane) =>
    plane.flatMap((image, b) =>
      r[b].flatMap((row) =>
        c[b].map((column) =>
          row.reduce((sum, w, i) => sum + w * column.reduce((total, v, j) => total + v * image[i][j], 0), 0)
        )
      )
    )
  );
  const got = resample(planes, rows, columns);
  assert.deepEqual(got.shape, [3, 2, 6, 3]);
  closeTo(numbersOf(got), want);
});

Deno.test("blurWeights() are sampled Gaussians, renormalised at the edges; deviation 0 is the identity", () => {
  const deviations = [0, 0.05, 0.5, 1, 3], size = 9;
  const got = blurWeights(tf.tensor1d(deviations), size).arraySync();
  deviations.forEach((deviation, b) => {
    const identity = (i: number, j: number) => i === j ? 1 : 0;
    const gaussian = (i: number, j: number) => Math.exp(-((i - j) ** 2) / (2 * deviation ** 2));
    const pixels = Array.from({ length: size }, (_, i) => i);
    const want = pixels.map((i) => {
      const row = pixels.map((j) => deviation < 0.1 ? identity(i, j) : gaussian(i, j));
      return row.map((w) => w / row.reduce((sum, v) => sum + v));
    });
    closeTo(got[b].flat(), want.flat(), 1e-6, `deviation ${deviation}`);
  });
});

Deno.test("the blur of one bright pixel is a round spot, the product of two sampled Gaussians", () => {
  const size = 11, impulse = tf.buffer<tf.Rank.R4>([1, 1, size, size]);
  impulse.set(1, 0, 0, 5, 5);
  const weights = blurWeights(tf.tensor1d([1.2]), size),
    [[spot]] = resample(impulse.toTensor(), weights, weights).arraySync();
  const g = (d: number) => Math.exp(-(d ** 2) / (2 * 1.2 ** 2)),
    total = (i: number) => Array.from({ length: size }, (_, j) => g(i - j)).reduce((sum, v) => sum + v);
  spot.forEach((row, i) =>
    row.forEach((v, j) => assert.ok(Math.abs(v - g(i - 5) * g(j - 5) / total(i) / total(j)) < 1e-6))
  );
});
