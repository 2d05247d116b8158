import assert from "node:assert/strict";
import { COLORS, combinations, TEXTURES } from "braid/datasets/trifeature/factors.ts";
import {
  type ImageFactors,
  sameShapePairs,
  samplePairs,
  type TrifeaturePairs,
} from "braid/datasets/trifeature/pairs.ts";

function pool(split: "train" | "test"): ImageFactors {
  const images = combinations(split).flatMap((factors) => split === "train" ? [factors, factors, factors] : [factors]);
  const column = (factor: "shape" | "texture" | "color") => Int32Array.from(images, (image) => image[factor]);
  return { count: images.length, shape: column("shape"), texture: column("texture"), color: column("color") };
}

const train = pool("train"), test = pool("test");

/** M as the paper's code draws it, in words. */
const MATCHES: Record<typeof TEXTURES[number], typeof COLORS[number]> = {
  solid: "cyan",
  stripes: "purple",
  grid: "red",
  hexgrid: "ocean",
  dots: "yellow",
  noise: "blue",
  triangles: "pink",
  zigzags: "white",
  rain: "green",
  pluses: "orange",
};

const sum = (values: Int32Array) => values.reduce((total, value) => total + value, 0);
const keys = ({ first, second }: TrifeaturePairs) => Array.from(first, (image, row) => 10_000 * image + second[row]);

Deno.test("there are as many pairs of equal shape as published", () => {
  assert.equal(sameShapePairs(train).length, 576_846);
  assert.equal(sameShapePairs(test).length, 4_094);
});

Deno.test("train and validation pairs together are all pairs of training images, each once", () => {
  const parts = [samplePairs(train, "train", { count: 519_162 }), samplePairs(train, "validation", { count: 57_684 })];
  assert.equal(new Set(parts.flatMap(keys)).size, 576_846);
  assert.throws(() => samplePairs(train, "train", { count: 519_163 }), RangeError);
  assert.throws(() => samplePairs(train, "validation", { count: 57_685 }), RangeError);
});

Deno.test("there are as many biased pairs as published", () => {
  const synergy = (split: "train" | "validation", count: number) =>
    sum(samplePairs(train, split, { count }).labels.synergy);
  assert.equal(synergy("train", 519_162) + synergy("validation", 57_684), 57_636);
  assert.equal(samplePairs(test, "test", { biased: true }).count, 404);
});

Deno.test("10 000 pairs are drawn unless another count is asked for or there are fewer", () => {
  assert.equal(samplePairs(train, "train").count, 10_000);
  assert.equal(samplePairs(train, "train", { biased: true }).count, 10_000);
  assert.equal(samplePairs(test, "test").count, 4_094);
  assert.equal(samplePairs(train, "train", { count: 64 }).first.length, 64);
  assert.equal(samplePairs(train, "train", { count: 0 }).count, 0);
});

Deno.test("labels follow the factors of the two images", () => {
  for (const [images, split] of [[train, "train"], [train, "validation"], [test, "test"]] as const) {
    const { count, first, second, labels } = samplePairs(images, split);
    for (let row = 0; row < count; row++) {
      const a = first[row], b = second[row];
      assert.equal(images.shape[a], images.shape[b]);
      assert.equal(labels.share[row], images.shape[a]);
      assert.equal(labels.unique1[row], images.texture[a]);
      assert.equal(labels.unique2[row], images.texture[b]);
      const together = MATCHES[TEXTURES[images.texture[a]]] === COLORS[images.color[b]];
      assert.equal(labels.synergy[row], together ? 1 : 0);
    }
  }
});

Deno.test("404 of the 4 094 test pairs are synergistic, and 13.7 % share the texture", () => {
  const { labels } = samplePairs(test, "test");
  assert.equal(sum(labels.synergy), 404);
  const sameTexture = labels.unique1.filter((texture, row) => texture === labels.unique2[row]).length;
  assert.equal((100 * sameTexture / 4094).toFixed(1), "13.7");
});

Deno.test("biased pairs are the synergistic ones", () => {
  const { count, labels } = samplePairs(train, "train", { biased: true });
  assert.equal(sum(labels.synergy), count);
});

Deno.test("pairs are drawn without replacement", () => {
  for (const biased of [false, true]) assert.equal(new Set(keys(samplePairs(train, "train", { biased }))).size, 10_000);
});

Deno.test("no validation pair is a training pair, whatever seed and bias", () => {
  const validation = new Set(keys(samplePairs(train, "validation")));
  assert.equal(validation.size, 10_000);
  for (const options of [{}, { seed: 1 }, { biased: true }, { biased: true, seed: 1 }, { count: 200_000 }]) {
    assert.ok(keys(samplePairs(train, "train", options)).every((pair) => !validation.has(pair)));
  }
});

Deno.test("the first pairs are a fair sample: every shape as often as among all pairs", () => {
  const { labels } = samplePairs(train, "train", { count: 5000 });
  const perShape = [243, 222, 240, 243, 225, 255, 243, 246, 243, 240]; // published
  const chiSquare = perShape.reduce((total, images, shape) => {
    const expected = 5000 * images ** 2 / 576_846, found = labels.share.filter((label) => label === shape).length;
    return total + (found - expected) ** 2 / expected;
  }, 0);
  assert.ok(chiSquare < 33.7, `chi-square ${chiSquare} of 9 degrees of freedom`); // its 0.9999 quantile
});

Deno.test("the same seed draws the same pairs, another seed others", () => {
  assert.deepEqual(samplePairs(train, "train", { seed: 3 }), samplePairs(train, "train", { seed: 3 }));
  assert.notDeepEqual(samplePairs(train, "train", { seed: 3 }).first, samplePairs(train, "train", { seed: 4 }).first);
  assert.deepEqual(samplePairs(train, "train"), samplePairs(train, "train", { seed: 42 }));
});

Deno.test("samplePairs() says how many pairs there are when asked for more", () => {
  const message = /Expected count to be an integer from 0 to 404, the number of biased test pairs, got 405/;
  assert.throws(() => samplePairs(test, "test", { biased: true, count: 405 }), message);
  for (const count of [-1, 1.5, NaN]) assert.throws(() => samplePairs(test, "test", { count }), RangeError);
});
