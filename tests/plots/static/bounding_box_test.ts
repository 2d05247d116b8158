// Truth: closed forms of the geometry, and the font's measures for texts.

import assert from "node:assert/strict";
import { boundingBox, type Box, pageBox } from "braid/plots/static/bounding_box.ts";
import { openWindow } from "braid/plots/static/dom.ts";
import { ascent, descent, textReach, textWidth } from "braid/plots/static/text_metrics.ts";

const window = await openWindow();

/** The element with id "it" in an SVG drawing. */
function it(markup: string): SVGGraphicsElement & SVGGeometryElement & SVGTextElement {
  window.document.body.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">${markup}</svg>`;
  return window.document.getElementById("it") as unknown as ReturnType<typeof it>;
}

function same(got: Box | undefined, [x, y, width, height]: number[], tolerance = 1e-6): void {
  assert.ok(got, "expected a box, got none");
  const want = { x, y, width, height };
  for (const key of ["x", "y", "width", "height"] as const) {
    assert.ok(Math.abs(got[key] - want[key]) <= tolerance, `${key}: got ${got[key]}, want ${want[key]}`);
  }
}

Deno.test("boundingBox() of simple shapes follows from their attributes", () => {
  same(boundingBox(it('<rect id="it" x="3" y="4" width="10" height="20"/>')), [3, 4, 10, 20]);
  same(boundingBox(it('<circle id="it" cx="10" cy="20" r="5"/>')), [5, 15, 10, 10]);
  same(boundingBox(it('<line id="it" x1="10" y1="2" x2="4" y2="8"/>')), [4, 2, 6, 6]);
  same(boundingBox(it('<image id="it" x="1" y="2" width="3" height="4"/>')), [1, 2, 3, 4]);
});

Deno.test("boundingBox() of a path holds its curves, not their control points", () => {
  same(boundingBox(it('<path id="it" d="M0,0L10,5l-20,5Z"/>')), [-10, 0, 20, 10]);
  same(boundingBox(it('<path id="it" d="M10,0A10,10 0 1,1 0,-10A10,10 0 0,1 10,0Z"/>')), [-10, -10, 20, 20], 1e-3);
  same(boundingBox(it('<path id="it" d="M0,0C0,40 30,40 30,0"/>')), [0, 0, 30, 30], 1e-3); // top at t = 1/2: 3/4 of 40
});

Deno.test("boundingBox() leaves the own transform out, pageBox() applies all of them", () => {
  const rect = '<rect id="it" x="0" y="0" width="10" height="20" transform="translate(5,6)"/>';
  same(boundingBox(it(rect)), [0, 0, 10, 20]);
  same(pageBox(it(`<g transform="translate(100,50) scale(2)">${rect}</g>`)), [110, 62, 20, 40]);
  same(pageBox(it(`<g transform="rotate(90)">${rect}</g>`)), [-26, 5, 20, 10]);
  same(pageBox(it(`<g transform="rotate(-90, 10, 10)">${rect}</g>`)), [6, 5, 20, 10]);
  same(pageBox(it(`<g transform="translate(100,50)scale(2)">${rect}</g>`)), [110, 62, 20, 40]);
  same(pageBox(it(`<g transform="matrix(1,0,0,1,7,8)">${rect}</g>`)), [12, 14, 10, 20]);
});

Deno.test("pageBox() of a square turned by 45 degrees is as wide as its diagonal", () => {
  const half = Math.SQRT1_2 * 10;
  same(pageBox(it('<rect id="it" width="10" height="10" transform="rotate(45)"/>')), [-half, 0, 2 * half, 2 * half]);
});

Deno.test("boundingBox() of a group is the union of its children, each through its transform", () => {
  const group =
    `<g id="it"><circle cx="0" cy="0" r="1" transform="translate(10,0)"/><rect x="-5" y="3" width="2" height="4"/></g>`;
  same(boundingBox(it(group)), [-5, -1, 16, 8]);
});

Deno.test("boundingBox() leaves out what is not drawn", () => {
  assert.equal(boundingBox(it('<g id="it"></g>')), undefined);
  assert.equal(boundingBox(it('<rect id="it" width="5" height="5" style="display: none"/>')), undefined);
  const group =
    '<g id="it"><defs><rect width="99" height="99"/></defs><clipPath><rect width="99" height="9"/></clipPath><rect width="1" height="2"/></g>';
  same(boundingBox(it(group)), [0, 0, 1, 2]);
});

