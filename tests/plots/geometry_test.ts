// What the drawings say, read back from the SVG: lengths and places against the values given.

import { decode } from "fast-png";
import assert from "node:assert/strict";
import { categoricalColors, contrast, roleColors } from "braid/plots/colors.ts";
import { contributionHeatmap } from "braid/plots/contribution_heatmap.ts";
import { diagram } from "braid/plots/diagram.ts";
import { embeddingMap } from "braid/plots/embedding_map.ts";
import { forestPlot } from "braid/plots/forest_plot.ts";
import { imageGrid } from "braid/plots/image_grid.ts";
import { informationBars } from "braid/plots/information_bars.ts";
import { learningCurves } from "braid/plots/learning_curves.ts";
import { modalityLattice } from "braid/plots/modality_lattice.ts";
import { probeBars } from "braid/plots/probe_bars.ts";
import { reliabilityDiagram } from "braid/plots/reliability_diagram.ts";
import { similarityMatrix } from "braid/plots/similarity_matrix.ts";
import { ON_SCALE } from "braid/plots/spec.ts";
import { type Box, pageBox } from "braid/plots/static/bounding_box.ts";
import { type Shares, ternaryPlot } from "braid/plots/ternary_plot.ts";
import { all, bottom, boxes, centre, draw, right, textBox, texts } from "./drawing.ts";
import { picture } from "./examples.ts";

const close = (got: number, want: number, tolerance: number, what = "value") =>
  assert.ok(Math.abs(got - want) <= tolerance, `${what}: got ${got}, want ${want} ± ${tolerance}`);

/** Values that lie on one straight line with their places: the ratio of differences is the same throughout. */
function proportional(places: number[], values: number[], tolerance: number): void {
  const slope = (places.at(-1)! - places[0]) / (values.at(-1)! - values[0]);
  places.forEach((place, i) =>
    close(place, places[0] + slope * (values[i] - values[0]), tolerance, `place of ${values[i]}`)
  );
}

/** The bars that have a size; those of the legend's entries have none. */
const barsOf = (svg: Element) => all(svg, ".barlayer .point > path").filter((bar) => pageBox(bar)!.width > 0);

const fillOf = (element: Element) =>
  /fill: rgb\((\d+), (\d+), (\d+)\)/.exec(element.getAttribute("style") ?? "")!.slice(1).map(Number);
const rgb = (hex: string) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

Deno.test("probeBars() draws bars as high as the scores, from one baseline", async () => {
  const means = [20, 40, 80, 10];
  const svg = await draw(probeBars({
    title: "t",
    yTitle: "accuracy (%)",
    groups: [{ label: "shared", color: roleColors.shared }, {
      label: "synergy",
      color: roleColors.synergy,
      chance: 50,
    }],
    methods: [
      { name: "one", values: [{ mean: means[0] }, { mean: means[1] }] },
      { name: "two", values: [{ mean: means[2], low: 70, high: 85 }, { mean: means[3] }], published: [60, null] },
    ],
  }));
  const bars = barsOf(svg).map((bar) => pageBox(bar)!);
  assert.equal(bars.length, 4);
  bars.forEach((bar, i) => {
    close(bar.height / bars[0].height, means[i] / means[0], 0.02, "ratio of heights");
    close(bottom(bar), bottom(bars[0]), 0.1, "baseline");
  });
  const unit = bars[0].height / means[0], base = bottom(bars[0]);
  const [whisker] = boxes(svg, ".yerror").filter(({ height }) => height > 1);
  close(whisker.y, base - 85 * unit, 1, "top of the interval");
  close(whisker.height, 15 * unit, 1, "length of the interval");
  const [diamond] = boxes(svg, ".scatterlayer .point").map(centre);
  close(diamond.y, base - 60 * unit, 1, "published value");
  close(diamond.x, centre(bars[2]).x, 1, "the diamond stands on its method's bar");
  const [chance] = boxes(svg, ".scatterlayer .js-line");
  close(chance.y, base - 50 * unit, 1, "chance");
  assert.ok(chance.x < bars[1].x && right(chance) > right(bars[3]), "the line of chance spans its group");
});

