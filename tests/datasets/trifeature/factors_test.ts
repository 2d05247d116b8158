import assert from "node:assert/strict";
import { combinations, type Factors, SHAPES, SYNERGY_COLOR } from "braid/datasets/trifeature/factors.ts";

const code = ({ shape, texture, color }: Factors) => 100 * shape + 10 * texture + color;

Deno.test("combinations() splits all 1000 combinations into 800 and 200", () => {
  const train = combinations("train").map(code), test = combinations("test").map(code);
  assert.deepEqual([train.length, test.length], [800, 200]);
  assert.deepEqual([...train, ...test].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, index) => index));
});

Deno.test("combinations() has the published number of test images of each shape", () => {
  const counts = SHAPES.map((_, shape) => combinations("test").filter((factors) => factors.shape === shape).length);
  assert.deepEqual(counts, [19, 26, 20, 19, 25, 15, 19, 18, 19, 20]);
});

Deno.test("combinations() reads the published table shape by shape, texture by texture, colour by colour", () => {
  const test = combinations("test").map(code);
  assert.deepEqual(test.slice(0, 4), [4, 8, 18, 19]); // triangle: solid 0000100010, stripes 0000000011
  assert.deepEqual(test.slice(19, 24), [101, 102, 103, 108, 109]); // square, solid: 0111000011
  assert.equal(test.at(-1), 993); // trapezoid, pluses: 0001000000
});

Deno.test("each value of each factor is seen in training", () => {
  for (const factor of ["shape", "texture", "color"] as const) {
    assert.equal(new Set(combinations("train").map((factors) => factors[factor])).size, 10);
  }
});

Deno.test("the synergy mapping gives each texture a colour of its own", () => {
  assert.deepEqual(SYNERGY_COLOR, [5, 6, 0, 7, 3, 2, 4, 9, 1, 8]);
  assert.equal(new Set(SYNERGY_COLOR).size, 10);
});
