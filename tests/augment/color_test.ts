// Colour changes against loops over pixels.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { blend, luma, type Planes, turnHue } from "braid/augment/color.ts";
import { useEngine } from "braid/engine/engine.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { closeTo, numbersOf } from "../engine/engines.ts";

await useEngine();

type Pixel = [red: number, green: number, blue: number];

const { uniform } = randomNumbers(1, "pixels");
/** Corners and greys, where hue is delicate, and pixels in between. */
const pixels: Pixel[] = [
  ...[0, 1].flatMap((r) => [0, 1].flatMap((g) => [0, 1].map((b): Pixel => [r, g, b]))),
  ...[0.1, 0.5, 0.9].map((v): Pixel => [v, v, v]),
  ...[[0.5, 0.5, 0.2], [0.5, 0.2, 0.5], [0.2, 0.5, 0.5], [0.7, 0.7, 1], [1, 0.5, 0.5], [1e-4, 0, 0], [
    1,
    1 - 1e-3,
    1,
  ]] as Pixel[],
  ...Array.from({ length: 22 }, (): Pixel => [uniform(), uniform(), uniform()]),
];

/** All pixels as two images of a batch: the second has them in reverse order. */
const batch = (): Planes =>
  tf.tidy(() => {
    const rows = [pixels, [...pixels].reverse()];
    const plane = (channel: number) => rows.map((row) => [row.map((pixel) => pixel[channel])]);
    return tf.tensor4d([plane(0), plane(1), plane(2)]); // [3, 2, 1, pixels]
  });

const perImage = (first: number, second: number) => tf.tensor3d([[[first]], [[second]]]);

/** The pixels of a batch again, image by image. */
function pixelsOf(planes: tf.Tensor4D): Pixel[][] {
  const [red, green, blue] = planes.arraySync();
  return red.map((image, b) => image[0].map((r, i): Pixel => [r, green[b][0][i], blue[b][0][i]]));
}

/** Each pixel of both images through a loop's function. */
const byLoop = (change: (pixel: Pixel, image: number) => number[]) => [
  ...pixels.map((pixel) => change(pixel, 0)),
  ...[...pixels].reverse().map((pixel) => change(pixel, 1)),
];

function toHsv([r, g, b]: Pixel): [hue: number, saturation: number, value: number] {
  const most = Math.max(r, g, b), chroma = most - Math.min(r, g, b);
  if (chroma === 0) return [0, 0, most];
  const sixth = most === r ? (g - b) / chroma : most === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  return [((sixth / 6) % 1 + 1) % 1, chroma / most, most];
}

/** The six sectors of the colour circle. */
function toRgb([h, s, v]: [number, number, number]): Pixel {
  const sector = Math.floor(h * 6) % 6, part = h * 6 - Math.floor(h * 6);
  const [p, q, t] = [v * (1 - s), v * (1 - s * part), v * (1 - s * (1 - part))];
  return ([[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]] as Pixel[])[sector];
}

Deno.test("luma() weighs red, green and blue as ITU-R 601 does", () => {
  const got = luma(batch());
  assert.deepEqual(got.shape, [1, 2, 1, pixels.length]);
  closeTo(numbersOf(got), byLoop(([r, g, b]) => [0.299 * r + 0.587 * g + 0.114 * b]).flat(), 1e-6);
});

Deno.test("blend() mixes each image by its own amount and cuts at 0 and 1", () => {
  const amounts = [0.3, 1.7];
  const grey = ([r, g, b]: Pixel) => 0.299 * r + 0.587 * g + 0.114 * b;
  const images = batch(), cut = (v: number) => Math.min(1, Math.max(0, v));
  const mixed = blend(images, luma(images), perImage(0.3, 1.7));
  const want = byLoop((pixel, i) => pixel.map((v) => cut(amounts[i] * v + (1 - amounts[i]) * grey(pixel))));
  closeTo(pixelsOf(mixed).flat(2), want.flat(), 1e-6);
  const bright = blend(images, 0, perImage(0.3, 1.7));
  closeTo(pixelsOf(bright).flat(2), byLoop((pixel, i) => pixel.map((v) => cut(amounts[i] * v))).flat(), 1e-6);
  closeTo(numbersOf(blend(images, luma(images), perImage(1, 1))), numbersOf(images), 1e-7);
});

Deno.test("turnHue() turns the hue in HSV: any angle, also beyond a turn and backwards", () => {
  for (const turns of [[0.1, -0.1], [0.5, 1 / 3], [0.9, -0.75], [1.25, -2.4]]) {
    const got = pixelsOf(turnHue(batch(), perImage(turns[0], turns[1])));
    const want = byLoop((pixel, i) => {
      const [h, s, v] = toHsv(pixel);
      return toRgb([(((h + turns[i]) % 1) + 1) % 1, s, v]);
    });
    closeTo(got.flat(2), want.flat(), 1e-5, `turns ${turns}`);
  }
});

Deno.test("turnHue() by nothing or a whole turn changes nothing; grey stays grey; red goes to green and blue", () => {
  for (const turn of [0, 1, -1]) {
    closeTo(numbersOf(turnHue(batch(), perImage(turn, turn))), numbersOf(batch()), 1e-5, `turn ${turn}`);
  }
  const pixel = (r: number, g: number, b: number) => tf.tensor4d([r, g, b], [3, 1, 1, 1]);
  const turned = (planes: tf.Tensor4D, turn: number) => numbersOf(turnHue(planes, tf.tensor3d([[[turn]]])));
  closeTo(turned(pixel(0.4, 0.4, 0.4), 0.37), [0.4, 0.4, 0.4], 1e-6);
  closeTo(turned(pixel(1, 0, 0), 1 / 3), [0, 1, 0], 1e-5);
  closeTo(turned(pixel(1, 0, 0), 2 / 3), [0, 0, 1], 1e-5);
  closeTo(turned(pixel(1, 0, 0), 1 / 6), [1, 1, 0], 1e-5);
});

Deno.test("colours stay in 0..1, whatever the change", () => {
  for (const amount of [-0.5, 0, 0.6, 1.4, 10]) {
    const images = turnHue(blend(batch(), luma(batch()), perImage(amount, 1 - amount)), perImage(amount, -amount));
    assert.ok(numbersOf(images).every((v) => v >= 0 && v <= 1), `amount ${amount}`);
  }
});
