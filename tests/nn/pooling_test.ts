// Pooling against its definition in loops, and what it refuses; PyTorch's own numbers are in pytorch_test.ts.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
  type AvgPoolOptions,
  maxPool1d,
  maxPool2d,
} from "braid/nn/pooling.ts";
import { type Pair, pairOf } from "braid/nn/windows.ts";
import { closeTo, engines, numbersOf, tensorsHeld, wave } from "../engine/engines.ts";
import type { Image } from "./reference.ts";

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The places from each window's start to its end that lie within `from` and `to`. */
function windows(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  ceilMode: boolean,
): [from: number, to: number][] {
  const result: [number, number][] = [];
  // A window counts if it fits; in ceil mode, if it begins before the image and the first padding end.
  for (let start = -padding; ceilMode ? start < size : start + kernel <= size + padding; start += stride) {
    result.push([start, start + kernel]);
    if (start + kernel >= size + padding) break;
  }
  return result;
}

function byLoop(image: Image, kernel: Pair, options: AvgPoolOptions, kind: "max" | "avg"): number[] {
  const { stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options,
    size = [image.length, image[0].length];
  const [rows, columns] = [0, 1].map((axis) =>
    windows(size[axis], pairOf(kernel)[axis], pairOf(stride)[axis], pairOf(padding)[axis], ceilMode)
  );
  return rows.flatMap(([top, bottom]) =>
    columns.flatMap(([left, right]) =>
      image[0][0].map((_, c) => {
        const real: number[] = [];
        let counted = 0;
        for (let i = top; i < bottom; i++) {
          for (let j = left; j < right; j++) {
            const value = image[i]?.[j]?.[c];
            if (value !== undefined) real.push(value);
            const inPadding = i < size[0] + pairOf(padding)[0] && j < size[1] + pairOf(padding)[1];
            counted += countIncludePad ? Number(inPadding) : Number(value !== undefined);
          }
        }
        return kind === "max" ? Math.max(...real) : real.reduce((sum, x) => sum + x, 0) / counted;
      })
    )
  );
}

for (const engine of engines) {
  Deno.test(`${engine} pools by the definition for windows, strides, paddings, ceil mode and what a mean counts`, async () => {
    await useEngine(engine);
    tf.tidy(() => {
      const x: tf.Tensor4D = tf.sub(wave<tf.Rank.R4>([2, 7, 5, 2]), 0.7), images = x.arraySync();
      const kernels: Pair[] = [1, 2, 3, [2, 3], [7, 5]], strides: (Pair | undefined)[] = [undefined, 1, 2, [3, 2]];
      for (const kernel of kernels) {
        for (const stride of strides) {
          for (const padding of [0, pairOf(kernel).map((side) => Math.floor(side / 2)) as [number, number]]) {
            for (const ceilMode of [false, true]) {
              for (const countIncludePad of [true, false]) {
                const options = { stride, padding, ceilMode, countIncludePad },
                  what = JSON.stringify([kernel, options]);
                const want = (kind: "max" | "avg") => images.flatMap((image) => byLoop(image, kernel, options, kind));
                closeTo(numbersOf(avgPool2d(x, kernel, options)), want("avg"), 1e-6, what);
                if (countIncludePad) continue;
                closeTo(numbersOf(maxPool2d(x, kernel, { stride, padding, ceilMode })), want("max"), 1e-6, what);
              }
            }
          }
        }
      }
    });
  });

  Deno.test(`${engine}: adaptive pooling averages even parts, also where they overlap or repeat places`, async () => {
    await useEngine(engine);
    tf.tidy(() => {
      const x = wave<tf.Rank.R4>([2, 5, 3, 2]), images = x.arraySync();
      for (const size of [1, 2, 3, 5, 7, [1, 3], [4, 1]] as Pair[]) {
        const [rows, columns] = pairOf(size);
        const part = (i: number, n: number, of: number) =>
          [Math.floor(i * of / n), Math.ceil((i + 1) * of / n)] as const;
        const want = images.flatMap((image) =>
          Array.from(
            { length: rows },
            (_, p) =>
              Array.from({ length: columns }, (_, q) =>
                image[0][0].map((_, c) =>
                  mean(
                    image.slice(...part(p, rows, 5)).flatMap((row) =>
                      row.slice(...part(q, columns, 3)).map((v) => v[c])
                    ),
                  )
                )),
          ).flat(2)
        );
        const y = adaptiveAvgPool2d(x, size);
        assert.deepEqual(y.shape, [2, rows, columns, 2]);
        closeTo(numbersOf(y), want, 1e-6, `${size}`);
      }
    });
  });
}

Deno.test("pooling of sequences is that of images of one row", async () => {
  await useEngine();
  const x = wave<tf.Rank.R3>([2, 7, 3]), row = tf.expandDims(x, 1) as tf.Tensor4D, held = tensorsHeld();
  const same = (got: tf.Tensor, want: tf.Tensor) => {
    assert.deepEqual([got.shape[0], 1, ...got.shape.slice(1)], want.shape);
    assert.deepEqual(numbersOf(got), numbersOf(want));
    tf.dispose([got, want]);
  };
  same(maxPool1d(x, 3), maxPool2d(row, [1, 3]));
  same(
    maxPool1d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
    maxPool2d(row, [1, 3], { stride: [1, 2], padding: [0, 1], ceilMode: true }),
  );
  const options = { stride: 2, padding: 1, countIncludePad: false };
  same(avgPool1d(x, 2, options), avgPool2d(row, [1, 2], { ...options, stride: [1, 2], padding: [0, 1] }));
  same(adaptiveAvgPool1d(x, 4), adaptiveAvgPool2d(row, [1, 4]));
  assert.deepEqual(tensorsHeld(), held);
});

Deno.test("a maximum is never of the padding, however small the numbers; a batch of none gives none", () => {
  const x = tf.fill<tf.Rank.R4>([1, 2, 2, 1], -3e38);
  assert.deepEqual(numbersOf(maxPool2d(x, 2, { padding: 1 })), numbersOf(x));
  assert.deepEqual(maxPool2d(tf.zeros([0, 4, 4, 2]), 2, { padding: 1 }).shape, [0, 3, 3, 2]);
  assert.deepEqual(avgPool2d(tf.zeros([0, 4, 4, 2]), 2).shape, [0, 2, 2, 2]);
});

Deno.test("pooling refuses what does not fit, and says what would", () => {
  const x = tf.ones<tf.Rank.R4>([1, 3, 3, 1]);
  assert.throws(() => maxPool2d(x, 2, { padding: [2, 0] }), /at most half the window \[2,2\], got \[2,0\]/);
  assert.throws(() => maxPool2d(x, 4), /at least 4 places for a window of 4, got 3/);
  assert.throws(() => maxPool2d(x, 0), /the window to be an integer of at least 1.*got 0/);
  assert.throws(() => avgPool2d(x, 2, { stride: 0 }), /the stride to be .*got 0/);
  assert.throws(
    () => avgPool2d(tf.ones<tf.Rank>([3, 3, 1]) as tf.Tensor4D, 2),
    /\[batch, height, width, channels\], got \[3,3,1\]/,
  );
  assert.throws(() => adaptiveAvgPool2d(x, [2, 0]), /the size to be .*got \[2,0\]/);
  assert.throws(() => adaptiveAvgPool2d(tf.ones([1, 0, 3, 1]), 2), /at least one place, got \[1,0,3,1\]/);
  assert.throws(
    () => maxPool1d(tf.ones<tf.Rank>([3, 1]) as tf.Tensor3D, 2),
    /\[batch, steps, channels\], got \[3,1\]/,
  );
});
