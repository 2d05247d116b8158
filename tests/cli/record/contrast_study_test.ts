// The study on tiny networks: what is measured, from which samples, in which order.

import assert from "node:assert/strict";
import { objectiveNames } from "braid/cli/record/contrast_objectives.ts";
import { contrastData, contrastSettings, runContrastStudy } from "braid/cli/record/contrast_study.ts";
import { useEngine } from "braid/engine/engine.ts";
import { readRecordedAtoms, recordedAtomsPath } from "braid/interactions/recorded_atoms.ts";
import { tensorsHeld } from "../../engine/engines.ts";

await useEngine();
const tiny = {
  ...contrastSettings,
  hidden: 8,
  dim: 8,
  batchSize: 400,
  epochs: 1,
  clusters: 3,
  resamples: 2,
  seeds: [7],
};
const methods = ["raw features", "random weights", ...objectiveNames];

Deno.test("the study measures every method with every seed, before and after, and leaves no tensor behind", async () => {
  const before = tensorsHeld(), heard: string[] = [];
  const { measured, samples, config, sources } = await runContrastStudy({
    ...{ data: "two views of digits", settings: { ...tiny, seeds: [7, 8] }, command: "made up" },
    onMeasured: ([{ method, seed }]) => heard.push(`${method} ${seed}`),
  });
  assert.deepEqual(heard, [7, 8].flatMap((seed) => methods.map((method) => `${method} ${seed}`)));
  assert.deepEqual(measured.map(({ method, seed }) => `${method} ${seed}`), heard);
  assert.deepEqual([samples, sources, config.seeds], [800, ["pixels", "fourier"], "7, 8"]);
  const [raw] = measured;
  assert.ok(raw.redundancy.distinguishable && raw.read.every((part) => part > 0.6), JSON.stringify(raw));
  assert.notDeepEqual(raw.redundancy, measured.find(({ seed }) => seed === 8)!.redundancy, "another split");
  assert.deepEqual(tensorsHeld(), before);
});

Deno.test("halves share no sample, and hold all of the digits and speakers", async () => {
  const { train, heldOut, targets } = await contrastData["seen and heard digits"].load(7);
  const rows = [train, heldOut].map(([, sound]) => new Set(sound.arraySync().map(String)));
  assert.equal(rows[0].intersection(rows[1]).size, 0);
  assert.deepEqual([train, heldOut].map((pair) => pair.map(({ shape }) => shape)), [
    [[1320, 49], [1320, 176]],
    [[1380, 49], [1380, 176]],
  ]);
  for (const { train, heldOut, classes } of targets) {
    assert.deepEqual([train.length, heldOut.length], [1320, 1380]);
    for (const labels of [train, heldOut]) assert.equal(new Set(labels).size, classes);
  }
});

for (const data of Object.keys(contrastData)) {
  Deno.test(`what is recorded of ${data} is of these methods and settings`, async () => {
    const { measured, config, sources } = await readRecordedAtoms(recordedAtomsPath(data));
    const { seeds, ...settings } = contrastSettings;
    assert.deepEqual(config, { ...settings, seeds: seeds.join(", ") });
    assert.deepEqual(sources, contrastData[data as keyof typeof contrastData].sources);
    const targets = new Set(measured.map(({ target }) => target)).size;
    assert.equal(measured.length, seeds.length * methods.length * targets);
    assert.deepEqual([...new Set(measured.map(({ method }) => method))], methods);
  });
}