Deno.test("probeBars() gives a group its colour, the last method its full strength", async () => {
  const values = [{ mean: 1 }];
  const svg = await draw(probeBars({
    title: "t",
    yTitle: "y",
    groups: [{ label: "shared", color: roleColors.shared }],
    methods: [{ name: "first", values }, { name: "last", values }],
  }));
  const [first, last] = barsOf(svg).map(fillOf);
  assert.deepEqual(last, rgb(roleColors.shared));
  assert.ok(first.every((channel, i) => channel >= last[i]) && first[0] > last[0]);
});

Deno.test("probeBars() says which bars are missing, in their place and in the caption", async () => {
  const svg = await draw(probeBars({
    title: "t",
    yTitle: "y",
    groups: [{ label: "shared", color: roleColors.shared }, { label: "synergy", color: roleColors.synergy }],
    methods: [{ name: "Cross", values: [{ mean: 3, n: 5 }, null] }, {
      name: "CoMM",
      values: [{ mean: 2, n: 4 }, { mean: 4, n: 5 }],
    }],
  }));
  assert.equal(barsOf(svg).length, 3);
  const place = centre(textBox(svg, "not measured")), label = centre(textBox(svg, "synergy"));
  assert.ok(place.x < label.x, "left in its group, where the first method's bar would be");
  textBox(svg, "Bars: mean, n = 4 to 5 seeds. Not measured: Cross, synergy.");
});

Deno.test("probeBars() says what its estimates count where that differs", async () => {
  const svg = await draw(probeBars({
    title: "t",
    yTitle: "y",
    unit: "test pairs",
    groups: [{ label: "shared", color: roleColors.shared }],
    methods: [
      { name: "Cross", values: [{ mean: 3, n: 3, unit: "seeds" }] },
      { name: "CoMM", values: [{ mean: 2, n: 4094 }] },
    ],
  }));
  textBox(svg, "Bars: mean, n = 3 seeds or 4094 test pairs.");
});

Deno.test("informationBars() stacks shared, unique and synergy in their colours, as long as their bits", async () => {
  const svg = await draw(informationBars({
    title: "t",
    units: "bits",
    rows: [{ label: "all", redundancy: 3, unique1: 2, unique2: 1, synergy: 0.5 }],
  }));
  const bars = barsOf(svg).map((bar) => pageBox(bar)!);
  bars.forEach((bar, i) => {
    close(bar.width / bars[0].width, [3, 2, 1, 0.5][i] / 3, 0.01, "ratio of lengths");
    if (i > 0) close(bar.x, right(bars[i - 1]), 0.1, "start of the next");
  });
  const { shared, unique1, unique2, synergy } = roleColors;
  assert.deepEqual(barsOf(svg).map(fillOf), [shared, unique1, unique2, synergy].map(rgb));
  for (const text of ["3.00", "2.00", "1.00", "0.50", "information (bits)"]) textBox(svg, text);
});

Deno.test("similarityMatrix() outlines the positives on the diagonal", async () => {
  const values = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const svg = await draw(similarityMatrix({ title: "t", matrices: [{ label: "before", values }] }));
  const [matrix] = boxes(svg, ".heatmaplayer image"), cell = matrix.width / 3;
  const outlines = boxes(svg, ".scatterlayer .js-line");
  assert.equal(outlines.length, 3);
  outlines.forEach((outline, i) => {
    close(outline.x, matrix.x + i * cell, 1, "left edge");
    close(outline.y, matrix.y + i * cell, 1, "upper edge, rows counted from the top");
    close(outline.width, cell, 1, "width");
    close(outline.height, cell, 1, "height");
  });
});

Deno.test("similarityMatrix() shows the first 32 of a larger batch, and says so", async () => {
  const values = Array.from({ length: 40 }, (_, i) => Array.from({ length: 40 }, (_, j) => i === j ? 1 : 0));
  const figure = similarityMatrix({ title: "t", matrices: [{ label: "a", values }, { label: "b", values }] });
  assert.equal((figure.toJSON().data[0].z as number[][]).length, 32);
  const svg = await draw(figure);
  textBox(svg, "First 32 of n = 40 samples. Outlined: positive pairs.");
  const [a, b] = boxes(svg, ".heatmaplayer image");
  close(a.width, b.width, 0.5);
  assert.ok(right(a) < b.x, "side by side");
});

