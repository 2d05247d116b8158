import assert from "node:assert/strict";
import { readRecordedRun, type RecordedRun, writeRecordedRun } from "braid/evaluation/recorded_run.ts";

const run: RecordedRun = {
  config: { method: "comm", preset: "quick", imageSize: 64, augment: true, seeds: [42] },
  seed: 42,
  engine: "libtensorflow 2.21, CPU, compiled",
  versions: { deno: "2.9.6", tfjs: "4.22.0" },
  command: "deno task walkthrough comm --preset quick",
  started: "2025-01-31T12:00:00.000Z",
  seconds: 1234.5,
  curve: [
    { step: 1, loss: 4.8, terms: { "modality 1": 4.8, fused: 4.7 }, learningRate: 1e-5 },
    { step: 2, loss: 4.6, terms: { "modality 1": 4.7, fused: 4.5 }, learningRate: 2e-5 },
  ],
  probes: [{
    step: 1600,
    task: "unique1",
    method: "comm",
    balancedAccuracy: 0.69,
    accuracy: 0.7,
    n: 4094,
    c: 0.01,
    interval: { value: 0.69, low: 0.67, high: 0.71, confidence: 0.95, n: 4094, over: "samples" },
  }],
};

const folder = await Deno.makeTempDir(), path = `${folder}/runs/comm.json`;
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

Deno.test("a recorded run is read as it was written, and overwritten as a whole", async () => {
  await writeRecordedRun(path, { ...run, curve: [], probes: [] });
  await writeRecordedRun(path, run);
  assert.deepEqual(await readRecordedRun(path), run);
  assert.deepEqual([...Deno.readDirSync(`${folder}/runs`)].map(({ name }) => name), ["comm.json"]);
});

Deno.test("writeRecordedRun() refuses what is no number, and leaves the file as it was", async () => {
  await writeRecordedRun(path, run);
  const diverged = { ...run, curve: [{ ...run.curve[0], loss: NaN }] };
  await assert.rejects(writeRecordedRun(path, diverged), {
    name: "RangeError",
    message: /recorded run to write to .*comm\.json, got curve\.0\.loss: /,
  });
  assert.deepEqual(await readRecordedRun(path), run);
});

Deno.test("writeRecordedRun() leaves nothing behind when it cannot finish", async () => {
  await Deno.mkdir(`${folder}/taken.json`, { recursive: true });
  await assert.rejects(writeRecordedRun(`${folder}/taken.json`, run));
  assert.ok([...Deno.readDirSync(folder)].every(({ name }) => !name.includes("unfinished")));
});

Deno.test("readRecordedRun() says which file is wrong and where", async () => {
  const wrong = `${folder}/wrong.json`;
  const rejects = async (content: unknown, message: RegExp) => {
    await Deno.writeTextFile(wrong, typeof content === "string" ? content : JSON.stringify(content));
    await assert.rejects(readRecordedRun(wrong), { name: "InvalidFileError", message });
  };
  const { seed: _, ...seedless } = run;
  await rejects("", /wrong\.json to be a recorded run, got an empty file/);
  await rejects(JSON.stringify(run).slice(0, -9), /wrong\.json to be a recorded run, got text that is not JSON/);
  await rejects(seedless, /wrong\.json .*seed: /);
  await rejects({ ...run, note: "hand-made" }, /note: /);
  await rejects({ ...run, started: "yesterday" }, /started: /);
  await rejects({ ...run, probes: [{ ...run.probes[0], balancedAccuracy: 69 }] }, /probes\.0\.balancedAccuracy: /);
  await rejects({ ...run, curve: [{ ...run.curve[0], loss: null }] }, /curve\.0\.loss: /);
  await assert.rejects(readRecordedRun(`${folder}/none.json`), /none\.json to be a recorded run, got no such file/);
});
