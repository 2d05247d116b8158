import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import {
  batchesOf,
  DivergenceError,
  train,
  type TrainingProgress,
  type TrainingReport,
  type TrainOptions,
} from "braid/training/train.ts";
import { useEngine } from "braid/engine/engine.ts";

await useEngine("cpu");

/** A step whose loss is its batch and whose terms are made of it. */
const step = (x: number) => ({ value: tf.scalar(x), double: tf.scalar(2 * x) });

async function reports<Batch>(options: TrainOptions<Batch>): Promise<TrainingReport[]> {
  const all: TrainingReport[] = [];
  for await (const report of train(options)) all.push(report);
  return all;
}

Deno.test("train() reports means since the last report, at every tenth step and at the end", async () => {
  const all = await reports({ batches: () => [1, 2, 3, 4, 5, 6, 7], step, steps: 25, batchSize: 4 });
  assert.deepEqual(all.map(({ step }) => step), [10, 20, 25]);
  assert.deepEqual(all.map(({ steps }) => steps), [25, 25, 25]);
  // Batches go 1 … 7, 1 … 7, and so on: 28 + 6, then 4 … 7, 1 … 6, then 7, 1 … 4.
  assert.deepEqual(all.map(({ loss }) => loss), [3.4, 4.3, 3.4]);
  assert.deepEqual(all.map(({ terms }) => terms), [{ double: 6.8 }, { double: 8.6 }, { double: 6.8 }]);
  assert.deepEqual(all.map(({ epoch }) => epoch), [1, 2, 3]);
});

Deno.test("train() tells how fast it is and how long it will take", async () => {
  const all = await reports({ batches: () => [1, 2], step, steps: 6, batchSize: 4, reportEvery: 2 });
  for (const { step, seconds, samplesPerSecond, secondsLeft } of all) {
    assert.ok(seconds > 0);
    assert.ok(Math.abs(samplesPerSecond * seconds - 4 * step) < 1e-6);
    assert.ok(Math.abs(secondsLeft - seconds * (6 - step) / step) < 1e-9);
  }
  assert.equal(all.at(-1)!.secondsLeft, 0);
});

Deno.test("train() tells how far it is after each step, also where reports are far apart", async () => {
  const seen: [step: number, loss: number, left: boolean][] = [];
  const onStep = ({ step, loss, secondsLeft }: TrainingProgress) => seen.push([step, loss, secondsLeft > 0]);
  const step = (x: number) => ({ value: tf.scalar(x) });
  const reports = train({ batches: () => [1, 3, 5], step, steps: 3, batchSize: 1, reportEvery: 2, onStep });
  const losses = (await Array.fromAsync(reports)).map(({ loss }) => loss);
  assert.deepEqual(losses, [2, 5]);
  assert.deepEqual(seen, [[1, 1, true], [2, 2, true], [3, 5, false]]); // means since the last report
});

Deno.test("train() calls onEpoch before the first step of each epoch, and asks for each epoch's batches once", async () => {
  const events: string[] = [];
  const options: TrainOptions<number> = {
    batches: (epoch) => (events.push(`batches ${epoch}`), [10 * epoch, 10 * epoch + 1]),
    step: (x) => (events.push(`step ${x}`), step(x)),
    onEpoch: (epoch) => events.push(`epoch ${epoch}`),
    steps: 4,
    batchSize: 1,
  };
  await reports(options);
  const epoch = (e: number) => [`epoch ${e}`, `batches ${e}`, `step ${10 * e}`, `step ${10 * e + 1}`];
  assert.deepEqual(events, [...epoch(0), ...epoch(1)]); // and no third epoch begins
});

Deno.test("train() ends after the step at hand when its signal says so, with a last report", async () => {
  const controller = new AbortController();
  let taken = 0;
  const counting = (x: number) => {
    if (++taken === 7) controller.abort();
    return step(x);
  };
  const options = { batches: () => [1, 2, 3], step: counting, steps: 100, batchSize: 1, reportEvery: 5 };
  const all = await reports({ ...options, signal: controller.signal });
  assert.deepEqual(all.map(({ step }) => step), [5, 7]);
  assert.equal(all[1].loss, 2); // steps 6 and 7: batches 3 and 1
  assert.equal(taken, 7);
  const late = await reports({ ...options, signal: AbortSignal.abort() });
  assert.deepEqual(late.map(({ step }) => step), [1]);
});

Deno.test("leaving the loop stops training and closes the batches", async () => {
  let taken = 0, closed = false;
  function* batches() {
    try {
      while (true) yield 1;
    } finally {
      closed = true;
    }
  }
  const counting = (x: number) => (taken++, step(x));
  for await (const { step } of train({ batches, step: counting, steps: 100, batchSize: 1, reportEvery: 3 })) {
    if (step === 6) break;
  }
  assert.deepEqual([taken, closed], [6, true]);
});

