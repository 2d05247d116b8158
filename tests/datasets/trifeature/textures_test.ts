import assert from "node:assert/strict";
import { TEXTURES } from "braid/datasets/trifeature/factors.ts";
import { randomTexture, TEXTURE_SIZE } from "braid/datasets/trifeature/textures.ts";
import { type RandomNumbers, randomNumbers } from "braid/engine/random_numbers.ts";

/** Numbers whose shift is known; noise and rain stay random. */
const shiftedBy = (down: number, right: number): RandomNumbers => {
  const shifts = [down, right];
  return { ...randomNumbers(1, "textures"), integer: () => shifts.shift()! };
};

const texture = (name: typeof TEXTURES[number], down = 0, right = 0) =>
  randomTexture(TEXTURES.indexOf(name), shiftedBy(down, right));

Deno.test("randomTexture() fills the published share of the sheet", () => {
  const published = [1, 0.30, 0.51, 0.49, 0.45, 0.50, 0.32, 0.40, 0.30, 0.465];
  TEXTURES.forEach((name, index) => {
    const isOn = texture(name);
    let on = 0;
    for (let i = 0; i < TEXTURE_SIZE; i++) for (let j = 0; j < TEXTURE_SIZE; j++) on += Number(isOn(i, j));
    const share = on / TEXTURE_SIZE ** 2;
    assert.ok(Math.abs(share - published[index]) < 0.006, `${name} fills ${share}, published ${published[index]}`);
  });
});

Deno.test("randomTexture() shifts a pattern by the drawn offsets", () => {
  for (const name of TEXTURES.filter((name) => name !== "noise" && name !== "rain")) {
    const still = texture(name), shifted = texture(name, 3, 8);
    for (let i = 0; i < 60; i++) {
      for (let j = 0; j < 60; j++) assert.equal(shifted(i, j), still(i + 3, j + 8), `${name} at ${i}, ${j}`);
    }
  }
});

Deno.test("randomTexture() draws tiles as published", () => {
  const draw = (name: typeof TEXTURES[number], rows: number) => {
    const isOn = texture(name);
    return Array.from(
      { length: rows },
      (_, i) => Array.from({ length: 10 }, (_, j) => isOn(i, j) ? "#" : ".").join(""),
    );
  };
  assert.deepEqual(draw("stripes", 5), ["##########", "##########", "##########", "..........", ".........."]);
  assert.deepEqual(draw("triangles", 10), [
    "..........",
    "..........",
    ".....#....",
    ".....#....",
    "....###...",
    "....###...",
    "...#####..",
    "...#####..",
    "..#######.",
    "..#######.",
  ]);
  assert.deepEqual(draw("zigzags", 12).slice(8), [".....####.", ".....####.", ".....####.", ".....####."]);
  assert.deepEqual(draw("dots", 10)[5], "..#######.");
});

Deno.test("rain falls in vertical drops of at least 7 pixels", () => {
  const isOn = texture("rain");
  for (let j = 0; j < 50; j++) {
    for (let i = 1; i < 400; i++) {
      if (isOn(i, j) && !isOn(i - 1, j)) { for (let below = 1; below < 7; below++) assert.ok(isOn(i + below, j)); }
    }
  }
});

Deno.test("noise is independent from pixel to pixel, and the same when looked at again", () => {
  const isOn = texture("noise");
  let equalNeighbours = 0;
  for (let i = 0; i < 300; i++) for (let j = 0; j < 300; j++) equalNeighbours += Number(isOn(i, j) === isOn(i, j + 1));
  assert.ok(Math.abs(equalNeighbours / 90_000 - 0.5) < 0.01);
  assert.equal(isOn(7, 7), isOn(7, 7));
});
