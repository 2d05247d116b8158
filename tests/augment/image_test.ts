// Views of images: what each setting does alone, where crops lie, and the same views on every engine.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  augmentImages,
  grayLight,
  type ImageAugmentation,
  mildCrop,
  normalizeImages,
  simClrLight,
} from "braid/augment/image.ts";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { closeTo, engines, installed, numbersOf, tensorsHeld } from "../engine/engines.ts";

await useEngine();

const whole: ImageAugmentation = { cropScale: [1, 1], cropRatio: [1, 1] };
const pictures = (shape: [number, number, number, number], seed = 1): tf.Tensor4D => {
  const { uniform } = randomNumbers(seed, "pictures");
  return tf.tensor4d(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, uniform), shape);
};
const augment = (images: tf.Tensor4D, augmentation: ImageAugmentation, seed = 0) =>
  tf.tidy(() => {
    const random = new RandomStream(seed, "views"), views = augmentImages(images, augmentation, random);
    random.dispose();
    return views;
  });

Deno.test("augmentImages() without any change gives the images back, also where no crop of the ratio fits", () => {
  for (const shape of [[3, 8, 8, 3], [2, 6, 9, 1], [1, 1, 1, 3]] as [number, number, number, number][]) {
    const images = pictures(shape);
    closeTo(numbersOf(augment(images, whole)), numbersOf(images), 1e-6);
    closeTo(numbersOf(augment(images, { cropScale: [1, 1] })), numbersOf(images), 1e-6);
  }
});

Deno.test("augmentImages() mirrors all images at probability 1, none at 0, and each on its own in between", () => {
  const images = pictures([400, 2, 3, 1]), mirrored = numbersOf(tf.reverse(images, 2)), same = numbersOf(images);
  closeTo(numbersOf(augment(images, { ...whole, flipProbability: 1 })), mirrored, 1e-6);
  closeTo(numbersOf(augment(images, { ...whole, flipProbability: 0 })), same, 1e-6);
  const some = numbersOf(augment(images, { ...whole, flipProbability: 0.3 }));
  let flips = 0;
  for (let image = 0; image < 400; image++) {
    const of = (all: number[]) => all.slice(6 * image, 6 * image + 6);
    const flipped = Math.abs(of(some)[0] - of(mirrored)[0]) < 1e-6;
    closeTo(of(some), of(flipped ? mirrored : same), 1e-5);
    flips += Number(flipped);
  }
  assert.ok(Math.abs(flips - 120) < 4 * Math.sqrt(400 * 0.21), `${flips} of 400`);
});

Deno.test("augmentImages() turns images grey by their luma at probability 1, and none at 0", () => {
  const images = pictures([4, 3, 3, 3]);
  const [red, green, blue] = tf.unstack(images, 3);
  const grey = red.mul(0.299).add(green.mul(0.587)).add(blue.mul(0.114));
  closeTo(
    numbersOf(augment(images, { ...whole, grayscaleProbability: 1 })),
    numbersOf(tf.stack([grey, grey, grey], 3)),
    1e-5,
  );
  closeTo(numbersOf(augment(images, { ...whole, grayscaleProbability: 0 })), numbersOf(images), 1e-6);
});

Deno.test("augmentImages() blurs as much as a 224-pixel image would be, at probability 1, and not at 0", () => {
  const size = 56, images = tf.buffer<tf.Rank.R4>([1, size, size, 3]);
  for (const channel of [0, 1, 2]) images.set(1, 0, 28, 28, channel);
  const blurred = (probability: number) =>
    augment(images.toTensor(), { ...whole, blur: { probability, deviation: [6, 6] } }).arraySync()[0];
  const deviation = 6 * 56 / 224, g = (d: number) => Math.exp(-(d ** 2) / (2 * deviation ** 2));
  const total = Array.from({ length: size }, (_, i) => g(i - 28)).reduce((sum, v) => sum + v);
  const image = blurred(1);
  for (const [i, j] of [[28, 28], [28, 30], [25, 29], [31, 31]]) {
    const want = g(i - 28) * g(j - 28) / total ** 2;
    for (const channel of [0, 1, 2]) assert.ok(Math.abs(image[i][j][channel] - want) < 1e-5);
  }
  closeTo(blurred(0).flat(2), numbersOf(images.toTensor()), 1e-6);
});

