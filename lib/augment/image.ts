// The image augmentations of contrastive learning, on the engine: they become part of a compiled step.

import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../engine/random.ts";
import { blend, luma, turnHue } from "./color.ts";
import { blurWeights, resample, resizeWeights } from "./resample.ts";

/** Options of {@linkcode augmentImages}. */
export interface ImageAugmentation {
  /** Area of the crop as a part of the image, drawn uniformly. */
  cropScale: [minimum: number, maximum: number];
  /** Aspect ratio of the crop, drawn uniformly on a logarithmic scale. Default 3/4 to 4/3. */
  cropRatio?: [minimum: number, maximum: number];
  /** Colour jitter; none if absent. */
  jitter?: {
    /** Part of the images that get it. */
    probability: number;
    /** Factors are drawn from 1 ± this. */
    brightness: number;
    contrast: number;
    saturation: number;
    /** Part of a full turn, drawn from ± this. */
    hue: number;
  };
  /** Part of the images that turn grey. Default 0. */
  grayscaleProbability?: number;
  /** Gaussian blur; none if absent. */
  blur?: {
    probability: number;
    /** Standard deviation in pixels of a 224-pixel image; scaled to the image at hand. */
    deviation: [minimum: number, maximum: number];
  };
  /** Part of the images that are mirrored. Default 0. */
  flipProbability?: number;
  /** Standard deviation of Gaussian noise added to every pixel. Default 0. */
  noise?: number;
}

/** For pictures without colour, such as written digits: crops, and noise in place of colour. */
export const grayLight: ImageAugmentation = { cropScale: [0.4, 1], noise: 0.1 };

/** SimCLR's augmentation as CoMM uses it for both pictures ("SimCLR-light"). Source: CoMM's released code. */
export const simClrLight: ImageAugmentation = {
  cropScale: [0.08, 1],
  jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
  grayscaleProbability: 0.2,
  blur: { probability: 0.5, deviation: [0.1, 2] },
  flipProbability: 0.5,
};

/** Only a crop of at least half the image: CoMM's probes and its CLIP baseline. */
export const mildCrop: ImageAugmentation = { cropScale: [0.5, 1] };

/** No crop: what remains of an augmentation that it is spread over. */
export const wholeImage = { cropScale: [1, 1], cropRatio: [1, 1] } satisfies ImageAugmentation;

/**
 * Augments each image of a batch on its own: crop and resize, jitter, grey, blur, flip, in this order.
 *
 * As torchvision's transforms, with three differences: the parts of the jitter come in a fixed order (brightness, contrast,
 * saturation, hue), crops need not fall on whole pixels, and blur deviations are scaled to the size of the image.
 *
 * @param images `[batch, height, width, channels]`; in 0..1 and with 3 channels where colours change.
 * @param augmentation What to do.
 * @param random Draws everything.
 * @returns Same shape.
 * @throws {RangeError} If colours are to change and there are not 3 channels.
 *
 * @example A crop of the whole image changes nothing.
 * ```ts
 * import { augmentImages, RandomStream, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const images = tf.tensor4d([0, 0.25, 0.5, 1], [1, 2, 2, 1]).tile([1, 1, 1, 3]) as tf.Tensor4D;
 * const same = augmentImages(images, { cropScale: [1, 1], cropRatio: [1, 1] }, new RandomStream(0, "views"));
 * assert.ok((await same.sub(images).abs().max().data())[0] < 1e-6);
 * ```
 */