Deno.test("learningCurves() draws lines in proportion, bands around them and levels across", async () => {
  const x = [0, 10, 40], y = [1, 5, 3];
  const svg = await draw(learningCurves({
    title: "t",
    xTitle: "step",
    yTitle: "loss (nats)",
    series: [{ name: "run", x, y, interval: { low: [0, 4, 2], high: [2, 6, 4] } }],
    references: [{ y: 2, label: "chance" }],
  }));
  const points = boxes(svg, ".scatterlayer .point").map(centre);
  proportional(points.map((point) => point.x), x, 0.3);
  proportional(points.map((point) => point.y), y, 0.3);
  const unit = (points[0].y - points[1].y) / 4;
  const [band] = boxes(svg, ".scatterlayer .js-fill");
  close(band.height, 6 * unit, 0.5, "height of the band");
  const [level] = boxes(svg, ".shapelayer path");
  close(level.y, points[0].y - unit, 0.5, "reference");
  close(centre(textBox(svg, "run")).y, points[2].y, 3, "the name stands at the line's end");
});

Deno.test("learningCurves() moves names apart that would meet, and keeps their order", async () => {
  const ends = [3.02, 3, 3.01, 1], x = [0, 1];
  const svg = await draw(learningCurves({
    title: "t",
    xTitle: "x",
    yTitle: "y",
    series: ends.map((end, i) => ({ name: `line ${i}`, x, y: [5, end] })),
  }));
  const heights = [0, 2, 1, 3].map((i) => centre(textBox(svg, `line ${i}`)).y);
  heights.slice(1).forEach((height, i) => assert.ok(height - heights[i] > 14, "apart, higher values first"));
});

Deno.test("learningCurves() gives small multiples the same ranges and one entry per name in the legend", async () => {
  const x = [0, 1, 2],
    figure = learningCurves({
      title: "t",
      xTitle: "x",
      yTitle: "y",
      series: ["a", "b"].flatMap((panel, i) =>
        ["run", "published"].map((name) => ({ name, panel, x, y: [0, 1, 2 + i] }))
      ),
    });
  const { xaxis, xaxis2, yaxis, yaxis2 } = figure.toJSON().layout as unknown as Record<string, { range: number[] }>;
  assert.deepEqual(xaxis.range, xaxis2.range);
  assert.deepEqual(yaxis.range, yaxis2.range);
  const names = texts(await draw(figure)).map(({ text }) => text);
  for (const name of ["a", "b", "run", "published"]) {
    assert.equal(names.filter((text) => text === name).length, 1, name);
  }
});

Deno.test("learningCurves() places logarithmic values by their logarithm", async () => {
  const x = [0.01, 0.1, 1, 10],
    svg = await draw(learningCurves({
      title: "t",
      xTitle: "temperature",
      yTitle: "y",
      xScale: "log",
      yScale: "log",
      series: [{ name: "run", x, y: [1, 10, 100, 1000] }],
      references: [{ y: 10, label: "level" }],
    }));
  const points = boxes(svg, ".scatterlayer .point").map(centre);
  proportional(points.map((point) => point.x), x.map(Math.log10), 0.3);
  proportional(points.map((point) => point.y), [0, 1, 2, 3], 0.3);
  close(boxes(svg, ".shapelayer path")[0].y, points[1].y, 0.5, "level");
});

Deno.test("learningCurves() thins a long line, and keeps its ends", () => {
  const x = Array.from({ length: 5001 }, (_, i) => i);
  const [line] =
    learningCurves({ title: "t", xTitle: "x", yTitle: "y", series: [{ name: "run", x, y: x }] }).toJSON().data;
  const kept = line.x as number[];
  assert.ok(kept.length <= 201, `got ${kept.length}`);
  assert.deepEqual([kept[0], kept.at(-1)], [0, 5000]);
});

