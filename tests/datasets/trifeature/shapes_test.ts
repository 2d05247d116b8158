import assert from "node:assert/strict";
import { SHAPES } from "braid/datasets/trifeature/factors.ts";
import { rotateShape, SHAPE_SIZE, shapeMask } from "braid/datasets/trifeature/shapes.ts";

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0);
const mask = (name: typeof SHAPES[number]) => shapeMask(SHAPES.indexOf(name));

Deno.test("shapeMask() has the published number of pixels for each shape", () => {
  const published = [8192, 16384, 9159, 12892, 9074, 8064, 11248, 4273, 9074, 11144];
  assert.deepEqual(SHAPES.map((_, shape) => sum(shapeMask(shape))), published);
});

Deno.test("shapeMask() draws shapes the right way up", () => {
  const at = (name: typeof SHAPES[number], i: number, j: number) => mask(name)[i * SHAPE_SIZE + j];
  const row = (name: typeof SHAPES[number], i: number) =>
    sum(mask(name).subarray(i * SHAPE_SIZE, (i + 1) * SHAPE_SIZE));
  assert.ok(row("triangle", 0) < row("triangle", 127));
  assert.ok(row("trapezoid", 0) > row("trapezoid", 127));
  assert.ok(row("tee", 0) > row("tee", 127));
  assert.ok(row("pentagon", 0) < row("pentagon", 50) && row("pentagon", 127) < row("pentagon", 50));
  assert.deepEqual([at("rhombus", 127, 5), at("rhombus", 0, 100), at("rhombus", 0, 5)], [1, 1, 0]); // leans right
  for (const [i, j] of [[0, 0], [0, 127], [64, 64], [127, 0], [127, 127]]) assert.equal(at("fivesquare", i, j), 1);
  for (const [i, j] of [[0, 64], [64, 0], [64, 127], [127, 64]]) assert.equal(at("fivesquare", i, j), 0);
});

Deno.test("rotateShape() by 0 degrees changes nothing", () => {
  for (let shape = 0; shape < SHAPES.length; shape++) {
    const { side, coverage } = rotateShape(shapeMask(shape), 0);
    assert.equal(side, SHAPE_SIZE);
    assert.deepEqual(coverage, Float64Array.from(shapeMask(shape)));
  }
});

Deno.test("rotateShape() grows the canvas to the rotated box", () => {
  for (const [degrees, side] of [[-45, 181], [30, 175], [-30, 175], [1, 130]]) { // 128 (|cos| + |sin|), rounded
    assert.equal(rotateShape(mask("square"), degrees).side, side);
  }
});

Deno.test("rotateShape() leaves a circle a circle", () => {
  for (const degrees of [-45, -20, 7, 44]) {
    const { side, coverage } = rotateShape(mask("circle"), degrees);
    coverage.forEach((value, at) => {
      const radius = Math.hypot(Math.floor(at / side) - (side - 1) / 2, at % side - (side - 1) / 2);
      if (radius < 62) assert.equal(value, 1);
      if (radius > 65.5) assert.equal(value, 0);
    });
  }
});

Deno.test("rotateShape() keeps a shape's area, but for the rim of the box", () => {
  for (let shape = 0; shape < SHAPES.length; shape++) {
    for (const degrees of [-45, 10, 44]) {
      const ratio = sum(rotateShape(shapeMask(shape), degrees).coverage) / sum(shapeMask(shape));
      assert.ok(Math.abs(ratio - 1) < 0.03, `${SHAPES[shape]} by ${degrees} degrees: ${ratio}`);
    }
  }
});

Deno.test("rotateShape() turns counter-clockwise: a block at the right moves up, by its distance times the sine", () => {
  const block = new Uint8Array(SHAPE_SIZE ** 2);
  for (let i = 61; i < 67; i++) block.fill(1, i * SHAPE_SIZE + 101, i * SHAPE_SIZE + 107); // centre (63.5, 103.5)
  const { side, coverage } = rotateShape(block, 30);
  const centre = (coordinate: (at: number) => number) =>
    coverage.reduce((total, value, at) => total + value * coordinate(at), 0) / sum(coverage) - (side - 1) / 2;
  assert.ok(Math.abs(centre((at) => Math.floor(at / side)) + 40 * Math.sin(Math.PI / 6)) < 0.05);
  assert.ok(Math.abs(centre((at) => at % side) - 40 * Math.cos(Math.PI / 6)) < 0.05);
});
