// The training loop, short enough to read in class.

import type * as tf from "@tensorflow/tfjs";
import { stoppableLoop } from "./stop_request.ts";

/** What a training step returns: the loss as `value`, and its terms by name. */
export type StepResult = { value: tf.Scalar } & Record<string, tf.Scalar>;

/** Options of {@linkcode train}. */
export interface TrainOptions<Batch> {
  /** The batches of an epoch, in the order in which they are seen. */
  batches: (epoch: number) => Iterable<Batch>;
  /** One optimisation step, usually compiled; its tensors are read and freed here. */
  step: (batch: Batch) => StepResult;
  /** How many steps to take; epochs follow one another until then. */
  steps: number;
  /** Steps that an earlier part of the run has taken: their batches are passed over. Default 0. */
  from?: number;
  /** Samples in a batch, for the speed that is reported. */
  batchSize: number;
  /** Called with the number of each epoch before its first step, e.g. to set the learning rate. */
  onEpoch?: (epoch: number) => void;
  /** Called after each step: what is shown of a training whose reports are far apart. */
  onStep?: (progress: TrainingProgress) => void;
  /** Steps between two reports. Default 10. */
  reportEvery?: number;
  /** Ends the training after the step at hand, with a last report. */
  signal?: AbortSignal;
}

/** How far a training is. */
export interface TrainingProgress {
  /** Steps taken so far, and in all. */
  step: number;
  steps: number;
  /** Mean loss since the last report. */
  loss: number;
  samplesPerSecond: number;
  /** Seconds of training so far, since `from`, without what the caller does between reports. */
  seconds: number;
  /** Seconds that the rest will take at the speed so far. */
  secondsLeft: number;
}

/** A report of {@linkcode train}, on the steps since the one before. */
export interface TrainingReport extends TrainingProgress {
  epoch: number;
  /** Mean of each term since the last report. */
  terms: Record<string, number>;
}

/** Training went wrong: a loss is not a number any more. */
export class DivergenceError extends Error {
  override name = "DivergenceError";
}

/**
 * Trains, and reports on the way: an async iterator, so that a notebook can draw each report and stop when it likes.
 * Interrupting a cell ends the training after the step at hand, as `signal` does.
 *
 * @returns Reports every `reportEvery` steps and at the end; leaving the loop early stops training, weights stay as they are.
 * @throws {DivergenceError} At the first step whose loss is not finite, with the step and the term.
 * @throws {RangeError} If an epoch has no batch, `steps` is not positive, or `from` is no whole number.
 *
 * @example
 * ```ts
 * import { train, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const step = (x: number) => ({ value: tf.scalar(x) });
 * const losses: number[] = [];
 * for await (const { loss } of train({ batches: () => [1, 3], step, steps: 4, batchSize: 1, reportEvery: 2 })) {
 *   losses.push(loss);
 * }
 * assert.deepEqual(losses, [2, 2]);
 * ```
 */
export async function* train<Batch>(
  { batches, step, steps, from = 0, batchSize, onEpoch, onStep, reportEvery = 10, signal }: TrainOptions<Batch>,
): AsyncGenerator<TrainingReport, void, undefined> {
  if (!(Number.isInteger(steps) && steps > 0)) {
    throw new RangeError(`Expected a positive number of steps, got ${steps}`);
  }
  if (!(Number.isInteger(from) && from >= 0)) {
    throw new RangeError(`Expected to begin after a whole number of steps, got ${from}`);
  }
  if (from >= steps) return;
  using stop = stoppableLoop();
  let begun = performance.now(); // moved by what the caller takes between reports, such as probes
  let done = 0, sums: Record<string, number> = {}, summed = 0;
  for (let epoch = 0;; epoch++) {
    onEpoch?.(epoch);
    const before = done;
    for (const batch of batches(epoch)) {
      if (done < from) {
        done++;
        continue;
      }
      const values = await read(step(batch), ++done);
      for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
      summed++;
      const seconds = (performance.now() - begun) / 1000, pace = (done - from) / seconds; // steps a second
      const samplesPerSecond = pace * batchSize, secondsLeft = (steps - done) / pace;
      const progress = { step: done, steps, loss: sums.value / summed, samplesPerSecond, seconds, secondsLeft };
      onStep?.(progress);
      const ends = done === steps || signal?.aborted === true || stop.came;
      if (ends || done % reportEvery === 0) {
        const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / summed]));
        const { value: _, ...terms } = means, reported = performance.now();
        yield { ...progress, epoch, terms };
        begun += performance.now() - reported;
        [sums, summed] = [{}, 0];
        if (ends) return;
        await new Promise((resume) => setTimeout(resume)); // let figures, sockets and the stop button have their turn
      }
    }
    if (done === before) throw new RangeError(`Expected at least one batch an epoch, got none in epoch ${epoch}`);
  }
}

/** The numbers of a step's result, which is freed. */
async function read(result: StepResult, step: number): Promise<Record<string, number>> {
  const entries = await Promise.all(
    Object.entries(result).map(async ([name, tensor]) => [name, (await tensor.data())[0]] as const),
  );
  for (const tensor of Object.values(result)) tensor.dispose();
  const diverged = entries.filter(([, value]) => !Number.isFinite(value));
  if (diverged.length > 0) {
    // A term that diverges takes the loss with it: it is the term that has to be named.
    const [name, value] = diverged.find(([name]) => name !== "value") ?? diverged[0];
    throw new DivergenceError(
      `Expected a finite loss, got ${value} for ${
        name === "value" ? "the loss" : `its term ${name}`
      } at step ${step}: ` +
        "lower the learning rate, or look for values that are not numbers in the data",
    );
  }
  return Object.fromEntries(entries);
}

/**
 * Cuts a shuffled set into batches of equal size; a last, smaller batch is left out, since contrastive losses and batch norm
 * depend on the size.
 *
 * @param order Sample numbers in the order of the epoch.
 * @param batchSize Samples in a batch, at least 2.
 * @returns Batches, `floor(samples / batchSize)`.
 */
export function* batchesOf(order: Int32Array, batchSize: number): Generator<Int32Array> {
  if (!(Number.isInteger(batchSize) && batchSize >= 2)) {
    throw new RangeError(`Expected a batch of at least 2 samples, got ${batchSize}: a contrast needs a negative`);
  }
  if (order.length < batchSize) {
    throw new RangeError(
      `Expected at least ${batchSize} samples for one batch, got ${order.length}: lower the batch size`,
    );
  }
  for (let start = 0; start + batchSize <= order.length; start += batchSize) {
    yield order.subarray(start, start + batchSize);
  }
}