Deno.test("forestPlot() places estimates and intervals on one scale, coloured where they exclude the reference", async () => {
  const rows = [
    { label: "above", mean: 9, low: 8, high: 10, n: 30 },
    { label: "around", mean: 5, low: 3, high: 7, n: 20 },
    { label: "below", mean: 2, low: 1, high: 3, n: 10 },
  ];
  const svg = await draw(forestPlot({ title: "t", xTitle: "x", reference: 5, referenceLabel: "all", rows }));
  const points = boxes(svg, ".scatterlayer .point").map(centre).sort((a, b) => a.y - b.y);
  proportional(points.map(({ x }) => x), rows.map(({ mean }) => mean), 0.5);
  const unit = (points[0].x - points[2].x) / 7;
  const intervals = boxes(svg, ".xerror").sort((a, b) => a.y - b.y);
  intervals.forEach((interval, i) => close(interval.width, (rows[i].high - rows[i].low) * unit, 0.5, rows[i].label));
  close(centre(boxes(svg, ".shapelayer path")[0]).x, points[1].x, 0.5, "reference");
  rows.forEach(({ label }, i) => close(centre(textBox(svg, label)).y, points[i].y, 2, label));
  const fills = new Set(all(svg, ".scatterlayer .point").map((point) => String(fillOf(point))));
  assert.equal(fills.size, 3);
});

Deno.test("forestPlot() writes two significant digits of the half-width", async () => {
  const rows = [
    { label: "a", mean: 71.234, low: 65.11, high: 77.35, n: 9 },
    { label: "b", mean: 0.0512, low: -0.001, high: 0.1034, n: 9 },
    { label: "c", mean: 812.3, low: 700, high: 924.6, n: 9 },
  ];
  const svg = await draw(forestPlot({ title: "t", xTitle: "x", reference: 0, referenceLabel: "zero", rows }));
  for (const text of ["71.2 [65.1, 77.3]", "0.051 [−0.001, 0.103]", "812 [700, 925]"]) {
    assert.ok(texts(svg).some((drawn) => drawn.text === text), `${text} among ${texts(svg).map(({ text }) => text)}`);
  }
});

Deno.test("embeddingMap() draws the same points in every panel, in the colours of their categories", async () => {
  const points = [[0, 0], [10, 0], [0, 5]];
  const svg = await draw(embeddingMap({
    title: "t",
    method: "PCA",
    points,
    panels: [{ title: "by shape", labels: ["ring", "ring", "star"] }, { title: "by order", labels: ["1", "2", "10"] }],
  }));
  const drawn = all(svg, ".scatterlayer .point"), places = boxes(svg, ".scatterlayer .point").map(centre);
  assert.equal(drawn.length, 3 + 2 + 3 + 3); // points and legend of either panel
  const unit = (places[1].x - places[0].x) / 10;
  close(places[0].y - places[2].y, 5 * unit, 0.5, "a unit is as long in both directions");
  assert.deepEqual(fillOf(drawn[0]), rgb(categoricalColors[0]));
  assert.deepEqual(fillOf(drawn[2]), rgb(categoricalColors[1]));
  const order = ["1", "2", "10"].map((text) => textBox(svg, text));
  assert.ok(order[0].x < order[1].x && order[1].x < order[2].x, "categories in the order of their numbers");
});

Deno.test("embeddingMap() takes the colours it is given, and their order for the legend", async () => {
  const colors = { shared: roleColors.shared, synergy: roleColors.synergy, none: roleColors.reference };
  const labels = ["none", "none", "shared"]; // nothing is synergy
  const svg = await draw(embeddingMap({
    title: "t",
    method: "PCA",
    points: [[0, 0], [10, 0], [0, 5]],
    panels: [{ title: "by kind", labels, colors }],
  }));
  const fills = all(svg, ".scatterlayer .point").map(fillOf);
  const [shared, none] = [roleColors.shared, roleColors.reference].map(rgb);
  assert.deepEqual(fills, [shared, none, none, shared, none]);
  assert.ok(textBox(svg, "shared").x < textBox(svg, "none").x);
  assert.ok(texts(svg).every(({ text }) => text.trim() !== "synergy"));
});

