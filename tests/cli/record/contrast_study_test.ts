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

const shapes = {
  "seen and heard digits": { train: 1320, heldOut: 1380, widths: [49, 176] },
  "two views of digits": { train: 800, heldOut: 800, widths: [240, 76] },
};

for (const [data, { widths, ...counts }] of Object.entries(shapes)) {
  Deno.test(`halves of ${data} share no sample, and hold all classes`, async () => {
    const { train, heldOut, targets } = await contrastData[data as keyof typeof contrastData].load(7);
    const halves = { train, heldOut }, sides = ["train", "heldOut"] as const;
    const rows = sides.map((side) => new Set(halves[side][1].arraySync().map(String)));
    assert.equal(rows[0].intersection(rows[1]).size, 0);
    for (const side of sides) {
      assert.deepEqual(halves[side].map(({ shape }) => shape), widths.map((width) => [counts[side], width]));
      for (const { [side]: labels, classes } of targets) {
        assert.deepEqual([labels.length, new Set(labels).size], [counts[side], classes]);
      }
    }
  });
}

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
