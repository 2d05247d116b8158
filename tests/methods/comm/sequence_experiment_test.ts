// CoMM on made-up sequences: it trains, probes get all samples, labels fine-tune, memory stays.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import {
  embedSequenceMasks,
  embedSequences,
  sequenceCoMM,
  sequenceOptimizer,
  sequencePool,
  trainOnSequences,
} from "braid/methods/comm/sequence_experiment.ts";
import { closeTo, numbersOf, tensorsHeld, wave } from "../../engine/engines.ts";

await useEngine();
const SAMPLES = 24, STEPS = 3, WIDTHS = [3, 4, 2];
const pools = () =>
  WIDTHS.map((width, m) =>
    sequencePool(Float32Array.from(numbersOf(wave([SAMPLES, STEPS, width], m))), [SAMPLES, STEPS, width])
  );
const small = () => sequenceCoMM(WIDTHS, { random: new RandomStream(1, "weights"), dim: 8, layers: 1, heads: 2 });
const options = { batchSize: 8, steps: 30, seed: 2, reportEvery: 10 };

Deno.test("with the published widths a model of MOSI's modalities has the released encoders and a vector of 40", () => {
  const model = sequenceCoMM([20, 300], { random: new RandomStream(1, "weights") });
  const layer = 4 * (40 * 40 + 40) + 2 * 40 * 2048 + 2048 + 40 + 4 * 40;
  assert.deepEqual(
    model.encoders.map(({ parameterCount }) => parameterCount),
    [20, 300].map((f) => f * 40 + 5 * layer),
  );
  assert.deepEqual(model.embed([tf.zeros([2, 50, 20]), tf.zeros([2, 50, 300])]).shape, [2, 40]);
  model.dispose();
});

Deno.test("trainOnSequences() lowers CoMM's loss of four masks; a step leaves no tensor, the end only the model", async () => {
  const model = small(), samples = pools(), optimizer = sequenceOptimizer(model, { learningRate: 3e-3 });
  const before = tensorsHeld(), held: string[] = [], values: number[] = [];
  for await (const { loss, terms } of trainOnSequences({ model, pools: samples, optimizer, ...options })) {
    values.push(loss);
    held.push(String(tensorsHeld()));
    assert.deepEqual(Object.keys(terms), ["modality1", "modality2", "modality3", "all"]);
  }
  assert.ok(values.at(-1)! < 0.97 * values[0], String(values));
  assert.equal(new Set(held).size, 1, held.join(" "));
  assert.deepEqual(tensorsHeld(), before);
});

Deno.test("with labels it is the supervised loss that falls", async () => {
  const labels = Int32Array.from({ length: SAMPLES }, (_, i) => i % 2), model = small(), samples = pools();
  for (const pool of samples) { // what is of one class lies apart
    const shift = tf.reshape(tf.mul(tf.cast(tf.tensor1d(labels, "int32"), "float32"), 3), [SAMPLES, 1, 1]);
    pool.assign(tf.add(pool, shift));
  }
  const learning = { ...options, steps: 20 };
  const reports = await Array.fromAsync(trainOnSequences({ model, pools: samples, labels, ...learning }));
  assert.deepEqual(reports.map(({ terms }) => terms), [{}, {}]);
  assert.ok(reports[1].loss < reports[0].loss - 0.02, String(reports.map(({ loss }) => loss)));
});

Deno.test("embedSequences() is the vector of every sample, in batches of any size", () => {
  const model = small(), samples = pools(), whole = model.embed(samples), before = tensorsHeld();
  for (const batchSize of [5, 24, 100]) {
    const parts = embedSequences(model, samples, { batchSize });
    assert.deepEqual(parts.shape, [SAMPLES, 8]);
    closeTo(numbersOf(parts), numbersOf(whole), 1e-4);
    parts.dispose();
    const masks = embedSequenceMasks(model, samples, { batchSize }), each = tf.unstack(masks);
    assert.deepEqual(masks.shape, [4, SAMPLES, 8]);
    closeTo(numbersOf(each[3]), numbersOf(whole), 1e-4);
    tf.dispose([masks, each]);
  }
  assert.deepEqual(tensorsHeld(), before);
});
