import assert from "node:assert/strict";
import { join } from "node:path";
import { useEngine } from "braid/engine/engine.ts";
import { readRecordedRun } from "braid/evaluation/recorded_run.ts";
import { recordTrifeature } from "braid/methods/comm/record.ts";
import { trifeaturePresets } from "braid/methods/comm/settings.ts";

Deno.test("recordTrifeature() keeps settings, curve and probes in a file that reads back", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "run.json");
  const settings = {
    ...trifeaturePresets.smoke,
    steps: 21,
    trainPairs: 40,
    probePairs: 80,
    testPairs: 60,
    probeCs: [1e-4],
  };
  const reported: number[] = [], begun = Date.now();
  const options = {
    method: "Cross" as const,
    settings,
    biased: true,
    probeEvery: 15,
    command: "deno task record comm",
    path,
  };
  const run = await recordTrifeature({ ...options, onReport: ({ step }) => reported.push(step) });
  assert.deepEqual(await readRecordedRun(path), run);
  assert.deepEqual(run.config, { dataset: "trifeature", method: "Cross", biased: true, ...settings });
  assert.deepEqual([run.seed, run.command, run.engine], [42, options.command, (await useEngine()).description]);
  assert.deepEqual([reported, run.curve.map(({ step }) => step)], [[20, 21], [20, 21]]);
  assert.ok(
    run.curve.every(({ loss, learningRate }) => Number.isFinite(loss) && learningRate === settings.learningRate),
  );
  const tasks = ["share", "unique1", "unique2", "synergy"];
  assert.deepEqual(
    run.probes.map(({ step, task }) => [step, task]),
    [0, 20, 21].flatMap((s) => tasks.map((t) => [s, t])),
  );
  assert.ok(run.probes.every(({ n, method }) => n === 60 && method === "Cross"));
  assert.ok(Date.parse(run.started) >= begun - 1000 && run.seconds * 1000 <= Date.now() - begun + 1000);
  await Deno.remove(folder, { recursive: true });
});
