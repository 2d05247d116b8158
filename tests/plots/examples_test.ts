// What holds for figures of every family.

import assert from "node:assert/strict";
import { jupyterDisplay } from "braid/plots/live/cell_context.ts";
import type { Box } from "braid/plots/static/bounding_box.ts";
import { bottom, draw, right, texts } from "./drawing.ts";
import { examples } from "./examples.ts";

const overlap = (a: Box, b: Box) =>
  Math.min(Math.min(right(a), right(b)) - Math.max(a.x, b.x), Math.min(bottom(a), bottom(b)) - Math.max(a.y, b.y));

const within = (box: Box, width: number, height: number): boolean =>
  box.x >= 0 && box.y >= 0 && right(box) <= width && bottom(box) <= height;

/** A line's box holds the room that accents and descenders may take: so far may two boxes reach into each other. */
const SLACK = 4;

for (const [name, figure] of Object.entries(examples)) {
  const { width, height } = figure.toJSON().layout;

  Deno.test(`the ${name} figure is 700 px wide and no text leaves it`, async () => {
    const svg = await draw(figure);
    assert.equal(width, 700);
    for (const { text, box } of texts(svg)) {
      assert.ok(
        within(box, width, height),
        `"${text}" reaches from ${box.x}, ${box.y} to ${right(box)}, ${bottom(box)} of ${width}, ${height}`,
      );
    }
  });

  Deno.test(`the ${name} figure has no text over another`, async () => {
    const drawn = texts(await draw(figure));
    drawn.forEach((a, i) =>
      drawn.slice(i + 1).forEach((b) =>
        assert.ok(overlap(a.box, b.box) <= SLACK, `"${a.text}" overlaps "${b.text}" by ${overlap(a.box, b.box)} px`)
      )
    );
  });

  Deno.test(`the ${name} figure shows its whole title, and fits a notebook as JSON and picture`, async () => {
    assert.ok(texts(await draw(figure)).some(({ text }) => text === figure.title));
    Deno.env.set("BRAID_RENDER", "commit");
    const bundle = await figure[jupyterDisplay]().finally(() => Deno.env.delete("BRAID_RENDER"));
    assert.ok(JSON.stringify(bundle).length <= 100_000);
    assert.ok(bundle["image/png"]!.length > 5_000);
  });
}
