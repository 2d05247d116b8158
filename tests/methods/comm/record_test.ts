import assert from "node:assert/strict";
import { join } from "node:path";
import { useEngine } from "braid/engine/engine.ts";
import { readRecordedRun, type RecordedRun } from "braid/evaluation/recorded_run.ts";
import { recordTrifeature } from "braid/methods/comm/record.ts";
import { trifeaturePresets } from "braid/methods/comm/settings.ts";
import type { TrainingReport } from "braid/training/train.ts";

/** A recorded run without what depends on the clock. */
const withoutTimes = ({ started: _, seconds: __, ...run }: RecordedRun) => run;

Deno.test("recordTrifeature() keeps settings, curve and probes in a file; cut short, it goes on to the same end", async () => {
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
    checkpointFolder: join(folder, "checkpoints"),
  };
  const left: number[] = [];
  const run = await recordTrifeature({
    ...options,
    onReport: ({ step }) => reported.push(step),
    onStep: ({ secondsLeft }) => left.push(secondsLeft),
  });
  assert.equal(left.length, 21);
  assert.ok(left[0] > left[19] && left[20] > 0, String(left)); // after the last step there is a probe to come
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
  await assert.rejects(Deno.stat(options.checkpointFolder), Deno.errors.NotFound); // a finished run needs none

  const cut = { ...options, path: join(folder, "cut.json") };
  const stop = ({ step }: TrainingReport) => {
    if (step === 21) throw new Error("the power went");
  };
  await assert.rejects(recordTrifeature({ ...cut, onReport: stop }), /the power went/);
  const other = { ...cut, settings: { ...settings, learningRate: 1 } };
  await assert.rejects(recordTrifeature(other), /to be of this run, .*remove the folder/);
  reported.length = 0;
  const resumed = await recordTrifeature({ ...cut, onReport: ({ step }) => reported.push(step) });
  assert.deepEqual(reported, [21]); // from the checkpoint of step 20
  assert.deepEqual(withoutTimes(resumed), withoutTimes(run));
  assert.deepEqual(await readRecordedRun(cut.path), resumed);
  await Deno.remove(folder, { recursive: true });
});