Deno.test("augmentImages() changes colours only of chosen images, and each part of the jitter does its own", () => {
  const images = pictures([300, 2, 2, 3]), none = { brightness: 0, contrast: 0, saturation: 0, hue: 0 };
  const jittered = (part: Partial<typeof none>, probability = 1) =>
    augment(images, { ...whole, jitter: { ...none, ...part, probability } });
  closeTo(numbersOf(jittered({})), numbersOf(images), 1e-5);
  closeTo(numbersOf(jittered({ brightness: 1, contrast: 1, saturation: 1, hue: 0.5 }, 0)), numbersOf(images), 1e-5);

  // A pixel that is not cut shows the factor that an image got.
  const dim = tf.add(tf.mul(images, 0.5), 0.1) as tf.Tensor4D;
  const brighter = tf.div(augment(dim, { ...whole, jitter: { ...none, brightness: 0.4, probability: 1 } }), dim);
  const factors = numbersOf(tf.mean(brighter, [1, 2, 3]));
  closeTo(numbersOf(brighter), factors.flatMap((f) => new Array(12).fill(f)), 1e-4);
  const mean = factors.reduce((sum, f) => sum + f, 0) / 300;
  assert.ok(factors.every((f) => f > 0.6 - 1e-4 && f < 1.4 + 1e-4));
  assert.ok(Math.abs(mean - 1) < 4 * 0.4 / Math.sqrt(3 * 300), `mean factor ${mean}`);
  assert.ok(Math.min(...factors) < 0.65 && Math.max(...factors) > 1.35);

  const luma = (x: tf.Tensor4D) => x.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum(3);
  const pale = tf.add(tf.mul(images, 0.2), 0.4) as tf.Tensor4D; // far from 0 and 1
  const saturated = augment(pale, { ...whole, jitter: { ...none, saturation: 0.4, probability: 1 } });
  closeTo(numbersOf(luma(saturated)), numbersOf(luma(pale)), 1e-5); // saturation keeps every pixel's luma
  const contrasted = augment(pale, { ...whole, jitter: { ...none, contrast: 0.4, probability: 1 } });
  closeTo(numbersOf(luma(contrasted).mean([1, 2])), numbersOf(luma(pale).mean([1, 2])), 1e-5); // contrast the image's
  assert.ok(tf.losses.absoluteDifference(luma(contrasted), luma(pale)).dataSync()[0] > 1e-3);
  const turned = augment(pale, { ...whole, jitter: { ...none, hue: 0.1, probability: 1 } });
  closeTo(numbersOf(turned.max(3)), numbersOf(pale.max(3)), 1e-5); // hue keeps every pixel's value and chroma
  closeTo(numbersOf(turned.min(3)), numbersOf(pale.min(3)), 1e-5);
});

/** Where crops lie, read off a picture whose colours are its coordinates. */
function cropsOf(n: number, augmentation: ImageAugmentation, seed = 0) {
  const size = 16, [first, last] = [4, 11];
  return tf.tidy(() => {
    const ramp = tf.div(tf.add(tf.range(0, size), 0.5), size);
    const x = tf.broadcastTo(tf.reshape(ramp, [1, size]), [size, size]);
    const image = tf.stack([x, tf.transpose(x), tf.zeros([size, size])], 2);
    const crops = augment(tf.tile(tf.expandDims(image, 0), [n, 1, 1, 1]) as tf.Tensor4D, augmentation, seed);
    const at = (pixel: number) => numbersOf(tf.slice(crops, [0, pixel, pixel, 0], [n, 1, 1, 2]));
    const [from, to] = [at(first), at(last)];
    return Array.from({ length: n }, (_, i) => {
      const [width, height] = [0, 1].map((c) => (to[2 * i + c] - from[2 * i + c]) * size / (last - first));
      const begin = (c: number, side: number) => from[2 * i + c] - (first + 0.5) * side / size;
      return { width, height, left: begin(0, width), top: begin(1, height) };
    });
  });
}

/** Largest distance of two distributions (Kolmogorov and Smirnov) against its bound at p = 0.0001. */
function distributedAs(got: number[], want: ((x: number) => number) | number[], what: string): void {
  const share = (all: number[]) => (x: number) => all.filter((y) => y <= x).length / all.length;
  const [below, samples] = typeof want === "function" ? [want, Infinity] : [share(want), want.length];
  const ours = share(got), distance = Math.max(...got.map((x) => Math.abs(ours(x) - below(x))));
  const bound = 2.23 * Math.sqrt(1 / got.length + 1 / samples);
  assert.ok(distance < bound, `${what}: distance ${distance}, bound ${bound}`);
}

const between = (low: number, high: number) => (x: number) => Math.min(1, Math.max(0, (x - low) / (high - low)));

Deno.test("crops lie inside of the image, anywhere, with areas and ratios drawn as set", () => {
  const crops = cropsOf(2000, { cropScale: [0.08, 0.5] }); // none of these can be too wide
  for (const { width, height, left, top } of crops) {
    assert.ok(left > -1e-4 && top > -1e-4 && left + width < 1 + 1e-4 && top + height < 1 + 1e-4);
  }
  distributedAs(crops.map(({ width, height }) => width * height), between(0.08, 0.5), "area");
  const ratio = between(Math.log(3 / 4), Math.log(4 / 3));
  distributedAs(crops.map(({ width, height }) => Math.log(width / height)), ratio, "ratio");
  distributedAs(crops.map(({ left, width }) => left / (1 - width)), between(0, 1), "left");
  distributedAs(crops.map(({ top, height }) => top / (1 - height)), between(0, 1), "top");
});

