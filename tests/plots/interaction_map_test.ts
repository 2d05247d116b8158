import assert from "node:assert/strict";
import { contrast } from "braid/plots/colors.ts";
import { interactionMap, type InteractionPair } from "braid/plots/interaction_map.ts";
import { ON_SCALE } from "braid/plots/spec.ts";
import { synergyBrackets } from "braid/plots/synergy_brackets.ts";
import { draw, textBox, texts } from "./drawing.ts";

const found = (value: number) => ({ value, distinguishable: true });
const pair = (first: string, second: string, more: Partial<InteractionPair> = {}): InteractionPair => ({
  ...{
    sources: [first, second],
    redundancy: found(1),
    unique1: found(0.25),
    unique2: found(0.5),
    synergy: found(0.75),
  },
  ...more,
});
const map = (...pairs: InteractionPair[]) => interactionMap({ title: "t", units: "bits", pairs });

Deno.test("what only the first tells stands in its row, under the second", () => {
  const [shared, unique, synergy] = map(pair("image", "sound"), pair("text", "image")).toJSON().data
    .map(({ z }) => z as unknown as (number | null)[][]);
  assert.deepEqual(unique, [[null, 0.25, 0.5], [0.5, null, null], [0.25, null, null]]); // image, sound, text
  assert.deepEqual(shared, [[null, null, null], [1, null, null], [1, null, null]]);
  assert.deepEqual(synergy, [[null, null, null], [0.75, null, null], [0.75, null, null]]);
});

Deno.test("what chance explains stands in brackets, and only then are they explained", async () => {
  const chance = pair("image", "sound", { synergy: { value: -0.034, distinguishable: false } });
  const drawn = texts(await draw(map(chance))).map(({ text }) => text);
  assert.ok(drawn.includes("(−.03)") && drawn.includes("1.00") && drawn.includes(".25"), drawn.join(" "));
  assert.match(drawn.join(" "), /In brackets: not told apart from chance/);
  assert.doesNotMatch(texts(await draw(map(pair("image", "sound")))).map(({ text }) => text).join(" "), /brackets/);
});

Deno.test("every number can be read on its cell, in a dark page too", () => {
  const shares = Array.from({ length: 21 }, (_, i) => i / 20 - 0.1);
  const pairs = shares.map((value, i) => {
    const atom = { value, distinguishable: i % 2 === 0 };
    return { sources: ["all", `${i}`] as const, redundancy: atom, unique1: atom, unique2: atom, synergy: atom };
  });
  const { data, layout } = map(...pairs).toJSON();
  const numbers = layout.annotations as unknown as { xref: string; x: string; y: string; name?: string }[];
  let read = 0;
  for (const { xaxis, x, y, z, colorscale, zmax } of data as unknown as Heatmap[]) {
    for (const number of numbers.filter(({ xref }) => xref === xaxis)) {
      const share = Math.max(0, z[y.indexOf(number.y)][x.indexOf(number.x)]! / zmax);
      const { color } = (number as unknown as { font: { color: string } }).font;
      assert.ok(contrast(color, between(colorscale[0][1], colorscale[1][1], share)) >= 4.5, `${share}: ${color}`);
      assert.equal(number.name, ON_SCALE);
      read++;
    }
  }
  assert.equal(read, 4 * pairs.length);
});

interface Heatmap {
  xaxis: string;
  x: string[];
  y: string[];
  z: (number | null)[][];
  colorscale: [number, string][];
  zmax: number;
}

/** The colour that Plotly draws between two, channel by channel. */
function between(from: string, to: string, share: number): string {
  const channels = (color: string) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
  const mixed = channels(from).map((value, i) => Math.round(value + (channels(to)[i] - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

Deno.test("interactionMap() says what is wrong with its pairs", () => {
  assert.throws(() => map(), /pairs to have at least one entry/);
  assert.throws(() => map(pair("image", "image")), /pairs of two modalities, got image and image/);
  assert.throws(() => map(pair("image", "sound"), pair("sound", "image")), /one entry for image and sound, got two/);
  assert.throws(() => map(pair("image", "sound", { synergy: found(NaN) })), /image and sound to be finite/);
});

Deno.test("a bracket reaches from its lower bound, or 0, to the upper one", () => {
  const rows = [
    { label: "AND", lower: 0.5, upper: 0.5, synergy: 0.5 },
    { label: "XOR", lower: -0.25, upper: 1, synergy: 1 },
  ];
  const [bars, , points] = synergyBrackets({ title: "t", rows }).toJSON().data;
  assert.deepEqual([bars.base, bars.x], [[0.5, 0], [0, 1]]);
  assert.deepEqual(points.x, [0.5, 1]);
});

Deno.test("synergyBrackets() draws its rows top to bottom", async () => {
  const row = { lower: 0, upper: 1, synergy: 0.5 };
  const svg = await draw(synergyBrackets({ title: "t", rows: [{ ...row, label: "AND" }, { ...row, label: "XOR" }] }));
  assert.ok(textBox(svg, "AND").y < textBox(svg, "XOR").y);
});

Deno.test("synergyBrackets() says what is wrong with its rows", () => {
  const brackets = (...rows: Parameters<typeof synergyBrackets>[0]["rows"]) => () =>
    synergyBrackets({ title: "t", rows });
  const row = { label: "AND", lower: 0, upper: 1, synergy: 0.5 };
  assert.throws(brackets(), /rows to have at least one entry/);
  assert.throws(brackets({ ...row, synergy: NaN }), /bounds and synergy of AND to be finite/);
  assert.throws(brackets({ ...row, lower: 1.1 }), /bounds of AND to enclose something, got 1.1 and 1/);
});