Deno.test("embeddingMap() draws at most 400 points, and says of how many", () => {
  const points = Array.from({ length: 1000 }, (_, i) => [i, i % 9]), labels = points.map(() => "all");
  const { data, layout } = embeddingMap({ title: "t", method: "PCA", points, panels: [{ title: "p", labels }] })
    .toJSON();
  assert.equal((data[0].x as number[]).length, 400);
  assert.ok(JSON.stringify(layout.annotations).includes("PCA; 400 of n = 1000 samples."));
});

Deno.test("imageGrid() keeps the pixels, the order and the aspect of its pictures", async () => {
  const wide = { pixels: Uint8Array.of(0, 100, 200, 255), height: 1, width: 4, channels: 1 } as const;
  const figure = imageGrid({
    title: "t",
    images: [picture(0, 8), wide, picture(2, 8)],
    columns: 2,
    captions: ["a", "b", "c"],
  });
  const svg = await draw(figure), images = boxes(svg, "image");
  assert.equal(images.length, 3);
  assert.ok(images[0].x < images[1].x && images[2].y > images[0].y && Math.abs(images[2].x - images[0].x) < 0.5);
  const [source, widened] = all(svg, "image").map((image) =>
    decode(Uint8Array.fromBase64((image.getAttribute("xlink:href") ?? image.getAttribute("href"))!.split(",")[1]))
  );
  // A palette of 256 colours keeps each channel to within a few of its 256 levels.
  const colors = ({ data, palette }: typeof source) => [...data].flatMap((index) => [...palette![index]].slice(0, 3));
  const near = (got: number[], want: number[]) => {
    assert.equal(got.length, want.length);
    got.forEach((value, i) => close(value, want[i], 8, `channel ${i}`));
  };
  near(colors(source), [...picture(0, 8).pixels].map((value) => Math.round(255 * value)));
  near(colors(widened), [...wide.pixels].flatMap((value) => [value, value, value]));
  ["a", "b", "c"].forEach((text, i) => {
    const box = textBox(svg, text);
    close(centre(box).x, centre(images[i]).x, 1.5, `caption ${text}`);
    assert.ok(box.y >= images[i].y, "captions stand below");
  });
});

Deno.test("imageGrid() averages pictures down to what can be seen", async () => {
  const side = 800, half = Uint8Array.from({ length: side * side }, (_, i) => i % side < side / 2 ? 0 : 240);
  const svg = await draw(imageGrid({
    title: "t",
    images: [{ pixels: half, height: side, width: side, channels: 1 }],
    columns: 1,
  }));
  const [image] = all(svg, "image");
  const { data, palette, width } = decode(
    Uint8Array.fromBase64((image.getAttribute("xlink:href") ?? image.getAttribute("href"))!.split(",")[1]),
  );
  assert.ok(width >= 100 && width < 400, `${width} pixels`);
  close(palette![data[1]][0], 0, 8, "left");
  close(palette![data[width - 2]][0], 240, 8, "right");
});

Deno.test("diagram() keeps boxes apart, texts inside them, and arrows from edge to edge", async () => {
  const svg = await draw(diagram({
    title: "t",
    description: "d",
    boxes: [
      { id: "x", text: "picture", column: 0, row: 0 },
      { id: "f", text: "encoder<br>with two lines", column: 1, row: 0 },
      { id: "h", text: "head", column: 0, row: 1, span: 2 },
    ],
    arrows: [{ from: "x", to: "f", label: "[B, 3, 64, 64]" }, { from: "f", to: "h", label: "[B, 512]" }],
  }));
  const drawn = boxes(svg, ".shapelayer path");
  const inside = (outer: Box, inner: Box) =>
    inner.x >= outer.x && inner.y >= outer.y && right(inner) <= right(outer) && bottom(inner) <= bottom(outer);
  ["picture", "encoder with two lines", "head"].forEach((text, i) => {
    const reach = textBox(svg, text);
    assert.ok(inside({ ...drawn[i], y: drawn[i].y - 3, height: drawn[i].height + 6 }, reach), `${text} inside its box`);
  });
  assert.ok(right(drawn[0]) < drawn[1].x && bottom(drawn[1]) < drawn[2].y, "boxes apart");
  const [level, upright] = boxes(svg, ".annotation-arrow-g");
  assert.ok(level.x >= right(drawn[0]) - 3 && right(level) <= drawn[1].x + 3, "from the right edge to the left edge");
  assert.ok(
    upright.y >= bottom(drawn[1]) - 3 && bottom(upright) <= drawn[2].y + 3,
    "from the lower edge to the upper edge",
  );
  close(centre(upright).x, centre(drawn[1]).x, 1, "straight down although the lower box is wider");
  assert.ok(
    bottom(textBox(svg, "[B, 3, 64, 64]")) < centre(level).y + 3 && textBox(svg, "[B, 512]").x > centre(upright).x,
  );
});