export function augmentImages(images: tf.Tensor4D, augmentation: ImageAugmentation, random: RandomStream): tf.Tensor4D {
  const [batch, rows, columns, channels] = images.shape;
  const { jitter, grayscaleProbability = 0, blur, flipProbability = 0, noise = 0 } = augmentation;
  if ((jitter || grayscaleProbability > 0) && channels !== 3) {
    throw new RangeError(`Expected colour images [batch, height, width, 3] to change colours, got [${images.shape}]`);
  }
  return tf.tidy(() => {
    const perImage = (values: tf.Tensor) => tf.reshape<tf.Rank.R3>(values, [batch, 1, 1]);
    /** 1 for images that are chosen, else 0. */
    const chosen = (probability: number) => perImage(random.bernoulli([batch], probability));

    const flip = random.bernoulli<tf.Rank.R1>([batch], flipProbability);
    const { top, left, height, width } = cropBoxes(batch, augmentation, random);
    const vertical = resizeWeights(tf.mul(top, rows), tf.mul(height, rows), tf.zeros([batch]), rows, rows);
    const horizontal = resizeWeights(tf.mul(left, columns), tf.mul(width, columns), flip, columns, columns);
    let x = resample(tf.transpose(images, [3, 0, 1, 2]), vertical, horizontal); // channels first from here on

    if (jitter) {
      const active = chosen(jitter.probability);
      const around = (centre: number, spread: number) =>
        tf.add(centre, tf.mul(active, perImage(random.uniform([batch], -spread, spread)))) as tf.Tensor3D;
      x = blend(x, 0, around(1, jitter.brightness));
      x = blend(x, tf.mean(luma(x), [2, 3], true), around(1, jitter.contrast));
      x = blend(x, luma(x), around(1, jitter.saturation));
      x = turnHue(x, around(0, jitter.hue));
    }
    if (grayscaleProbability > 0) x = blend(x, luma(x), tf.sub(1, chosen(grayscaleProbability)) as tf.Tensor3D);
    if (blur) {
      const [least, most] = blur.deviation;
      const deviation = tf.mul(random.uniform<tf.Rank.R1>([batch], least, most), rows / 224);
      const active = tf.mul(deviation, tf.reshape(chosen(blur.probability), [batch])) as tf.Tensor1D;
      x = resample(x, blurWeights(active, rows), blurWeights(active, columns));
    }
    if (noise > 0) x = tf.add(x, random.normal(x.shape, 0, noise));
    return tf.transpose(x, [1, 2, 3, 0]);
  });
}

/** How many crops are tried before the whole image is taken, as in torchvision. */
const CROP_TRIES = 10;

/** Crops as parts of the image, `[batch]` each: the first drawn one that fits. */
function cropBoxes(
  batch: number,
  { cropScale, cropRatio = [3 / 4, 4 / 3] }: ImageAugmentation,
  random: RandomStream,
): Record<"top" | "left" | "height" | "width", tf.Tensor1D> {
  const tries: [number, number] = [batch, CROP_TRIES];
  const area = random.uniform<tf.Rank.R2>(tries, ...cropScale);
  const ratio = tf.exp(random.uniform<tf.Rank.R2>(tries, Math.log(cropRatio[0]), Math.log(cropRatio[1])));
  const widths = tf.sqrt(tf.mul(area, ratio)), heights = tf.sqrt(tf.div(area, ratio));
  const fits = tf.cast(tf.lessEqual(tf.maximum(widths, heights), 1), "float32");
  const first = tf.mul(fits, tf.cast(tf.equal(tf.cumsum(fits, 1), 1), "float32")); // one 1 a row, or none
  const none = tf.sub(1, tf.sum(first, 1));
  const pick = (values: tf.Tensor) => tf.add(tf.sum(tf.mul(values, first), 1), none) as tf.Tensor1D;
  const width = pick(widths), height = pick(heights);
  const inside = (side: tf.Tensor1D) => tf.mul(random.uniform([batch]), tf.sub(1, side)) as tf.Tensor1D;
  return { top: inside(height), left: inside(width), height, width };
}

/** Means and deviations of ImageNet's channels, by which torchvision's models normalise. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/** Images in 0..1 normalised by ImageNet's channel means and deviations, any shape that ends in 3 channels. */
export function normalizeImages<T extends tf.Tensor>(images: T): T {
  return tf.tidy(() => tf.div(tf.sub(images, tf.tensor1d(IMAGENET.mean)), tf.tensor1d(IMAGENET.deviation)) as T);
}