Deno.test("boundingBox() of a text is as wide as its letters and as high as the font's line", () => {
  const width = textWidth("CoMM", { size: 20 }); // the ink of an M ends before its advance width does
  const text = (anchor: string) =>
    `<text id="it" x="50" y="80" style="font-size: 20px; text-anchor: ${anchor}">CoMM</text>`;
  const y = 80 - ascent(20), height = ascent(20) + descent(20);
  same(boundingBox(it(text("start"))), [50, y, width, height]);
  same(boundingBox(it(text("middle"))), [50 - width / 2, y, width, height]);
  same(boundingBox(it(text("end"))), [50 - width, y, width, height]);
});

Deno.test("boundingBox() of a text holds the ink of its last letter, which does not move its anchor", () => {
  const font = { size: 12 }, width = textWidth("by", font), { right } = textReach("by", font);
  assert.ok(right > width);
  const text = (anchor: string) => `<text id="it" x="50" y="9" font-size="12" text-anchor="${anchor}">by</text>`;
  same(boundingBox(it(text("middle"))), [50 - width / 2, 9 - ascent(12), right, ascent(12) + descent(12)]);
  assert.equal(it(text("end")).getComputedTextLength(), width);
});

Deno.test("boundingBox() of a text inherits size and weight, and takes em and % of the parent's size", () => {
  const width = (markup: string) => boundingBox(it(markup))!.width, text = '<text id="it">wide</text>';
  const bold = textReach("wide", { size: 10, bold: true }).right;
  assert.equal(width(`<g font-size="10" font-weight="bold">${text}</g>`), bold);
  assert.equal(width(`<g style="font-size: 20px; font-weight: 700"><g style="font-size: 50%">${text}</g></g>`), bold);
  assert.equal(width(`<g style="font-size: 5px; font-weight: 600"><g style="font-size: 2em">${text}</g></g>`), bold);
});

Deno.test("boundingBox() of lines and raised runs holds all of them", () => {
  const lines = `<text id="it" style="font-size: 10px" x="0" y="0">
<tspan class="line" x="0" y="0" dy="0em">long line</tspan><tspan class="line" x="0" y="0" dy="1.3em">short</tspan></text>`;
  const width = textReach("long line", { size: 10 }).right;
  const box = boundingBox(it(lines.replace("\n", "")))!;
  same(box, [0, -ascent(10), width, 13 + ascent(10) + descent(10)]);
  const raised = '<text id="it" style="font-size: 10px">x<tspan style="font-size: 70%" dy="-1em">2</tspan></text>';
  same(boundingBox(it(raised)), [
    0,
    -7 - ascent(7),
    textWidth("x", { size: 10 }) + textReach("2", { size: 7 }).right,
    7 + ascent(7) + descent(10),
  ]);
});

Deno.test("a window's SVG elements answer with these boxes", () => {
  const rect = '<g transform="translate(9,9)"><rect id="it" x="1" y="2" width="10" height="20"/></g>';
  same(it(rect).getBBox(), [1, 2, 10, 20]);
  same(it(rect).getBoundingClientRect(), [10, 11, 10, 20]);
  same(it(rect).ownerSVGElement!.getBoundingClientRect(), [0, 0, 300, 200]);
  assert.equal(
    it('<text id="it" font-size="10">AAAA</text>').getComputedTextLength(),
    4 * textWidth("A", { size: 10 }),
  );
});

Deno.test("a window's SVG elements know the product of their transforms", () => {
  const { a, b, c, d, e, f } = it('<g id="it" transform="translate(3,4) scale(2)"/>').transform.baseVal.consolidate()!
    .matrix;
  assert.deepEqual([a, b, c, d, e, f], [2, 0, 0, 2, 3, 4]);
  assert.equal(it('<g id="it"/>').transform.baseVal.consolidate(), null);
});

Deno.test("a window's paths know their length and the points along them", () => {
  const close = (got: number, want: number) => assert.ok(Math.abs(got - want) < 1e-2, `got ${got}, want ${want}`);
  close(it('<path id="it" d="M0,0L30,40"/>').getTotalLength(), 50);
  close(it('<path id="it" d="M0,0H10V10H0Z"/>').getTotalLength(), 40);
  const circle = '<path id="it" d="M10,0A10,10 0 1,1 -10,0A10,10 0 1,1 10,0Z"/>';
  close(it(circle).getTotalLength(), 2 * Math.PI * 10);
  const quarter = it(circle).getPointAtLength(5 * Math.PI);
  close(quarter.x, 0);
  close(quarter.y, 10);
  close(it('<path id="it" d="M0,0L30,40"/>').getPointAtLength(25).x, 15);
  assert.equal(it('<path id="it"/>').getTotalLength(), 0);
});
