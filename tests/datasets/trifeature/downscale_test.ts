import assert from "node:assert/strict";
import { downscaler } from "braid/datasets/trifeature/downscale.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";

const { integer } = randomNumbers(1, "downscale");
const image = (side: number) => Uint8Array.from({ length: side * side * 3 }, () => integer(256));

Deno.test("downscaler() keeps a constant image constant at every size", () => {
  const grey = new Uint8Array(224 * 224 * 3).fill(127);
  for (const size of [8, 32, 48, 63, 100, 224]) {
    assert.deepEqual(downscaler(224, size)(grey), new Uint8Array(size * size * 3).fill(127));
  }
});

Deno.test("downscaler() changes nothing at the same size", () => {
  const pixels = image(20);
  assert.deepEqual(downscaler(20, 20)(pixels), pixels);
});

Deno.test("downscaler() to half weighs the four nearest pixels 1, 3, 3, 1", () => {
  const side = 12, pixels = image(side), small = downscaler(side, side / 2)(pixels);
  const weigh = (values: number[]) => Math.round((values[0] + 3 * values[1] + 3 * values[2] + values[3]) / 8);
  for (let i = 1; i < 5; i++) {
    for (let j = 1; j < 5; j++) {
      for (let c = 0; c < 3; c++) {
        const around = [-1, 0, 1, 2];
        const rows = around.map((di) => weigh(around.map((dj) => pixels[((2 * i + di) * side + 2 * j + dj) * 3 + c])));
        assert.equal(small[(i * 6 + j) * 3 + c], weigh(rows));
      }
    }
  }
});

Deno.test("downscaler() equals Pillow's bilinear resize", () => {
  // Pillow 13.0.0: Image.fromarray(x).resize((3, 3), Image.BILINEAR)
  const pixels = new Uint8Array(7 * 7 * 3);
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 7; j++) pixels.set([i * 36 + j, j * j * 5, (i * j * 29) % 256], (i * 7 + j) * 3);
  }
  // deno-fmt-ignore
  const pillow = [
    32, 6, 21, 34, 50, 71, 36, 135, 85,
    109, 6, 71, 111, 50, 118, 113, 135, 114,
    186, 6, 84, 188, 50, 114, 190, 135, 123,
  ];
  assert.deepEqual([...downscaler(7, 3)(pixels)], pillow);
});
