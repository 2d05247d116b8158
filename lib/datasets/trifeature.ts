// Bimodal Trifeature: pairs of generated images in which shared, unique and synergistic information are separate labels.

import { join } from "node:path";
import { randomNumbers } from "../engine/random_numbers.ts";
import { cached } from "./cache.ts";
import type { DatasetCard } from "./card.ts";
import { DATA_FOLDER } from "./files.ts";
import { downscaler } from "./trifeature/downscale.ts";
import { COLORS, combinations, type Factors, SHAPES, SYNERGY_COLOR, TEXTURES } from "./trifeature/factors.ts";
import { type ImageFactors, type PairOptions, samplePairs, type TrifeaturePairs } from "./trifeature/pairs.ts";
import { CANVAS_SIZE, renderImage } from "./trifeature/render.ts";

export type { ImageFactors, PairOptions, TrifeaturePairs, TrifeatureTask } from "./trifeature/pairs.ts";
export { COLORS, SHAPES, SYNERGY_COLOR, TEXTURES } from "./trifeature/factors.ts";

/** Options of {@linkcode trifeature}. */
export interface TrifeatureOptions {
  /** Side of the images in pixels, 8 to 224. Below 224 they are reduced with antialiasing. Default 224. */
  size?: number;
  /**
   * How many times their published width of 10 pixels textures have, 1 to 22.4. At 64 pixels, 3.5 gives them as many pixels as
   * the paper's have at 224. Default 1.
   */
  textureScale?: number;
  /** Keeps only the first textures, so many, and the colours that go with them, 2 to 10. Default 10. */
  levels?: number;
  /** Folder where rendered images are kept. Default `data/cache` of Braid. */
  cache?: string;
}

/** A pool of images with their factors. */
export interface TrifeatureImages extends ImageFactors {
  /** Red, green and blue, `[count, size, size, 3]`. */
  pixels: Uint8Array;
}

/** The data set at one image size. */
export interface Trifeature {
  card: DatasetCard;
  size: number;
  /** 2400 images: 800 combinations of factors, 3 renderings each; fewer with fewer levels. */
  train: TrifeatureImages;
  /** 200 images: the other 200 combinations, rendered once; fewer with fewer levels. */
  test: TrifeatureImages;
  /**
   * Draws pairs of images with equal shape. `"validation"` pairs join training images too, and are never among the
   * `"train"` pairs, whatever the options.
   */
  pairs(split: "train" | "validation" | "test", options?: PairOptions): TrifeaturePairs;
}

/** Change this number whenever an image would come out differently: it names the cache file. */
const RENDERING = 1;

/** A texture must repeat at least once within the image. */
const MOST_SCALE = CANVAS_SIZE / 10;

const RENDERINGS = { train: 3, test: 1 };

/** CoMM fixes the data at this seed; only the training seed varies. */
const SEED = 42;

/**
 * Renders bimodal Trifeature, or reads it from the cache.
 *
 * Each image has a shape, a texture and a colour, ten of each. A pair of images shares its shape; the texture of either
 * image is unique to it; whether the first texture and the second colour belong together
 * ({@linkcode SYNERGY_COLOR}) is synergy. With independent uniform factors the labels carry
 * $R = U_1 = U_2 = \log_2 10 = 3.32$ and $S = 0.47$ bits.
 *
 * Source: Dufumier et al. 2025 (CoMM), on images by Hermann & Lampinen 2020; split and mapping are CoMM's of seed 42.
 * At 224 pixels the images fill 391 MB of memory and disk, at 64 pixels 32 MB.
 *
 * @param options Size, a smaller or coarser variant, and cache folder.
 * @returns Images, factors and pairs.
 * @throws {RangeError} If the size is not an integer from 8 to 224, or the variant is out of range.
 *
 * @example Pairs share their shape.
 * ```ts
 * import { trifeature } from "braid/datasets/trifeature.ts";
 * import assert from "node:assert/strict";
 *
 * const { train, pairs } = await trifeature({ size: 32 });
 * const { first, second, labels } = pairs("train", { count: 100 });
 * assert.equal(train.shape[first[7]], train.shape[second[7]]);
 * assert.equal(labels.unique1[7], train.texture[first[7]]);
 * ```
 */
