import assert from "node:assert/strict";
import { interactionMap, type InteractionPair } from "braid/plots/interaction_map.ts";
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
