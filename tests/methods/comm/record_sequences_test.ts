// CoMM on sequences, kept as JSON: what is written, and that a run that was cut short comes out the same.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { FeatureSequences } from "braid/datasets/feature_sequences.ts";
import { randomNumbers } from "braid/engine/random_numbers.ts";
import { readRecordedRun, type RecordedRun } from "braid/evaluation/recorded_run.ts";
import { recordSequences } from "braid/methods/comm/record_sequences.ts";
import type { TrainingReport } from "braid/training/train.ts";

const withoutTimes = ({ started: _, seconds: __, ...run }: RecordedRun) => run;

/** Sequences of one step whose class the words tell and the face does not. */
function speakers(count: number, stream: string): FeatureSequences<"vision" | "text"> {
  const random = randomNumbers(5, stream), label = Int32Array.from({ length: count }, (_, i) => i % 2);
  const noise = (width: number) => Float32Array.from({ length: count * width }, () => random.uniform() - 0.5);
  const features = { vision: noise(3), text: noise(2).map((x, i) => x + 4 * label[Math.floor(i / 2)]) };
  return { count, steps: 1, widths: { vision: 3, text: 2 }, features, label };
}

const given = {
  ...{ dataset: "made up", train: speakers(130, "train"), test: speakers(40, "test"), modalities: ["vision", "text"] },
  ...{ epochs: 11, seed: 3, probeEvery: 15, command: "deno task record comm-sequences" },
};

Deno.test("recordSequences() keeps what each modality tells and both; cut short, it goes on to the same end", async () => {
  const folder = await Deno.makeTempDir(), path = join(folder, "run.json");
  const options = { ...given, path, checkpointFolder: join(folder, "checkpoints") };
  const run = await recordSequences(options);
  assert.deepEqual(await readRecordedRun(path), run);
  const { config: { dataset, modalities, steps, learningRate, batchSize, trainSamples, testSamples }, seed } = run;
  assert.deepEqual([dataset, modalities, steps, seed], ["made up", ["vision", "text"], 22, 3]); // two batches an epoch
  assert.deepEqual([learningRate, batchSize, trainSamples, testSamples], [1e-3, 64, 130, 40]);
  assert.deepEqual(
    run.probes.map(({ step, task }) => [step, task]),
    [0, 20, 22].flatMap((step) => ["vision", "text", "all"].map((task) => [step, task])),
  );
  const [vision, text, all] = run.probes.slice(-3).map(({ balancedAccuracy }) => balancedAccuracy);
  assert.ok(text > 0.9 && all > 0.9 && vision < 0.8, `${vision}, ${text}, ${all}`);

  const cut = { ...options, path: join(folder, "cut.json") };
  const stop = ({ step }: TrainingReport) => {
    if (step === 22) throw new Error("the power went");
  };
  await assert.rejects(recordSequences({ ...cut, onReport: stop }), /the power went/);
  assert.deepEqual(withoutTimes(await recordSequences(cut)), withoutTimes(run));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("modalities that are not there, the same twice or one alone, and too few samples are refused", async () => {
  const options = { ...given, path: "nowhere.json", checkpointFolder: "nowhere" };
  const refused = (changes: Partial<typeof given>, message: RegExp) =>
    assert.rejects(recordSequences({ ...options, ...changes }), message);
  await refused({ modalities: ["vision", "smell"] }, /modalities of vision, text, got vision,smell/);
  await refused({ modalities: ["text", "text"] }, /two different modalities/);
  await refused({ modalities: ["text"] }, /two different modalities/);
  await refused({ train: speakers(63, "few") }, /batch of 64 training samples, got 63/);
});