Deno.test("informationBars() draws each interval at the end of its part, on the scale of the bars", async () => {
  const svg = await draw(informationBars({
    title: "t",
    units: "bits",
    rows: [{
      label: "all",
      redundancy: { mean: 3, low: 2.5, high: 4, n: 90 },
      unique1: 0,
      unique2: { mean: 1, low: 0.8, high: 1.1, n: 90 },
      synergy: 0.5,
    }],
  }));
  const bars = barsOf(svg).map((bar) => pageBox(bar)!), unit = bars[0].width / 3, start = bars[0].x;
  const intervals = boxes(svg, ".xerror").sort((a, b) => a.y - b.y);
  assert.equal(intervals.length, 2);
  [[2.5, 4], [3.8, 4.1]].forEach(([low, high], i) => {
    close(intervals[i].x, start + low * unit, 1.5, "low");
    close(right(intervals[i]), start + high * unit, 1.5, "high");
  });
  assert.ok(intervals[0].y > bottom(bars[0]) && intervals[1].y > intervals[0].y, "below the bar, one line a kind");
  textBox(
    svg,
    "Length: information about the target in bits, n = 90 samples. Lines below a bar: 95 % interval of each part's length, " +
      "drawn at its end.",
  );
});

Deno.test("informationBars() leaves out a number that its part has no room for", async () => {
  const row = { label: "a", redundancy: 3, unique1: 0.02, unique2: 0, synergy: -0.5 };
  const svg = await draw(informationBars({ title: "t", units: "bits", rows: [row] }));
  const written = texts(svg).map(({ text }) => text);
  assert.ok(written.includes("3.00") && written.includes("−0.50") && !written.includes("0.02"));
});

Deno.test("forestPlot() with adjusted p-values colours what they find, whatever the interval", async () => {
  const rows = [
    { label: "found", mean: 2, low: 1, high: 3, n: 9, adjustedPValue: 0.01 },
    { label: "not found", mean: 2, low: 1, high: 3, n: 9, adjustedPValue: 0.2 },
    { label: "below", mean: -2, low: -3, high: 1, n: 9, adjustedPValue: 0.0001 },
  ];
  const svg = await draw(forestPlot({ title: "t", xTitle: "x", reference: 0, referenceLabel: "none", rows }));
  const points = all(svg, ".scatterlayer .point").toSorted((a, b) => pageBox(a)!.y - pageBox(b)!.y);
  const fills = points.map((point) => String(fillOf(point)));
  assert.deepEqual(fills, [rgb(categoricalColors[4]), fillOf(points[1]), rgb(categoricalColors[0])].map(String));
  assert.equal(new Set(fills).size, 3);
  for (const text of ["adjusted p", "0.010", "0.20", "< 0.001"]) textBox(svg, text);
  textBox(svg, "Points: estimate; lines: 95 % interval; coloured where the adjusted p < 0.05.");
});

