import assert from "node:assert/strict";
import { decode } from "fast-png";
import { PixelContext, pngDataUrl } from "braid/plots/static/canvas.ts";
import { palettePng } from "braid/plots/static/palette_png.ts";

const pixelsOf = (url: string) => [...decode(Uint8Array.fromBase64(url.split(",")[1])).data];

Deno.test("fillRect() paints the whole pixels of the rectangle that lie on the canvas", () => {
  const context = new PixelContext({ width: 3, height: 2 });
  context.fillStyle = "rgba(10, 20, 30, 1)";
  context.fillRect(1, -5, 10, 6);
  const blank = [0, 0, 0, 0], filled = [10, 20, 30, 255];
  assert.deepEqual(pixelsOf(context.toDataURL()), [blank, filled, filled, blank, blank, blank].flat());
});

Deno.test("fillRect() reads the opacity, and refuses colours that it cannot read", () => {
  const context = new PixelContext({ width: 1, height: 1 });
  context.fillStyle = "rgba(1, 2, 3, 0.2)";
  context.fillRect(0, 0, 1, 1);
  assert.deepEqual(pixelsOf(context.toDataURL()), [1, 2, 3, 51]);
  context.fillStyle = "tomato";
  assert.throws(() => context.fillRect(0, 0, 1, 1), /fillStyle to be rgb\(…\) or rgba\(…\), got tomato/);
});

Deno.test("putImageData() drops what falls outside", () => {
  const context = new PixelContext({ width: 2, height: 2 }), image = context.createImageData(2, 2);
  image.data.set([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4]);
  context.putImageData(image, 1, -1);
  assert.deepEqual(pixelsOf(context.toDataURL()), [0, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0]);
  context.putImageData(image, 5, 5);
  context.putImageData(image, -1, 0);
  assert.deepEqual(pixelsOf(context.toDataURL()).filter((_, i) => i % 4 === 0), [2, 3, 4, 0]);
});

Deno.test("a new size of the canvas clears it", () => {
  const canvas = { width: 1, height: 1 }, context = new PixelContext(canvas);
  context.fillRect(0, 0, 1, 1);
  canvas.width = 2;
  assert.deepEqual(pixelsOf(context.toDataURL()), Array(8).fill(0));
});

Deno.test("pngDataUrl() keeps grey and colour pictures as they are", () => {
  const grey = { width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 200) } as const;
  const color = { width: 1, height: 2, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
  assert.match(pngDataUrl(grey), /^data:image\/png;base64,/);
  assert.deepEqual(pixelsOf(pngDataUrl(grey)), [0, 200]);
  assert.deepEqual(pixelsOf(pngDataUrl(color)), [1, 2, 3, 4, 5, 6]);
});

Deno.test("palettePng() keeps the colours of a chart within a few levels, and white white", () => {
  const width = 64, height = 64, data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i += 2) data.set([i % 251, (i * 7) % 241, 90, 255], 4 * i);
  const png = decode(palettePng({ width, height, data })), palette = png.palette!;
  assert.equal(png.width, width);
  assert.ok(palette.length <= 256);
  assert.deepEqual(palette[png.data[1]].slice(0, 3), [255, 255, 255]);
  let error = 0;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) error += Math.abs(palette[png.data[i]][c] - data[4 * i + c]);
  }
  assert.ok(error / (3 * width * height) < 8, `got a mean error of ${error / (3 * width * height)} levels`);
});
