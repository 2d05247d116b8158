import assert from "node:assert/strict";
import { COLORS, SHAPES, TEXTURES } from "braid/datasets/trifeature/factors.ts";
import { CANVAS_SIZE, renderImage } from "braid/datasets/trifeature/render.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";

const render = (shape: string, texture: string, color: string, stream: string) =>
  renderImage(
    {
      shape: SHAPES.findIndex((name) => name === shape),
      texture: TEXTURES.findIndex((name) => name === texture),
      color: COLORS.findIndex((name) => name === color),
    },
    randomNumbers(42, stream),
  );

/** Row, column and colour of every pixel that is not background. */
function painted(pixels: Uint8Array): { i: number; j: number; rgb: string }[] {
  const found = [];
  for (let at = 0; at < CANVAS_SIZE ** 2; at++) {
    const [red, green, blue] = [pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]];
    if (red === 127 && green === 127 && blue === 127) continue;
    found.push({ i: Math.floor(at / CANVAS_SIZE), j: at % CANVAS_SIZE, rgb: `${red},${green},${blue}` });
  }
  return found;
}

Deno.test("renderImage() paints each colour with 8 bits, cut not rounded", () => {
  const expected = {
    red: [255, 0, 0],
    green: [0, 255, 0],
    blue: [0, 0, 255],
    yellow: [255, 255, 0],
    pink: [255, 102, 255],
    cyan: [0, 255, 255],
    purple: [76, 0, 127],
    ocean: [25, 102, 127],
    orange: [255, 153, 0],
    white: [255, 255, 255],
  };
  for (const color of COLORS) {
    const counts = new Map<string, number>();
    for (const { rgb } of painted(render("circle", "solid", color, "colors"))) {
      counts.set(rgb, (counts.get(rgb) ?? 0) + 1);
    }
    const [commonest] = [...counts].sort(([, a], [, b]) => b - a)[0];
    assert.equal(commonest, String(expected[color]));
  }
});

Deno.test("renderImage() shows the whole shape, wherever it lies", () => {
  const tops: number[] = [], lefts: number[] = [];
  for (let image = 0; image < 100; image++) {
    const pixels = painted(render("circle", "solid", "white", `image ${image}`));
    assert.ok(Math.abs(pixels.length - Math.PI * 64 ** 2) < 450, "a disc of radius 64 and the blur of its rim");
    tops.push(Math.min(...pixels.map(({ i }) => i)));
    lefts.push(Math.min(...pixels.map(({ j }) => j)));
  }
  // the box of 128 to 181 pixels leaves 43 to 96 places; the circle starts up to 26 pixels inside the box
  for (const starts of [tops, lefts]) assert.ok(Math.min(...starts) < 25 && Math.max(...starts) > 65);
});

Deno.test("renderImage() shows grey through the texture", () => {
  for (const [texture, share] of [["stripes", 0.3], ["dots", 0.45], ["noise", 0.5], ["rain", 0.3]] as const) {
    let found = 0;
    for (let image = 0; image < 20; image++) {
      found += painted(render("square", texture, "red", `image ${image}`)).length / 16384 / 20;
    }
    assert.ok(Math.abs(found - share) < 0.03, `${texture} fills ${found}, expected ${share}`);
  }
});

Deno.test("renderImage() turns the shape by up to 45 degrees", () => {
  const heights = Array.from({ length: 60 }, (_, image) => {
    const rows = painted(render("square", "solid", "red", `image ${image}`)).map(({ i }) => i);
    return Math.max(...rows) - Math.min(...rows) + 1;
  });
  assert.ok(Math.min(...heights) >= 126 && Math.min(...heights) < 135, `least height ${Math.min(...heights)}`);
  assert.ok(Math.max(...heights) <= 181 && Math.max(...heights) > 175, `greatest height ${Math.max(...heights)}`);
});

Deno.test("renderImage() turns the texture by up to 45 degrees, whatever the angle of the shape", () => {
  const angles = Array.from(
    { length: 40 },
    (_, image) => stripeAngle(render("circle", "stripes", "white", `${image}`)),
  );
  assert.ok(Math.min(...angles) < -35 && Math.max(...angles) > 35, `angles ${angles}`);
  assert.ok(angles.filter((angle) => Math.abs(angle) < 15).length >= 5, `angles ${angles}`);
});

/** The angle in degrees along which the stripes run: where the phase of their 10 pixel period agrees best. */
function stripeAngle(pixels: Uint8Array): number {
  const on = painted(pixels);
  const agreement = (degrees: number) => {
    const cos = Math.cos(degrees * Math.PI / 180), sin = Math.sin(degrees * Math.PI / 180);
    const phases = on.map(({ i, j }) => 2 * Math.PI * (cos * i + sin * j) / 10);
    const mean = (of: (phase: number) => number) => phases.reduce((sum, phase) => sum + of(phase), 0) / on.length;
    return Math.hypot(mean(Math.cos), mean(Math.sin));
  };
  const candidates = Array.from({ length: 31 }, (_, index) => 3 * index - 45);
  return candidates.reduce((best, degrees) => agreement(degrees) > agreement(best) ? degrees : best);
}

Deno.test("renderImage() gives the same image for the same stream, another for another", () => {
  for (const texture of TEXTURES) {
    const image = render("star", texture, "blue", "a");
    assert.deepEqual(render("star", texture, "blue", "a"), image);
    assert.notDeepEqual(render("star", texture, "blue", "b"), image);
  }
});

Deno.test("renderImage() widens textures: stripes 3 pixels wide with a period of 10 become 10.5 with one of 35", () => {
  const upright = { ...randomNumbers(42, "unused"), integer: (below: number) => below === 90 ? 45 : 0 };
  const factors = { shape: SHAPES.indexOf("square"), texture: TEXTURES.indexOf("stripes"), color: 0 };
  const rowsOn = (textureScale: number) => {
    const rows = new Set(painted(renderImage(factors, upright, { textureScale })).map(({ i }) => i));
    return Array.from({ length: 128 }, (_, row) => rows.has(row));
  };
  for (const [textureScale, period, width] of [[1, 10, 3], [3.5, 35, 10.5]]) {
    const on = rowsOn(textureScale);
    for (let row = 0; row + period < 128; row++) assert.equal(on[row], on[row + period], `${textureScale}, row ${row}`);
    const runs = on.map((is) => is ? "1" : "0").join("").split("0").filter((run) => run !== "");
    for (const run of runs.slice(1, -1)) assert.ok(Math.abs(run.length - width) <= 0.5, `${textureScale}: ${run}`);
  }
});