Deno.test("forestPlot() gives a long label lines, and its row the height for them", async () => {
  const label = "a group whose name is so long that it would leave no room for the plot if it stood in one line";
  const rows = ["a", label, "b"].map((label) => ({ label, mean: 1, low: 0, high: 2, n: 3 }));
  const svg = await draw(forestPlot({ title: "t", xTitle: "x", reference: 1, referenceLabel: "all", rows }));
  const points = boxes(svg, ".scatterlayer .point").map(centre).sort((a, b) => a.y - b.y);
  rows.forEach(({ label }, i) => close(centre(textBox(svg, label)).y, points[i].y, 2, label));
  const [a, long, b] = rows.map(({ label }) => textBox(svg, label));
  assert.ok(bottom(a) <= long.y + 4 && bottom(long) <= b.y + 4 && long.width < 230);
});

Deno.test("ternaryPlot() places points by their shares", async () => {
  const points: Shares[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]];
  const corners = [{ label: "top" }, { label: "left" }, { label: "right" }] as const;
  const svg = await draw(ternaryPlot({ title: "t", corners, points }));
  const drawn = boxes(svg, ".scatterlayer .point").map(centre).slice(3); // after the marks of the corners
  const [top, left, rightmost, middle, edge] = drawn;
  const side = rightmost.x - left.x;
  close(Math.hypot(top.x - left.x, top.y - left.y), side, 0.5, "equal sides");
  close(left.y, rightmost.y, 0.1);
  close(middle.x, (top.x + left.x + rightmost.x) / 3, 0.5, "centroid");
  close(middle.y, (top.y + left.y + rightmost.y) / 3, 0.5, "centroid");
  close(edge.x, (top.x + left.x) / 2, 0.5, "half way");
  assert.ok(bottom(textBox(svg, "top")) < top.y && textBox(svg, "left").y > left.y);
  assert.ok(centre(textBox(svg, "left")).x < centre(textBox(svg, "right")).x);
});

Deno.test("ternaryPlot() draws equal points as one of an area by their number, and categories beside one another", () => {
  const corners = [{ label: "a" }, { label: "b" }, { label: "c" }] as const, half: Shares = [0.5, 0.25, 0.25];
  const single: Shares = [0.1, 0.1, 0.8], points = [half, half, half, half, single];
  const [, , trace] = ternaryPlot({ title: "t", corners, points }).toJSON().data;
  const { size } = trace.marker as unknown as { size: number[] };
  close(size[0] ** 2 / size[1] ** 2, 4, 0.01, "ratio of areas");
  const labels = ["x", "y", "x", "y", "x"],
    two = ternaryPlot({ title: "t", corners, points, labels }).toJSON().data.slice(2);
  const [x, y] = two.map(({ x, y }) => ({ x: (x as number[])[0], y: (y as number[])[0] }));
  assert.ok(Math.hypot(x.x - y.x, x.y - y.y) > 15);
});

Deno.test("every number of contributionHeatmap() can be read on its cell, in a dark page too", () => {
  const means = Array.from({ length: 61 }, (_, i) => i - 30);
  const { layout } = contributionHeatmap({
    title: "t",
    modalities: ["image"],
    valueTitle: "points lost",
    sections: [{
      label: "class",
      rows: means.map((mean) => ({ label: `${mean}`, n: 9, values: [{ mean, low: mean - 1, high: mean + 1 }] })),
    }],
  }).toJSON();
  const cells = layout.shapes as unknown as { name: string; fillcolor: string; y0: number; y1: number }[];
  const numbers = (layout.annotations as unknown as { name?: string; y: number; font: { color: string } }[])
    .filter(({ name }) => name === ON_SCALE);
  assert.deepEqual([cells.length, numbers.length], [61, 122]);
  for (const { y, font } of numbers) {
    const { name, fillcolor } = cells.find(({ y0, y1 }) => y0 < y && y < y1)!;
    assert.ok(contrast(font.color, fillcolor) >= 4.5, `${font.color} on ${fillcolor}`);
    assert.equal(name, ON_SCALE);
  }
});

