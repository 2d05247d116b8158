import { decode } from "fast-png";
import assert from "node:assert/strict";
import { jupyterDisplay } from "braid/plots/live/cell_context.ts";
import { Figure } from "braid/plots/figure.ts";
import { bottom, draw, textBox, texts } from "./drawing.ts";

const line = { type: "scatter", x: [1, 2, 3], y: [0.123456, 2, 1 / 3] };
const words = { title: "The loss halves", description: "Line of the loss over epochs." };
const figure = new Figure({ ...words, data: [line], caption: "n = 1 run." });

/** What a notebook to be committed gets. */
async function committed(figure: Figure) {
  Deno.env.set("BRAID_RENDER", "commit");
  try {
    return await figure[jupyterDisplay]();
  } finally {
    Deno.env.delete("BRAID_RENDER");
  }
}

Deno.test("a notebook to be committed gets the specification, a picture and a line of text, and no HTML", async () => {
  const bundle = await committed(figure);
  assert.deepEqual(Object.keys(bundle).sort(), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
  assert.deepEqual(bundle["application/vnd.plotly.v1+json"], figure.toJSON());
  assert.equal(bundle["text/plain"], "The loss halves\nLine of the loss over epochs.");
  const picture = decode(Uint8Array.fromBase64(bundle["image/png"]!));
  assert.equal(picture.width, 1.5 * 700);
});

Deno.test("the display method is the one that Jupyter's kernel calls", () => {
  assert.equal(jupyterDisplay, Symbol.for("Jupyter.display"));
});

Deno.test("a figure too large for a notebook says how large, and what to do", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => Math.sin(i));
  const heavy = new Figure({ ...words, data: [{ type: "scatter", y: many }] });
  await assert.rejects(committed(heavy), /at most 100 kB in a notebook, got \d{3} kB: draw fewer points/);
});

Deno.test("the specification has 4 significant digits, whole numbers as they are, and only what JSON holds", () => {
  const data = [{ type: "scatter", x: [123456, 1e-7 / 3, undefined, NaN], y: [0.123456, -98.7654, 2e10 / 3, null] }];
  const [trace] = new Figure({ ...words, data, layout: { absent: undefined } }).toJSON().data;
  assert.deepEqual(trace.x, [123456, 3.333e-8, null, null]);
  assert.deepEqual(trace.y, [0.1235, -98.77, 6667000000, null]);
  assert.equal(JSON.stringify(figure), JSON.stringify(figure.toJSON()));
});

Deno.test("alt text is the title and the description", () => {
  assert.equal(figure.alt, "The loss halves. Line of the loss over epochs.");
  assert.equal(new Figure({ ...words, title: "Does it?", data: [line] }).alt, "Does it? Line of the loss over epochs.");
});

Deno.test("a long title is broken into lines, and the drawing moves down for it", async () => {
  const title =
    "A title that is so long that no figure of seven hundred pixels could ever hold it in a single line of text";
  const long = new Figure({ ...words, title, data: [line] }), short = new Figure({ ...words, data: [line] });
  const lineHeight = long.toJSON().layout.height - short.toJSON().layout.height;
  assert.ok(lineHeight >= 17 && lineHeight <= 24, `got ${lineHeight} px for a second line`);
  const box = textBox(await draw(long), title);
  assert.ok(box.y >= 0 && box.x >= 0 && box.x + box.width <= 700);
  assert.ok(Math.abs(box.y - textBox(await draw(short), words.title).y) < 1, "both titles begin at the same height");
});

Deno.test("the caption stands below everything else", async () => {
  const drawn = texts(await draw(figure)), caption = drawn.find(({ text }) => text === "n = 1 run.")!;
  for (const { text, box } of drawn) {
    if (text !== "n = 1 run.") assert.ok(bottom(box) <= caption.box.y + 1, `"${text}" reaches below the caption's top`);
  }
});

Deno.test("toPng() multiplies the size by the scale and draws on white", async () => {
  const { height } = figure.toJSON().layout;
  for (const scale of [1, 2]) {
    const picture = decode(await figure.toPng({ scale }));
    assert.deepEqual([picture.width, picture.height], [700 * scale, height * scale]);
    assert.deepEqual([...picture.data.slice(0, 4)], [255, 255, 255, 255]);
    assert.ok(picture.data.some((value) => value < 100), "something is drawn");
  }
  assert.equal(decode(await figure.toPng()).width, 1400);
});

Deno.test("toSvg() gives one document, the same each time", async () => {
  const svg = await figure.toSvg();
  assert.match(svg, /^<svg [^]*<\/svg>$/);
  assert.equal(await figure.toSvg(), svg);
});

Deno.test("a notebook that somebody looks at gets the specification, HTML and a line of text, of any size", async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => Math.sin(i));
  const bundle = await new Figure({ ...words, data: [{ type: "scatter", y: many }] })[jupyterDisplay]();
  assert.deepEqual(Object.keys(bundle).sort(), ["application/vnd.plotly.v1+json", "text/html", "text/plain"]);
});

Deno.test("a figure refuses a way to render that it does not know", async () => {
  Deno.env.set("BRAID_RENDER", "comit");
  try {
    await assert.rejects(figure[jupyterDisplay](), /BRAID_RENDER to be live or commit, got "comit"/);
  } finally {
    Deno.env.delete("BRAID_RENDER");
  }
});

Deno.test("a figure says what is wrong with its texts and its scale", async () => {
  assert.throws(() => new Figure({ ...words, title: " ", data: [line] }), /title to state the finding/);
  assert.throws(() => new Figure({ ...words, description: "", data: [line] }), /description to be one line/);
  assert.throws(() => new Figure({ ...words, description: "a\nb", data: [line] }), /description to be one line/);
  for (const scale of [0, -1, NaN, Infinity]) {
    await assert.rejects(figure.toPng({ scale }), /scale to be positive/);
  }
});
