import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { SYNERGY_COLOR, trifeature } from "braid/datasets/trifeature.ts";
import { downscaler } from "braid/datasets/trifeature/downscale.ts";
import { renderImage } from "braid/datasets/trifeature/render.ts";

const cache = await Deno.makeTempDir();
const data = await trifeature({ size: 32, cache });

Deno.test("trifeature() has 2400 training and 200 test images with their factors", () => {
  const { train, test, size } = data;
  assert.equal(size, 32);
  for (const [images, count] of [[train, 2400], [test, 200]] as const) {
    assert.equal(images.count, count);
    assert.equal(images.pixels.length, count * 32 * 32 * 3);
    for (const factor of [images.shape, images.texture, images.color]) {
      assert.equal(factor.length, count);
      assert.ok(factor.every((value) => value >= 0 && value < 10));
    }
  }
  const perShape = Array.from({ length: 10 }, (_, shape) => train.shape.filter((value) => value === shape).length);
  assert.deepEqual(perShape, [243, 222, 240, 243, 225, 255, 243, 246, 243, 240]); // published
});

Deno.test("trifeature() shows in each image the factors it states", () => {
  const bytes = 32 * 32 * 3, reduce = downscaler(224, 32);
  for (const [split, index] of [["train", 0], ["train", 1234], ["test", 0], ["test", 199]] as const) {
    const { shape, texture, color, pixels } = data[split];
    const factors = { shape: shape[index], texture: texture[index], color: color[index] };
    const image = renderImage(factors, randomNumbers(42, `trifeature/pixels/${split}/${index}`));
    assert.deepEqual(pixels.slice(index * bytes, (index + 1) * bytes), reduce(image));
  }
});

Deno.test("no two images are alike, not even renderings of one combination", () => {
  const bytes = 32 * 32 * 3, seen = new Set<string>();
  for (const { pixels, count } of [data.train, data.test]) {
    for (let index = 0; index < count; index++) seen.add(String(pixels.subarray(index * bytes, (index + 1) * bytes)));
  }
  assert.equal(seen.size, 2600);
});

Deno.test("trifeature() gives the same images from its cache, and without one", async () => {
  const fromCache = await trifeature({ size: 32, cache });
  assert.deepEqual(fromCache.train, data.train);
  assert.deepEqual(fromCache.test, data.test);

  const { warn } = console;
  console.warn = () => {};
  try {
    const unwritable = await Deno.makeTempFile();
    assert.deepEqual((await trifeature({ size: 32, cache: unwritable })).train.pixels, data.train.pixels);
  } finally {
    console.warn = warn;
  }
});

Deno.test("pairs() takes training images for train and validation, test images for test", () => {
  const { train, test, pairs } = data;
  for (const [split, images] of [["train", train], ["validation", train], ["test", test]] as const) {
    const { first, second, labels, count } = pairs(split);
    for (let row = 0; row < count; row++) {
      assert.equal(labels.unique1[row], images.texture[first[row]]);
      assert.equal(labels.unique2[row], images.texture[second[row]]);
    }
  }
});

Deno.test("trifeature() with fewer levels keeps the images of the first textures and of the colours that go with them", async () => {
  const few = await trifeature({ size: 32, levels: 3, cache }), bytes = 32 * 32 * 3;
  for (const split of ["train", "test"] as const) {
    const all = data[split], { texture, color, pixels, count } = few[split];
    const kept = [...all.texture.keys()].filter((i) =>
      all.texture[i] < 3 && SYNERGY_COLOR.slice(0, 3).includes(all.color[i])
    );
    assert.equal(count, kept.length);
    assert.deepEqual([...texture], kept.map((i) => all.texture[i]));
    assert.deepEqual([...color], kept.map((i) => all.color[i]));
    assert.deepEqual(pixels.slice(-bytes), all.pixels.slice(kept.at(-1)! * bytes, (kept.at(-1)! + 1) * bytes));
  }
  assert.deepEqual(few.card.splits, { train: few.train.count, test: few.test.count });
  const { labels } = few.pairs("train", { count: 2000 }),
    together = labels.synergy.filter((label) => label === 1).length;
  assert.ok(Math.abs(together / 2000 - 1 / 3) < 0.05, `${together}`); // one colour in three goes with a texture
});

Deno.test("trifeature() keeps wider textures apart from the published ones", async () => {
  const wide = await trifeature({ size: 32, textureScale: 3.5, cache });
  assert.deepEqual(wide.train.texture, data.train.texture);
  assert.notDeepEqual(wide.train.pixels, data.train.pixels);
  assert.deepEqual((await trifeature({ size: 32, textureScale: 1, cache })).train.pixels, data.train.pixels);
});

Deno.test("trifeature() refuses variants that do not exist", async () => {
  for (const levels of [0, 1, 11, 2.5, NaN]) {
    await assert.rejects(trifeature({ size: 32, levels, cache }), /Expected levels to be an integer from 2 to 10, got/);
  }
  for (const textureScale of [0, 0.9, 23, NaN]) {
    await assert.rejects(
      trifeature({ size: 32, textureScale, cache }),
      /Expected textureScale to be from 1 to 22.4, got/,
    );
  }
});

Deno.test("the card of trifeature() describes what is there", () => {
  const { card, train, test } = data;
  assert.deepEqual(card.splits, { train: train.count, test: test.count });
  assert.deepEqual(card.modalities.map(({ shape }) => shape), [[32, 32, 3], [32, 32, 3]]);
  assert.equal(card.classes.share[8], "fivesquare");
  assert.equal(card.classes.unique2[3], "hexgrid");
});

Deno.test("trifeature() refuses sizes it cannot render", async () => {
  for (const size of [0, 7, 225, 32.5, NaN]) {
    await assert.rejects(trifeature({ size, cache }), /Expected size to be an integer from 8 to 224, got/);
  }
});