Deno.test("contributionHeatmap() colours cells by sign and size, and sets findings in bold", async () => {
  const svg = await draw(contributionHeatmap({
    title: "t",
    modalities: ["image", "sound"],
    valueTitle: "points lost",
    sections: [{
      label: "class",
      rows: [
        { label: "one", n: 12, values: [{ mean: 20, low: 10, high: 30 }, { mean: -20, low: -45, high: 5 }] },
        { label: "two", n: 7, values: [{ mean: 0, low: -1, high: 1 }, null] },
      ],
    }],
  }));
  const fills = all(svg, ".shapelayer path").map(fillOf);
  const [orange, blue, white, none] = fills;
  assert.ok(orange[0] > orange[2] + 60 && blue[2] > blue[0] + 60, `${fills}`);
  assert.deepEqual([white, none], [[255, 255, 255], [255, 255, 255]]);
  const cells = boxes(svg, ".shapelayer path"),
    inside = (text: string, cell: number) => {
      close(centre(textBox(svg, text)).x, centre(cells[cell]).x, 1.5, text);
      assert.ok(textBox(svg, text).y > cells[cell].y - 4 && bottom(textBox(svg, text)) < bottom(cells[cell]) + 4, text);
    };
  inside("+20.0", 0);
  inside("[10.0, 30.0]", 0);
  inside("−20.0", 1);
  inside("0.0", 2);
  inside("not measured", 3);
  const weight = (text: string) =>
    /font-weight: (\d+)/.exec(all(svg, "text").find((e) => e.textContent === text)!.getAttribute("style")!)?.[1];
  assert.equal(weight("+20.0"), "700");
  assert.notEqual(weight("−20.0"), "700");
});

Deno.test("modalityLattice() joins each combination to those with one modality more, wider for larger gains", async () => {
  const svg = await draw(modalityLattice({
    title: "t",
    modalities: ["a", "b"],
    scoreTitle: "accuracy (%)",
    scores: [
      { modalities: ["a"], mean: 60 },
      { modalities: ["b"], mean: 92, low: 90, high: 94, n: 50 },
      { modalities: ["b", "a"], mean: 90 },
    ],
  }));
  const shapes = all(svg, ".shapelayer path"),
    lines = shapes.slice(0, 2),
    nodes = shapes.slice(2).map((s) => pageBox(s)!);
  const widths = lines.map((line) => Number(/stroke-width: ([\d.]+)/.exec(line.getAttribute("style")!)![1]));
  close(widths[0], 7, 0.01, "the largest change");
  close(widths[1], 1 + 6 * 2 / 30, 0.01, "in proportion");
  assert.match(lines[1].getAttribute("style")!, /stroke-dasharray: 7/, "b alone does better than both");
  assert.doesNotMatch(lines[0].getAttribute("style")!, /stroke-dasharray: \d/);
  const [a, b, both] = nodes;
  assert.ok(bottom(both) < a.y && Math.abs(a.y - b.y) < 0.5 && right(a) < b.x);
  textBox(svg, "a + b 90");
  textBox(svg, "b 92.0 [90.0, 94.0]");
});

Deno.test("reliabilityDiagram() places bins by confidence and accuracy on the diagonal's scale, counts below", async () => {
  const bins = [
    { n: 40, confidence: 0.5, accuracy: { mean: 0.5, low: 0.4, high: 0.6 } },
    { n: 10, confidence: 1, accuracy: { mean: 0.75, low: 0.5, high: 0.9 } },
  ];
  const svg = await draw(reliabilityDiagram({ title: "t", series: [{ name: "test", bins, error: { mean: 0.05 } }] }));
  const [first, last] = boxes(svg, ".scatterlayer .point").map(centre);
  const [diagonal] = boxes(svg, ".scatterlayer .js-line");
  close(diagonal.width, diagonal.height, 1, "a square");
  close(first.x, centre(diagonal).x, 0.5);
  close(first.y, centre(diagonal).y, 0.5);
  close(last.x, right(diagonal), 0.5);
  close(last.y, diagonal.y + diagonal.height / 4, 0.5);
  const [whisker] = boxes(svg, ".yerror");
  close(whisker.height, 0.2 * diagonal.height, 1);
  const bars = barsOf(svg).map((bar) => pageBox(bar)!);
  close(bars[0].height / bars[1].height, 4, 0.1, "counts");
  assert.ok(bars[0].y > bottom(diagonal));
  textBox(svg, "test: ECE 0.050, n = 50");
});