Deno.test("a crop that does not fit is drawn again, ten times, then the whole image is taken", () => {
  const { uniform } = randomNumbers(3, "crops");
  const drawn = (scale: [number, number], ratio: [number, number]) => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = scale[0] + uniform() * (scale[1] - scale[0]);
      const r = Math.exp(Math.log(ratio[0]) + uniform() * (Math.log(ratio[1]) - Math.log(ratio[0])));
      const [width, height] = [Math.sqrt(area * r), Math.sqrt(area / r)];
      if (width <= 1 && height <= 1) return { width, height };
    }
    return { width: 1, height: 1 };
  };
  const settings: [[number, number], [number, number]][] = [[[0.5, 1], [3 / 4, 4 / 3]], [[0.9, 1], [0.5, 2]]];
  for (const [cropScale, cropRatio] of settings) {
    const got = cropsOf(2000, { cropScale, cropRatio }, 5);
    const want = Array.from({ length: 2000 }, () => drawn(cropScale, cropRatio));
    for (const side of ["width", "height"] as const) {
      // What was read off pixels is exact to 1e-5; distributions with a whole image in them need equal numbers.
      const rounded = (crops: Record<typeof side, number>[]) => crops.map((crop) => Math.round(crop[side] * 1e4) / 1e4);
      distributedAs(rounded(got), rounded(want), side);
    }
    const wholes = (crops: { width: number; height: number }[]) =>
      crops.filter(({ width, height }) => Math.min(width, height) > 1 - 1e-4).length;
    const n = wholes(want);
    assert.ok(Math.abs(wholes(got) - n) <= 4 * Math.sqrt(2 * n) + 1, `${wholes(got)} whole images, ${n} by the loop`);
  }
});

Deno.test("each image of a batch is augmented on its own, and anew in each call", () => {
  const image = pictures([1, 8, 8, 3]), batch = tf.tile(image, [4, 1, 1, 1]) as tf.Tensor4D;
  const random = new RandomStream(0, "views");
  const views = [1, 2].flatMap(() =>
    tf.unstack(augmentImages(batch, simClrLight, random)).map((v) => String(numbersOf(v)))
  );
  assert.equal(new Set(views).size, 8);
});

Deno.test("views stay in 0..1 without noise, in the shape of the images", () => {
  const shape: [number, number, number, number] = [64, 8, 8, 3];
  for (const images of [pictures(shape), tf.ones<tf.Rank.R4>(shape), tf.zeros<tf.Rank.R4>(shape)]) {
    for (const augmentation of [simClrLight, mildCrop]) {
      const views = augment(images, augmentation);
      assert.deepEqual(views.shape, shape);
      assert.ok(numbersOf(views).every((v) => v >= 0 && v <= 1 + 1e-6)); // weights sum to 1 within rounding
    }
  }
});

Deno.test("noise has the deviation that is asked for", () => {
  const noise = numbersOf(augment(tf.fill([10, 20, 20, 1], 0.5), { ...whole, noise: 0.1 })).map((v) => v - 0.5);
  const deviation = Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / noise.length);
  assert.ok(Math.abs(deviation - 0.1) < 4 * 0.1 / Math.sqrt(2 * noise.length), `deviation ${deviation}`);
  assert.deepEqual(augment(pictures([2, 9, 4, 1]), grayLight).shape, [2, 9, 4, 1]);
});

Deno.test("augmentImages() refuses to change the colours of images without three channels", () => {
  const grey = tf.zeros<tf.Rank.R4>([2, 4, 4, 1]);
  for (const augmentation of [simClrLight, { ...whole, grayscaleProbability: 0.1 }]) {
    assert.throws(() => augment(grey, augmentation), /\[batch, height, width, 3\] to change colours, got \[2,4,4,1\]/);
  }
});

Deno.test("normalizeImages() gives ImageNet's mean 0 and its deviation 1, channel by channel", () => {
  const mean = [0.485, 0.456, 0.406], deviation = [0.229, 0.224, 0.225];
  const images = tf.tensor4d([...mean, ...mean.map((m, c) => m + 2 * deviation[c])], [1, 1, 2, 3]);
  closeTo(numbersOf(normalizeImages(images)), [0, 0, 0, 2, 2, 2], 1e-6);
});

Deno.test("the same seed gives the same views on every engine, compiled or not", async () => {
  const views = async (engine: EngineName, compiled = false) => {
    await useEngine(engine);
    return tf.tidy(() => {
      const random = new RandomStream(8, "views"),
        step = (x: tf.Tensor) => augmentImages(x as tf.Tensor4D, simClrLight, random);
      const run = compiled ? compile(step) : step, images = pictures([5, 12, 12, 3]);
      return [1, 2, 3].flatMap(() => numbersOf(run(images)));
    });
  };
  const want = await views("cpu");
  for (const engine of engines) closeTo(await views(engine), want, 2e-5, engine);
  if (installed) closeTo(await views("libtensorflow", true), want, 2e-5, "compiled");
});

Deno.test("augmentImages() leaves no tensor behind", () => {
  const images = pictures([2, 4, 4, 3]), random = new RandomStream(0, "views");
  augmentImages(images, simClrLight, random).dispose();
  const before = tensorsHeld();
  augmentImages(images, { ...simClrLight, noise: 0.1 }, random).dispose();
  assert.deepEqual(tensorsHeld(), before);
});