export async function trifeature(
  { size = CANVAS_SIZE, textureScale = 1, levels = 10, cache = join(DATA_FOLDER, "cache") }: TrifeatureOptions = {},
): Promise<Trifeature> {
  if (!Number.isInteger(size) || size < 8 || size > CANVAS_SIZE) {
    throw new RangeError(`Expected size to be an integer from 8 to ${CANVAS_SIZE}, got ${size}`);
  }
  if (!(textureScale >= 1 && textureScale <= MOST_SCALE)) {
    throw new RangeError(`Expected textureScale to be from 1 to ${MOST_SCALE}, got ${textureScale}`);
  }
  if (!Number.isInteger(levels) || levels < 2 || levels > TEXTURES.length) {
    throw new RangeError(`Expected levels to be an integer from 2 to ${TEXTURES.length}, got ${levels}`);
  }
  const images = { train: imagesOf("train"), test: imagesOf("test") };
  const enlarged = textureScale === 1 ? "" : `-textures-${textureScale}`;
  const pixels = await cached(
    join(cache, `trifeature-${size}${enlarged}-v${RENDERING}.bin`),
    () =>
      renderAll([...images.train.map(withStream("train")), ...images.test.map(withStream("test"))], {
        ...{ size, textureScale },
      }),
  );
  const testStart = images.train.length * size * size * 3;
  const train = keepLevels(levels, images.train, pixels.subarray(0, testStart));
  const test = keepLevels(levels, images.test, pixels.subarray(testStart));
  return {
    card: card(size, { train: train.count, test: test.count }),
    size,
    train,
    test,
    pairs: (split, options) => samplePairs(split === "test" ? test : train, split, options),
  };
}

/** The factors of every image of a split; renderings of one combination follow each other. */
const imagesOf = (split: "train" | "test"): Factors[] =>
  combinations(split).flatMap((factors) => Array.from({ length: RENDERINGS[split] }, () => factors));

/** The images whose texture is one of the first, and whose colour belongs to one of these. */
function keepLevels(levels: number, images: Factors[], pixels: Uint8Array): TrifeatureImages {
  const colors = SYNERGY_COLOR.slice(0, levels), bytes = pixels.length / images.length;
  const kept = [...images.keys()].filter((i) => images[i].texture < levels && colors.includes(images[i].color));
  if (kept.length === images.length) return { ...columns(images), pixels };
  const ofKept = new Uint8Array(kept.length * bytes);
  kept.forEach((image, i) => ofKept.set(pixels.subarray(image * bytes, (image + 1) * bytes), i * bytes));
  return { ...columns(kept.map((i) => images[i])), pixels: ofKept };
}

const columns = (images: Factors[]): ImageFactors => ({
  count: images.length,
  shape: Int32Array.from(images, ({ shape }) => shape),
  texture: Int32Array.from(images, ({ texture }) => texture),
  color: Int32Array.from(images, ({ color }) => color),
});

/** An image to render, and the stream that its position, angles and pattern are drawn from. */
interface Rendering {
  factors: Factors;
  stream: string;
}

const withStream = (split: "train" | "test") => (factors: Factors, index: number): Rendering => ({
  factors,
  stream: `trifeature/pixels/${split}/${index}`,
});

function renderAll(
  images: Rendering[],
  { size, textureScale }: { size: number; textureScale: number },
): Uint8Array {
  const resize = size === CANVAS_SIZE ? (pixels: Uint8Array) => pixels : downscaler(CANVAS_SIZE, size);
  const pixels = new Uint8Array(images.length * size * size * 3);
  images.forEach(({ factors, stream }, index) =>
    pixels.set(resize(renderImage(factors, randomNumbers(SEED, stream), { textureScale })), index * size * size * 3)
  );
  return pixels;
}

const card = (size: number, splits: { train: number; test: number }): DatasetCard => ({
  name: "Bimodal Trifeature",
  what: "Pairs of generated images with the same shape on grey; texture and colour of each image are its own.",
  samples: splits.train + splits.test,
  modalities: ["first", "second"].map((name) => ({
    name,
    what: "image of one textured, coloured shape; red, green, blue, 0 to 255",
    shape: [size, size, 3],
  })),
  classes: { share: SHAPES, unique1: TEXTURES, unique2: TEXTURES, synergy: ["apart", "together"] },
  splits,
  subgroups: { shape: SHAPES, texture: TEXTURES, color: COLORS },
  licence: "MIT, as Braid: the images are generated",
  citation:
    "B. Dufumier, J. Castillo-Navarro, D. Tuia, J.-P. Thiran, What to align in multimodal contrastive learning?, " +
    "ICLR 2025; K. Hermann, A. Lampinen, What shapes feature representations?, NeurIPS 2020",
  source: "generated by Braid; split and synergy mapping as in https://github.com/Duplums/CoMM",
  files: [],
});
