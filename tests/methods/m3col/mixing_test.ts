import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { drawMixing } from "braid/methods/m3col/mixing.ts";
import { numbersOf, tensorsHeld } from "../../engine/engines.ts";

await useEngine();
const random = new RandomStream(0, "mixing");

Deno.test("drawMixing() draws a permutation for each modality, independent of the others and new in each call", () => {
  const draw = () => drawMixing({ modalities: 3, batch: 40, random }).permutations.arraySync();
  const rows = [...draw(), ...draw()];
  for (const row of rows) assert.deepEqual(row.toSorted((i, j) => i - j), [...Array(40).keys()]);
  assert.equal(new Set(rows.map(String)).size, 6);
});

Deno.test("drawMixing() mixes half of the samples, by shares of Beta(0.15, 0.15)", () => {
  const n = 20_000, shares = numbersOf(drawMixing({ modalities: 2, batch: n / 2, random }).lambdas);
  // The samples that the gate leaves alone are 1 exactly; shares that round to 1 are few next to them.
  const expected = { "below 0.05": 0.5 * 0.33, "a real mixture": 0.5 * 0.136, "at least half its own": 0.75 };
  const counted = {
    "below 0.05": shares.filter((x) => x < 0.05).length / n,
    "a real mixture": shares.filter((x) => x > 0.25 && x < 0.75).length / n,
    "at least half its own": shares.filter((x) => x >= 0.5).length / n,
  };
  for (const [what, share] of Object.entries(expected)) {
    const got = counted[what as keyof typeof counted];
    assert.ok(Math.abs(got - share) < 4 * Math.sqrt(share * (1 - share) / n) + 0.003, `${what}: ${got}, not ${share}`);
  }
});

Deno.test("drawMixing() has the two modalities' shares differ, obeys threshold and alpha", () => {
  const [first, second] = drawMixing({ modalities: 2, batch: 50, random, threshold: 1 }).lambdas.arraySync();
  assert.notDeepEqual(first, second);
  assert.ok(
    numbersOf(drawMixing({ modalities: 2, batch: 50, random, threshold: 0 }).lambdas).filter((x) => x < 1).length < 2,
  );
  const even = drawMixing({ modalities: 2, batch: 50, random, threshold: 1, alpha: 1e6 }).lambdas;
  assert.ok(numbersOf(even).every((x) => Math.abs(x - 0.5) < 0.01));
  assert.throws(() => drawMixing({ modalities: 2, batch: 5, random, alpha: 0 }), /alpha to be positive/);
  assert.throws(() => drawMixing({ modalities: 2, batch: 5, random, threshold: 2 }), /threshold to be a share/);
});

Deno.test("drawMixing() leaves no tensor behind", () => {
  const before = tensorsHeld();
  tf.dispose({ ...drawMixing({ modalities: 2, batch: 5, random }) });
  assert.deepEqual(tensorsHeld(), before);
});
