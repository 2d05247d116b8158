import assert from "node:assert/strict";
import { readTrifeatureRuns } from "braid/methods/comm/claims.ts";
import type { PairMethod } from "braid/methods/comm/learners.ts";
import { STEPS_PER_EPOCH } from "braid/methods/comm/published.ts";
import { settingsOf, trifeaturePresets } from "braid/methods/comm/settings.ts";

const { smoke, quick, recorded, paper } = trifeaturePresets;

Deno.test("the paper preset is the released configuration: 100 epochs of 10,000 pairs at 224 pixels", () => {
  assert.partialDeepStrictEqual(paper, {
    ...{ size: 224, encoder: "AlexNet", dim: 512, batchSize: 64, steps: 100 * STEPS_PER_EPOCH },
    ...{ learningRate: 3e-4, weightDecay: 1e-4, trainPairs: 10_000 },
    ...{ probePairs: 10_000, testPairs: 0, probeCs: [1e-4, 1e-2, 1, 1e2, 1e4], digitsEvery: 1 },
  });
});

Deno.test("all presets have the same settings, and a preset takes longer than the one before", () => {
  for (const preset of [quick, recorded, paper]) {
    assert.deepEqual(Object.keys(preset).sort(), Object.keys(smoke).sort());
  }
  const order = [smoke, quick, recorded, paper];
  for (const name of ["size", "dim", "steps", "shortSteps", "probePairs"] as const) {
    const values = order.map((preset) => preset[name]);
    assert.deepEqual(values, values.toSorted((a, b) => a - b), name);
  }
});

Deno.test("FactorCL has its own learning rate, no weight decay and 150 epochs; the others the preset as it is", () => {
  assert.deepEqual(settingsOf("CoMM", "paper"), paper);
  const own = { learningRate: 1e-4, weightDecay: 0 };
  assert.deepEqual(settingsOf("FactorCL", "recorded"), { ...recorded, ...own });
  assert.deepEqual(settingsOf("FactorCL", "paper"), { ...paper, ...own, steps: 23_550 });
});

Deno.test("batches of every preset fit into its pairs", () => {
  for (const { batchSize, trainPairs } of Object.values(trifeaturePresets)) assert.ok(batchSize <= trainPairs);
});

Deno.test("the committed runs were made with the recorded preset", async () => {
  for (const { config, seed } of await readTrifeatureRuns()) {
    const { dataset, method, terms: _, biased, ...settings } = config;
    assert.equal(dataset, "trifeature");
    assert.deepEqual(settings, {
      ...settingsOf(method as PairMethod, "recorded"),
      seed,
      steps: biased ? 25 * STEPS_PER_EPOCH : recorded.steps,
    });
  }
});
