// The paper's numbers, typed a second time.

import assert from "node:assert/strict";
import { publishedAblation, publishedCurve, publishedScores, STEPS_PER_EPOCH } from "braid/methods/comm/published.ts";

/** A table's row: method, then value and spread of each column. */
const bars = `
Cross       100.0      11.6±0.9  50.0±0.0
Cross+Self   99.7      86.9±0.8  50.0±0.0
FactorCL     99.8      62.5±2.6  46.5±2.9
CoMM         99.9      87.8±1.6  71.9±2.0`;

const ablation = `
joint   94.9  81.7  54.4
single  100   86.3  50.0`;

const curves = `
epoch    5    10   15   20   25   30   40   50   60   70   80   90   95   100
shared   83.8 95.7 98.7 99.6 99.6 99.8 99.8 99.8 100  99.8 99.8 100  99.8 100
unique   55.7 69.4 72.2 75.5 78.0 79.5 81.5 82.1 84.6 85.0 85.9 86.6 86.6 87.8
synergy  57.7 55.9 56.1 59.6 63.9 66.2 66.5 69.7 70.7 70.9 71.7 73.6 74.5 71.8`;

const rowsOf = (table: string) => table.trim().split("\n").map((row) => row.trim().split(/\s+/));

function scoresOf(table: string) {
  const score = (text: string) => {
    const [value, spread] = text.split("±").map(Number);
    return spread === undefined ? { value } : { value, spread };
  };
  return Object.fromEntries(
    rowsOf(table).map(([method, shared, unique, synergy]) => [
      method,
      { shared: score(shared), unique: score(unique), synergy: score(synergy) },
    ]),
  );
}

Deno.test("publishedScores are the bars of the paper's figure on Trifeature", () => {
  assert.deepEqual(publishedScores, scoresOf(bars));
});

Deno.test("publishedAblation is the end of the curves of the ablation figure", () => {
  assert.deepEqual(publishedAblation, scoresOf(ablation));
});

Deno.test("publishedCurve is that of the paper's ablation figure", () => {
  const [epochs, ...atoms] = rowsOf(curves).map(([name, ...values]) => [name, values.map(Number)]);
  assert.deepEqual(publishedCurve, Object.fromEntries([["epochs", epochs[1]], ...atoms]));
});

Deno.test("an epoch is 10,000 pairs in batches of 64, the last one smaller", () => {
  assert.equal(STEPS_PER_EPOCH, Math.ceil(10_000 / 64));
});
