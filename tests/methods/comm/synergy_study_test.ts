// The study of synergy on tiny settings: what it changes, what it is judged by.

import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { SYNERGY_COLOR, trifeature } from "braid/datasets/trifeature.ts";
import { trifeaturePresets } from "braid/methods/comm/settings.ts";
import {
  balancedPairs,
  runSynergyVariant,
  type SynergyVariant,
  synergyVariants,
} from "braid/methods/comm/synergy_study.ts";
import { tensorsHeld } from "../../engine/engines.ts";

await useEngine();

const base = { ...trifeaturePresets.smoke, size: 16, encoder: [3, 6, 8], dim: 16, batchSize: 4, steps: 2 };

Deno.test("balancedPairs() belong together in half of the cases, and are of their split", async () => {
  const data = await trifeature({ size: 16 });
  const { first, second, labels: { balancedSynergy } } = balancedPairs(data, "validation", 301);
  assert.equal(first.length, 300);
  assert.equal(balancedSynergy.reduce((sum, label) => sum + label, 0), 150);
  const { texture, color } = data.train;
  for (const [i, label] of balancedSynergy.entries()) {
    assert.equal(label, Number(SYNERGY_COLOR[texture[first[i]]] === color[second[i]]), `pair ${i}`);
  }
  const numbersOf = ({ first, second }: { first: Int32Array; second: Int32Array }) =>
    Array.from(first, (image, i) => `${image} ${second[i]}`);
  const trained = new Set(numbersOf(data.pairs("train", { count: 10_000 })));
  assert.ok(numbersOf({ first, second }).every((pair) => !trained.has(pair)));
});

Deno.test("runSynergyVariant() trains with the variant's settings and probes validation pairs before and after", async () => {
  const before = tensorsHeld();
  const run = await runSynergyVariant({ variant: "legible, five textures", base, command: "made up" });
  assert.partialDeepStrictEqual(run.config, {
    ...{ variant: "legible, five textures", scored: "validation", biased: true, textureScale: 3.5, levels: 5 },
  });
  assert.deepEqual([...new Set(run.probes.map(({ step }) => step))], [0, 2]);
  const last = run.probes.filter(({ step }) => step === 2);
  assert.deepEqual(last.map(({ task }) => task), ["share", "unique1", "unique2", "synergy", "balancedSynergy"]);
  assert.ok(last.every(({ n }) => n > 1000), "validation pairs are many");
  assert.deepEqual(tensorsHeld(), before);
});

Deno.test("each variant changes one thing", () => {
  const [recorded, legible, five, ...rest] = Object.values(synergyVariants) as SynergyVariant[];
  assert.deepEqual(recorded, {});
  assert.deepEqual(Object.keys(legible), ["settings"]);
  const { settings: common = {} } = five;
  for (const variant of rest) {
    const { settings = {}, ...others } = variant, own = Object.entries(settings).filter(([name]) => !(name in common));
    assert.equal(own.length + Object.keys(others).length, 1);
    assert.partialDeepStrictEqual(settings, common);
  }
});