Deno.test("train() stops at the first loss that is no number and names step and term", async () => {
  const diverging = (values: Record<string, number>) => (x: number) =>
    Object.fromEntries(
      Object.entries({ value: 0, a: 0, b: 0, ...x === 3 ? values : {} }).map(([k, v]) => [k, tf.scalar(v)]),
    ) as
      & { value: tf.Scalar }
      & Record<string, tf.Scalar>;
  const examples: [Record<string, number>, RegExp][] = [
    [{ value: NaN }, /got NaN for the loss at step 3:/],
    [{ value: NaN, b: NaN }, /got NaN for its term b at step 3:/],
    [{ value: Infinity, a: Infinity }, /got Infinity for its term a at step 3:/],
    [{ a: -Infinity }, /got -Infinity for its term a at step 3: lower the learning rate/],
  ];
  for (const [values, message] of examples) {
    const before = tf.memory().numTensors;
    const run = reports({ batches: () => [1, 2, 3, 4], step: diverging(values), steps: 8, batchSize: 1 });
    await assert.rejects(run, (error: Error) => error instanceof DivergenceError && message.test(error.message));
    assert.equal(tf.memory().numTensors, before);
  }
});

Deno.test("train() frees what a step returns", async () => {
  const before = tf.memory().numTensors;
  await reports({ batches: () => [1, 2, 3], step, steps: 20, batchSize: 1 });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("train() passes on what a step throws", async () => {
  const step = () => {
    throw new Error("no such batch");
  };
  await assert.rejects(reports({ batches: () => [1], step, steps: 2, batchSize: 1 }), /no such batch/);
});

Deno.test("train() lets timers run between two reports", async () => {
  const ran: number[] = [];
  for await (const { step: done } of train({ batches: () => [1], step, steps: 4, batchSize: 1, reportEvery: 1 })) {
    setTimeout(() => ran.push(done));
  }
  assert.deepEqual(ran, [1, 2, 3]);
  await new Promise((resume) => setTimeout(resume, 5)); // the last one
});

Deno.test("train() says what is wrong with its input", async () => {
  const options = { step, steps: 3, batchSize: 1 };
  await assert.rejects(reports({ ...options, batches: () => [] }), /at least one batch an epoch, got none in epoch 0/);
  const dry = (epoch: number) => epoch === 0 ? [1] : [];
  await assert.rejects(reports({ ...options, batches: dry }), /got none in epoch 1/);
  for (const steps of [0, -1, 1.5, NaN]) {
    await assert.rejects(reports({ ...options, batches: () => [1], steps }), /positive number of steps, got/);
  }
});

Deno.test("batchesOf() cuts whole batches in order and leaves out the rest", () => {
  const order = Int32Array.of(5, 3, 4, 0, 1, 2, 6);
  const batches = (size: number) => [...batchesOf(order, size)].map((batch) => [...batch]);
  assert.deepEqual(batches(3), [[5, 3, 4], [0, 1, 2]]);
  assert.deepEqual(batches(2), [[5, 3], [4, 0], [1, 2]]);
  assert.deepEqual(batches(7), [[5, 3, 4, 0, 1, 2, 6]]);
});

Deno.test("batchesOf() says what is wrong with its input", () => {
  for (const size of [1, 0, 2.5, NaN]) {
    assert.throws(() => [...batchesOf(new Int32Array(9), size)], /batch of at least 2 samples, got.*needs a negative/);
  }
  assert.throws(() => [...batchesOf(new Int32Array(3), 4)], /at least 4 samples for one batch, got 3: lower the batch/);
  assert.throws(() => [...batchesOf(new Int32Array(0), 2)], /at least 2 samples for one batch, got 0/);
});

Deno.test("train() does not count what the caller does between reports", async () => {
  const training = train({ batches: () => [1, 1, 1], step, steps: 3, batchSize: 1, reportEvery: 1 });
  let last = 0;
  for await (const { seconds } of training) {
    last = seconds;
    await new Promise((resume) => setTimeout(resume, 300));
  }
  assert.ok(last < 0.5, `${last} s`); // 0.6 s with the two pauses before the last report
});

Deno.test("train() goes on after the steps that were taken before: same batches, reports and epochs", async () => {
  const seen: number[] = [], counting = (x: number) => (seen.push(x), step(x));
  const batches = (epoch: number) => [1, 2, 3].map((x) => 10 * epoch + x);
  const options = { batches, step: counting, steps: 8, batchSize: 4, reportEvery: 2 };
  const whole = await reports(options), all = seen.splice(0);
  for (const from of [0, 1, 2, 4, 7]) {
    const rest = await reports({ ...options, from });
    assert.deepEqual(seen.splice(0), all.slice(from));
    const told = ({ step, epoch }: TrainingReport) => [step, epoch];
    assert.deepEqual(rest.map(told), whole.map(told).filter(([step]) => step > from));
    if (from % 2 === 0) assert.deepEqual(rest.map(({ loss }) => loss), whole.map(({ loss }) => loss).slice(from / 2));
    for (const { step, seconds, samplesPerSecond, secondsLeft } of rest) {
      assert.ok(Math.abs(samplesPerSecond * seconds - 4 * (step - from)) < 1e-6);
      assert.ok(Math.abs(secondsLeft - seconds * (8 - step) / (step - from)) < 1e-9);
    }
  }
  for (const from of [8, 9]) assert.deepEqual(await reports({ ...options, from }), []);
  for (const from of [-1, 0.5, NaN]) await assert.rejects(reports({ ...options, from }), /whole number of steps, got/);
});
